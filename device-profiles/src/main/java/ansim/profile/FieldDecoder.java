package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Frames whose check digits and fields are named in the profile: decoder {@code fields}. A new device of a common shape needs no code. A
 * card's number becomes no text, which could not be wiped.
 */
final class FieldDecoder implements Decoder {
    private static final int MOST_FIELDS = 32;
    private static final int TEN = 10;
    private static final byte[] NONE = {};

    /**
     * Options.
     *
     * @param checksum the check digits
     * @param fields where the values stand, by name
     * @param gives what they mean
     */
    record Options(@Default("{}") Check checksum, Map<String, Field> fields, Meaning gives) {
        Options {
            if (fields.isEmpty() || fields.size() > MOST_FIELDS) {
                throw new IllegalArgumentException(
                        "fields must name 1 to " + MOST_FIELDS + " (got " + fields.size() + ")");
            }
            gives.requireIn(fields.keySet());
        }
    }

    /**
     * A value in a frame.
     *
     * @param at its first byte; negative from the frame's end
     * @param length in bytes; of bits: how many bits
     * @param as how it is written
     * @param order which byte of a number comes first
     * @param bit the lowest bit, 0 to 7, for bits
     */
    record Field(
            @Range(min = -4_096, max = 4_096) int at,
            @Default("1") @Range(min = 1, max = 256) int length,
            @Default("unsigned") As as,
            @Default("big") SizedFrame.Order order,
            @Default("0") @Range(min = 0, max = 7) int bit) {
        private static final int LONGEST_NUMBER = 8;

        Field {
            boolean number = as == As.UNSIGNED || as == As.SIGNED;
            if (number && length > LONGEST_NUMBER) {
                throw new IllegalArgumentException("length of a number must be 1 to 8 bytes (got " + length + ")");
            }
            if (as == As.BITS && bit + length > Byte.SIZE) {
                throw new IllegalArgumentException(
                        "bits must be within one byte (got bit " + bit + ", length " + length + ")");
            }
        }

        private int bytes() {
            return as == As.BITS ? 1 : length;
        }
    }

    /** How a value is written; what it becomes as text. */
    enum As {
        /** Printable ASCII, blanks around it taken off. */
        ASCII,
        /** Bytes, as upper-case hex digits. */
        HEX,
        /** Packed decimal digits, two to a byte. */
        BCD,
        UNSIGNED,
        SIGNED,
        /** Bits of one byte, as a number. */
        BITS
    }

    private final Options options;
    private final Set<String> told;
    private final Meaning.Teller teller;

    FieldDecoder(Options options) {
        this.options = options;
        told = options.gives().told();
        teller = new Meaning.Teller(options.gives());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return options.checksum().verdict(frame, length);
    }

    @Override
    public LengthFramer.Proof proof() {
        return options.checksum().kind() == Check.Kind.NONE
                ? LengthFramer.Proof.NONE
                : (frame, length) -> checkFrame(frame, length) == Reject.NONE;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        Map<String, String> values = new LinkedHashMap<>();
        CardNumber card = null;
        for (Map.Entry<String, Field> each : options.fields().entrySet()) {
            Field field = each.getValue();
            int from = field.at() < 0 ? length + field.at() : field.at();
            Reject verdict = from < 0 || from + field.bytes() > length ? Reject.TOO_SHORT : Reject.NONE;
            byte[] text = verdict == Reject.NONE ? text(frame, from, field) : NONE;
            if (verdict == Reject.NONE && text.length == 0) {
                verdict = Reject.MALFORMED;
            }
            if (verdict != Reject.NONE) {
                if (card != null) {
                    card.wipe();
                }
                return verdict;
            }
            if (options.gives().isCard(each.getKey())) {
                card = CardNumber.owning(text);
                continue;
            }
            if (told.contains(each.getKey())) {
                values.put(each.getKey(), new String(text, StandardCharsets.US_ASCII));
            }
            // It may be a part of the card's number.
            Arrays.fill(text, (byte) 0);
        }
        return teller.tell(values, card, monoMs, sink);
    }

    /** As text, ASCII; empty when it is not written as it should be. */
    private static byte[] text(byte[] frame, int from, Field field) {
        return switch (field.as()) {
            case ASCII -> ascii(frame, from, from + field.length());
            case HEX -> CardNumber.ofBytes(frame, from, from + field.length()).characters();
            case BCD -> bcd(frame, from, from + field.length());
            case UNSIGNED -> decimal(number(frame, from, field), false);
            case SIGNED -> {
                int unused = Long.SIZE - Byte.SIZE * field.length();
                long value = number(frame, from, field) << unused >> unused;
                yield decimal(Math.abs(value), value < 0);
            }
            case BITS -> decimal((frame[from] & 0xFF) >> field.bit() & (1 << field.length()) - 1, false);
        };
    }

    private static byte[] ascii(byte[] frame, int from, int to) {
        int first = to;
        int end = from;
        for (int i = from; i < to; i++) {
            if (frame[i] < ' ' || frame[i] > '~') {
                return NONE;
            }
            if (frame[i] != ' ') {
                first = Math.min(first, i);
                end = i + 1;
            }
        }
        return first < end ? Arrays.copyOfRange(frame, first, end) : NONE;
    }

    private static byte[] bcd(byte[] frame, int from, int to) {
        for (int i = from; i < to; i++) {
            if ((frame[i] & 0xF) > 9 || (frame[i] >> 4 & 0xF) > 9) {
                return NONE;
            }
        }
        return CardNumber.ofBytes(frame, from, to).characters();
    }

    /** The magnitude without a sign: that of the least long, too. */
    private static byte[] decimal(long magnitude, boolean negative) {
        int digits = 1;
        for (long rest = Long.divideUnsigned(magnitude, TEN); rest != 0; rest = Long.divideUnsigned(rest, TEN)) {
            digits++;
        }
        int sign = negative ? 1 : 0;
        byte[] text = new byte[sign + digits];
        if (negative) {
            text[0] = '-';
        }
        long rest = magnitude;
        for (int i = text.length - 1; i >= sign; i--) {
            text[i] = (byte) ('0' + Long.remainderUnsigned(rest, TEN));
            rest = Long.divideUnsigned(rest, TEN);
        }
        return text;
    }

    private static long number(byte[] frame, int from, Field field) {
        long value = 0;
        for (int i = 0; i < field.length(); i++) {
            int next = frame[from + (field.order() == SizedFrame.Order.BIG ? i : field.length() - 1 - i)] & 0xFF;
            value = value << Byte.SIZE | next;
        }
        return value;
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        teller.tick(monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.CHECKSUM, Reject.TOO_SHORT, Reject.MALFORMED);
    }
}
