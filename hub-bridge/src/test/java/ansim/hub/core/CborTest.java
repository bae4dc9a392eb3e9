package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Logs were written by Jackson's generator, and the records of erasures are chained by the hashes of what it wrote: not a byte may differ. */
class CborTest {
    private static final CBORFactory FACTORY = new CBORFactory();
    private static final List<String> LETTERS = List.of("a", "é", "가", "🚕", "\u0000", "\uffff");

    private interface Writing {
        void to(CBORGenerator generator) throws IOException;
    }

    private static byte[] byJackson(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CBORGenerator generator = FACTORY.createGenerator(bytes)) {
            writing.to(generator);
        }
        return bytes.toByteArray();
    }

    @Test
    void aTextOfAnyLengthIsWrittenAsJacksonWritesIt() throws IOException {
        for (String letter : LETTERS) {
            for (int length = 0; length <= 5_000; length += length < 400 ? 1 : 97) {
                String text = letter.repeat(length / letter.length());
                Cbor.Out out = new Cbor.Out();
                out.text(text);
                assertArrayEquals(
                        byJackson(generator -> generator.writeString(text)), out.bytes(), length + " of " + letter);
            }
        }
    }

    @Test
    void aMixedTextIsWrittenAsJacksonWritesIt() throws IOException {
        String text = "서울 30바 1234 / a / é / 🚕";
        Cbor.Out out = new Cbor.Out();
        out.text(text);
        assertArrayEquals(byJackson(generator -> generator.writeString(text)), out.bytes());
    }

    @Test
    void everyLengthOfANumberIsWrittenAsJacksonWritesIt() throws IOException {
        for (int bit = 0; bit < Long.SIZE; bit++) {
            for (long off = -2; off <= 2; off++) {
                long number = (1L << bit) + off;
                Cbor.Out out = new Cbor.Out();
                out.number(number);
                out.number(-number);
                assertArrayEquals(
                        byJackson(generator -> {
                            generator.writeNumber(number);
                            generator.writeNumber(-number);
                        }),
                        out.bytes(),
                        Long.toString(number));
            }
        }
    }

    @Test
    void bytesMapsArraysAndSimpleValuesAreWrittenAsJacksonWritesThem() throws IOException {
        for (int length : new int[] {0, 1, 23, 24, 255, 256, 65_535, 65_536}) {
            byte[] bytes = new byte[length];
            Cbor.Out out = new Cbor.Out();
            out.array(4);
            out.bytes(bytes);
            out.bool(true);
            out.nothing();
            out.map(new TreeMap<>(Map.of("speed-cm-s", "1400", "이름", "값")));
            assertArrayEquals(
                    byJackson(generator -> {
                        generator.writeStartArray(this, 4);
                        generator.writeBinary(bytes);
                        generator.writeBoolean(true);
                        generator.writeNull();
                        generator.writeStartObject(2);
                        generator.writeFieldName("speed-cm-s");
                        generator.writeString("1400");
                        generator.writeFieldName("이름");
                        generator.writeString("값");
                        generator.writeEndObject();
                        generator.writeEndArray();
                    }),
                    out.bytes(),
                    length + " bytes");
        }
    }

    @Test
    void anArrayOfManyHasItsLengthInAsFewBytesAsJacksonTakes() throws IOException {
        for (int size : new int[] {0, 1, 23, 24, 255, 256, 70_000}) {
            Cbor.Out out = new Cbor.Out();
            out.array(size);
            for (int i = 0; i < size; i++) {
                out.number(0);
            }
            assertArrayEquals(
                    byJackson(generator -> {
                        generator.writeStartArray(this, size);
                        for (int i = 0; i < size; i++) {
                            generator.writeNumber(0);
                        }
                        generator.writeEndArray();
                    }),
                    out.bytes(),
                    size + " items");
        }
    }

    @Test
    void aBufferThatWasUsedBeforeHoldsOnlyWhatCameLast() {
        Cbor.Out out = new Cbor.Out();
        out.bytes(new byte[5_000]);
        out.clear();
        out.number(7);
        assertArrayEquals(new byte[] {7}, out.bytes());
        assertEquals(1, out.size());
    }
}
