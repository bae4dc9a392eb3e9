package ansim.hub.intake;

import ansim.hub.core.Belonging;
import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The hub's log as its one writer sees it: a journal, and the mirror of it on another disk if there is one.
 *
 * <p>Guarantees that {@link #force} returns only when the log and its mirror hold everything written, on their disks and under the same
 * indexes, and that readers of the log see nothing before that either: what was receipted, shown or delivered is on both. Both are
 * forced at the same time, the mirror on a thread of its own, so that a commit waits for the slower one, not for both in turn. When
 * either fails, {@link #force} fails and says which; nothing goes on with one disk alone. What does not read in the log is read
 * from the mirror.
 *
 * <p>Not guaranteed: that damage in the middle of the mirror is noticed before the mirror is needed; {@link #scrub} looks for it slowly.
 *
 * <p>One thread writes and forces; {@link #journal} is read by any.
 */
public final class HubLog implements AutoCloseable {
    private static final int CLOSE_S = 10;

    private final Journal log;
    private final @Nullable Twin twin;
    private final @Nullable LogSeal seal;
    private final long seenThrough;
    private final RecentEntries recent;
    private final List<Entry> unforced = new ArrayList<>();
    private final ForceWatch watch = new ForceWatch("the disk of the data folder", System::nanoTime, Logger::warn);

    /** The mirror, and the one thread that works on it. */
    private static final class Twin {
        final Journal journal;
        final Path directory;
        final ExecutorService worker;
        final ForceWatch watch;
        final MirrorScrub scrub;

        Twin(Journal journal, Path directory, Journal log) {
            this.journal = journal;
            this.directory = directory;
            this.scrub = new MirrorScrub(log, journal, directory);
            this.watch = new ForceWatch("the mirror's disk, " + directory + ",", System::nanoTime, Logger::warn);
            this.worker = Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "log-mirror");
                thread.setDaemon(true);
                return thread;
            });
        }

        CommandFailure failed(Throwable cause) {
            return new CommandFailure(
                    "the mirror of the log in " + directory + " failed, and receipts wait for both disks: "
                            + words(cause),
                    "checking that disk, then start again; to go on with one disk alone, remove log.mirror from the"
                            + " settings. Nothing that was answered is lost");
        }
    }

    private HubLog(Journal log, @Nullable Twin twin, @Nullable LogSeal seal, long seenThrough) {
        this.log = log;
        this.twin = twin;
        this.seal = seal;
        this.seenThrough = seenThrough;
        this.recent = new RecentEntries(seal == null ? EntryReader.UNSEALED : seal);
    }

    /** A log without a mirror. */
    public static HubLog alone(Journal log) {
        return new HubLog(log, null, null, 0);
    }

    /** The same log, in which what belongs to a ride or a day is sealed. To be used instead of this, before anything is written. */
    public HubLog sealedBy(LogSeal by) {
        return new HubLog(log, twin, by, seenThrough);
    }

    /** The same log, of which it was noted elsewhere that an entry was durable in it: one that ends before has lost its end. To be used like {@link #sealedBy}. */
    public HubLog seenThrough(long index) {
        return new HubLog(log, twin, seal, Math.max(seenThrough, index));
    }

    /** An entry that was durable once; 0 for none. */
    long seenThrough() {
        return seenThrough;
    }

    /**
     * Opens or creates the mirror and brings the two level: whichever is shorter is given what the other has more. Either may be ahead by
     * what was written and never answered, or because it was damaged at its end.
     *
     * @param log the hub's log; the caller closes it after this
     * @param directory the mirror's journal
     * @throws CommandFailure when the mirror belongs to another log, went another way, is in use or cannot be written
     */
    public static HubLog mirrored(Journal log, Path directory, JournalOptions options, JournalFiles files) {
        MirrorStart.Opened opened = MirrorStart.open(log, directory, options, files);
        log.readLostFrom(opened.mirror());
        return new HubLog(log, new Twin(opened.mirror(), directory, log), null, opened.seenThrough());
    }

    /**
     * Copies a log, or what a copy of it lacks. Ends with an error at the first entry that does not read.
     *
     * @param directory of the copy; one that was begun before is gone on with
     */
    public static void copy(Journal from, Path directory, JournalOptions options, JournalFiles files)
            throws IOException {
        try (Journal to = Journal.openCopy(directory, from, options, files)) {
            boolean begun = to.durableIndex() > 0;
            if (begun && (to.journalId() != from.journalId() || to.durableIndex() > from.durableIndex())) {
                throw new IOException(directory + " holds something else");
            }
            if (MirrorStart.difference(from, to).isPresent()) {
                throw new IOException(directory + " holds something else");
            }
            MirrorStart.copy(from, to, "the copy");
        }
    }

    /** The first entry found to differ, among the newest that both have and entry 1. */
    public static OptionalLong difference(Journal one, Journal other) throws IOException {
        return MirrorStart.difference(one, other);
    }

    /** For reading: everything in it is on both disks. */
    Journal journal() {
        return log;
    }

    /** Makes entries of what the log holds. */
    public EntryReader reader() {
        return recent;
    }

    /** For the committer. */
    RecentEntries recent() {
        return recent;
    }

    /** The ride keys; empty for a log in which nothing is sealed. */
    Optional<RideKeys> keys() {
        return Optional.ofNullable(seal).map(LogSeal::keys);
    }

    /** An entry as it is to be written. Sealed, it needs {@link #commitKeys} first. */
    Entry entry(long index, LogEntry entry, Optional<Belonging> belonging) throws IOException {
        return seal == null || belonging.isEmpty()
                ? Entry.message(entry.encode())
                : seal.seal(index, entry, belonging.get());
    }

    /** Returns when the keys of every entry made so far are durable, on both disks. */
    void commitKeys() throws IOException {
        if (seal != null) {
            seal.keys().commit();
        }
    }

    /** Takes an entry; durable and visible only after {@link #force}. Returns its index. */
    long write(Entry entry) throws IOException {
        if (twin != null) {
            unforced.add(entry);
        }
        try {
            return log.write(entry);
        } catch (JournalException e) {
            throw logFailed(e);
        }
    }

    /** Returns when everything written is durable, on both disks. After a failure the program must end. */
    void force() throws IOException {
        watch.begin();
        try {
            forceBoth();
        } finally {
            watch.end();
        }
    }

    private void forceBoth() throws IOException {
        Twin mirror = twin;
        if (mirror == null) {
            log.force();
            return;
        }
        List<Entry> batch = List.copyOf(unforced);
        unforced.clear();
        Future<?> copying = mirror.worker.submit(() -> {
            mirror.watch.begin();
            try {
                for (Entry entry : batch) {
                    mirror.journal.write(entry);
                }
                mirror.journal.force();
                return batch.size();
            } finally {
                mirror.watch.end();
            }
        });
        try {
            log.force(() -> {
                watch.end();
                await(mirror, copying);
            });
        } catch (JournalException e) {
            throw logFailed(e);
        }
    }

    /** Warns of a disk that hangs; to be called every second or so, by one thread. */
    void look() {
        watch.look();
        if (twin != null) {
            twin.watch.look();
        }
    }

    /** Whether a disk does not answer. Any thread. */
    boolean isStuck() {
        return watch.isSlow() || (twin != null && twin.watch.isSlow());
    }

    /** Compares a little more of the log with its mirror; to be called every second or so, by one thread. */
    void scrub() {
        if (twin != null) {
            twin.scrub.look();
        }
    }

    /** What was found by that, by name; nothing without a mirror. */
    Map<String, Long> counts() {
        return twin == null ? Map.of() : twin.scrub.counts();
    }

    private static void await(Twin mirror, Future<?> copying) throws IOException {
        try {
            copying.get();
        } catch (ExecutionException e) {
            throw mirror.failed(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the mirror", e);
        }
    }

    /** Without a mirror the program knows better what to say. */
    private IOException logFailed(JournalException cause) {
        if (twin == null) {
            return cause;
        }
        throw new CommandFailure(
                "the hub's log failed (its mirror is " + twin.directory + "): " + words(cause),
                "checking the disk of the data folder, then start again; if that disk is gone: hub-bridge promote "
                        + parent(twin.directory) + ". Nothing that was answered is lost");
    }

    private static Path parent(Path directory) {
        Path parent = directory.toAbsolutePath().getParent();
        return parent == null ? directory : parent;
    }

    static String words(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** Founds the mirror of a log that was founded a moment ago. */
    void level() {
        if (twin != null) {
            MirrorStart.level(log, twin.journal, twin.directory);
        }
    }

    /** Gives the mirror back; the log is the caller's. */
    @Override
    public void close() throws IOException {
        Twin mirror = twin;
        if (mirror == null) {
            return;
        }
        mirror.worker.shutdown();
        try {
            if (!mirror.worker.awaitTermination(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.error("the mirror's disk did not answer within {} s", CLOSE_S);
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        mirror.journal.close();
    }
}
