package ansim.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The 128 bytes that open a segment and, once more, close it. The table is in {@link Journal}. */
record SegmentHeader(
        long journalId,
        long number,
        long firstIndex,
        long removedThrough,
        long journalCreatedS,
        long createdS,
        int fileBytes,
        boolean startsWithState) {
    static final int BYTES = 128;
    static final int VERSION = 1;
    private static final long MAGIC = 0x416e73696d4a6e6cL; // "AnsimJnl"
    private static final int STARTS_WITH_STATE = 1;
    private static final int CRC_AT = 124;

    /** What 128 bytes turned out to be. */
    enum Verdict {
        GOOD,
        OTHER_VERSION,
        DAMAGED
    }

    ByteBuffer encode() {
        ByteBuffer out = ByteBuffer.allocate(BYTES);
        out.putLong(MAGIC).putShort((short) VERSION).putShort((short) BYTES);
        out.putInt(startsWithState ? STARTS_WITH_STATE : 0);
        out.putLong(journalId).putLong(number).putLong(firstIndex).putLong(removedThrough);
        out.putLong(journalCreatedS).putLong(createdS).putInt(fileBytes);
        out.putInt(CRC_AT, crc(out));
        return out.clear();
    }

    /** Other versions keep magic, version and CRC where they are. */
    static Verdict verdict(ByteBuffer in) {
        if (in.remaining() < BYTES || in.getLong(0) != MAGIC || in.getInt(CRC_AT) != crc(in)) {
            return Verdict.DAMAGED;
        }
        return in.getShort(8) == VERSION ? Verdict.GOOD : Verdict.OTHER_VERSION;
    }

    /** Only after a good {@link #verdict}. */
    static SegmentHeader decode(ByteBuffer in) {
        return new SegmentHeader(
                in.getLong(16),
                in.getLong(24),
                in.getLong(32),
                in.getLong(40),
                in.getLong(48),
                in.getLong(56),
                in.getInt(64),
                (in.getInt(12) & STARTS_WITH_STATE) != 0);
    }

    private static int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.duplicate().position(0).limit(CRC_AT));
        return (int) crc.getValue();
    }
}
