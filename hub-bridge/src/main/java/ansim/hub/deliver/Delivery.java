package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Courier.Books;
import ansim.hub.deliver.Courier.Hub;
import ansim.hub.deliver.Courier.Route;
import ansim.hub.deliver.Destination.Target;
import ansim.hub.ledger.Provisions;
import ansim.hub.trace.Trace;
import ansim.journal.Journal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Delivers what the log holds to the centres, as CloudEvents 1.0 JSON with the unit's own signed bytes, or as these bytes alone.
 *
 * <p><strong>Guaranteed.</strong> Every event of a district, and what the hub itself has to say of a unit's numbers, reaches every sink of
 * its centre, in the order of the log within alarms and within the rest, at least once, always under the same id. Alarms have cursors, connections and threads of their own: nothing
 * else can hold them up. A destination that is down costs disk and one retry now and then; the others do not notice. What a centre was given is
 * written down before its cursor moves.
 *
 * What was erased before its turn came is counted and passed over.
 *
 * <p><strong>Bounded.</strong> When more than {@link Limits#maxWaiting} entries wait, all cursors taken together, the oldest of the cursor
 * that is furthest behind are dropped as a counted range in its dead-letter list; alarms never. The log keeps them: they can be
 * delivered again.
 *
 * <p><strong>Not guaranteed.</strong> Once only: after a crash or a failed delivery some come again. The order between alarms and
 * the rest, and between districts.
 *
 * <p><strong>Threads.</strong> One that follows the log, one that looks after all cursors, {@value #THREADS} for alarms, {@value #THREADS}
 * for the rest, and those of the sinks' clients. {@link #status} may be called by any thread.
 */
public final class Delivery implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int CLOSE_S = 5;
    private static final String ANSWERING = "answering what is asked about deliveries";
    private static final long LOOK_MS = 500;
    /** Every so many looks the accounts are compared. */
    private static final int LOOKS_PER_CHECK = 20;

    /**
     * How much may wait.
     *
     * @param maxWaiting entries that are no alarms, over all cursors
     */
    public record Limits(long maxWaiting) {
        /** Seven days of a city of 120 boardings and alightings a second, for every centre and one of all. */
        public static final Limits DEFAULT = new Limits(200_000_000);

        public Limits {
            if (maxWaiting < 1_000) {
                throw new IllegalArgumentException("maxWaiting must be at least 1000 (got " + maxWaiting + ")");
            }
        }
    }

    /**
     * What deliveries are made of.
     *
     * @param log the hub's log
     * @param entries reads it
     * @param directory for indexes, cursors, orders and dead letters; indexes can be made again from the log
     * @param limits how much may wait
     * @param provisions where it is written down who was given what; closed by its owner, after this
     * @param trace told of the way of single messages
     */
    public record Setup(
            Journal log,
            EntryReader entries,
            Path directory,
            Limits limits,
            Provisions provisions,
            StreamHub streams,
            Trace trace) {
        /** Without anybody who is told of single messages. */
        public Setup(
                Journal log,
                EntryReader entries,
                Path directory,
                Limits limits,
                Provisions provisions,
                StreamHub streams) {
            this(log, entries, directory, limits, provisions, streams, Trace.NONE);
        }
    }

    /** What alarms have for themselves, and the rest too. */
    private static final class Lane {
        final boolean alarm;
        final ScheduledThreadPoolExecutor pool;
        final Sinks sinks;

        Lane(boolean alarm, StreamHub streams) {
            this.alarm = alarm;
            String name = alarm ? "deliver-alarm-" : "deliver-normal-";
            AtomicInteger count = new AtomicInteger();
            pool = new ScheduledThreadPoolExecutor(THREADS, task -> {
                Thread thread = new Thread(task, name + count.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });
            pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            sinks = new Sinks(alarm, streams);
        }
    }

    private final Setup setup;
    private final Indexer indexer;
    private final Thread following;
    private final Thread looking = new Thread(this::lookAfter, "deliver-desk");
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Lane> lanes;
    private final List<Courier> couriers = new ArrayList<>();
    /** Only on its thread. */
    private @Nullable Desk desk;

    private Delivery(Setup setup) throws IOException {
        this.setup = setup;
        this.lanes = List.of(new Lane(true, setup.streams), new Lane(false, setup.streams));
        this.indexer = new Indexer(setup.log, setup.entries, setup.directory, this::wake, setup.trace);
        this.following = new Thread(indexer::run, "deliver-index");
        following.setDaemon(true);
        looking.setDaemon(true);
    }

    /** With the usual limits, without a record of provisions and without event streams: for tests. */
    static Delivery start(Journal log, EntryReader entries, Path directory, List<Destination> destinations)
            throws IOException {
        return start(new Setup(log, entries, directory, Limits.DEFAULT, Provisions.NONE, StreamHub.NONE), destinations);
    }

    /** Up to which entry of a log an earlier run has indexed it, by what that run wrote down: such an entry was durable. 0 when nothing says so. */
    public static long indexedThrough(Path directory, long journalId) throws IOException {
        return Indexer.savedThrough(directory, journalId);
    }

    /**
     * Begins where the last run ended.
     *
     * @param destinations the centres; no two of the same district with the same sink
     */
    public static Delivery start(Setup setup, List<Destination> destinations) throws IOException {
        Delivery delivery = new Delivery(setup);
        for (Destination destination : destinations) {
            for (Target target : destination.sinks()) {
                for (Lane lane : delivery.lanes) {
                    delivery.couriers.add(delivery.courier(destination.district(), target, lane));
                }
            }
        }
        delivery.following.start();
        delivery.couriers.forEach(Courier::wake);
        delivery.looking.start();
        return delivery;
    }

    private Courier courier(String district, Target target, Lane lane) throws IOException {
        String key = Indexer.fileName(district, lane.alarm) + "." + target.kind() + "-" + digest(target.address());
        Path cursors = Files.createDirectories(setup.directory.resolve("cursors"));
        Path letters = Files.createDirectories(setup.directory.resolve("dead-letters"));
        Hub hub = new Hub(
                setup.log,
                setup.entries,
                lane.pool,
                System::currentTimeMillis,
                new SplittableRandom(),
                setup.provisions);
        Route route = new Route(
                district,
                target.name(),
                lane.alarm,
                target.format(),
                indexer.index(district, lane.alarm),
                indexer,
                lane.sinks.sink(district, target));
        return new Courier(
                hub,
                route,
                new Books(
                        new CursorFile(cursors.resolve(key + ".cur"), setup.log.journalId()),
                        new DeadLetters(letters.resolve(key + ".jsonl")),
                        new Orders(cursors.resolve(key + ".orders"))));
    }

    /** Keeps addresses, which may hold a password, out of file names. */
    private static String digest(String url) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(url.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void wake(LaneIndex index) {
        for (Courier courier : couriers) {
            if (courier.reads(index)) {
                courier.wake();
            }
        }
    }

    /** Answers what is asked, keeps the limit, has the accounts compared. A failing disk is waited for. */
    private void lookAfter() {
        try {
            lookAfter(ANSWERING, this::answer);
            for (int look = 1; !closing.await(LOOK_MS, TimeUnit.MILLISECONDS); look++) {
                if (look % LOOKS_PER_CHECK == 0) {
                    couriers.forEach(Courier::checkSoon);
                }
                lookAfter("keeping the limit of what may wait", this::keepLimit);
                lookAfter(ANSWERING, this::answer);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Care {
        void take() throws IOException;
    }

    /** One that fails must not keep the others from being done. */
    private static void lookAfter(String what, Care care) {
        try {
            care.take();
        } catch (IOException | RuntimeException | Error e) {
            Logger.error(e, "{}: {}", what, Problems.words(e));
        }
    }

    private void answer() throws IOException {
        Desk there = desk;
        if (there == null) {
            there = new Desk(
                    setup.directory, couriers.stream().map(Courier::desk).toList(), this::status);
            desk = there;
        }
        there.look();
    }

    private void keepLimit() throws IOException {
        long waiting = 0;
        long oldest = Long.MAX_VALUE;
        Courier behind = null;
        for (Courier each : couriers) {
            if (each.route().alarm()) {
                continue;
            }
            waiting += each.waiting();
            long first = each.oldestWaiting();
            if (first < oldest) {
                oldest = first;
                behind = each;
            }
        }
        if (behind != null && waiting > setup.limits.maxWaiting) {
            behind.dropOldest(Math.min(behind.waiting(), waiting - setup.limits.maxWaiting));
        }
    }

    /** Has every account compared with the index now instead of within {@value #LOOKS_PER_CHECK} looks. */
    void check() {
        couriers.forEach(Courier::checkSoon);
    }

    /** Entries of the log that are not looked at yet: what they bring waits without being counted. Any thread. */
    public long behind() {
        return Math.max(0, setup.log.durableIndex() - indexer.shownThrough());
    }

    /** Of every cursor, alarms first within a destination. Any thread. */
    public List<CursorStatus> status() {
        return couriers.stream().map(Courier::status).toList();
    }

    /** How many cursors do not add up: more than none is an alarm. Any thread. */
    public long unreconciled() {
        return status().stream().filter(each -> !each.reconciles()).count();
    }

    /** Lets what is on its way be; it comes again at the next start. */
    @Override
    public void close() throws IOException {
        // No interrupts: one would close the file that the thread happens to read.
        closing.countDown();
        indexer.stop();
        couriers.forEach(Courier::stop);
        await(following);
        await(looking);
        for (Lane lane : lanes) {
            lane.pool.shutdown();
            lane.sinks.close();
        }
        for (Lane lane : lanes) {
            await(lane.pool);
        }
        for (Courier courier : couriers) {
            courier.close();
        }
        indexer.close();
    }

    private static void await(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_S));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void await(ScheduledThreadPoolExecutor pool) {
        try {
            if (!pool.awaitTermination(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.warn("a delivery did not end within {} s", CLOSE_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
