package ansim.profile;

/** Little-endian numbers in bytes, read in place. */
final class LeBytes {
    private LeBytes() {}

    static int u1(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }

    static int u2(byte[] bytes, int at) {
        return u1(bytes, at) | u1(bytes, at + 1) << 8;
    }

    static int i4(byte[] bytes, int at) {
        return u2(bytes, at) | u2(bytes, at + 2) << 16;
    }

    static long u4(byte[] bytes, int at) {
        return i4(bytes, at) & 0xFFFF_FFFFL;
    }

    static long i8(byte[] bytes, int at) {
        return u4(bytes, at) | (long) i4(bytes, at + 4) << 32;
    }
}
