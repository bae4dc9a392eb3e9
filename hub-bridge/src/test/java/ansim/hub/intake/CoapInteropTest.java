package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.trust.Certificates;
import ansim.trust.TlsIdentity;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CoAP door against libcoap's client (Debian: libcoap3-bin), where it is installed: other people's CoAP and DTLS. */
class CoapInteropTest {
    @TempDir
    private Path directory;

    @Test
    void libcoapPostsWithItsCertificateAndGetsTheReceipt() throws Exception {
        Path program = Path.of("/usr/bin/coap-client-openssl");
        assumeTrue(Files.isExecutable(program), program + " is not installed");
        CoapUnit.Hub hub = CoapUnit.Hub.found();
        try (Rig rig = new Rig(directory.resolve("log"));
                CoapDoor door = hub.open(rig)) {
            TestUnit unit = rig.unit();
            TlsIdentity identity = hub.of(unit.id.hex(), Instant.now());
            Path key = Files.writeString(
                    directory.resolve("key.pem"), identity.key().toPem());
            Path chain = Files.writeString(directory.resolve("chain.pem"), Certificates.toPem(identity.chain()));
            Path authority = Files.writeString(
                    directory.resolve("ca.pem"),
                    Certificates.toPem(List.of(hub.authority().certificate())));
            UpMessage message = unit.chain(Lane.EVENT).next();
            Path body = Files.write(directory.resolve("message"), message.bytes());
            Path answer = directory.resolve("answer");
            Path told = directory.resolve("told");
            Process process = new ProcessBuilder(
                            program.toString(),
                            "-m",
                            "post",
                            "-t",
                            "18",
                            "-c",
                            chain.toString(),
                            "-j",
                            key.toString(),
                            "-C",
                            authority.toString(),
                            "-f",
                            body.toString(),
                            "-o",
                            answer.toString(),
                            "-B",
                            "20",
                            "coaps://127.0.0.1:" + door.address().getPort() + "/u/2")
                    .redirectErrorStream(true)
                    .redirectOutput(told.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            assertEquals(
                    1, rig.count("stored"), () -> "libcoap said: " + text(told) + ", counted: " + rig.intake.counts());
            Receipted expected =
                    new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
            assertEquals(List.of(expected), CoapUnit.receipted(rig, Lane.EVENT, Files.readAllBytes(answer)));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
