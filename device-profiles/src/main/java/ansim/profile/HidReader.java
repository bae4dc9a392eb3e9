package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Card readers that are a keyboard: they type the card's number and ENTER (linux/input-event-codes.h). A number is keys that went
 * down at most {@code key-gap} apart by the records' own time; after a longer gap a new one begins. Letters count as upper case,
 * so SHIFT and CAPS LOCK do not matter; a key that is held down is one key. A number with any other key in it, or of whose
 * records the kernel has dropped some (SYN_DROPPED), is none. A number read again within {@code same-card} is one tap.
 */
final class HidReader implements Decoder {
    /** What a number is made of. */
    enum Keys {
        DIGITS,
        HEX,
        LETTERS
    }

    /**
     * Options.
     *
     * @param keys digits, hex digits, or digits and all letters
     * @param keyGap the longest time between two keys of a number
     * @param shortest characters of a number
     * @param longest characters of a number
     * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
     */
    record Options(
            @Default("letters") Keys keys,
            @Default("200ms") @Range(min = 10, max = 5_000) Duration keyGap,
            @Default("4") @Range(min = 1, max = 64) int shortest,
            @Default("32") @Range(min = 1, max = 64) int longest,
            @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard) {
        Options {
            if (shortest > longest) {
                throw new IllegalArgumentException("shortest must be at most longest (got " + shortest + ")");
            }
        }
    }

    private static final int EV_SYN = 0;
    private static final int EV_KEY = 1;
    private static final int EV_MAX = 0x1F;
    private static final int KEY_MAX = 0x2FF;
    private static final int SYN_DROPPED = 3;
    private static final int DOWN = 1;
    private static final int HELD = 2;
    private static final long MICROS = 1_000_000;
    /** So many gaps of silence by the caller's clock, and a number that was begun is forgotten. */
    private static final int FORGET_GAPS = 10;

    private static final int KEY_ENTER = 28;
    private static final int KEY_LEFTSHIFT = 42;
    private static final int KEY_RIGHTSHIFT = 54;
    private static final int KEY_CAPSLOCK = 58;
    private static final int KEY_NUMLOCK = 69;
    private static final int KEY_KPENTER = 96;
    /** The characters of the keys from code 0 on, a space for a key that has none: rows 1 to 0, Q to P, A to L, Z to M, keypad. */
    private static final String CHARACTERS =
            "  1234567890    QWERTYUIOP    ASDFGHJKL     ZXCVBNM                    789 456 1230";

    private final Keys keys;
    private final long keyGapUs;
    private final int shortest;
    private final RecentCards recent;
    private final byte[] number;
    private int length;
    private boolean spoiled;
    private long lastKeyUs;

    HidReader(Options options) {
        keys = options.keys();
        keyGapUs = options.keyGap().toNanos() / 1_000;
        shortest = options.shortest();
        // Of keys that are typed one by one only the last number can be a repeat.
        recent = new RecentCards(options.sameCard().toMillis(), 1);
        number = new byte[options.longest()];
    }

    /** A record has no check digits; this is what the kernel never gives. */
    @Override
    public Reject checkFrame(byte[] frame, int length) {
        if (length != EvdevFramer.RECORD_64 && length != EvdevFramer.RECORD_32) {
            return Reject.MALFORMED;
        }
        long micros = length == EvdevFramer.RECORD_64 ? LeBytes.i8(frame, 8) : LeBytes.u4(frame, 4);
        int type = LeBytes.u2(frame, length - 8);
        int value = LeBytes.i4(frame, length - 4);
        boolean key = type == EV_KEY;
        boolean known = micros >= 0 && micros < MICROS && type <= EV_MAX;
        boolean aKey = LeBytes.u2(frame, length - 6) <= KEY_MAX && value >= 0 && value <= HELD;
        return known && (!key || aKey) ? Reject.NONE : Reject.MALFORMED;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        int type = LeBytes.u2(frame, length - 8);
        int code = LeBytes.u2(frame, length - 6);
        boolean down = type == EV_KEY && LeBytes.i4(frame, length - 4) == DOWN;
        boolean dropped = type == EV_SYN && code == SYN_DROPPED;
        if (!dropped && (!down || silentKey(code))) {
            return Reject.NONE;
        }
        boolean stale = stale(micros(frame, length));
        if (stale) {
            clear();
        }
        Reject verdict = dropped ? spoil(Reject.UNTERMINATED) : key(code, monoMs, sink);
        return verdict == Reject.NONE && stale ? Reject.UNTERMINATED : verdict;
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        // A card number is not kept longer than it is needed. The records' clock is the kernel's, this one is the
        // caller's.
        if (length > 0 && (monoMs - lastByteMs) * 1_000 > FORGET_GAPS * keyGapUs) {
            clear();
        }
        recent.forget(monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.MALFORMED, Reject.TOO_SHORT, Reject.TOO_LONG, Reject.BAD_BYTE, Reject.UNTERMINATED);
    }

    @Override
    public void opened(long monoMs) {
        clear();
    }

    private Reject key(int code, long monoMs, Consumer<Reading> sink) {
        if (code == KEY_ENTER || code == KEY_KPENTER) {
            return enter(monoMs, sink);
        }
        if (spoiled) {
            return Reject.NONE;
        }
        char character = code < CHARACTERS.length() ? CHARACTERS.charAt(code) : ' ';
        if (!inNumbers(character)) {
            return spoil(Reject.BAD_BYTE);
        }
        if (length == number.length) {
            return spoil(Reject.TOO_LONG);
        }
        number[length++] = (byte) character;
        return Reject.NONE;
    }

    private Reject enter(long monoMs, Consumer<Reading> sink) {
        boolean none = spoiled || length == 0;
        boolean tooShort = length < shortest;
        if (!none && !tooShort) {
            recent.read(CardNumber.ofAscii(number, 0, length), monoMs, sink);
        }
        clear();
        return none || !tooShort ? Reject.NONE : Reject.TOO_SHORT;
    }

    private Reject spoil(Reject reason) {
        clear();
        spoiled = true;
        return reason;
    }

    private void clear() {
        Arrays.fill(number, (byte) 0);
        length = 0;
        spoiled = false;
    }

    /** Is this key too late for the number that was begun? A clock that was set back says nothing of it, so it is. */
    private boolean stale(long nowUs) {
        long gapUs = nowUs - lastKeyUs;
        lastKeyUs = nowUs;
        return (length > 0 || spoiled) && (gapUs < 0 || gapUs > keyGapUs);
    }

    private boolean inNumbers(char character) {
        boolean digit = character >= '0' && character <= '9';
        return switch (keys) {
            case DIGITS -> digit;
            case HEX -> digit || (character >= 'A' && character <= 'F');
            case LETTERS -> character != ' ';
        };
    }

    private static boolean silentKey(int code) {
        return code == KEY_LEFTSHIFT || code == KEY_RIGHTSHIFT || code == KEY_CAPSLOCK || code == KEY_NUMLOCK;
    }

    private static long micros(byte[] frame, int length) {
        return length == EvdevFramer.RECORD_64
                ? LeBytes.i8(frame, 0) * MICROS + LeBytes.i8(frame, 8)
                : LeBytes.u4(frame, 0) * MICROS + LeBytes.u4(frame, 4);
    }
}
