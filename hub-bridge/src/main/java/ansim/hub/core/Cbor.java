package ansim.hub.core;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The little CBOR that our own log needs. Not for what strangers send: that is {@code ansim.wire}'s strict decoder. */
final class Cbor {
    private static final CBORFactory FACTORY = new CBORFactory();

    private Cbor() {}

    static final class Out implements AutoCloseable {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        private final CBORGenerator generator;
        private final java.util.ArrayDeque<int[]> open = new java.util.ArrayDeque<>();

        Out() throws IOException {
            generator = FACTORY.createGenerator(bytes);
        }

        /** Opens an array of exactly that many items; it closes by itself. */
        void array(int size) throws IOException {
            generator.writeStartArray(this, size);
            open.push(new int[] {size});
            closeFull();
        }

        private void wrote() throws IOException {
            int[] top = open.peek();
            if (top != null) {
                top[0]--;
                closeFull();
            }
        }

        private void closeFull() throws IOException {
            int[] top = open.peek();
            while (top != null && top[0] == 0) {
                generator.writeEndArray();
                open.pop();
                top = open.peek();
                if (top != null) {
                    top[0]--;
                }
            }
        }

        void number(long value) throws IOException {
            generator.writeNumber(value);
            wrote();
        }

        void bool(boolean value) throws IOException {
            generator.writeBoolean(value);
            wrote();
        }

        void bytes(byte[] value) throws IOException {
            generator.writeBinary(value);
            wrote();
        }

        void text(String value) throws IOException {
            generator.writeString(value);
            wrote();
        }

        void maybeText(Optional<String> value) throws IOException {
            if (value.isPresent()) {
                text(value.get());
            } else {
                nothing();
            }
        }

        void nothing() throws IOException {
            generator.writeNull();
            wrote();
        }

        void texts(List<String> values) throws IOException {
            array(values.size());
            for (String value : values) {
                text(value);
            }
        }

        void map(Map<String, String> values) throws IOException {
            generator.writeStartObject(values.size());
            for (Map.Entry<String, String> each : values.entrySet()) {
                generator.writeFieldName(each.getKey());
                generator.writeString(each.getValue());
            }
            generator.writeEndObject();
            wrote();
        }

        byte[] bytes() throws IOException {
            generator.flush();
            return bytes.toByteArray();
        }

        @Override
        public void close() throws IOException {
            generator.close();
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
