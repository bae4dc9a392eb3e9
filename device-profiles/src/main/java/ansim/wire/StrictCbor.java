package ansim.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The gate for untrusted CBOR: one data item, deterministically encoded by RFC 8949 section 4.2.1, and nothing behind it.
 *
 * <p>Refused: lengths and numbers that are not in their shortest form, indefinite lengths, duplicate keys, keys out of the
 * bytewise order of their encoding, tags, simple values other than false, true, null and undefined, text that is not UTF-8, more
 * than {@link #MAX_DEPTH} nested arrays and maps, truncated items and trailing bytes. What has passed can be read by
 * {@link Item} without further checks of the encoding.
 */
final class StrictCbor {
    /** Nested arrays and maps at most. */
    static final int MAX_DEPTH = 8;

    private final byte[] bytes;
    private final int end;
    private int at;

    private StrictCbor(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    /** Checks that {@code bytes} from {@code from} to their end are exactly one item, and returns it. */
    static Item item(byte[] bytes, int from) throws WireException {
        StrictCbor check = new StrictCbor(bytes, from, bytes.length);
        check.one(0);
        if (check.at != check.end) {
            throw WireException.encoding((check.end - check.at) + " bytes behind the end at byte " + check.at);
        }
        return new Item(bytes, from);
    }

    private void one(int depth) throws WireException {
        int start = at;
        int initial = next();
        int major = initial >> 5;
        int info = initial & 31;
        if (major == 7) {
            simpleOrFloat(info, start);
            return;
        }
        long argument = argument(info, start);
        switch (major) {
            case 0, 1 -> {}
            case 2, 3 -> string(argument, major == 3, start);
            case 4 -> {
                enter(depth, start);
                for (long i = 0; i != argument; i++) {
                    one(depth + 1);
                }
            }
            case 5 -> map(argument, depth, start);
            default -> throw WireException.encoding("a tag at byte " + start);
        }
    }

    private void map(long pairs, int depth, int start) throws WireException {
        enter(depth, start);
        int previousFrom = 0;
        int previousTo = 0;
        for (long i = 0; i != pairs; i++) {
            int from = at;
            one(depth + 1);
            if (i > 0) {
                int order = Arrays.compareUnsigned(bytes, previousFrom, previousTo, bytes, from, at);
                if (order >= 0) {
                    throw WireException.encoding(
                            (order == 0 ? "a duplicate key" : "a key out of order") + " at byte " + from);
                }
            }
            previousFrom = from;
            previousTo = at;
            one(depth + 1);
        }
    }

    private static void enter(int depth, int start) throws WireException {
        if (depth == MAX_DEPTH) {
            throw WireException.encoding("more than " + MAX_DEPTH + " nested arrays and maps at byte " + start);
        }
    }

    private void string(long length, boolean text, int start) throws WireException {
        if (length < 0 || length > end - at) {
            throw truncated(start);
        }
        if (text && !isUtf8(at, (int) length)) {
            throw WireException.encoding("text that is not UTF-8 at byte " + start);
        }
        at += (int) length;
    }

    private boolean isUtf8(int from, int length) {
        return isAscii(from, length) || decodes(from, length);
    }

    private boolean isAscii(int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private boolean decodes(int from, int length) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, length));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    private long argument(int info, int start) throws WireException {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw WireException.encoding(
                    (info == 31 ? "an indefinite length" : "a reserved length") + " at byte " + start);
        }
        int size = 1 << (info - 24);
        long value = bigEndian(size, start);
        // A one-byte argument starts at 24; each longer form where the next shorter one ends. Unsigned: the top bit may
        // be set.
        long least = size == 1 ? 24 : 1L << (size * 4);
        if (Long.compareUnsigned(value, least) < 0) {
            throw WireException.encoding("a number longer than needed at byte " + start);
        }
        return value;
    }

    private void simpleOrFloat(int info, int start) throws WireException {
        switch (info) {
            case 20, 21, 22, 23 -> {}
            case 25 -> {
                int half = (int) bigEndian(2, start);
                if ((half & 0x7c00) == 0x7c00 && (half & 0x03ff) != 0 && half != 0x7e00) {
                    throw WireException.encoding("a NaN other than f97e00 at byte " + start);
                }
            }
            case 26 -> {
                float single = Float.intBitsToFloat((int) bigEndian(4, start));
                if (Float.isNaN(single) || fitsHalf(single)) {
                    throw WireException.encoding("a float longer than needed at byte " + start);
                }
            }
            case 27 -> {
                double value = Double.longBitsToDouble(bigEndian(8, start));
                if (Double.isNaN(value) || (float) value == value) {
                    throw WireException.encoding("a float longer than needed at byte " + start);
                }
            }
            default ->
                throw WireException.encoding(
                        (info == 31 ? "a break" : "an unassigned simple value") + " at byte " + start);
        }
    }

    /** Whether an IEEE 754 half-precision number has exactly this value. */
    private static boolean fitsHalf(float value) {
        if (Float.isInfinite(value) || value == 0) {
            return true;
        }
        int exponent = Math.getExponent(value);
        int mantissa = Float.floatToRawIntBits(value) & 0x7fffff;
        if (exponent > 15 || exponent < -24) {
            return false;
        }
        // A normal half keeps 10 bits of the fraction; below 2^-14 one bit less for each halving.
        int kept = exponent >= -14 ? 10 : 24 + exponent;
        return (mantissa & ((1 << (23 - kept)) - 1)) == 0;
    }

    private long bigEndian(int size, int start) throws WireException {
        if (size > end - at) {
            throw truncated(start);
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = (value << 8) | (bytes[at++] & 0xff);
        }
        return value;
    }

    private int next() throws WireException {
        if (at == end) {
            throw truncated(at);
        }
        return bytes[at++] & 0xff;
    }

    private static WireException truncated(int start) {
        return WireException.encoding("cut short: the item at byte " + start + " goes on behind the end");
    }
}
