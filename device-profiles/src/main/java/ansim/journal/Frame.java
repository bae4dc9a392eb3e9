package ansim.journal;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/** How one entry lies in a segment. The table is in {@link Journal}. */
final class Frame {
    static final int HEADER = 20;
    static final int ALIGNMENT = 8;
    static final short MARKER = (short) 0xa57e;
    static final int MESSAGE = Entry.Type.MESSAGE.code();
    static final int STATE = Entry.Type.STATE.code();
    /** Carries nothing but the remove position, or takes room that is left empty: its payload says nothing. */
    static final int POSITION = 3;

    static final int TYPE_MASK = 0x0f;
    static final int HAS_REMOVED = 0x10;
    static final int HAS_KEY = 0x20;
    /** All that lies before this frame was durable when this frame was written. */
    static final int AFTER_FORCE = 0x40;

    private Frame() {}

    static long aligned(long size) {
        return (size + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** The most that an entry takes in a segment. */
    static long sizeOf(Entry entry) {
        return aligned(HEADER + 16L + entry.payload().length);
    }

    /** What goes into the header beside the payload. */
    record Head(int type, boolean afterForce, int before, int following, long index, OptionalLong removed) {}

    /** Encodes at the buffer's position, which is aligned as the frame will be in the file. */
    static void encode(ByteBuffer out, SegmentHeader segment, Head head, OptionalLong keyId, byte[] payload) {
        int start = out.position();
        int flags = head.type
                | (head.removed.isPresent() ? HAS_REMOVED : 0)
                | (keyId.isPresent() ? HAS_KEY : 0)
                | (head.afterForce ? AFTER_FORCE : 0);
        out.putShort(MARKER).put((byte) flags).put((byte) (head.before << 4 | head.following));
        out.putInt(0).putInt(payload.length).putLong(head.index);
        head.removed.ifPresent(out::putLong);
        keyId.ifPresent(out::putLong);
        out.put(payload);
        int size = out.position() - start;
        out.putInt(start + 4, crc(out, start, size, segment));
        while (out.position() < start + aligned(size)) {
            out.put((byte) 0);
        }
    }

    /** Seeded with the journal and the segment: bytes of another file, or of this file's earlier life, never pass. */
    static int crc(ByteBuffer in, int start, int size, SegmentHeader segment) {
        CRC32C crc = new CRC32C();
        ByteBuffer seed = ByteBuffer.allocate(16).putLong(segment.journalId()).putLong(segment.number());
        crc.update(seed.flip());
        crc.update(in.duplicate().limit(start + 4).position(start));
        crc.update(in.duplicate().limit(start + size).position(start + 8));
        return (int) crc.getValue();
    }
}
