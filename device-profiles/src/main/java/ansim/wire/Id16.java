package ansim.wire;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Sixteen opaque bytes: a unit id (a UUID, never the plate) or a shortened hash.
 *
 * @param hi the first eight bytes, big-endian
 * @param lo the last eight bytes, big-endian
 */
public record Id16(long hi, long lo) {
    /** Length in bytes. */
    public static final int LENGTH = 16;

    /** Reads 32 hexadecimal digits of either case, with or without the dashes of a UUID. */
    public static Id16 parse(String text) {
        boolean dashed = text.length() == 36
                && text.charAt(8) == '-'
                && text.charAt(13) == '-'
                && text.charAt(18) == '-'
                && text.charAt(23) == '-';
        String hex = dashed ? text.replace("-", "") : text;
        if (hex.length() != 2 * LENGTH) {
            throw new IllegalArgumentException(
                    "an id of 16 bytes must be a UUID or 32 hexadecimal digits (got " + text.length() + " characters)");
        }
        return of(HexFormat.of().parseHex(hex));
    }

    /** Reads exactly sixteen bytes. */
    public static Id16 of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("an id must have 16 bytes (got " + bytes.length + ")");
        }
        return first(bytes);
    }

    /** Reads the first sixteen of {@code bytes}: how the contract shortens a hash. */
    public static Id16 first(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Id16(buffer.getLong(), buffer.getLong());
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(LENGTH).putLong(hi).putLong(lo).array();
    }

    /** 32 lower-case hexadecimal digits without dashes: the form in topics, {@code aud} and event ids. */
    public String hex() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(hi) + hex.toHexDigits(lo);
    }

    /** By hand, as below: ids are looked up several times with each message, and at a start before anything is compiled. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Id16 that && hi == that.hi && lo == that.lo;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(hi) + Long.hashCode(lo);
    }

    @Override
    public String toString() {
        return hex();
    }
}
