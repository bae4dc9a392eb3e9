package ansim.wire;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Diagnostic notation (RFC 8949 section 8) to deterministic CBOR, by code that shares nothing with the encoder under test:
 * integers, h'..', "..", arrays, maps, true, false, null, undefined, and half floats as {@code half(3c00)}.
 */
final class Diag {
    private final String text;
    private int at;

    private Diag(String text) {
        this.text = text;
    }

    static byte[] encode(String notation) {
        Diag diag = new Diag(notation);
        byte[] item = diag.item();
        diag.space();
        if (diag.at != notation.length()) {
            throw new IllegalArgumentException("left over: " + notation.substring(diag.at));
        }
        return item;
    }

    /** The map {@code base} with the entries of the map {@code overlay} put in, or taken out where the overlay says undefined. */
    static byte[] overlay(String base, String overlay) {
        Map<byte[], byte[]> entries = new Diag(base).entries();
        new Diag(overlay).entries().forEach((key, value) -> {
            if (Arrays.equals(value, new byte[] {(byte) 0xf7})) {
                entries.remove(key);
            } else {
                entries.put(key, value);
            }
        });
        return map(entries);
    }

    private byte[] item() {
        space();
        char first = text.charAt(at);
        if (first == '{') {
            return map(entries());
        } else if (first == '[') {
            return array();
        } else if (first == '"') {
            int end = text.indexOf('"', at + 1);
            byte[] utf8 = text.substring(at + 1, end).getBytes(StandardCharsets.UTF_8);
            at = end + 1;
            return join(head(3, BigInteger.valueOf(utf8.length)), utf8);
        } else if (first == '-' || Character.isDigit(first)) {
            return integer();
        }
        return named();
    }

    private byte[] named() {
        if (take("h'")) {
            int end = text.indexOf('\'', at);
            byte[] bytes = HexFormat.of().parseHex(text.substring(at, end).replace(" ", ""));
            at = end + 1;
            return join(head(2, BigInteger.valueOf(bytes.length)), bytes);
        } else if (take("half(")) {
            byte[] half = HexFormat.of().parseHex(text.substring(at, at + 4));
            at += 5;
            return join(new byte[] {(byte) 0xf9}, half);
        }
        String[] simple = {"false", "true", "null", "undefined"};
        for (int i = 0; i < simple.length; i++) {
            if (take(simple[i])) {
                return new byte[] {(byte) (0xf4 + i)};
            }
        }
        throw new IllegalArgumentException("not understood: " + text.substring(at));
    }

    private byte[] integer() {
        int end = at + 1;
        while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
        }
        BigInteger value = new BigInteger(text.substring(at, end));
        at = end;
        return value.signum() < 0 ? head(1, value.not()) : head(0, value);
    }

    private byte[] array() {
        at++;
        ByteArrayOutputStream items = new ByteArrayOutputStream();
        int size = 0;
        for (; !take("]"); take(",")) {
            items.writeBytes(item());
            size++;
        }
        return join(head(4, BigInteger.valueOf(size)), items.toByteArray());
    }

    private Map<byte[], byte[]> entries() {
        space();
        at++;
        Map<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
        for (; !take("}"); take(",")) {
            byte[] key = item();
            if (!take(":")) {
                throw new IllegalArgumentException("no colon at: " + text.substring(at));
            }
            entries.put(key, item());
        }
        return entries;
    }

    private static byte[] map(Map<byte[], byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head(5, BigInteger.valueOf(entries.size())));
        entries.forEach((key, value) -> {
            out.writeBytes(key);
            out.writeBytes(value);
        });
        return out.toByteArray();
    }

    static byte[] head(int major, BigInteger argument) {
        long value = argument.longValue();
        int first = major << 5;
        if (argument.bitLength() > 32) {
            return ByteBuffer.allocate(9)
                    .put((byte) (first | 27))
                    .putLong(value)
                    .array();
        } else if (argument.bitLength() > 16) {
            return ByteBuffer.allocate(5)
                    .put((byte) (first | 26))
                    .putInt((int) value)
                    .array();
        } else if (argument.bitLength() > 8) {
            return ByteBuffer.allocate(3)
                    .put((byte) (first | 25))
                    .putShort((short) value)
                    .array();
        } else if (value > 23) {
            return new byte[] {(byte) (first | 24), (byte) value};
        }
        return new byte[] {(byte) (first | value)};
    }

    private boolean take(String token) {
        space();
        boolean there = text.startsWith(token, at);
        at += there ? token.length() : 0;
        return there;
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
