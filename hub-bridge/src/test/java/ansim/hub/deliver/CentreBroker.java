package ansim.hub.deliver;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.hub.deliver.Receiver.Taken;
import ansim.hub.intake.Mosquitto;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.TlsKey;
import ansim.wire.Ed25519Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A centre with a mosquitto of its own that speaks TLS and asks who one is, and with somebody who subscribes to it. */
final class CentreBroker implements AutoCloseable {
    static final SecureRandom RANDOM = new SecureRandom();
    /** Who subscribes, in whatever way the broker asks for. */
    static final String CENTRE = "centre";

    private static final List<String> PASSWD_PLACES =
            List.of("/usr/bin/mosquitto_passwd", "/usr/local/bin/mosquitto_passwd");

    final Path folder;
    final Authority authority = authority("centre");
    final Path trusted;
    final Mosquitto mosquitto;
    final List<Taken> taken = Collections.synchronizedList(new ArrayList<>());

    /** What it asks for. */
    enum Asks {
        PASSWORD,
        CERTIFICATE
    }

    /**
     * Starts it.
     *
     * @param passwords of those whom it knows, by user
     * @param name for which its certificate is
     */
    CentreBroker(Path folder, Asks asks, Map<String, String> passwords, String name) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.trusted = write("ca.pem", Certificates.toPem(List.of(authority.certificate())));
        TlsKey key = TlsKey.generate(RANDOM);
        String files = "cafile " + trusted + "\ncertfile "
                + write(
                        "broker.pem",
                        Certificates.toPem(List.of(authority.server(key.publicKey(), List.of(name), Instant.now()))))
                + "\nkeyfile " + write("broker.key.pem", key.toPem()) + "\n";
        String asking = asks == Asks.PASSWORD
                ? "password_file " + hashed(passwords) + "\n"
                : "require_certificate true\nuse_identity_as_username true\n";
        acl("pattern readwrite #");
        this.mosquitto = new Mosquitto(
                folder,
                port -> "listener " + port + " 127.0.0.1\n" + files + asking + "allow_anonymous false\nacl_file "
                        + folder.resolve("acl") + "\nmax_queued_messages 0\nuser root\n");
    }

    static Authority authority(String name) {
        return Authority.found(name, TlsKey.generate(RANDOM), Instant.now(), RANDOM);
    }

    private Path hashed(Map<String, String> passwords) throws Exception {
        Optional<String> program = PASSWD_PLACES.stream()
                .filter(each -> Files.isExecutable(Path.of(each)))
                .findFirst();
        assumeTrue(program.isPresent(), "mosquitto is not installed: sudo apt install mosquitto");
        StringBuilder lines = new StringBuilder();
        passwords.forEach((user, password) ->
                lines.append(user).append(':').append(password).append('\n'));
        Path file = secret("passwords", lines.toString());
        Process hashing = new ProcessBuilder(program.get(), "-U", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("passwd.log").toFile())
                .start();
        if (!hashing.waitFor(30, TimeUnit.SECONDS) || hashing.exitValue() != 0) {
            throw new AssertionError("mosquitto_passwd: " + Files.readString(folder.resolve("passwd.log")));
        }
        return file;
    }

    /** Who may do what; counts from the next start on. */
    Path acl(String... lines) throws IOException {
        return secret("acl", String.join("\n", lines) + "\n");
    }

    Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    Path secret(String name, String text) throws IOException {
        Path file = write(name, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    String url() {
        return "ssl://localhost:" + mosquitto.port;
    }

    BrokerAccess as(String user, Path passwordFile) {
        return new BrokerAccess(
                url(),
                Optional.of(trusted),
                Optional.of(user),
                Optional.of(passwordFile),
                Optional.empty(),
                Optional.empty());
    }

    /** With a certificate of some authority, for a key in PEM. */
    BrokerAccess with(String name, X509Certificate certificate, String key) throws IOException {
        return new BrokerAccess(
                url(),
                Optional.of(trusted),
                Optional.empty(),
                Optional.empty(),
                Optional.of(write(name + ".pem", Certificates.toPem(List.of(certificate)))),
                Optional.of(secret(name + ".key.pem", key)));
    }

    BrokerAccess withCertificateOf(Authority issuer, String name) throws IOException {
        TlsKey key = TlsKey.generate(RANDOM);
        return with(name, issuer.unit(key.publicKey(), name, Instant.now()), key.toPem());
    }

    /** Subscribes to everything; what comes is in {@link #taken}. */
    CentreMqtt subscriber(TestLog log, BrokerAccess access) throws InterruptedException {
        Receiver receiver = new Receiver(log.keys(), Ed25519Verifier.INSTANCE, EventBook.inMemory(), taken::add);
        CentreMqtt centre = CentreMqtt.start(access, "*", receiver);
        if (!centre.awaitSubscribed(30_000)) {
            centre.close();
            throw new AssertionError("the centre is not subscribed");
        }
        return centre;
    }

    /** Ids in the order in which they came first. */
    List<String> ids() {
        synchronized (taken) {
            return new ArrayList<>(taken.stream()
                    .filter(Taken::first)
                    .map(each -> each.text("id"))
                    .toList());
        }
    }

    /** How often the hub has come in as this user. */
    long connections(String user) throws IOException {
        return Files.readAllLines(folder.resolve("mosquitto.log")).stream()
                .filter(line -> line.contains("New client connected") && line.contains("ansim-hub-"))
                .filter(line -> line.contains("u'" + user + "'"))
                .count();
    }

    @Override
    public void close() {
        mosquitto.close();
    }
}
