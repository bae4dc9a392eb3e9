package ansim.wire;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes deterministic CBOR: sized arrays and maps, shortest numbers. Keys come in order from {@link MapOut}.
 *
 * <p>Everything that is written to be signed passes {@link StrictCbor} before it is signed.
 */
final class CborOut {
    private static final CBORFactory FACTORY = new CBORFactory();

    private final CBORGenerator generator;

    private CborOut(CBORGenerator generator) {
        this.generator = generator;
    }

    /** Something that can be written as one data item. */
    @FunctionalInterface
    interface Value {
        void write(CborOut out) throws IOException;
    }

    static byte[] encode(Value value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (CBORGenerator generator = FACTORY.createGenerator(bytes)) {
            value.write(new CborOut(generator));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** Reads back what is about to be embedded; what is not strict CBOR cannot be written. */
    static Item strict(byte[] encoded) {
        try {
            return StrictCbor.item(encoded, 0);
        } catch (WireException e) {
            throw new IllegalArgumentException("not strict CBOR: " + e.getMessage(), e);
        }
    }

    void integer(long value) throws IOException {
        generator.writeNumber(value);
    }

    void bool(boolean value) throws IOException {
        generator.writeBoolean(value);
    }

    void nothing() throws IOException {
        generator.writeNull();
    }

    void bytes(byte[] value) throws IOException {
        generator.writeBinary(value);
    }

    void text(String value) throws IOException {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        generator.writeUTF8String(utf8, 0, utf8.length);
    }

    void startArray(int size) throws IOException {
        generator.writeStartArray(this, size);
    }

    void endArray() throws IOException {
        generator.writeEndArray();
    }

    void integers(List<? extends Number> values) throws IOException {
        startArray(values.size());
        for (Number value : values) {
            integer(value.longValue());
        }
        endArray();
    }

    void startMap(int size) throws IOException {
        generator.writeStartObject(size);
    }

    void key(long key) throws IOException {
        generator.writeFieldId(key);
    }

    void key(String key) throws IOException {
        generator.writeFieldName(key);
    }

    void endMap() throws IOException {
        generator.writeEndObject();
    }

    void tag(int tag) throws IOException {
        generator.writeTag(tag);
    }

    /** Writes again what was read. Floats and undefined are refused: no record of ours holds one. */
    void copy(Item item) throws IOException {
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
                startArray(items.size());
                for (Item child : items) {
                    copy(child);
                }
                endArray();
            }
            case 5 -> copyMap(item.children());
            default -> copySimple(item);
        }
    }

    private void copyMap(List<Item> items) throws IOException {
        startMap(items.size() / 2);
        for (int i = 0; i < items.size(); i += 2) {
            Item key = items.get(i);
            switch (key.major()) {
                case 0, 1 -> key(key.clamped());
                case 3 -> key(new String(key.rawString(), StandardCharsets.UTF_8));
                default ->
                    throw new IllegalArgumentException("a key that is neither integer nor text cannot be written");
            }
            copy(items.get(i + 1));
        }
        endMap();
    }

    private void copySimple(Item item) throws IOException {
        switch (item.encoded()[0] & 0xff) {
            case 0xf4 -> bool(false);
            case 0xf5 -> bool(true);
            case 0xf6 -> nothing();
            default -> throw new IllegalArgumentException("a float or undefined cannot be written");
        }
    }
}
