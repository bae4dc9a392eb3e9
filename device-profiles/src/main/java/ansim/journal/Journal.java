package ansim.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The durable log on which both programs stand: messages with consecutive indexes from 1, read back in order, and the newest
 * state of whoever writes them.
 *
 * <p><strong>Guaranteed.</strong> What {@link #append} has returned for survives a crash of the process and a power cut, if
 * the device keeps what it has flushed. A group of entries in one append comes back whole or not at all when a crash tears it.
 * Damage to one entry costs that entry: opening never refuses a damaged file, recovery goes on behind the damage, what it
 * cannot read is moved aside and never deleted, and {@link #recovery} and the readers tell which indexes are missing. A
 * consumer's stored position above {@link #durableIndex} after opening means that it has seen what is gone: it must rebuild.
 *
 * <p><strong>Not guaranteed.</strong> A removal is durable with the next append and never forced alone: after a crash the last
 * removed messages may be there again. That an intact but older copy of the whole directory was put back is not noticed.
 *
 * <p><strong>Costs.</strong> An append writes its bytes into zeros that were written before and flushes once. Older segments
 * are checked when they are read, so opening costs the newest segment and one small read for each other one. Memory does not
 * grow with what is stored, but for about 100 bytes per segment.
 *
 * <p><strong>Threads.</strong> Any thread may call anything; concurrent appends share one flush. A {@link JournalReader} belongs to
 * one thread. An interrupt that hits a thread within the very system call fails that call as a disk would; one that came before does
 * no harm.
 *
 * <p><strong>Files.</strong> {@code NNNNNNNNNNNN.seg} by segment number, {@code NNNNNNNNNNNN.spare} the preallocated next one,
 * {@code lock} with the owner's process id, {@code aside/} what could not be read. All numbers are big-endian.
 *
 * <pre>
 * segment    0      128  header
 *            128    ...  frames, then at least 16 zero bytes where there is room
 *            -128   128  the header once more
 *
 * header     0      8    "AnsimJnl"
 *            8      2    version, 1
 *            10     2    length of the header, 128
 *            12     4    flags: bit 0 the first frame is a copy of the newest state
 *            16     8    journal id, random
 *            24     8    segment number, from 1
 *            32     8    index of the segment's first message
 *            40     8    messages up to this index were removed when the segment began
 *            48     8    creation of the journal, s since 1970
 *            56     8    creation of the segment, s since 1970
 *            64     4    length of the file
 *            68     56   zero (room)
 *            124    4    CRC32C of bytes 0..123; in every version at this place
 *
 * frame      0      2    marker a5 7e; frames begin at multiples of 8
 *            2      1    bits 0..3 type (1 message, 2 state, 3 neither: a remove position, or room left empty), bit 4 has remove position,
 *                        bit 5 has key id, bit 6 all before this frame was durable when it was written
 *            3      1    bits 4..7 entries before it in its group, bits 0..3 entries that follow
 *            4      4    CRC32C of: journal id, segment number, bytes 0..3, bytes 8 to the end of the payload
 *            8      4    length of the payload
 *            12     8    message: its index; otherwise: the index of the last message before it
 *            [20    8]   messages up to this index are removed
 *            [..    8]   key id
 *            ..     ..   payload, then zeros up to a multiple of 8
 * </pre>
 */
public final class Journal implements AutoCloseable {
    /** Entries in one group. */
    public static final int MAX_GROUP = 16;

    /** One caller's group in a shared commit. */
    private static final class Ticket {
        final Entry[] group;
        boolean done;
        long lastIndex;
        long sequence;

        @Nullable
        JournalException failure;

        Ticket(Entry[] group) {
            this.group = group;
        }
    }

    private final JournalOptions options;
    private final Closeable lock;
    private final Damage damage;
    private final Segments segments;
    private final SegmentMaps maps;

    /** Held by whoever writes and forces; guards the writer and the segments' files. */
    private final ReentrantLock writing = new ReentrantLock();

    private final Writer writer;

    /** Readers see only what has come about elsewhere, too; guarded by {@link #writing}. */
    private boolean shared;

    /** Guards the tickets that wait. Never held while something is written. */
    private final ReentrantLock queue = new ReentrantLock();

    private final Condition settled = queue.newCondition();
    private final ArrayDeque<Ticket> waiting = new ArrayDeque<>();
    /** Somebody commits for all that wait. */
    private boolean leading;

    /** Guarded by this: what the others may see. */
    private long durableIndex;

    private long removedThrough;
    private byte @Nullable [] state;
    private boolean closed;

    /** Holds the same entries: what is missing here is read from there. */
    private volatile @Nullable Journal twin;

    private final Object peeking = new Object();
    private @Nullable JournalReader peeker;
    private Optional<Stored> peeked = Optional.empty();

    private Journal(JournalOptions options, JournalFiles files, Closeable lock, Opening opened, Damage damage) {
        this.options = options;
        this.lock = lock;
        this.damage = damage;
        this.segments = new Segments(opened, files);
        this.maps = new SegmentMaps(files);
        this.writer = new Writer(segments, opened);
        this.durableIndex = opened.lastIndex();
        this.removedThrough = opened.removedThrough();
        this.state = opened.state();
    }

    /**
     * Opens or creates the journal in a directory, and holds the directory's lock until {@link #close}. Writes nothing but the
     * lock file: a full disk opens.
     */
    public static Journal open(Path directory, JournalOptions options, JournalFiles files) throws JournalException {
        return open(directory, options, files, null);
    }

    /**
     * Like {@link #open}, but a journal that is created now gets the id and the time of creation of another one, of which it is to be
     * a copy. One that is there keeps its own: the caller compares {@link #journalId}.
     */
    public static Journal openCopy(Path directory, Journal of, JournalOptions options, JournalFiles files)
            throws JournalException {
        return open(directory, options, files, new Opening.Identity(of.journalId(), of.createdAtS()));
    }

    private static Journal open(
            Path directory, JournalOptions options, JournalFiles files, Opening.@Nullable Identity ifNew)
            throws JournalException {
        try {
            files.createDirectories(directory);
            Closeable lock = files.lock(directory);
            try {
                Damage damage = new Damage();
                Opening opened = Opening.of(directory, options, files, damage, ifNew);
                return new Journal(options, files, lock, opened, damage);
            } catch (IOException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw JournalException.of("cannot open the journal " + directory, e);
        }
    }

    /**
     * Appends a group that recovery keeps whole or not at all, and returns when it is durable. Concurrent appends share one
     * fsync.
     *
     * @param group 1 to {@value #MAX_GROUP} entries that take at most half a segment together
     * @return the index of the group's last message, or of the last message before it when it has none
     * @throws JournalException when the group is not durable; it does not count as stored and takes no index
     */
    public long append(Entry... group) throws JournalException {
        Ticket ticket = new Ticket(check(group));
        if (isToLead(ticket)) {
            lead();
        }
        if (ticket.failure != null) {
            throw ticket.failure;
        }
        return ticket.lastIndex;
    }

    /**
     * Waits until the ticket is settled, or until this thread is to commit for all that wait. Not in line for the writer: whoever is
     * settled would hold up the next commit there, and that commit would have nobody to share it.
     */
    private boolean isToLead(Ticket ticket) {
        queue.lock();
        try {
            waiting.add(ticket);
            while (leading && !ticket.done) {
                settled.awaitUninterruptibly();
            }
            leading |= !ticket.done;
            return !ticket.done;
        } finally {
            queue.unlock();
        }
    }

    private void lead() {
        writing.lock();
        try {
            commit(takeWaiting());
        } finally {
            writing.unlock();
            stepDown();
        }
    }

    private void stepDown() {
        queue.lock();
        try {
            leading = false;
            settled.signalAll();
        } finally {
            queue.unlock();
        }
    }

    private List<Ticket> takeWaiting() {
        queue.lock();
        try {
            List<Ticket> batch = new ArrayList<>(waiting);
            waiting.clear();
            return batch;
        } finally {
            queue.unlock();
        }
    }

    private void commit(List<Ticket> batch) {
        JournalException failure = null;
        try {
            for (Ticket ticket : batch) {
                ticket.lastIndex = writeLocked(ticket.group);
                ticket.sequence = writer.lastGroup();
            }
            forceLocked();
        } catch (JournalException e) {
            failure = e;
        } finally {
            settle(batch, failure);
        }
    }

    /** Also when an error ended the commit: whoever shared it must not take what was never written for durable. */
    private void settle(List<Ticket> batch, @Nullable JournalException failure) {
        queue.lock();
        try {
            for (Ticket ticket : batch) {
                boolean durable = ticket.sequence > 0 && ticket.sequence <= writer.durableGroup();
                if (!durable) {
                    ticket.failure = failure != null
                            ? failure
                            : new JournalException(JournalException.Reason.IO, "an error ended the shared commit");
                }
                ticket.done = true;
            }
        } finally {
            queue.unlock();
        }
    }

    /**
     * Like {@link #append}, but durable and visible to readers only after {@link #force}. For a single writer: when a write or
     * the force fails, everything written since the last force is gone and its indexes are given out again.
     */
    public long write(Entry... group) throws JournalException {
        check(group);
        writing.lock();
        try {
            return writeLocked(group);
        } finally {
            writing.unlock();
        }
    }

    /** Makes everything written durable. A failed force is never tried again: see {@link #write}. */
    public void force() throws JournalException {
        writing.lock();
        try {
            forceLocked();
        } finally {
            writing.unlock();
        }
    }

    /** What else must have come about before readers see what was forced. */
    public interface Elsewhere {
        /** Returns when it has. */
        void await() throws IOException;
    }

    /**
     * Like {@link #force}, but readers see what was written only when it has come about elsewhere, too: on a mirror. When that fails,
     * what was forced here stays here unseen until the journal is opened again; the caller must not write on. From the first use on that
     * holds also for what a failed {@link #write} left durable here when it began a new segment.
     */
    public void force(Elsewhere elsewhere) throws IOException {
        writing.lock();
        try {
            checkOpen();
            shared = true;
            try {
                writer.force();
            } catch (IOException e) {
                throw JournalException.of("cannot flush the journal", e);
            }
            elsewhere.await();
            publish();
            dropRemoved();
        } finally {
            writing.unlock();
        }
    }

    private Entry[] check(Entry[] group) {
        if (group.length < 1 || group.length > MAX_GROUP) {
            throw new IllegalArgumentException(
                    "a group must have 1 to " + MAX_GROUP + " entries (got " + group.length + ")");
        }
        long bytes = 0;
        for (Entry entry : group) {
            bytes += Frame.sizeOf(entry);
        }
        // Half, because a copy of the newest state may have to stand before it in the same segment.
        if (bytes > Segment.capacity(options.segmentBytes()) / 2) {
            throw new IllegalArgumentException("a group must take at most half a segment of " + options.segmentBytes()
                    + " bytes (got " + bytes + ")");
        }
        return group;
    }

    private long writeLocked(Entry[] group) throws JournalException {
        checkOpen();
        try {
            writer.write(group, removedThrough());
        } catch (IOException e) {
            if (!shared) {
                publish();
            }
            throw JournalException.of("cannot write to the journal", e);
        }
        return writer.lastIndex();
    }

    private void forceLocked() throws JournalException {
        checkOpen();
        try {
            writer.force();
            dropRemoved();
        } catch (IOException e) {
            throw JournalException.of("cannot flush the journal", e);
        } finally {
            publish();
        }
    }

    private synchronized void publish() {
        durableIndex = writer.durableIndex();
        state = writer.durableState();
        notifyAll();
    }

    private synchronized void checkOpen() throws JournalException {
        if (closed) {
            throw new JournalException(JournalException.Reason.CLOSED, "the journal is closed");
        }
    }

    /** The oldest durable message that is not removed. */
    public Optional<Stored> peek() throws JournalException {
        synchronized (peeking) {
            long wanted = removedThrough() + 1;
            if (peeked.isPresent() && peeked.get().index() >= wanted) {
                return peeked;
            }
            if (peeker == null) {
                peeker = reader(wanted);
            }
            do {
                peeked = peeker.next();
            } while (peeked.isPresent() && peeked.get().index() < wanted);
            return peeked;
        }
    }

    /** One durable message, also a removed one while its segment is there; empty when it is not there or is damaged. */
    public Optional<Stored> read(long index) throws JournalException {
        if (index > durableIndex()) {
            return Optional.empty();
        }
        Journal other = twin;
        if (other == null) {
            return readHere(index);
        }
        Optional<Stored> here = Optional.empty();
        try {
            here = readHere(index);
        } catch (JournalException e) {
            Optional<Stored> there = other.read(index);
            if (there.isEmpty()) {
                throw e;
            }
            return there;
        }
        return here.isPresent() ? here : other.read(index);
    }

    private Optional<Stored> readHere(long index) throws JournalException {
        Optional<Segment> segment = segments.holding(index);
        if (segment.isEmpty()) {
            return Optional.empty();
        }
        try {
            return maps.read(segment.get(), index);
        } catch (IOException e) {
            throw unreadable(segment.get(), e);
        }
    }

    /** Reads on from an index, or from the oldest there is; many readers may be open while one thread writes. */
    public JournalReader reader(long fromIndex) {
        return reader(fromIndex, Long.MAX_VALUE);
    }

    /** Reads on from an index to another one, itself included, and no further. */
    public JournalReader reader(long fromIndex, long throughIndex) {
        return new JournalReader(this, segments, maps, fromIndex, throughIndex);
    }

    /** The last index that is stored beside this one, in the same segment, or would be: whoever reads no further reads one file. */
    public long lastBeside(long index) {
        Optional<Segment> segment = segments.holding(index);
        if (segment.isEmpty()) {
            return firstIndex() - 1;
        }
        Optional<Segment> after = segments.after(segment.get());
        return after.isPresent() ? after.get().firstIndex() - 1 : durableIndex();
    }

    /**
     * From now on what is missing or damaged here is read from another journal that holds the same entries under the same indexes: a
     * mirror. {@link #recovery} tells of the damage all the same.
     *
     * @param other stays open as long as this one is read
     */
    public void readLostFrom(Journal other) {
        twin = other;
    }

    @Nullable
    Journal twin() {
        return twin;
    }

    /** A file that did not read is opened afresh the next time. */
    JournalException unreadable(Segment segment, IOException cause) {
        try {
            maps.forget(segment);
        } catch (IOException alsoFailed) {
            cause.addSuppressed(alsoFailed);
        }
        return JournalException.of("cannot read " + segment.path, cause);
    }

    /** A reader found these indexes missing. */
    void missing(long first, long last) {
        damage.lost(Math.max(first, removedThrough() + 1), last);
    }

    /** Gives up all messages up to an index. Durable with the next append, never forced alone; never goes back. */
    public synchronized void remove(long throughIndex) {
        removedThrough = Math.max(removedThrough, Math.min(throughIndex, durableIndex));
    }

    private void dropRemoved() throws IOException {
        while (!options.retain() && droppableThrough().orElse(Long.MAX_VALUE) <= writer.durableRemoved()) {
            drop();
        }
    }

    private OptionalLong droppableThrough() {
        List<Segment> list = segments.list();
        return list.size() < 2
                ? OptionalLong.empty()
                : OptionalLong.of(list.get(1).firstIndex() - 1);
    }

    private void drop() throws IOException {
        Segment oldest = segments.list().get(0);
        segments.dropOldest();
        maps.forget(oldest);
    }

    /** The last index of the oldest segment, which {@link #dropOldestSegment} would drop; empty when only one is left. */
    public OptionalLong oldestSegmentLastIndex() {
        return droppableThrough();
    }

    /**
     * Removes the oldest segment's messages, makes that and a copy of the state durable, then lets the file go. Does nothing
     * when only one segment is left. What explains the loss must be durable before.
     */
    public void dropOldestSegment() throws JournalException {
        writing.lock();
        try {
            OptionalLong through = droppableThrough();
            if (through.isPresent()) {
                checkOpen();
                remove(through.getAsLong());
                writer.writePosition(removedThrough());
                writer.force();
                drop();
            }
        } catch (IOException e) {
            throw JournalException.of("cannot drop the oldest segment", e);
        } finally {
            publish();
            writing.unlock();
        }
    }

    /** The newest durable state. */
    public synchronized Optional<byte[]> state() {
        return state == null ? Optional.empty() : Optional.of(state.clone());
    }

    /** The oldest index whose segment is there, removed or not; {@code durableIndex() + 1} when there is none. */
    public long firstIndex() {
        List<Segment> list = segments.list();
        return list.isEmpty() ? durableIndex() + 1 : list.get(0).firstIndex();
    }

    public synchronized long removedThrough() {
        return removedThrough;
    }

    /** The newest durable index; 0 when there has never been one. */
    public synchronized long durableIndex() {
        return durableIndex;
    }

    /**
     * Waits until an index is durable.
     *
     * @return false when the time is over or the journal closed
     */
    public synchronized boolean awaitDurable(long index, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (durableIndex < index && !closed) {
            long leftNanos = deadline - System.nanoTime();
            if (leftNanos <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
        }
        return durableIndex >= index;
    }

    /** What was found damaged so far. */
    public Recovery recovery() {
        return damage.snapshot();
    }

    /** Random, given at the journal's creation; another one once no header of any segment reads any more. */
    public long journalId() {
        return segments.journalId;
    }

    /** When the journal was created, s since 1970 by the wall clock of then. */
    public long createdAtS() {
        return segments.journalCreatedS;
    }

    /** Bytes on disk: all segments and the spare one. */
    public long bytes() {
        return segments.bytes();
    }

    /** Makes what was written durable, then gives the directory back. */
    @Override
    public void close() throws JournalException {
        writing.lock();
        try (lock) {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
                notifyAll();
            }
            segments.awaitSpare();
            writer.close();
            maps.close();
        } catch (IOException e) {
            throw JournalException.of("cannot close the journal", e);
        } finally {
            if (!shared) {
                publish();
            }
            writing.unlock();
        }
        closePeeker();
    }

    private void closePeeker() throws JournalException {
        synchronized (peeking) {
            if (peeker != null) {
                peeker.close();
            }
        }
    }
}
