package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Frames whose check digits and fields are named in the profile: decoder {@code fields}. A new device of a common shape needs no code. */
final class FieldDecoder implements Decoder {
    private static final int MOST_FIELDS = 32;

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
    private final Meaning.Teller teller;

    FieldDecoder(Options options) {
        this.options = options;
        teller = new Meaning.Teller(options.gives());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return options.checksum().verdict(frame, length);
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, Field> each : options.fields().entrySet()) {
            Field field = each.getValue();
            int from = field.at() < 0 ? length + field.at() : field.at();
            if (from < 0 || from + field.bytes() > length) {
                return Reject.TOO_SHORT;
            }
            String text = text(frame, from, field);
            if (text.isEmpty()) {
                return Reject.MALFORMED;
            }
            values.put(each.getKey(), text);
        }
        return teller.tell(values, monoMs, sink);
    }

    /** Empty when it is not written as it should be. */
    private static String text(byte[] frame, int from, Field field) {
        return switch (field.as()) {
            case ASCII -> ascii(frame, from, field.length());
            case HEX -> HexFormat.of().withUpperCase().formatHex(frame, from, from + field.length());
            case BCD -> {
                String digits = HexFormat.of().formatHex(frame, from, from + field.length());
                yield digits.matches("\\d+") ? digits : "";
            }
            case UNSIGNED -> Long.toUnsignedString(number(frame, from, field));
            case SIGNED -> {
                int unused = Long.SIZE - Byte.SIZE * field.length();
                yield Long.toString(number(frame, from, field) << unused >> unused);
            }
            case BITS -> Integer.toString((frame[from] & 0xFF) >> field.bit() & (1 << field.length()) - 1);
        };
    }

    private static String ascii(byte[] frame, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (frame[i] < ' ' || frame[i] > '~') {
                return "";
            }
        }
        return new String(frame, from, length, StandardCharsets.US_ASCII).strip();
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
