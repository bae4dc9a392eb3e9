package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Courier.Hub;
import ansim.hub.deliver.Courier.Route;
import ansim.hub.deliver.Destination.Target;
import ansim.journal.Journal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.tinylog.Logger;

/**
 * Delivers what the log holds to the centres, as CloudEvents 1.0 JSON with the unit's own signed bytes.
 *
 * <p><strong>Guaranteed.</strong> Every event of a district, and what the hub itself has to say of a unit's numbers, reaches every sink of
 * its centre, in the order of the log within alarms and within the rest, at least once, always under the same id. Alarms have cursors, connections and threads of their own: nothing
 * else can hold them up. A destination that is down costs disk and one retry now and then; the others do not notice.
 *
 * What was erased before its turn came is counted and passed over.
 *
 * <p><strong>Not guaranteed.</strong> Once only: after a crash or a failed delivery some come again. The order between alarms and
 * the rest, and between districts.
 *
 * <p><strong>Threads.</strong> One that follows the log, {@value #THREADS} for alarms, {@value #THREADS} for the rest, and those of
 * the MQTT client, one client per broker and class. {@link #status} may be called by any thread.
 */
public final class Delivery implements AutoCloseable {
    private static final int THREADS = 2;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int CLOSE_S = 5;

    /** What alarms have for themselves, and the rest too. */
    private static final class Lane {
        final boolean alarm;
        final ScheduledThreadPoolExecutor pool;
        final HttpClient http;
        final Map<String, Sink> sinks = new HashMap<>();

        Lane(boolean alarm) {
            this.alarm = alarm;
            String name = alarm ? "deliver-alarm-" : "deliver-normal-";
            AtomicInteger count = new AtomicInteger();
            pool = new ScheduledThreadPoolExecutor(THREADS, task -> {
                Thread thread = new Thread(task, name + count.incrementAndGet());
                thread.setDaemon(true);
                return thread;
            });
            pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
            http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .executor(pool)
                    .build();
        }

        Sink sink(Target target) {
            return sinks.computeIfAbsent(
                    target.url(),
                    url -> target.webhook().isPresent() ? new WebhookSink(http, URI.create(url)) : new MqttSink(url));
        }
    }

    private final Journal log;
    private final EntryReader entries;
    private final Path directory;
    private final Indexer indexer;
    private final Thread following;
    private final List<Lane> lanes = List.of(new Lane(true), new Lane(false));
    private final List<Courier> couriers = new ArrayList<>();

    private Delivery(Journal log, EntryReader entries, Path directory) throws IOException {
        this.log = log;
        this.entries = entries;
        this.directory = directory;
        this.indexer = new Indexer(log, entries, directory, this::wake);
        this.following = new Thread(indexer::run, "deliver-index");
        following.setDaemon(true);
    }

    /**
     * Begins where the last run ended.
     *
     * @param log the hub's log
     * @param entries reads it
     * @param directory for indexes, cursors and dead letters; all but the dead letters can be made again from the log
     * @param destinations the centres; no two of the same district with the same sink
     */
    public static Delivery start(Journal log, EntryReader entries, Path directory, List<Destination> destinations)
            throws IOException {
        Delivery delivery = new Delivery(log, entries, directory);
        for (Destination destination : destinations) {
            for (Target target : destination.sinks()) {
                for (Lane lane : delivery.lanes) {
                    delivery.couriers.add(delivery.courier(destination.district(), target, lane));
                }
            }
        }
        delivery.following.start();
        delivery.couriers.forEach(Courier::wake);
        return delivery;
    }

    private Courier courier(String district, Target target, Lane lane) throws IOException {
        String key = Indexer.fileName(district, lane.alarm) + "." + target.kind() + "-" + digest(target.url());
        Path cursors = Files.createDirectories(directory.resolve("cursors"));
        Path letters = Files.createDirectories(directory.resolve("dead-letters"));
        Hub hub = new Hub(log, entries, lane.pool, System::currentTimeMillis, new SplittableRandom());
        Route route = new Route(
                district,
                target.kind() + " " + target.url(),
                lane.alarm,
                indexer.index(district, lane.alarm),
                lane.sink(target));
        CursorFile cursor = new CursorFile(cursors.resolve(key + ".cur"), log.journalId());
        return new Courier(hub, route, cursor, new DeadLetters(letters.resolve(key + ".jsonl")));
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

    /** Of every cursor, alarms first within a destination. */
    public List<CursorStatus> status() {
        return couriers.stream().map(Courier::status).toList();
    }

    /** Lets what is on its way be; it comes again at the next start. */
    @Override
    public void close() throws IOException {
        // No interrupts: one would close the file that the thread happens to read.
        indexer.stop();
        couriers.forEach(Courier::stop);
        await(following);
        for (Lane lane : lanes) {
            lane.pool.shutdown();
            lane.sinks.values().forEach(Sink::close);
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
