package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.edge.keys.HubTrust;
import ansim.edge.link.MqttUplink;
import ansim.edge.port.PortReading;
import ansim.edge.port.PortStatus;
import ansim.journal.JournalFiles;
import ansim.profile.Reading;
import ansim.wire.Boarded;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tinylog.Logger;

/** The whole agent over a real broker, with the small hub of the tests behind it. */
class AgentTest {
    private static final Id16 UNIT = Id16.parse("0f0e0d0c0b0a09080706050403020100");
    private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");
    private static final PortStatus UP = new PortStatus(PortStatus.State.UP, Optional.empty(), Optional.empty(), 1);
    private static final long DEADLINE_S = 30;

    @TempDir
    private Path data;

    private final SigningKey key = SigningKey.generate(new SecureRandom());
    private final TestHub hub = new TestHub(UNIT, key.verifyKey());
    private final AtomicInteger stored = new AtomicInteger();
    private final AtomicInteger receipted = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Consumer<PortReading>> sinks = new CopyOnWriteArrayList<>();
    private int port;

    @BeforeEach
    void freePort() throws IOException {
        assumeTrue(Files.isExecutable(MOSQUITTO), "mosquitto is not installed: sudo apt install mosquitto");
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    /** Returns when it listens. */
    private Process broker() throws IOException {
        Path config = data.resolve("mosquitto.conf");
        Files.writeString(config, "listener " + port + " 127.0.0.1\nallow_anonymous true\npersistence false\n");
        Process process = new ProcessBuilder(MOSQUITTO.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .start();
        open.add(() -> {
            process.destroyForcibly();
            process.waitFor();
        });
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
        return process;
    }

    private Agent agent() throws IOException {
        Agent agent = new Agent(
                new Agent.Setup(
                        UNIT,
                        new Id8(5),
                        key,
                        HubTrust.fixed(hub.key.verifyKey()),
                        OptionalLong::empty,
                        CardSealer.none(),
                        data.resolve("data"),
                        new Quota(1 << 24, 1 << 23, 1 << 18),
                        Optional.empty(),
                        RideRules.standard(),
                        TestUnit.PACE),
                JournalFiles.real(),
                new Signals(on -> count(stored, on), on -> count(receipted, on)),
                Outputs.none());
        agent.start(
                (sink, faults) -> {
                    sinks.clear();
                    sinks.add(sink);
                    return new Agent.Inputs() {
                        @Override
                        public Map<String, PortStatus> states() {
                            return Map.of("reader", UP);
                        }

                        @Override
                        public void close() {
                            sinks.clear();
                        }
                    };
                },
                () -> List.of(
                        new MqttUplink("tcp://127.0.0.1:" + port, UNIT, SystemClock::monoMs, new SecureRandom())));
        return agent;
    }

    private static void count(AtomicInteger edges, boolean on) {
        if (on) {
            edges.incrementAndGet();
        }
    }

    private void read(Reading reading) {
        sinks.forEach(sink -> sink.accept(new PortReading("any", reading, SystemClock.monoMs())));
    }

    private MqttHub listen() throws Exception {
        MqttHub door = new MqttHub("tcp://127.0.0.1:" + port, hub);
        open.add(door);
        return door;
    }

    private void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within " + DEADLINE_S + " s: " + what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void aTapReachesTheHubSignedAndBothSignalsAreGiven() throws Exception {
        broker();
        listen();
        try (Agent agent = agent()) {
            read(new Reading.Lamp(true, true));
            read(new Reading.Tap("62E3086CED"));
            until(
                    "the boarding and its name",
                    () -> hub.bodiesNow(Lane.EVENT, Kind.BOARDED).size() == 2);
            until("both receipts", () -> receipted.get() == 2);
            assertEquals(2, stored.get());
            until("nothing waits", () -> agent.lanes().figures().waiting().get(1) == 0);
        }
        List<Boarded> boarded = hub.bodiesNow(Lane.EVENT, Kind.BOARDED).stream()
                .map(Boarded.class::cast)
                .toList();
        assertEquals(boarded.get(0).change().ride(), boarded.get(1).change().ride());
    }

    @Test
    void whatHappensWithoutABrokerArrivesOnceItIsThere() throws Exception {
        try (Agent agent = agent()) {
            read(new Reading.Lamp(true, true));
            read(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1));
            read(new Reading.PanicPress(Reading.Origin.DRIVER, Reading.Pattern.PRESS, true, 1));
            until("stored", () -> stored.get() == 2);
            broker();
            listen();
            until("arrived", () -> hub.bodiesNow(Lane.ALARM, Kind.PANIC).size() == 2);
            until("nothing waits", () -> agent.lanes().figures().waiting().equals(List.of(0L, 0L, 0L, 0L)));
        }
        Panic panic = (Panic) hub.bodiesNow(Lane.ALARM, Kind.PANIC).get(0);
        assertEquals(Phase.RAISED, panic.phase());
        assertTrue(panic.ride().isPresent());
        assertEquals(2, stored.get(), "a silent panic gives no signal");
        assertEquals(0, receipted.get(), "nor does any receipt while it is open, not even one for what came before it");
    }

    @Test
    void aBrokerThatIsKilledAndComesBackLosesNothing() throws Exception {
        Process first = broker();
        MqttHub door = listen();
        try (Agent agent = agent()) {
            read(contact(0));
            until("first", () -> hub.bodiesNow(Lane.EVENT, Kind.CONTACT).size() == 1);
            first.destroyForcibly().waitFor();
            for (int i = 1; i <= 20; i++) {
                read(contact(i));
            }
            until("stored", () -> stored.get() == 21);
            door.close();
            broker();
            listen();
            until("all", () -> hub.bodiesNow(Lane.EVENT, Kind.CONTACT).size() == 21);
            until("nothing waits", () -> agent.lanes().figures().waiting().get(1) == 0);
        }
        assertEquals(0, hub.forks);
    }

    @Test
    void afterARestartWhatWasNotReceiptedIsSentAndTheRideGoesOn() throws Exception {
        try (Agent agent = agent()) {
            read(new Reading.Lamp(true, true));
            until("stored", () -> stored.get() == 1);
            assertEquals(1, agent.lanes().figures().waiting().get(1));
        }
        broker();
        listen();
        try (Agent agent = agent()) {
            read(new Reading.Lamp(true, true));
            read(new Reading.Tap("62E3086CED"));
            until("both", () -> hub.bodiesNow(Lane.EVENT, Kind.BOARDED).size() == 2);
            until("nothing waits", () -> agent.lanes().figures().waiting().get(1) == 0);
        }
        List<Boarded> boarded = hub.bodiesNow(Lane.EVENT, Kind.BOARDED).stream()
                .map(Boarded.class::cast)
                .toList();
        assertEquals(boarded.get(0).change().ride(), boarded.get(1).change().ride());
        assertEquals(1, hub.chains(Lane.EVENT), "a clean stop goes on with the same chain");
    }

    @Test
    void theStatusFileSaysHowTheUnitIsAndGoesWhenItStops() throws Exception {
        Path status = data.resolve("data").resolve(StatusReport.FILE);
        try (Agent agent = agent()) {
            read(new Reading.Fix(
                    1_790_000_000_000L,
                    false,
                    375_000_000,
                    1_270_000_000,
                    OptionalInt.of(100),
                    OptionalInt.empty(),
                    Reading.Quality.NONE));
            until("written", () -> Files.exists(status));
            String text = Files.readString(status);
            assertTrue(text.contains("\"reader\":\"up\""), text);
            assertTrue(text.contains("\"connected\":false"), text);
            assertEquals(false, agent.lanes().figures().failure().isPresent());
            assertFalse(text.contains("commissioning"), text);
            assertTrue(agent.lanes().sealer().commissioning().begin(Commissioning.LONGEST, SystemClock.monoMs()));
            until("the status says so", () -> read(status).contains("\"commissioningLeftS\":1"));
        }
        assertEquals(false, Files.exists(status));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reading contact(int i) {
        return new Reading.ContactChange("door-" + i, true, false, false);
    }

    @Test
    void topicsNameTheUnit() {
        assertEquals("ansim/1/d/0f0e0d0c0b0a09080706050403020100", Topics.down(UNIT));
    }
}
