package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Finds an id for a journal of which no header reads any more: in the checksums of its frames.
 *
 * <p>Each frame's checksum begins with the journal's id and the segment's number. CRC32C runs backwards as well as forwards, so a frame
 * tells what its register was after these two; that two frames agree on it by chance is 1 in 2^32. The id itself stays unknown, but any id
 * that leads to this register is as good: all checksums, of all segments, come out the same.
 *
 * <p>Not guaranteed: a frame that is alone in its file, or longer than {@value #WINDOW} bytes, proves nothing. No threads.
 */
final class LostId {
    /** So much of a file is looked at together. */
    static final int WINDOW = 1 << 20;

    /** Castagnoli's polynomial, RFC 3720 12.1, reflected. */
    private static final int POLYNOMIAL = 0x82f63b78;

    private static final int[] TABLE = new int[256];
    /** The table's row that ends with these highest 8 bits. */
    private static final int[] ROW = new int[256];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
            }
            TABLE[i] = crc;
            ROW[crc >>> 24] = i;
        }
    }

    private LostId() {}

    /**
     * An id with which this segment's frames read; empty when no two of them agree on one.
     *
     * @param number the segment's, by its file's name
     * @param random gives the half of the id that the register leaves open
     */
    static OptionalLong of(OpenFile file, long size, long number, long random) throws IOException {
        Map<Integer, Integer> votes = new HashMap<>();
        int most = 1;
        int register = 0;
        for (long from = SegmentHeader.BYTES; from < size && most == 1; from += WINDOW / 2) {
            votes.clear();
            ByteBuffer in = Segment.read(file, from, (int) Math.min(WINDOW, size - from));
            for (int at = 0; at + Frame.HEADER <= in.limit(); at += Frame.ALIGNMENT) {
                long frame = frameBytes(in, at);
                if (frame > 0) {
                    int before = before(in, at, (int) frame);
                    int sum = votes.merge(before, 1, Integer::sum);
                    register = sum > most ? before : register;
                    most = Math.max(most, sum);
                }
            }
        }
        return most == 1 ? OptionalLong.empty() : OptionalLong.of(id(register, number, random));
    }

    /** 0 when it is none, or does not end here. */
    private static long frameBytes(ByteBuffer in, int at) {
        int length = in.getInt(at + 8);
        if (in.getShort(at) != Frame.MARKER || length < 0) {
            return 0;
        }
        int flags = in.get(at + 2);
        long bytes = Frame.HEADER
                + ((flags & Frame.HAS_REMOVED) != 0 ? 8L : 0)
                + ((flags & Frame.HAS_KEY) != 0 ? 8L : 0)
                + length;
        return at + bytes <= in.limit() ? bytes : 0;
    }

    /** The register before a frame's first byte: see {@link Frame#crc}. */
    private static int before(ByteBuffer in, int start, int size) {
        int register = ~in.getInt(start + 4);
        for (int at = start + size - 1; at >= start + 8; at--) {
            register = back(register, in.get(at));
        }
        for (int at = start + 3; at >= start; at--) {
            register = back(register, in.get(at));
        }
        return register;
    }

    private static int back(int register, int octet) {
        int row = ROW[register >>> 24];
        return ((register ^ TABLE[row]) << 8) | ((row ^ octet) & 0xff);
    }

    private static int on(int register, int octet) {
        return TABLE[(register ^ octet) & 0xff] ^ (register >>> 8);
    }

    /** An id that leads to the register when the segment's number follows it. */
    private static long id(int register, long number, long random) {
        int afterId = register;
        for (int shift = 0; shift < Long.SIZE; shift += 8) {
            afterId = back(afterId, (int) (number >>> shift));
        }
        int half = ~0;
        for (int shift = Long.SIZE - 8; shift >= Integer.SIZE; shift -= 8) {
            half = on(half, (int) (random >>> shift));
        }
        // Four octets of zero back: what the four that are wanted must turn the register into.
        int wanted = afterId;
        for (int i = 0; i < Integer.BYTES; i++) {
            wanted = back(wanted, 0);
        }
        int octets = Integer.reverseBytes(wanted ^ half);
        return (random & 0xffff_ffff_0000_0000L) | (octets & 0xffff_ffffL);
    }
}
