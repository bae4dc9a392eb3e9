package ansim.hub.deliver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

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

    private final FileChannel file;
    private final ByteBuffer pending = ByteBuffer.allocate(BUFFERED * ITEM);
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
