package ansim.hub.log;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.journal.Journal;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in the hub's log from which entries are read in order, by one who follows its end: what the committer still has at hand is not
 * read, checked and opened again.
 *
 * <p>Guarantees that every durable entry is met once, in order, whether it was at hand or not. Holds at most one file open. One thread.
 */
public final class LogFollower implements AutoCloseable {
    private final Journal log;
    private final EntryReader entries;
    private long next;
    private @Nullable JournalReader reader;

    /**
     * Opens nothing yet.
     *
     * @param log stays open until this is closed
     * @param next the index to begin with, at least 1
     */
    public LogFollower(Journal log, EntryReader entries, long next) {
        this.log = log;
        this.entries = entries;
        this.next = next;
    }

    /** The index that comes next if nothing is missing. */
    public long nextIndex() {
        return next;
    }

    /**
     * The next durable entry; its index is higher than {@link #nextIndex} was where the log has a hole. Empty at the end: more may come.
     *
     * @throws LogEntry.Unreadable when it does not read; this stands behind it then
     */
    public Optional<Logged> next() throws IOException {
        if (next > log.durableIndex()) {
            return Optional.empty();
        }
        Optional<Logged> hand = entries.atHand(next);
        if (hand.isPresent()) {
            next++;
            return hand;
        }
        JournalReader from = reader;
        if (from == null || from.nextIndex() != next) {
            close();
            from = log.reader(next);
            reader = from;
        }
        Optional<Stored> stored = from.next();
        // Behind a hole at the end, too: the end is waited for from there.
        next = from.nextIndex();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        Stored here = stored.get();
        return Optional.of(
                new Logged(here.index(), here.keyId(), entries.read(here.index(), here.keyId(), here.payload())));
    }

    @Override
    public void close() throws IOException {
        JournalReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
