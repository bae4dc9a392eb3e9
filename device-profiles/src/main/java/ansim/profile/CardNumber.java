package ansim.profile;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The number of a card: a number of a person, in memory that can be wiped. Upper-case hex digits as a reader gives them, or the letters
 * and digits that a profile reads as a number. {@link #toString} never tells it.
 *
 * <p>Whoever holds it last wipes it; a number that was wiped has no characters that say anything. Equal by content, so not for the key
 * of a map. Not thread-safe: it is handed over, not shared.
 */
public final class CardNumber {
    private static final byte[] DIGITS = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final int NIBBLE_BITS = 4;
    private static final int NIBBLE = 0xF;

    private final byte[] characters;

    private CardNumber(byte[] characters) {
        this.characters = characters;
    }

    /** Of a text, which cannot be wiped: for what is typed, simulated or tested. */
    public static CardNumber of(String text) {
        return new CardNumber(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Of these characters, ASCII, which are its own from here on. */
    static CardNumber owning(byte[] characters) {
        return new CardNumber(characters);
    }

    /** The characters from {@code from} to {@code to}, letters in upper case. */
    static CardNumber ofAscii(byte[] ascii, int from, int to) {
        byte[] characters = Arrays.copyOfRange(ascii, from, to);
        for (int i = 0; i < characters.length; i++) {
            if (characters[i] >= 'a' && characters[i] <= 'z') {
                characters[i] = (byte) (characters[i] - 'a' + 'A');
            }
        }
        return new CardNumber(characters);
    }

    /** Bytes from {@code from} to {@code to}, two hex digits each. */
    static CardNumber ofBytes(byte[] bytes, int from, int to) {
        byte[] characters = new byte[2 * (to - from)];
        for (int i = from; i < to; i++) {
            characters[2 * (i - from)] = DIGITS[(bytes[i] >> NIBBLE_BITS) & NIBBLE];
            characters[2 * (i - from) + 1] = DIGITS[bytes[i] & NIBBLE];
        }
        return new CardNumber(characters);
    }

    /** A number of so many hex digits. */
    static CardNumber ofBits(long number, int digits) {
        byte[] characters = new byte[digits];
        for (int i = 0; i < digits; i++) {
            characters[i] = DIGITS[(int) (number >> (NIBBLE_BITS * (digits - 1 - i))) & NIBBLE];
        }
        return new CardNumber(characters);
    }

    /** The characters, ASCII: not a copy, which would be one more to wipe. */
    public byte[] characters() {
        return characters;
    }

    /** For the eyes of who holds the card: the tools of an installer. A text cannot be wiped. */
    public String text() {
        return new String(characters, StandardCharsets.US_ASCII);
    }

    public void wipe() {
        Arrays.fill(characters, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CardNumber that && Arrays.equals(characters, that.characters);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(characters);
    }

    /** Without the number. */
    @Override
    public String toString() {
        return "card";
    }
}
