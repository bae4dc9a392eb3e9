package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Collects the fields of a map with integer keys, so that its size is known before it is written. Keys must be put in order. */
final class MapOut implements CborOut.Value {
    /** Bytewise order of the encodings: the shorter text first, then by its UTF-8 bytes (RFC 8949 section 4.2.1). */
    private static final Comparator<byte[]> ENCODED_ORDER =
            Comparator.<byte[]>comparingInt(key -> key.length).thenComparing(Arrays::compareUnsigned);

    private record Field(int key, CborOut.Value value) {}

    private final List<Field> fields = new ArrayList<>();

    MapOut put(int key, CborOut.Value value) {
        fields.add(new Field(key, value));
        return this;
    }

    MapOut put(int key, long value) {
        return put(key, out -> out.integer(value));
    }

    MapOut put(int key, boolean value) {
        return put(key, out -> out.bool(value));
    }

    MapOut put(int key, String value) {
        return put(key, out -> out.text(value));
    }

    MapOut put(int key, byte[] value) {
        return put(key, out -> out.bytes(value));
    }

    MapOut put(int key, Id8 value) {
        return put(key, value.bytes());
    }

    MapOut putPos(int key, Optional<Pos> value) {
        value.ifPresent(pos -> put(key, pos::write));
        return this;
    }

    MapOut putId8(int key, Optional<Id8> value) {
        value.ifPresent(id -> put(key, id));
        return this;
    }

    MapOut putInt(int key, OptionalInt value) {
        value.ifPresent(number -> put(key, number));
        return this;
    }

    MapOut putLong(int key, OptionalLong value) {
        value.ifPresent(number -> put(key, number));
        return this;
    }

    /** Puts the key only where it says yes. */
    MapOut putFlag(int key, boolean value) {
        return value ? put(key, true) : this;
    }

    /** Puts the list unless it is empty. */
    MapOut putInts(int key, List<? extends Number> values) {
        return values.isEmpty() ? this : put(key, out -> out.integers(values));
    }

    /** Puts the map unless it is empty. */
    <V> MapOut putTexts(int key, Map<String, V> map, TextEntry<V> entry) {
        return map.isEmpty() ? this : put(key, out -> writeTexts(out, map, entry));
    }

    /** Writes the value of one text key. */
    @FunctionalInterface
    interface TextEntry<V> {
        void write(CborOut out, V value);
    }

    private static <V> void writeTexts(CborOut out, Map<String, V> map, TextEntry<V> entry) {
        List<Map.Entry<String, V>> entries = new ArrayList<>(map.entrySet());
        entries.sort(Map.Entry.comparingByKey(
                Comparator.comparing(key -> key.getBytes(StandardCharsets.UTF_8), ENCODED_ORDER)));
        out.map(entries.size());
        for (Map.Entry<String, V> each : entries) {
            out.text(each.getKey());
            entry.write(out, each.getValue());
        }
    }

    @Override
    public void write(CborOut out) {
        out.map(fields.size());
        for (Field field : fields) {
            out.integer(field.key());
            field.value().write(out);
        }
    }
}
