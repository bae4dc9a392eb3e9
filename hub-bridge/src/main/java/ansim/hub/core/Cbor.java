package ansim.hub.core;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The little CBOR that our own log needs. Not for what strangers send: that is {@code ansim.wire}'s strict decoder. */
final class Cbor {
    private static final CBORFactory FACTORY = new CBORFactory();

    private Cbor() {}

    /**
     * Writes to memory, the same bytes as Jackson's generator: definite lengths, shortest numbers. Who writes sees to it that an array or a map gets as many items as
     * was said. Can be used again and again; not thread-safe.
     */
    static final class Out {
        private static final int FIRST_BYTES = 1024;
        private static final int LONGEST_HEAD = 9;
        /** Texts of so many characters have their length in two bytes at most; longer ones, and what is outside the BMP, Jackson writes. */
        private static final int SHORT_TEXT = 84;

        private static final int UTF8_MOST = 3;
        private byte[] buffer = new byte[FIRST_BYTES];
        private int size;

        /** Begins anew. */
        void clear() {
            size = 0;
        }

        /** How many bytes there are. */
        int size() {
            return size;
        }

        /** The bytes, up to {@link #size}; not to be changed, and good until something more is written. */
        byte[] shared() {
            return buffer;
        }

        private void room(int bytes) {
            if (buffer.length - size < bytes) {
                buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + bytes));
            }
        }

        /** RFC 8949 section 3: the major type and its argument. */
        private void head(int major, long argument) {
            room(LONGEST_HEAD);
            int type = major << 5;
            if (argument < 24) {
                buffer[size++] = (byte) (type | (int) argument);
            } else if (argument < 1L << 8) {
                buffer[size++] = (byte) (type | 24);
                buffer[size++] = (byte) argument;
            } else if (argument < 1L << 16) {
                buffer[size++] = (byte) (type | 25);
                bigEndian(argument, 2);
            } else if (argument < 1L << 32) {
                buffer[size++] = (byte) (type | 26);
                bigEndian(argument, 4);
            } else {
                buffer[size++] = (byte) (type | 27);
                bigEndian(argument, 8);
            }
        }

        private void bigEndian(long value, int bytes) {
            for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                buffer[size++] = (byte) (value >> shift);
            }
        }

        /** Opens an array of exactly that many items. */
        void array(int items) {
            head(4, items);
        }

        void number(long value) {
            head(value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
        }

        void bool(boolean value) {
            room(1);
            buffer[size++] = (byte) (value ? 0xf5 : 0xf4);
        }

        void bytes(byte[] value) {
            head(2, value.length);
            raw(value);
        }

        private void raw(byte[] value) {
            room(value.length);
            System.arraycopy(value, 0, buffer, size, value.length);
            size += value.length;
        }

        void text(String value) {
            int chars = value.length();
            int begun = size;
            if (chars > SHORT_TEXT || !shortText(value, chars)) {
                size = begun;
                raw(byJackson(value));
            }
        }

        /** False for a half of a surrogate pair. */
        private boolean shortText(String value, int chars) {
            room(2 + UTF8_MOST * chars);
            int begun = size;
            int headBytes = chars < 24 ? 1 : 2;
            size += headBytes;
            for (int i = 0; i < chars; i++) {
                char each = value.charAt(i);
                if (Character.isSurrogate(each)) {
                    return false;
                }
                utf8(each);
            }
            int bytes = size - begun - headBytes;
            if (bytes >= 24 && headBytes == 1) {
                System.arraycopy(buffer, begun + 1, buffer, begun + 2, bytes);
            }
            size = begun;
            head(3, bytes);
            size += bytes;
            return true;
        }

        private void utf8(char each) {
            if (each < 0x80) {
                buffer[size++] = (byte) each;
            } else if (each < 0x800) {
                buffer[size++] = (byte) (0xc0 | (each >> 6));
                buffer[size++] = (byte) (0x80 | (each & 0x3f));
            } else {
                buffer[size++] = (byte) (0xe0 | (each >> 12));
                buffer[size++] = (byte) (0x80 | ((each >> 6) & 0x3f));
                buffer[size++] = (byte) (0x80 | (each & 0x3f));
            }
        }

        private static byte[] byJackson(String value) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (CBORGenerator generator = FACTORY.createGenerator(bytes)) {
                generator.writeString(value);
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
            return bytes.toByteArray();
        }

        void maybeText(Optional<String> value) {
            if (value.isPresent()) {
                text(value.get());
            } else {
                nothing();
            }
        }

        void nothing() {
            room(1);
            buffer[size++] = (byte) 0xf6;
        }

        void texts(List<String> values) {
            array(values.size());
            for (String value : values) {
                text(value);
            }
        }

        void map(Map<String, String> values) {
            head(5, values.size());
            values.forEach((key, value) -> {
                text(key);
                text(value);
            });
        }

        /** A copy of what was written. */
        byte[] bytes() {
            return Arrays.copyOf(buffer, size);
        }
    }

    /** Reads in the order of writing; every method takes the next item. */
    static final class In implements AutoCloseable {
        private final CBORParser parser;
        private boolean peeked;

        In(byte[] bytes) throws IOException {
            parser = FACTORY.createParser(bytes);
        }

        private JsonToken next() throws IOException {
            if (peeked) {
                peeked = false;
            } else {
                parser.nextToken();
            }
            JsonToken token = parser.currentToken();
            if (token == null) {
                throw new IOException("it ends too early");
            }
            return token;
        }

        private void expect(JsonToken wanted) throws IOException {
            JsonToken got = next();
            if (got != wanted) {
                throw new IOException(wanted + " expected, found " + got);
            }
        }

        void array() throws IOException {
            expect(JsonToken.START_ARRAY);
        }

        void endArray() throws IOException {
            expect(JsonToken.END_ARRAY);
        }

        /** Whether the open array has another item; closes it if not. */
        boolean more() throws IOException {
            if (next() == JsonToken.END_ARRAY) {
                return false;
            }
            peeked = true;
            return true;
        }

        boolean isNull() throws IOException {
            if (next() == JsonToken.VALUE_NULL) {
                return true;
            }
            peeked = true;
            return false;
        }

        long number() throws IOException {
            expect(JsonToken.VALUE_NUMBER_INT);
            return parser.getLongValue();
        }

        int integer() throws IOException {
            expect(JsonToken.VALUE_NUMBER_INT);
            return parser.getIntValue();
        }

        boolean bool() throws IOException {
            JsonToken token = next();
            if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                throw new IOException("true or false expected, found " + token);
            }
            return token == JsonToken.VALUE_TRUE;
        }

        byte[] bytes() throws IOException {
            expect(JsonToken.VALUE_EMBEDDED_OBJECT);
            return parser.getBinaryValue();
        }

        String text() throws IOException {
            expect(JsonToken.VALUE_STRING);
            return parser.getText();
        }

        Optional<String> maybeText() throws IOException {
            return isNull() ? Optional.empty() : Optional.of(text());
        }

        List<String> texts() throws IOException {
            List<String> values = new ArrayList<>();
            array();
            while (more()) {
                values.add(text());
            }
            return values;
        }

        Map<String, String> map() throws IOException {
            Map<String, String> values = new LinkedHashMap<>();
            expect(JsonToken.START_OBJECT);
            while (next() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                values.put(name, text());
            }
            return values;
        }

        void end() throws IOException {
            endArray();
            if (parser.nextToken() != null) {
                throw new IOException("more than one entry");
            }
        }

        @Override
        public void close() throws IOException {
            parser.close();
        }
    }
}
