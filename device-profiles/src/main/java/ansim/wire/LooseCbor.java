package ansim.wire;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Any well-formed CBOR (RFC 8949 section 3), for {@link RawCose} only: also what {@link StrictCbor} refuses, but no duplicate keys.
 *
 * <p>Integers are read as {@link BigInteger}, byte strings as {@link Bytes}, tags as {@link Tagged}, floats and simple values as
 * {@link Simple}.
 */
final class LooseCbor {
    /** Nested arrays, maps and tags at most. */
    static final int MAX_DEPTH = 64;

    /** A tagged item. */
    record Tagged(BigInteger tag, Object content) {}

    /** A float or simple value: the low five bits of its head, and its argument. */
    record Simple(int info, long argument) {
        static final Simple NULL = new Simple(22, 22);
    }

    /** The end of an item of indefinite length. */
    private static final Object BREAK = new Object();

    private static final int INDEFINITE = 31;

    private final ByteBuffer in;

    private LooseCbor(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes);
    }

    /** Reads exactly one item. */
    static Object read(byte[] bytes) throws WireException {
        LooseCbor reader = new LooseCbor(bytes);
        Object item = reader.item(0);
        if (reader.in.hasRemaining()) {
            throw WireException.encoding(reader.in.remaining() + " bytes behind the end");
        }
        return item;
    }

    private Object item(int depth) throws WireException {
        Object item = itemOrBreak(depth);
        if (item == BREAK) {
            throw WireException.encoding("a break where an item is due");
        }
        return item;
    }

    private Object itemOrBreak(int depth) throws WireException {
        if (depth > MAX_DEPTH) {
            throw WireException.encoding("nested more than " + MAX_DEPTH + " deep");
        }
        int initial = (int) bigEndian(1);
        int major = initial >> 5;
        int info = initial & 31;
        if (initial == 0xff) {
            return BREAK;
        }
        boolean indefinite = info == INDEFINITE && major >= 2 && major <= 5;
        if (info > 27 && !indefinite) {
            throw WireException.encoding("a reserved head");
        }
        long argument = info < 24 || indefinite ? info : bigEndian(1 << (info - 24));
        return switch (major) {
            case 0 -> unsigned(argument);
            case 1 -> unsigned(argument).not();
            case 2 -> Bytes.of(string(major, argument, indefinite));
            case 3 -> utf8(string(major, argument, indefinite));
            case 4 -> array(argument, indefinite, depth);
            case 5 -> map(argument, indefinite, depth);
            case 6 -> new Tagged(unsigned(argument), item(depth + 1));
            default -> simple(info, argument);
        };
    }

    private static Simple simple(int info, long argument) throws WireException {
        if (info == 24 && argument < 32) {
            throw WireException.encoding("a simple value longer than allowed");
        }
        return new Simple(info, argument);
    }

    private static BigInteger unsigned(long argument) {
        return new BigInteger(1, ByteBuffer.allocate(8).putLong(argument).array());
    }

    private byte[] string(int major, long length, boolean indefinite) throws WireException {
        if (!indefinite) {
            if (length < 0 || length > in.remaining()) {
                throw truncated();
            }
            byte[] content = new byte[(int) length];
            in.get(content);
            return content;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int initial = (int) bigEndian(1); initial != 0xff; initial = (int) bigEndian(1)) {
            int info = initial & 31;
            if (initial >> 5 != major || info > 27) {
                throw WireException.encoding("a chunk of another type in a string");
            }
            all.writeBytes(string(major, info < 24 ? info : bigEndian(1 << (info - 24)), false));
        }
        return all.toByteArray();
    }

    private static String utf8(byte[] content) throws WireException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw WireException.encoding("text that is not UTF-8");
        }
    }

    private List<Object> array(long size, boolean indefinite, int depth) throws WireException {
        List<Object> items = new ArrayList<>();
        for (long i = 0; indefinite || i != size; i++) {
            Object item = indefinite ? itemOrBreak(depth + 1) : item(depth + 1);
            if (item == BREAK) {
                break;
            }
            items.add(item);
        }
        return items;
    }

    private Map<Object, Object> map(long size, boolean indefinite, int depth) throws WireException {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (long i = 0; indefinite || i != size; i++) {
            Object key = indefinite ? itemOrBreak(depth + 1) : item(depth + 1);
            if (key == BREAK) {
                break;
            }
            if (map.put(key, item(depth + 1)) != null) {
                throw WireException.encoding("a duplicate key");
            }
        }
        return map;
    }

    private long bigEndian(int size) throws WireException {
        if (size > in.remaining()) {
            throw truncated();
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = (value << 8) | (in.get() & 0xff);
        }
        return value;
    }

    private static WireException truncated() {
        return WireException.encoding("cut short");
    }
}
