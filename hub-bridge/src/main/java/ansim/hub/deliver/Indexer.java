package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.core.Event;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.log.LogFollower;
import ansim.hub.trace.Trace;
import ansim.journal.Journal;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.tinylog.Logger;

/**
 * Follows the log and notes, per district and class, which entries are to be delivered. One thread.
 *
 * <p>Everything here follows from the log: the position is saved only after the index files are on disk, and at start the files are
 * cut back to it and continued. Deleting the folder makes it all anew.
 */
final class Indexer implements AutoCloseable {
    private static final String SUFFIX = ".idx";
    private static final String POSITION = "indexed";
    /** Saved after so many entries, and when the log has been quiet for {@link #QUIET}. */
    private static final int SAVE_ENTRIES = 4096;

    private static final int SHOW_ENTRIES = 64;
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Trace trace;
    private final Journal log;
    private final EntryReader entries;
    private final Path directory;
    private final CursorFile position;
    private final long savedThrough;
    private final long epoch;
    private final Map<String, LaneIndex> indexes = new HashMap<>();
    private final Consumer<LaneIndex> grown;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long shownThrough;
    private boolean caughtUp;

    /** @param grown told of every index that has new entries, and of all when the log was followed to its end first; on the indexer's thread */
    Indexer(Journal log, EntryReader entries, Path directory, Consumer<LaneIndex> grown) throws IOException {
        this(log, entries, directory, grown, Trace.NONE);
    }

    /** Like the other, and tells of the way of single messages. */
    Indexer(Journal log, EntryReader entries, Path directory, Consumer<LaneIndex> grown, Trace trace)
            throws IOException {
        this.trace = trace;
        this.log = log;
        this.entries = entries;
        this.directory = Files.createDirectories(directory);
        this.grown = grown;
        this.position = new CursorFile(directory.resolve(POSITION), log.journalId());
        if (position.position() > log.durableIndex()) {
            Logger.warn(
                    "the log ends at {} but was indexed up to {}: indexing again",
                    log.durableIndex(),
                    position.position());
            beginAgain();
        }
        if (position.account().epoch() == 0) {
            beginAgain();
        }
        open();
        if (indexes.values().stream().anyMatch(LaneIndex::begunAgain)) {
            Logger.warn("an index was damaged: indexing the log again");
            for (LaneIndex each : indexes.values()) {
                each.close();
            }
            beginAgain();
            open();
        }
        this.savedThrough = position.position();
        this.shownThrough = savedThrough;
        this.epoch = position.account().epoch();
    }

    private void open() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                indexes.put(name, new LaneIndex(file, log.journalId(), position.position()));
            }
        }
    }

    private void beginAgain() throws IOException {
        long epoch = 1 + new SplittableRandom().nextLong(Long.MAX_VALUE - 1);
        position.moveTo(0, new CursorFile.Account(epoch, 0, 0, 0, 0, 0, 0));
    }

    /** Who is told of the way of single messages. */
    Trace trace() {
        return trace;
    }

    /** Which making of the index this is: what was counted against another is counted anew. */
    long epoch() {
        return epoch;
    }

    /** What an index that is not open says of itself; 0 when there is none of that log. */
    static long savedThrough(Path directory, long journalId) throws IOException {
        Path file = directory.resolve(POSITION);
        if (!Files.exists(file)) {
            return 0;
        }
        try (CursorFile position = new CursorFile(file, journalId)) {
            return position.position();
        }
    }

    /** The log index up to which everything was indexed when this was opened. */
    long savedThrough() {
        return savedThrough;
    }

    /** The log index up to which the indexes can be read. Any thread. */
    long shownThrough() {
        return shownThrough;
    }

    /** District codes are letters, digits, dots, dashes and underscores: safe in a file's name behind a prefix. */
    static String fileName(String district, boolean alarm) {
        String what = switch (district) {
            case Destination.ALL -> "all";
            case Event.OUTSIDE -> "outside";
            default -> "d-" + district;
        };
        return what + (alarm ? ".alarm" : ".normal");
    }

    synchronized LaneIndex index(String district, boolean alarm) throws IOException {
        String name = fileName(district, alarm) + SUFFIX;
        LaneIndex known = indexes.get(name);
        if (known == null) {
            known = new LaneIndex(directory.resolve(name), log.journalId(), position.position());
            indexes.put(name, known);
        }
        return known;
    }

    /** Until closed. Whatever fails is tried again: delivery stops meanwhile, the hub does not. */
    void run() {
        while (!closed()) {
            try {
                follow();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private boolean closed() {
        return stopped.getCount() == 0;
    }

    private void follow() throws InterruptedException {
        try (LogFollower following = new LogFollower(log, entries, position.position() + 1)) {
            follow(following);
        } catch (IOException e) {
            Logger.error("indexing for delivery: {}", Problems.words(e));
            var unused = stopped.await(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException | Error e) {
            // A defect, or no memory: what is noted again is noted once, and without this thread nothing is delivered.
            Logger.error(e, "indexing for delivery");
            var unused = stopped.await(QUIET.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void follow(LogFollower from) throws IOException, InterruptedException {
        int unsaved = 0;
        int unshown = 0;
        while (!closed()) {
            boolean more = indexNext(from);
            unsaved += more ? 1 : 0;
            unshown += more ? 1 : 0;
            if (unshown >= SHOW_ENTRIES || (!more && (unshown > 0 || !caughtUp))) {
                show(from.nextIndex() - 1);
                unshown = 0;
            }
            if (!more && !caughtUp) {
                caughtUp = true;
                all().forEach(grown);
            }
            boolean quiet = !more && !log.awaitDurable(from.nextIndex(), QUIET);
            if (unsaved >= SAVE_ENTRIES || (quiet && unsaved > 0)) {
                save(from.nextIndex() - 1);
                unsaved = 0;
            }
        }
    }

    /** False at the end of the log. What does not read is told of and passed over. */
    private boolean indexNext(LogFollower from) throws IOException {
        try {
            Optional<Logged> next = from.next();
            if (next.isPresent()) {
                index(next.get().index(), next.get().entry());
            }
            return next.isPresent();
        } catch (LogEntry.Unreadable e) {
            if (e.isPassing()) {
                throw e;
            }
            Logger.error("log entry {} is not delivered: {}", from.nextIndex() - 1, e.getMessage());
            return true;
        }
    }

    private void index(long logIndex, LogEntry entry) throws IOException {
        long begun = entry.hasMessage() ? trace.begin(entry.message()) : 0;
        int events = 0;
        // What goes out again goes to nobody whom this entry's own event does not name, so no earlier entry is asked
        // for.
        for (Notice notice : Notice.of(entry, index -> Optional.empty())) {
            Event event = notice.event();
            for (String district : event.districts()) {
                index(district, event.alarm()).append(logIndex);
            }
            index(Destination.ALL, event.alarm()).append(logIndex);
            events++;
        }
        if (begun != 0) {
            trace.routed(entry.message(), logIndex, events, begun);
        }
    }

    /** What has grown is told of only when all can be read up to there. */
    private void show(long through) throws IOException {
        List<LaneIndex> more = new ArrayList<>();
        for (LaneIndex index : all()) {
            if (index.flush()) {
                more.add(index);
            }
        }
        shownThrough = through;
        more.forEach(grown);
    }

    private synchronized List<LaneIndex> all() {
        return new ArrayList<>(indexes.values());
    }

    private void save(long through) throws IOException {
        show(through);
        for (LaneIndex index : all()) {
            index.force();
        }
        position.moveTo(through);
    }

    /** After its thread has ended. */
    @Override
    public void close() throws IOException {
        stop();
        position.close();
        for (LaneIndex index : all()) {
            index.close();
        }
    }

    void stop() {
        stopped.countDown();
    }
}
