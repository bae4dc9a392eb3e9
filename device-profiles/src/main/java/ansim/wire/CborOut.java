package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes deterministic CBOR (RFC 8949 section 4.2.1): sized arrays and maps, shortest numbers. Keys come in order from {@link MapOut}, and as many items as
 * were said from whoever says it.
 *
 * <p>Everything that is written to be signed by a unit passes {@link StrictCbor} before it is kept.
 */
final class CborOut {
    private static final int FIRST_BYTES = 256;
    private static final int LONGEST_HEAD = 9;

    private byte[] buffer = new byte[FIRST_BYTES];
    private int size;

    private CborOut() {}

    /** Something that can be written as one data item. */
    @FunctionalInterface
    interface Value {
        void write(CborOut out);
    }

    static byte[] encode(Value value) {
        CborOut out = new CborOut();
        value.write(out);
        return Arrays.copyOf(out.buffer, out.size);
    }

    /** Reads back what is about to be embedded; what is not strict CBOR cannot be written. */
    static Item strict(byte[] encoded) {
        try {
            return StrictCbor.item(encoded, 0);
        } catch (WireException e) {
            throw new IllegalArgumentException("not strict CBOR: " + e.getMessage(), e);
        }
    }

    private void room(int bytes) {
        if (buffer.length - size < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + bytes));
        }
    }

    /** Section 3: the major type and its argument. */
    private void head(int major, long argument) {
        room(LONGEST_HEAD);
        int bytes = argument < 24 ? 0 : argument < 1L << 8 ? 1 : argument < 1L << 16 ? 2 : argument < 1L << 32 ? 4 : 8;
        int info = bytes == 0 ? (int) argument : 24 + Integer.numberOfTrailingZeros(bytes);
        buffer[size++] = (byte) (major << 5 | info);
        for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            buffer[size++] = (byte) (argument >> shift);
        }
    }

    private void simple(int initial) {
        room(1);
        buffer[size++] = (byte) initial;
    }

    private void string(int major, byte[] content) {
        head(major, content.length);
        room(content.length);
        System.arraycopy(content, 0, buffer, size, content.length);
        size += content.length;
    }

    void integer(long value) {
        head(value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
    }

    void bool(boolean value) {
        simple(value ? 0xf5 : 0xf4);
    }

    void nothing() {
        simple(0xf6);
    }

    void bytes(byte[] value) {
        string(2, value);
    }

    void text(String value) {
        string(3, value.getBytes(StandardCharsets.UTF_8));
    }

    void array(int items) {
        head(4, items);
    }

    void integers(List<? extends Number> values) {
        array(values.size());
        for (Number value : values) {
            integer(value.longValue());
        }
    }

    void map(int pairs) {
        head(5, pairs);
    }

    void tag(int tag) {
        head(6, tag);
    }

    /** Writes again what was read. Floats and undefined are refused: no record of ours holds one. */
    void copy(Item item) {
        switch (item.major()) {
            case 0, 1 -> {
                if (item.argument() < 0) {
                    throw new IllegalArgumentException("an integer beyond 63 bits cannot be written");
                }
                integer(item.clamped());
            }
            case 2 -> bytes(item.rawString());
            case 3 -> text(new String(item.rawString(), StandardCharsets.UTF_8));
            case 4 -> {
                List<Item> items = item.children();
                array(items.size());
                for (Item child : items) {
                    copy(child);
                }
            }
            case 5 -> copyMap(item.children());
            default -> copySimple(item);
        }
    }

    private void copyMap(List<Item> items) {
        map(items.size() / 2);
        for (int i = 0; i < items.size(); i += 2) {
            Item key = items.get(i);
            switch (key.major()) {
                case 0, 1 -> integer(key.clamped());
                case 3 -> text(new String(key.rawString(), StandardCharsets.UTF_8));
                default ->
                    throw new IllegalArgumentException("a key that is neither integer nor text cannot be written");
            }
            copy(items.get(i + 1));
        }
    }

    private void copySimple(Item item) {
        switch (item.encoded()[0] & 0xff) {
            case 0xf4 -> bool(false);
            case 0xf5 -> bool(true);
            case 0xf6 -> nothing();
            default -> throw new IllegalArgumentException("a float or undefined cannot be written");
        }
    }
}
