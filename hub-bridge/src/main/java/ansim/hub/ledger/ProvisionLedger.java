package ansim.hub.ledger;

import ansim.hub.core.Keep;
import ansim.hub.ledger.ChainedFile.Head;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.tinylog.Logger;

/**
 * Who was given whose location, when, on what ground: the confirmation data that Article 16 (2) of Korea's Act on the Protection and Use of
 * Location Information asks for. A chain per class ({@link Book}), each kept as long as its class.
 *
 * <pre>
 * {"n":7,"at":"2026-11-27T03:04:05.678Z","to":"11680 webhook https://centre.example/","outcome":"given","reason":"consent",
 *  "type":"ansim.ride.boarded","key":3,"sealed":"..","hash":".."}
 * </pre>
 *
 * <p>No name, card or plate: whose it was is the unit and the ride, which the rider vault alone can join to a person. Unit, ride and event are sealed under
 * the ride's key in {@link LedgerKeys}; what is of no ride says {@code "unit":"..","event":".."} in the clear. When a ride is erased on request its
 * lines stay, of nobody, and the chains verify as before.
 *
 * <p><strong>Guaranteed.</strong> What {@link #add} was given is on disk when its future completes; deliveries wait for that before their
 * cursor moves. So after a crash no provision is missing, as long as its destination stays in the settings; one may be there twice, of an
 * event that was taken and is sent again, and both are true: it was sent twice. {@code refused}: the centre had the bytes and said no.
 * {@code perhaps}: it was sent, or may have been, without an answer, and is not sent again.
 *
 * <p><strong>Bounded.</strong> Lines that come within {@link #LINGER} share one fsync of their class; at most {@value #QUEUED} of a class wait, one
 * more is refused, and its delivery tried again. However many deliveries of rides fill theirs, an emergency's line finds its own place empty, and is
 * written first.
 *
 * <p>A thread of its own writes, and deletes what has been kept for long enough, every {@link #RETENTION_EVERY}.
 */
public final class ProvisionLedger implements Provisions, AutoCloseable {
    static final int QUEUED = 32_768;
    static final Duration LINGER = Duration.ofMillis(50);
    static final Duration RETENTION_EVERY = Duration.ofHours(1);
    /** Beyond the longest time that a class is kept: keys say when they were used to the day. */
    private static final Duration KEYS_LONGER = Duration.ofDays(30);

    private static final long LOOK_MS = 500;
    private static final long CLOSE_MS = 10_000;
    /** Those that anything is written in; what a pole tells of itself is nobody's. */
    private static final List<Keep> CLASSES = List.of(Keep.RIDES, Keep.EMERGENCIES);

    private static final List<Keep> MOST_URGENT_FIRST = List.of(Keep.EMERGENCIES, Keep.RIDES);

    private record Due(Provision what, CompletableFuture<Void> done) {}

    private final Map<Keep, Book> books = new EnumMap<>(Keep.class);
    private final Map<Keep, BlockingQueue<Due>> queues = new EnumMap<>(Keep.class);
    private final Semaphore waiting = new Semaphore(0);
    private final Map<Keep, Duration> kept;
    private final LedgerKeys keys;
    private final InstantSource clock;
    private final Duration linger;
    private final FileChannel lockFile;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "provision-ledger");
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private Instant nextRetention = Instant.MIN;

    private ProvisionLedger(
            Path folder, LedgerKeys keys, Map<Keep, Duration> kept, InstantSource clock, Duration linger)
            throws IOException {
        this.keys = keys;
        this.kept = Map.copyOf(kept);
        this.clock = clock;
        this.linger = linger;
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        this.lockFile = locked(folder.resolve("lock"));
        try {
            for (Keep each : CLASSES) {
                books.put(each, new Book(folder, each.word()));
                queues.put(each, new LinkedBlockingQueue<>(QUEUED));
            }
        } catch (IOException | RuntimeException e) {
            closeBooks();
            throw e;
        }
        thread.setDaemon(true);
    }

    /**
     * Opens or begins it.
     *
     * @param keys stay open when this is closed
     * @param kept how long each class is kept; a class without an entry for ever
     * @throws ChainedFile.Broken when its end is not as it was written: then somebody is to look at it before the hub goes on
     */
    public static ProvisionLedger open(Path folder, LedgerKeys keys, Map<Keep, Duration> kept, InstantSource clock)
            throws IOException {
        return open(folder, keys, kept, clock, LINGER);
    }

    static ProvisionLedger open(
            Path folder, LedgerKeys keys, Map<Keep, Duration> kept, InstantSource clock, Duration linger)
            throws IOException {
        ProvisionLedger ledger = new ProvisionLedger(folder, keys, kept, clock, linger);
        ledger.thread.start();
        return ledger;
    }

    private static FileChannel locked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another process has the ledger open (" + file + ")");
        }
        return channel;
    }

    @Override
    public CompletableFuture<Void> add(Provision provision) {
        Due due = new Due(provision, new CompletableFuture<>());
        BlockingQueue<Due> queue = queues.get(provision.keep());
        if (queue == null) {
            due.done.completeExceptionally(
                    new IOException("no ledger is kept of " + provision.keep().word()));
        } else if (closing.getCount() == 0 || !queue.offer(due)) {
            due.done.completeExceptionally(new IOException("the ledger is closed, or its disk does not keep up"));
        } else {
            waiting.release();
        }
        return due.done;
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                if (waiting.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS)) {
                    var unused = closing.await(linger.toMillis(), TimeUnit.MILLISECONDS);
                    waiting.drainPermits();
                    commit();
                }
                retain();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        IOException over = new IOException("the ledger is closed");
        for (BlockingQueue<Due> queue : queues.values()) {
            for (Due each = queue.poll(); each != null; each = queue.poll()) {
                each.done.completeExceptionally(over);
            }
        }
    }

    private void commit() {
        for (Keep each : MOST_URGENT_FIRST) {
            Book book = books.get(each);
            BlockingQueue<Due> queue = queues.get(each);
            List<Due> due = new ArrayList<>();
            if (book != null && queue != null && queue.drainTo(due) > 0) {
                commit(book, due);
            }
        }
    }

    private void commit(Book book, List<Due> due) {
        try {
            Instant now = clock.instant();
            List<ChainedFile.Line> lines = new ArrayList<>(due.size());
            for (Due each : due) {
                lines.add(line(each.what, now));
            }
            keys.commit();
            book.append(lines, now);
            commits.incrementAndGet();
            written.addAndGet(due.size());
            due.forEach(each -> each.done.complete(null));
        } catch (IOException | RuntimeException | Error e) {
            Logger.error(e, "the provision ledger");
            due.forEach(each -> each.done.completeExceptionally(e));
        }
    }

    /** Whose it is, is sealed now: a new key is on disk before the line. */
    private ChainedFile.Line line(Provision what, Instant now) throws IOException {
        Optional<LedgerKeys.Sealed> sealed = what.ride().isEmpty()
                ? Optional.empty()
                : Optional.of(keys.seal(what.unit(), what.ride(), personal(what), now));
        return json -> {
            json.writeStringField("at", Instant.ofEpochMilli(what.atMs()).toString());
            json.writeStringField("to", what.to());
            json.writeStringField("outcome", what.outcome().word());
            json.writeStringField("reason", what.reason());
            json.writeStringField("type", what.type());
            if (sealed.isPresent()) {
                sealed.get().write(json);
            } else {
                json.writeStringField("unit", what.unit());
                json.writeStringField("event", what.event());
            }
        };
    }

    private static ObjectNode personal(Provision what) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("unit", what.unit())
                .put("ride", what.ride())
                .put("event", what.event());
    }

    /** One file at a time: what is to be written meanwhile waits for no more than that. */
    private void retain() {
        Instant now;
        try {
            now = clock.instant();
        } catch (RuntimeException e) {
            Logger.error(e, "the provision ledger's clock");
            return;
        }
        if (now.isBefore(nextRetention)) {
            return;
        }
        boolean more = false;
        for (Map.Entry<Keep, Duration> each : kept.entrySet()) {
            more |= drop(each.getKey(), each.getValue(), now);
        }
        if (!more && kept.keySet().containsAll(CLASSES)) {
            dropKeys(now);
        }
        // What failed is not tried at each turn.
        nextRetention = more ? now : now.plus(RETENTION_EVERY);
    }

    /** Whether there may be more to drop. */
    private boolean drop(Keep keep, Duration how, Instant now) {
        Book book = books.get(keep);
        if (book == null) {
            return false;
        }
        try {
            long gone = book.drop(now.minus(how), now, "kept for " + how.toDays() + " days");
            dropped.addAndGet(gone);
            return gone > 0;
        } catch (IOException | RuntimeException | Error e) {
            // A folder that does not read says it unchecked, and without this thread every cursor stands.
            Logger.error(e, "the provision ledger's retention");
            return false;
        }
    }

    private void dropKeys(Instant now) {
        Duration longest =
                CLASSES.stream().map(kept::get).max(Duration::compareTo).orElseThrow();
        try {
            keys.drop(now.minus(longest).minus(KEYS_LONGER), now);
        } catch (IOException | RuntimeException | Error e) {
            Logger.error(e, "the retention of the ledger's keys");
        }
    }

    /** Lines written since the start. Any thread. */
    public long written() {
        return written.get();
    }

    /** Fsyncs that they took. Any thread. */
    public long commits() {
        return commits.get();
    }

    /** Lines deleted at the end of their time since the start. Any thread. */
    public long dropped() {
        return dropped.get();
    }

    /**
     * One class, as it stands on disk.
     *
     * @param name of the class
     * @param lines that are left
     * @param dropped that were deleted at the end of their time
     * @param last number of the last line
     * @param hash of the last line; with its number to be kept where the hub cannot reach it
     */
    public record Verified(String name, long lines, long dropped, long last, String hash) {}

    /** Names of the classes. */
    public static List<String> classes() {
        return CLASSES.stream().map(Keep::word).toList();
    }

    /**
     * Reads a class through, beside a hub that writes it, and checks every byte.
     *
     * @param kept number and hash that were kept elsewhere and must be in it
     * @param line told of each line as it stands, as JSON; {@link LedgerKeys#open} says whose it is
     * @throws IOException at the first line that is not as it was written
     */
    public static Verified read(Path folder, String name, Optional<Head> kept, Consumer<String> line)
            throws IOException {
        Book.Verified verified = Book.read(folder, name, kept, line);
        return new Verified(
                name,
                verified.lines(),
                verified.dropped(),
                verified.head().n(),
                verified.head().hash());
    }

    private void closeBooks() throws IOException {
        try (lockFile) {
            for (Book each : books.values()) {
                each.close();
            }
        }
    }

    /** What was not written fails; its deliveries come again. */
    @Override
    public void close() throws IOException {
        closing.countDown();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeBooks();
    }
}
