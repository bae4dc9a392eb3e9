package ansim.profile;

/** Hex digits in bytes, either case. */
final class Hex {
    private Hex() {}

    /** 0 to 15, or -1 for what is no hex digit. */
    static int digit(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** 0 to 255 from two digits, or -1 where one of them is none. */
    static int octet(byte high, byte low) {
        int h = digit(high);
        int l = digit(low);
        return h < 0 || l < 0 ? -1 : h << 4 | l;
    }
}
