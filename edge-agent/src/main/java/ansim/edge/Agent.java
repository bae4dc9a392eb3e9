package ansim.edge;

import ansim.edge.keys.HubTrust;
import ansim.edge.link.Uplink;
import ansim.edge.port.PortReading;
import ansim.edge.port.PortStatus;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.profile.Reading.Fault;
import ansim.wire.Body;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Panic;
import ansim.wire.Pos;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import ansim.wire.WireException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The running unit: lanes, ports, recorder, then the links, opened in this order; closed so that the recorder outlives the ports.
 *
 * <p>Guarantee: what the ports delivered before {@link #close} is on disk when it returns, the ride's track included. A defect
 * that ends the recorder or the forwarder ends {@link #awaitDefect}: the process is to be started again, the disk knows
 * where it stood.
 */
final class Agent implements AutoCloseable {
    private static final long TICK_MS = 100;
    private static final long STOP_MS = 10_000;

    private final SecureRandom random = new SecureRandom();
    private final ReadingQueue queue = new ReadingQueue();
    private final CountDownLatch defect = new CountDownLatch(1);
    private final Lanes lanes;
    private final Recorder recorder;
    private final Forwarder forwarder;
    private final Signals signals;
    private final Outputs outputs;
    private final StatusReport report;
    private final Thread recording = new Thread(this::record, "recorder");
    private @Nullable Inputs inputs;
    private volatile boolean stopping;

    /**
     * What makes a unit.
     *
     * @param unit its id
     * @param boot this boot
     * @param key signs
     * @param hub says whether the hub has signed what comes down
     * @param certificateDays days until the certificate ends; empty without one
     * @param cards seals the riders' cards
     * @param data where the lanes live
     * @param place where a pole stands
     */
    record Setup(
            Id16 unit,
            Id8 boot,
            SigningKey key,
            HubTrust hub,
            Supplier<OptionalLong> certificateDays,
            CardSealer cards,
            Path data,
            Quota quota,
            Optional<Pos> place,
            RideRules rules,
            Recorder.Pace pace) {}

    /** The ports, once they are open. */
    interface Inputs extends Closeable {
        /** How each port is, by name. */
        Map<String, PortStatus> states();
    }

    /** Opens the ports so that they deliver to this consumer, knowing what faults an earlier run told of, by port. */
    interface Opening {
        Inputs open(Consumer<PortReading> sink, Map<String, Set<Fault.What>> faults) throws IOException;
    }

    /**
     * Opens the lanes and restores the rules' states; nothing runs yet.
     *
     * @throws JournalException when another process has the data directory
     */
    Agent(Setup setup, JournalFiles files, Signals signals, Outputs outputs) throws JournalException {
        this.signals = signals;
        this.outputs = outputs;
        UnitClock clock = new UnitClock(System::currentTimeMillis, SystemClock::synchronised);
        Sealer sealer = new Sealer(setup.unit(), setup.boot(), setup.key(), clock, SystemClock::monoMs);
        this.lanes = new Lanes(setup.data(), setup.quota(), files, sealer, random);
        lanes.open();
        Whereabouts whereabouts = new Whereabouts(setup.place());
        Commands commands = new Commands(lanes, clock, SystemClock::monoMs, outputs, setup.hub());
        Measures measures = new Measures();
        this.forwarder = new Forwarder(
                lanes,
                commands,
                new Forwarder.Identity(setup.hub(), setup.unit()),
                SystemClock::monoMs,
                this::receipted);
        this.report = new StatusReport(new StatusReport.Sources(
                setup, lanes, forwarder, clock, whereabouts, measures, queue, this::portStates));
        this.recorder = new Recorder(
                new Recorder.Parts(lanes, clock, sealer, setup.cards(), signals, whereabouts, measures),
                setup.pace(),
                setup.rules(),
                random,
                report::health);
        recording.setUncaughtExceptionHandler(this::defect);
    }

    /** Starts: ports, recorder, then the links. What the ports deliver at once waits in the queue. */
    void start(Opening ports, Supplier<? extends Iterable<Uplink>> uplinks) throws IOException {
        Inputs open = ports.open(queue, recorder.faults());
        inputs = open;
        recorder.configured(open.states().keySet());
        recording.start();
        lanes.onStored(forwarder::wake);
        for (Uplink uplink : uplinks.get()) {
            forwarder.add(uplink);
        }
        forwarder.start(this::defect);
    }

    /** Has this contact, held at the start, begin commissioning; before {@link #start}. */
    void commissionBy(String contact) {
        recorder.commissionBy(contact);
    }

    private Map<String, PortStatus> portStates() {
        Map<String, PortStatus> states = new LinkedHashMap<>();
        Inputs open = inputs;
        if (open != null) {
            states.putAll(open.states());
        }
        states.putAll(outputs.states());
        return states;
    }

    private void defect(Thread thread, Throwable error) {
        Logger.error(error, "{} has ended by a defect", thread.getName());
        defect.countDown();
    }

    private void record() {
        long tickAtMs = SystemClock.monoMs();
        try {
            while (true) {
                Optional<PortReading> reading = queue.poll(stopping ? 0 : TICK_MS);
                if (reading.isPresent()) {
                    recorder.take(reading.get());
                } else if (stopping) {
                    return;
                }
                long nowMs = SystemClock.monoMs();
                if (nowMs - tickAtMs >= TICK_MS) {
                    tickAtMs = nowMs;
                    recorder.tick(nowMs, queue.oldestMs().orElse(nowMs));
                    outputs.tick(nowMs);
                    report.write(nowMs, recorder);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            recorder.stop();
        }
    }

    /** The hub has taken a message: a person who waits for that sees it, unless the alarm is a silent one. */
    private void receipted(HeldMessage held) {
        try {
            for (UpRecord each : UpMessage.parse(held.bytes()).batch().records()) {
                if (personal(each.body())) {
                    signals.hub(SystemClock.monoMs());
                }
            }
        } catch (WireException e) {
            Logger.warn("a message of our own cannot be read: {}", e.getMessage());
        }
    }

    private static boolean personal(Body body) {
        if (body.kind() == Kind.PANIC) {
            Panic.Origin origin = ((Panic) body).origin();
            return origin == Panic.Origin.RIDER || origin == Panic.Origin.BELL || origin == Panic.Origin.APP;
        }
        return body.kind() == Kind.BOARDED;
    }

    /** Returns only when a thread has ended by a defect. */
    void awaitDefect() throws InterruptedException {
        defect.await();
    }

    Lanes lanes() {
        return lanes;
    }

    Forwarder forwarder() {
        return forwarder;
    }

    @Override
    public void close() {
        forwarder.close();
        Inputs open = inputs;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                Logger.warn("the ports do not close: {}", e.getMessage());
            }
        }
        stopping = true;
        try {
            recording.join(STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lanes.close();
        report.remove();
    }
}
