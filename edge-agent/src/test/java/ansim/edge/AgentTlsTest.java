package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.edge.keys.HubTime;
import ansim.edge.keys.KeySteps;
import ansim.edge.keys.TestEst;
import ansim.edge.keys.TrustFiles;
import ansim.edge.keys.TrustFolder;
import ansim.edge.keys.UnitKeys;
import ansim.edge.link.MqttUplink;
import ansim.edge.port.PortReading;
import ansim.edge.port.PortStatus;
import ansim.journal.JournalFiles;
import ansim.profile.Reading;
import ansim.trust.Certificates;
import ansim.trust.TlsIdentity;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.NextHubKey;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tinylog.Logger;

/** An enrolled agent over TLS with client certificates, against a broker that asks for them. */
class AgentTlsTest {
    private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");
    private static final long DEADLINE_S = 60;

    @TempDir
    private Path dir;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Consumer<PortReading>> sinks = new CopyOnWriteArrayList<>();
    private final SecureRandom random = new SecureRandom();
    private TestEst est;
    private UnitKeys keys;
    private TestHub hub;
    private int tlsPort;

    @BeforeEach
    void enrol() throws Exception {
        assumeTrue(Files.isExecutable(MOSQUITTO), "mosquitto is not installed: sudo apt install mosquitto");
        est = new TestEst();
        open.add(est);
        TrustFolder folder = TrustFolder.at(dir.resolve("trust"));
        HubTime time =
                new HubTime(dir.resolve("hub-time"), TrustFiles.real(), HubTime.built(), () -> false, Instant::now);
        folder.claim(est.claim());
        new KeySteps(folder, time, Duration.ofDays(365), random).run(step -> {});
        keys = new UnitKeys(folder, time, UnitKeys.Pace.of(Duration.ofDays(365)), random);
        open.add(keys);
        hub = new TestHub(keys.unit(), keys.signer().verifyKey());
        keys.follow(new NextHubKey(hub.key.verifyKey(), 0));
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    /** Units on TLS only, the test's hub beside them. */
    private void broker(TestEst authority) throws Exception {
        TlsIdentity server = authority.server("127.0.0.1");
        Files.writeString(dir.resolve("server.key"), server.key().toPem());
        Files.writeString(dir.resolve("server.crt"), Certificates.toPem(server.chain()));
        Files.writeString(dir.resolve("ca.crt"), Certificates.toPem(List.of(est.authority.certificate())));
        int hubPort = freePort();
        tlsPort = freePort();
        Path config = Files.writeString(dir.resolve("mosquitto.conf"), """
                per_listener_settings true
                user root
                listener %d 127.0.0.1
                allow_anonymous true
                listener %d 127.0.0.1
                allow_anonymous false
                cafile %4$s/ca.crt
                certfile %4$s/server.crt
                keyfile %4$s/server.key
                require_certificate true
                use_identity_as_username true
                tls_version %3$s
                """.formatted(hubPort, tlsPort, "tlsv1.2", dir));
        Process process = new ProcessBuilder(MOSQUITTO.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .start();
        open.add(() -> process.destroyForcibly().waitFor());
        BufferedReader says = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        while (!said.toString().contains(" running")) {
            String line = says.readLine();
            assertTrue(line != null, "the broker ended: " + said);
            said.append(line).append('\n');
        }
        Thread rest =
                new Thread(() -> says.lines().forEach(line -> Logger.debug("mosquitto: {}", line)), "broker-says");
        rest.setDaemon(true);
        rest.start();
        open.add(new MqttHub("tcp://127.0.0.1:" + hubPort, hub));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private Agent agent() throws IOException {
        Agent agent = new Agent(
                new Agent.Setup(
                        keys.unit(),
                        new Id8(5),
                        keys.signer(),
                        keys,
                        () -> OptionalLong.of(keys.certificateDays()),
                        CardSealer.none(),
                        dir.resolve("data"),
                        new Quota(1 << 24, 1 << 23, 1 << 18),
                        Optional.empty(),
                        RideRules.standard(),
                        TestUnit.PACE),
                JournalFiles.real(),
                new Signals(on -> {}, on -> {}),
                Outputs.none());
        agent.start(
                (sink, faults) -> {
                    sinks.add(sink);
                    return new Agent.Inputs() {
                        @Override
                        public Map<String, PortStatus> states() {
                            return Map.of();
                        }

                        @Override
                        public void close() {
                            sinks.clear();
                        }
                    };
                },
                () -> List.of(
                        new MqttUplink("tls://127.0.0.1:" + tlsPort, keys.unit(), keys, SystemClock::monoMs, random)));
        return agent;
    }

    private void read(Reading reading) {
        sinks.forEach(sink -> sink.accept(new PortReading("any", reading, SystemClock.monoMs())));
    }

    /** The fixes of the last four seconds. */
    private void spoof() {
        for (int ago = 4_000; ago >= 0; ago -= 1_000) {
            long atMs = SystemClock.monoMs() - ago;
            Reading fix = new Reading.Fix(
                    Instant.parse("2040-06-01T00:00:00Z").toEpochMilli() + atMs,
                    false,
                    375_000_000,
                    1_270_000_000,
                    OptionalInt.of(100),
                    OptionalInt.empty(),
                    Reading.Quality.NONE);
            sinks.forEach(sink -> sink.accept(new PortReading("any", fix, atMs)));
        }
    }

    private void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within " + DEADLINE_S + " s: " + what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static Reading contact(int i) {
        return new Reading.ContactChange("door-" + i, true, false, false);
    }

    /** Somebody plays a satellite of the year 2040 beside the antenna. */
    @Test
    void aSpoofed2040EndsNeitherTheConnectionNorTheCertificate() throws Exception {
        try (Agent agent = agent()) {
            spoof();
            read(contact(1));
            until(
                    "dated by it and on disk",
                    () -> agent.lanes().figures().waiting().get(1) >= 2);
        }
        broker(est);
        try (Agent agent = agent()) {
            spoof();
            read(contact(2));
            until(
                    "both are at the hub",
                    () -> hub.bodiesNow(Lane.EVENT, Kind.CONTACT).size() == 2);
            until("and receipted", () -> agent.lanes().figures().waiting().get(1) == 0);
        }
        assertTrue(
                hub.stored.stream()
                        .anyMatch(message -> message.batch().quality() == TimeQuality.GNSS
                                && message.batch().t0Ms()
                                        > Instant.parse("2040-01-01T00:00:00Z").toEpochMilli()),
                "the messages were dated by it");
        assertTrue(keys.certificateDays() > 300, "days left: " + keys.certificateDays());
    }

    @Test
    void aNewKeySignsFromTheNextMessageOnInTheSameChain() throws Exception {
        broker(est);
        SigningKey before = keys.signer();
        try (Agent agent = agent()) {
            read(contact(1));
            until(
                    "the first is on disk",
                    () -> agent.lanes().figures().waiting().get(1) >= 0
                            && !hub.bodiesNow(Lane.EVENT, Kind.CONTACT).isEmpty());
            SigningKey next = SigningKey.generate(random);
            hub.unitKeys.add(next.verifyKey());
            agent.lanes().key(next);
            read(contact(2));
            until(
                    "the second too",
                    () -> hub.bodiesNow(Lane.EVENT, Kind.CONTACT).size() == 2);
            List<Id8> kids = hub.stored.stream()
                    .filter(message -> message.batch().lane() == Lane.EVENT)
                    .map(message -> message.kid())
                    .toList();
            assertEquals(List.of(before.verifyKey().kid(), next.verifyKey().kid()), kids);
        }
        assertEquals(1, hub.chains(Lane.EVENT));
        assertEquals(0, hub.holes);
    }

    @Test
    void aBrokerOfAnotherAuthorityGetsNothing() throws Exception {
        try (TestEst other = new TestEst()) {
            broker(other);
        }
        try (Agent agent = agent()) {
            read(contact(1));
            until("it was tried", () -> agent.forwarder().links().get(0).attempts() >= 2);
            assertTrue(
                    agent.forwarder().links().get(0).error().contains("PKIX"),
                    agent.forwarder().links().toString());
            assertEquals(1, agent.lanes().figures().waiting().get(1));
        }
        assertEquals(List.of(), hub.stored);
    }
}
