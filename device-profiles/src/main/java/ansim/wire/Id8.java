package ansim.wire;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Eight opaque bytes: a boot, chain, ride or alarm id, a kid, or the first half of a shortened hash.
 *
 * @param bits the bytes, big-endian
 */
public record Id8(long bits) {
    /** Length in bytes. */
    public static final int LENGTH = 8;

    /** Reads 16 hexadecimal digits of either case. */
    public static Id8 parse(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new IllegalArgumentException(
                    "an id of 8 bytes must have 16 hexadecimal digits (got " + hex.length() + " characters)");
        }
        return of(HexFormat.of().parseHex(hex));
    }

    /** Reads exactly eight bytes. */
    public static Id8 of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("an id must have 8 bytes (got " + bytes.length + ")");
        }
        return new Id8(ByteBuffer.wrap(bytes).getLong());
    }

    /** Reads the first eight of {@code bytes}: how the contract shortens a hash. */
    public static Id8 first(byte[] bytes) {
        return new Id8(ByteBuffer.wrap(bytes).getLong());
    }

    public static Id8 random(SecureRandom random) {
        return new Id8(random.nextLong());
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(LENGTH).putLong(bits).array();
    }

    /** 16 lower-case hexadecimal digits. */
    public String hex() {
        return HexFormat.of().toHexDigits(bits);
    }

    /** By hand, as below: see {@link Id16}. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Id8 that && bits == that.bits;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(bits);
    }

    @Override
    public String toString() {
        return hex();
    }
}
