package ansim.hub.deliver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The log indexes of one district's alarms or other events, ascending, 8 bytes big-endian each behind a header of 16: "AnsimIdx" and
 * the journal's id. It holds nothing that the log does not: a damaged or foreign file is begun again.
 *
 * <p>One thread appends, any thread reads; {@link #size} shows only what can be read.
 */
final class LaneIndex implements Closeable {
    private static final long MAGIC = 0x416e73696d496478L;
    private static final int HEADER = 16;
    private static final int ITEM = 8;
    private static final int BUFFERED = 512;
    /** So many of the newest are read without the file. */
    private static final int NEWEST = 1024;

    private final FileChannel file;
    private final ByteBuffer pending = ByteBuffer.allocate(BUFFERED * ITEM);
    private final AtomicLongArray newest = new AtomicLongArray(NEWEST);
    /** Slots from here on were appended since this was opened. */
    private long opened = Long.MAX_VALUE;
    /** The slot behind the last one of which {@link #newest} holds or is about to hold something. */
    private volatile long begun;

    private volatile long size;
    private long last;
    private boolean dirty;
    private final boolean begunAgain;

    /** Opens or creates; forgets what lies behind {@code through} and what is not ascending up to there. */
    LaneIndex(Path path, long journalId, long through) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        if (file.read(header, 0) != HEADER || header.getLong(0) != MAGIC || header.getLong(8) != journalId) {
            begunAgain = file.size() > 0;
            file.truncate(0);
            file.write(header.clear().putLong(MAGIC).putLong(journalId).flip(), 0);
        } else {
            begunAgain = false;
        }
        size = (file.size() - HEADER) / ITEM;
        size = slotAfter(through);
        last = size == 0 ? 0 : at(size - 1);
        file.truncate(HEADER + size * ITEM);
        opened = size;
        begun = size;
    }

    /** Whether it was there and could not be gone on with: what it held is to be noted again. */
    boolean begunAgain() {
        return begunAgain;
    }

    /** Does nothing for an index that is there already. */
    void append(long logIndex) throws IOException {
        if (logIndex <= last) {
            return;
        }
        if (!pending.hasRemaining()) {
            flush();
        }
        long slot = size + pending.position() / ITEM;
        begun = slot + 1;
        newest.set((int) (slot % NEWEST), logIndex);
        pending.putLong(logIndex);
        last = logIndex;
    }

    /** Shows what was appended to the readers. Returns whether there was anything. */
    boolean flush() throws IOException {
        int items = pending.position() / ITEM;
        if (items == 0) {
            return false;
        }
        ByteBuffer out = pending.duplicate().flip();
        long before = size;
        long at = HEADER + before * ITEM;
        while (out.hasRemaining()) {
            at += file.write(out, at);
        }
        pending.clear();
        size = before + items;
        dirty = true;
        return true;
    }

    void force() throws IOException {
        if (dirty) {
            file.force(false);
            dirty = false;
        }
    }

    long size() {
        return size;
    }

    long at(long slot) throws IOException {
        if (slot >= opened && slot < size) {
            long held = newest.get((int) (slot % NEWEST));
            // In this order: it is the slot's own as long as nobody has begun to put the next one in its place.
            if (begun - slot <= NEWEST) {
                return held;
            }
        }
        ByteBuffer item = ByteBuffer.allocate(ITEM);
        while (item.hasRemaining()) {
            if (file.read(item, HEADER + slot * ITEM + item.position()) < 0) {
                throw new IOException("an index ends before its entry " + slot);
            }
        }
        return item.getLong(0);
    }

    /** The first slot whose log index is above the given one; {@link #size} when there is none. */
    long slotAfter(long logIndex) throws IOException {
        long low = 0;
        long high = size;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (at(middle) <= logIndex) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
