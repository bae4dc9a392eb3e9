package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.OptionalLong;

/**
 * Walks the good frames of one segment and steps over what is damaged. Where a frame should begin, zero bytes mean the end;
 * anything else that is not a good frame is damage, and so is an end with a good frame behind it.
 */
final class Scan {
    private static final int WINDOW = 64 * 1024;
    private static final int PAGE = 4096;
    private static final int UNREADABLE = 0xff;

    private final OpenFile file;
    private final SegmentHeader header;
    private final int windowBytes;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowAt;
    private long position;
    private int payloadAt;
    private int payloadBytes;
    private boolean hasKey;

    /** Of the frame that {@link #next} found. */
    int type;

    boolean afterForce;
    int before;
    int following;
    long index;
    OptionalLong removed = OptionalLong.empty();
    long offset;
    /** Something damaged lies before this frame or, when there was no frame, behind the last one. */
    boolean damageBefore;

    Scan(OpenFile file, SegmentHeader header, long from) {
        this(file, header, from, WINDOW);
    }

    Scan(OpenFile file, SegmentHeader header, long from, int windowBytes) {
        this.file = file;
        this.header = header;
        this.position = from;
        this.windowBytes = windowBytes;
    }

    /** Where the next frame should begin. */
    long position() {
        return position;
    }

    void seek(long to) {
        position = to;
    }

    /** The next good frame that ends at or before {@code end}; without one the position is {@code end}. */
    boolean next(long end) throws IOException {
        long expected = position;
        boolean clean = end - expected < Frame.HEADER;
        for (; end - position >= Frame.HEADER && load(position, Frame.HEADER, end); position += Frame.ALIGNMENT) {
            offset = position;
            if (parse(end)) {
                damageBefore = offset != expected;
                return true;
            }
            if (position == expected) {
                clean = startsWithZeros();
            }
        }
        damageBefore = !clean;
        position = Math.max(expected, end);
        return false;
    }

    OptionalLong keyId() {
        return hasKey ? OptionalLong.of(window.getLong(payloadAt - 8)) : OptionalLong.empty();
    }

    byte[] payload() {
        byte[] copy = new byte[payloadBytes];
        window.get(payloadAt, copy);
        return copy;
    }

    private boolean startsWithZeros() {
        int at = (int) (position - windowAt);
        return window.getLong(at) == 0 && window.getLong(at + 8) == 0;
    }

    private boolean parse(long end) throws IOException {
        int at = (int) (position - windowAt);
        int length = window.getInt(at + 8);
        if (window.getShort(at) != Frame.MARKER || length < 0 || length > JournalOptions.MAX_PAYLOAD_BYTES) {
            return false;
        }
        int flags = window.get(at + 2);
        hasKey = (flags & Frame.HAS_KEY) != 0;
        boolean hasRemoved = (flags & Frame.HAS_REMOVED) != 0;
        int prefix = Frame.HEADER + (hasRemoved ? 8 : 0) + (hasKey ? 8 : 0);
        int size = prefix + length;
        if (size > end - position || !load(position, size, end)) {
            return false;
        }
        at = (int) (position - windowAt);
        if (window.getInt(at + 4) != Frame.crc(window, at, size, header)) {
            return false;
        }
        type = flags & Frame.TYPE_MASK;
        afterForce = (flags & Frame.AFTER_FORCE) != 0;
        before = (window.get(at + 3) >> 4) & 0x0f;
        following = window.get(at + 3) & 0x0f;
        index = window.getLong(at + 12);
        removed = hasRemoved ? OptionalLong.of(window.getLong(at + Frame.HEADER)) : OptionalLong.empty();
        payloadAt = at + prefix;
        payloadBytes = length;
        position += Frame.aligned(size);
        return true;
    }

    /** Brings a stretch into the window; false when the file is shorter. */
    private boolean load(long at, int need, long end) throws IOException {
        if (at >= windowAt && at + need <= windowAt + window.limit()) {
            return true;
        }
        int want = (int) Math.min(Math.max(windowBytes, need), end - at);
        if (window.capacity() < want || window.capacity() > windowBytes) {
            window = ByteBuffer.allocate(want);
        }
        window.clear().limit(want);
        windowAt = at;
        try {
            fill(want);
        } catch (ClosedChannelException | NotNowException e) {
            windowAt = -1;
            throw e;
        } catch (IOException badSector) {
            fillByPage(want);
        }
        window.flip();
        return window.limit() >= need;
    }

    private void fill(int until) throws IOException {
        window.limit(until);
        while (window.hasRemaining()) {
            if (file.read(window, windowAt + window.position()) < 0) {
                break;
            }
        }
    }

    /** What the device cannot read is damage like any other. */
    private void fillByPage(int want) throws NotNowException {
        window.clear();
        for (int from = 0; from < want; from = window.position()) {
            int through = Math.min(want, from + PAGE - (int) ((windowAt + from) % PAGE));
            try {
                fill(through);
            } catch (NotNowException e) {
                windowAt = -1;
                throw e;
            } catch (IOException badSector) {
                while (window.position() < through) {
                    window.put((byte) UNREADABLE);
                }
            }
            if (window.position() < through) {
                return;
            }
        }
    }
}
