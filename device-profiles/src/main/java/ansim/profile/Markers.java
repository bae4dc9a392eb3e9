package ansim.profile;

import java.util.HexFormat;

/** Bytes that mark a frame, as pairs of hex digits in a profile: {@code 02}, {@code 0D 0A}. */
final class Markers {
    private static final int LONGEST = 8;

    private Markers() {}

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException saying what they look like
     */
    static byte[] parse(String key, String hex) {
        String digits = hex.replace(" ", "");
        if (!digits.matches("([0-9A-Fa-f]{2}){0," + LONGEST + "}")) {
            throw new IllegalArgumentException(key + " must be at most " + LONGEST
                    + " bytes as pairs of hex digits, for example 0D 0A (got " + hex + ")");
        }
        return HexFormat.of().parseHex(digits);
    }

    /** Does what is held end so? */
    static boolean ends(byte[] held, int length, byte[] marker) {
        if (length < marker.length) {
            return false;
        }
        for (int i = 0; i < marker.length; i++) {
            if (held[length - marker.length + i] != marker[i]) {
                return false;
            }
        }
        return true;
    }

    /** Does what is held begin so, as far as it goes? */
    static boolean begins(byte[] held, int length, byte[] marker) {
        for (int i = 0; i < marker.length && i < length; i++) {
            if (held[i] != marker[i]) {
                return false;
            }
        }
        return true;
    }
}
