package ansim.hub.view;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * All ids that begin with some hexadecimal digits.
 *
 * @param low the first
 * @param high the last
 */
record IdRange(byte[] low, byte[] high) {
    /** Digits from which a text may be an id: four are the end of a vehicle number, and so many are in none. */
    static final int DIGITS_LEAST = 8;

    /**
     * Empty when no id of that length can begin so, or the text is too short to be meant as one.
     *
     * @param bytes of an id
     */
    static Optional<IdRange> of(String text, int bytes) {
        String digits = text.strip().toLowerCase(Locale.ROOT);
        if (digits.length() < DIGITS_LEAST || digits.length() > 2 * bytes || !digits.matches("[0-9a-f]+")) {
            return Optional.empty();
        }
        int missing = 2 * bytes - digits.length();
        return Optional.of(new IdRange(
                HexFormat.of().parseHex(digits + "0".repeat(missing)),
                HexFormat.of().parseHex(digits + "f".repeat(missing))));
    }
}
