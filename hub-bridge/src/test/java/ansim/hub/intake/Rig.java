package ansim.hub.intake;

import ansim.hub.core.Input;
import ansim.hub.core.Order;
import ansim.hub.core.UnitRecord;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A log, an intake and an open door on a free port. */
final class Rig implements AutoCloseable {
    private static final int SEGMENT_BYTES = 256 * 1024;
    static final JournalOptions OPTIONS = new JournalOptions(SEGMENT_BYTES, true, JournalOptions.TornTail.CUT);
    private static final long CHANGED_MS = 1_795_000_000_000L;

    final SigningKey key;
    /** With a mirror or without. */
    private interface UnaryLog {
        HubLog of(Journal log);
    }

    private record Size(int connections, int threads, Duration linger) {
        Size(int connections, int threads) {
            this(connections, threads, Limits.LINGER);
        }
    }

    final Journal log;
    private final HubLog hubLog;
    final CompletableFuture<Throwable> failed = new CompletableFuture<>();
    final Intake intake;
    final MqttDoor door;

    Rig(Path directory) throws Exception {
        this(directory, JournalFiles.real(), SigningKey.generate(TestUnit.RANDOM), 100);
    }

    Rig(Path directory, JournalFiles files, SigningKey key, int maxConnections) throws Exception {
        this(key, directory, Journal.open(directory, OPTIONS, files), HubLog::alone, new Size(maxConnections, 2));
    }

    /**
     * One segment and one verifying thread: how much waits where is then a matter of the limits alone, not of the machine, and every
     * fsync after the start is a batch's.
     */
    static Rig gated(Path directory, GatedFiles files, int maxConnections) throws Exception {
        JournalOptions oneSegment = new JournalOptions(32 * 1024 * 1024, true, JournalOptions.TornTail.CUT);
        Journal log = Journal.open(directory, oneSegment, files);
        return new Rig(
                SigningKey.generate(TestUnit.RANDOM), directory, log, HubLog::alone, new Size(maxConnections, 1));
    }

    /** Any key, and a log in which what belongs to rides is sealed. The keys are the caller's. */
    static Rig sealed(Path directory, Journal log, RideKeys keys) throws Exception {
        LogSeal seal = new LogSeal(keys, log.journalId(), TestUnit.RANDOM);
        SigningKey key = SigningKey.generate(TestUnit.RANDOM);
        return new Rig(key, directory, log, opened -> HubLog.alone(opened).sealedBy(seal), new Size(100, 2));
    }

    /** Any key, and a mirror. */
    static Rig mirrored(Path directory, JournalFiles files, Path mirror, JournalFiles mirrorFiles) throws Exception {
        return mirrored(directory, files, mirror, mirrorFiles, SigningKey.generate(TestUnit.RANDOM));
    }

    static Rig mirrored(Path directory, JournalFiles files, Path mirror, JournalFiles mirrorFiles, SigningKey key)
            throws Exception {
        Journal log = Journal.open(directory, OPTIONS, files);
        return new Rig(
                key, directory, log, opened -> HubLog.mirrored(opened, mirror, OPTIONS, mirrorFiles), new Size(100, 2));
    }

    /** Any key, and another linger. */
    static Rig lingering(Path directory, JournalFiles files, Duration linger) throws Exception {
        SigningKey key = SigningKey.generate(TestUnit.RANDOM);
        Journal log = Journal.open(directory, OPTIONS, files);
        return new Rig(key, directory, log, HubLog::alone, new Size(100, 2, linger));
    }

    private Rig(SigningKey key, Path directory, Journal log, UnaryLog toHubLog, Size size) throws Exception {
        this.key = key;
        this.log = log;
        hubLog = toHubLog.of(log);
        Intake.Pace pace = new Intake.Pace(size.threads(), size.linger());
        intake = Intake.start(hubLog, directory.resolve("snapshots"), key, pace, failed::complete);
        door = intake.openMqtt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), size.connections());
    }

    int port() {
        return door.address().getPort();
    }

    /** A new unit that the hub knows. */
    TestUnit unit() throws Exception {
        TestUnit unit = new TestUnit();
        change(unit.record());
        return unit;
    }

    void change(UnitRecord record) throws Exception {
        intake.change(new Input.UnitChange(CHANGED_MS, record)).get(30, TimeUnit.SECONDS);
    }

    /** Orders a unit's siren on, for ten minutes from now. */
    Intake.Ordered order(TestUnit unit) throws Exception {
        return order(unit, System.currentTimeMillis() / 1000 + 600);
    }

    Intake.Ordered order(TestUnit unit, long expS) throws Exception {
        OtherVerb verb = new OutputOrder("siren", true, OptionalLong.of(5)).verb();
        Order order = new Order(unit.id, Id8.random(TestUnit.RANDOM), verb, expS, "test");
        return intake.order(order).get(30, TimeUnit.SECONDS);
    }

    MqttClient client() throws IOException {
        return new MqttClient(port());
    }

    /** Connected and subscribed, the greeting not read yet. */
    MqttClient client(int version, TestUnit unit) throws IOException {
        MqttClient client = client();
        client.connect(version, unit);
        client.subscribe(unit);
        return client;
    }

    long count(String name) {
        return intake.counts().getOrDefault(name, 0L);
    }

    /** Waits until something was counted so often. */
    void awaitCount(String name, long atLeast) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (count(name) < atLeast) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(name + " was counted " + count(name) + " times, not " + atLeast);
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    @Override
    public void close() throws IOException {
        try (log;
                hubLog;
                intake) {
            door.close();
        }
    }
}
