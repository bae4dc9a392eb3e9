package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One data item within bytes that {@link StrictCbor} has passed; readers check its type and range and name it in errors. */
final class Item {
    private final byte[] bytes;
    private final int at;

    Item(byte[] bytes, int at) {
        this.bytes = bytes;
        this.at = at;
    }

    /** Major type, RFC 8949 section 3.1. */
    int major() {
        return (bytes[at] & 0xff) >> 5;
    }

    /** The argument of the head, unsigned. */
    long argument() {
        return argument(bytes, at);
    }

    private static long argument(byte[] bytes, int at) {
        int info = bytes[at] & 31;
        if (info < 24) {
            return info;
        }
        long value = 0;
        for (int i = 1; i <= 1 << (info - 24); i++) {
            value = (value << 8) | (bytes[at + i] & 0xff);
        }
        return value;
    }

    private int content() {
        return content(bytes, at);
    }

    private static int content(byte[] bytes, int at) {
        int info = bytes[at] & 31;
        return info < 24 ? at + 1 : at + 1 + (1 << (info - 24));
    }

    private int after() {
        return after(bytes, at);
    }

    /** Where the item that begins at a place ends. Heads are read by counting down: most items have nothing inside. */
    private static int after(byte[] bytes, int at) {
        int next = at;
        for (long left = 1; left > 0; left--) {
            int head = next;
            next = content(bytes, head);
            switch ((bytes[head] & 0xff) >> 5) {
                case 2, 3 -> next += (int) argument(bytes, head);
                case 4 -> left += argument(bytes, head);
                case 5 -> left += 2 * argument(bytes, head);
                default -> {}
            }
        }
        return next;
    }

    /** The item's own encoding. */
    byte[] encoded() {
        return Arrays.copyOfRange(bytes, at, after());
    }

    boolean isNull() {
        return (bytes[at] & 0xff) == 0xf6;
    }

    /** The numbers of an array, all of them in a range. */
    int[] integers(int least, int most, Object what) throws WireException {
        if (major() != 4) {
            throw WireException.content(what + " must be an array");
        }
        int[] values = new int[(int) argument()];
        Item each = new Item(bytes, content());
        for (int i = 0; i < values.length; i++) {
            values[i] = (int) each.integer(least, most, what);
            each = new Item(bytes, each.after());
        }
        return values;
    }

    boolean isInteger() {
        return major() <= 1;
    }

    /** An integer clamped to the range of a long: for keys, whose far ends nobody knows anyway. */
    long clamped() {
        long argument = argument();
        if (major() == 0) {
            return argument < 0 ? Long.MAX_VALUE : argument;
        }
        return argument < 0 ? Long.MIN_VALUE : -1 - argument;
    }

    long integer(long least, long most, Object what) throws WireException {
        if (!isInteger()) {
            throw WireException.content(what + " must be an integer");
        }
        long value = clamped();
        if (argument() < 0 || value < least || value > most) {
            throw WireException.content(what + " must be in [" + least + ", " + most + "] (got " + value + ")");
        }
        return value;
    }

    boolean bool(Object what) throws WireException {
        int initial = bytes[at] & 0xff;
        if (initial != 0xf4 && initial != 0xf5) {
            throw WireException.content(what + " must be true or false");
        }
        return initial == 0xf5;
    }

    byte[] byteString(Object what) throws WireException {
        if (major() != 2) {
            throw WireException.content(what + " must be a byte string");
        }
        return rawString();
    }

    /** The content of a byte or text string. */
    byte[] rawString() {
        return Arrays.copyOfRange(bytes, content(), content() + (int) argument());
    }

    byte[] byteString(int length, Object what) throws WireException {
        if (major() != 2 || argument() != length) {
            throw WireException.content(what + " must be a byte string of " + length + " bytes");
        }
        return byteString(what);
    }

    Id8 id8(Object what) throws WireException {
        return Id8.of(byteString(Id8.LENGTH, what));
    }

    Id16 id16(Object what) throws WireException {
        return Id16.of(byteString(Id16.LENGTH, what));
    }

    String text(Object what) throws WireException {
        if (major() != 3) {
            throw WireException.content(what + " must be text");
        }
        return new String(rawString(), StandardCharsets.UTF_8);
    }

    List<Item> array(int least, int most, Object what) throws WireException {
        if (major() != 4) {
            throw WireException.content(what + " must be an array");
        }
        long size = argument();
        if (size < least || size > most) {
            throw WireException.content(what + " must have " + least + " to " + most + " elements (got " + size + ")");
        }
        return children();
    }

    /** Keys and values in turn. */
    List<Item> map(Object what) throws WireException {
        if (major() != 5) {
            throw WireException.content(what + " must be a map");
        }
        return children();
    }

    /** The elements of an array, or the keys and values of a map in turn. */
    List<Item> children() {
        long count = major() == 4 ? argument() : 2 * argument();
        List<Item> items = new ArrayList<>((int) count);
        int next = content();
        for (long i = 0; i < count; i++) {
            Item item = new Item(bytes, next);
            items.add(item);
            next = item.after();
        }
        return items;
    }
}
