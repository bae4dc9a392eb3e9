package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.SettingsException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HidReaderTest {
    private static final String NUMBER = "0012345678";

    private final Bench reader = Bench.with("reader-hid");
    private long us = 1_000_000_000L;

    @Test
    void everyDigitAndLetterIsReadAndTheKeypadToo() {
        reader.says(0, typed("1234567890QWERTYUIOPASDFG\n")).says(0, typed("HJKLZXCVBNM\n"));
        ByteArrayOutputStream keypad = new ByteArrayOutputStream();
        for (int code : new int[] {82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 96}) {
            keypad.writeBytes(press(code));
        }
        reader.says(0, keypad.toByteArray());
        assertEquals(
                List.of(
                        new Reading.Tap("1234567890QWERTYUIOPASDFG"),
                        new Reading.Tap("HJKLZXCVBNM"),
                        new Reading.Tap("0123456789")),
                reader.readings);
    }

    @ParameterizedTest
    @CsvSource({"3, 0, too-short", "4, 1, too-short", "32, 1, too-long", "33, 0, too-long", "100, 0, too-long"})
    void aNumberHasFourToThirtyTwoCharacters(int length, int taps, String reason) {
        reader.says(0, typed("7".repeat(length) + "\n"));
        assertEquals(taps, reader.readings.size());
        assertEquals(1 - taps, reader.counters().rejected().get(reason));
        reader.says(0, typed(NUMBER + "\n"));
        assertEquals(taps + 1, reader.readings.size());
    }

    @ParameterizedTest
    @CsvSource({"200000, 12345678", "200001, 5678", "-9000, 5678"})
    void keysBelongTogetherUpToTheGapByTheRecordsOwnTime(long gapUs, String card) {
        reader.says(0, typed("1234"));
        us += gapUs - 4_000;
        reader.says(0, typed("5678\n"));
        assertEquals(List.of(new Reading.Tap(card)), reader.readings);
    }

    @Test
    void enterAfterTheGapEndsNothing() {
        reader.says(0, typed(NUMBER));
        us += 300_000;
        reader.says(0, typed("\n"));
        assertEquals(List.of(), reader.readings);
        assertEquals(1, reader.counters().rejected().get("unterminated"));
    }

    @Test
    void aKeyThatIsHeldOrReleasedIsNoKey() {
        reader.says(0, record(1, 2, 1)).says(0, record(1, 2, 2)).says(0, record(1, 2, 2));
        reader.says(0, record(1, 2, 0)).says(0, typed("234\n"));
        assertEquals(List.of(new Reading.Tap("1234")), reader.readings);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 15, 29, 56, 57, 74, 83, 103, 0x2FF})
    void anotherKeyInANumberSpoilsIt(int code) {
        reader.says(0, typed("1234")).says(0, press(code)).says(0, typed("5678\n"));
        assertEquals(List.of(), reader.readings);
        assertEquals(1, reader.counters().rejected().get("bad-byte"));
        reader.says(0, typed(NUMBER + "\n"));
        assertEquals(1, reader.readings.size());
    }

    @Test
    void lettersMayBeKeptOut() {
        Bench hex = Bench.with("reader-hid", "keys", "hex");
        hex.says(0, typed("12AF\n")).says(0, typed("12AG\n"));
        Bench digits = Bench.with("reader-hid", "keys", "digits");
        digits.says(0, typed("12AF\n")).says(0, typed("1234\n"));
        assertEquals(List.of(new Reading.Tap("12AF")), hex.readings);
        assertEquals(List.of(new Reading.Tap("1234")), digits.readings);
    }

    /** Half a number must never become a card: after a loss all is dropped up to ENTER, or to the gap. */
    @Test
    void recordsThatTheKernelDroppedCostTheNumberAndNoMore() {
        for (int at = 0; at <= NUMBER.length(); at++) {
            Bench bench = Bench.with("reader-hid");
            bench.says(0, typed(NUMBER.substring(0, at))).says(0, record(0, 3, 0));
            bench.says(0, typed(NUMBER.substring(at) + "\n"));
            assertEquals(List.of(), bench.readings, "dropped at " + at);
            bench.says(0, typed("8765\n"));
            assertEquals(List.of(new Reading.Tap("8765")), bench.readings, "dropped at " + at);
        }
        reader.says(0, typed("1234")).says(0, record(0, 3, 0));
        us += 250_000;
        reader.says(0, typed(NUMBER + "\n"));
        assertEquals(List.of(new Reading.Tap(NUMBER)), reader.readings);
    }

    @Test
    void theSameNumberWithinTwoSecondsIsOneTap() {
        reader.says(0, typed(NUMBER + "\n")).says(2_000, typed(NUMBER + "\n")).tick(4_001);
        assertEquals(1, reader.readings.size());
        reader.says(4_001, typed(NUMBER + "\n")).says(4_002, typed("8765\n")).says(4_003, typed(NUMBER + "\n"));
        assertEquals(4, reader.readings.size());
    }

    @Test
    void unpluggedInTheMiddleOfANumberItIsForgotten() {
        reader.says(0, typed("1234")).says(0, Arrays.copyOf(typed("5"), 40)).opened(50);
        reader.says(60, typed("5678\n"));
        assertEquals(List.of(new Reading.Tap("5678")), reader.readings);
        assertEquals(1, reader.counters().rejected().get("too-short"));
    }

    @Test
    void recordsAreReadHoweverTheyAreCut() {
        byte[] bytes = typed(NUMBER + "\n");
        for (int cut = 0; cut < bytes.length; cut++) {
            Bench bench = Bench.with("reader-hid");
            bench.says(0, Arrays.copyOf(bytes, cut)).says(5, Arrays.copyOfRange(bytes, cut, bytes.length));
            assertEquals(List.of(new Reading.Tap(NUMBER)), bench.readings, "cut at " + cut);
        }
    }

    @Test
    void wordIs32Or64() {
        SettingsException refused = assertThrows(SettingsException.class, () -> Bench.with("reader-hid", "word", "16"));
        assertTrue(refused.getMessage().contains("word must be 64 or 32 (got 16)"), refused.getMessage());
    }

    /** Of random records none is taken for the kernel's: microseconds alone leave one in 10^13. */
    @Test
    void randomRecordsDoNotPass() {
        Random random = new Random(10);
        HidReader decoder = new HidReader(
                new HidReader.Options(HidReader.Keys.LETTERS, Duration.ofMillis(200), 4, 32, Duration.ofSeconds(2)));
        byte[] record = new byte[24];
        for (int i = 0; i < 200_000; i++) {
            random.nextBytes(record);
            assertEquals(Reject.MALFORMED, decoder.checkFrame(record, i % 2 == 0 ? 24 : 16));
            Reject verdict = decoder.decodeBody(record, 24, i, reading -> {});
            assertTrue(verdict == Reject.NONE || decoder.rejects().contains(verdict));
        }
    }

    private byte[] typed(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            bytes.writeBytes(press(code(text.charAt(i))));
        }
        return bytes.toByteArray();
    }

    private byte[] press(int code) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(record(4, 4, 458_782));
        bytes.writeBytes(record(1, code, 1));
        bytes.writeBytes(record(0, 0, 0));
        us += 2_000;
        bytes.writeBytes(record(1, code, 0));
        bytes.writeBytes(record(0, 0, 0));
        us += 2_000;
        return bytes.toByteArray();
    }

    private byte[] record(int type, int code, int value) {
        ByteBuffer record = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(us / 1_000_000).putLong(us % 1_000_000);
        return record.putShort((short) type)
                .putShort((short) code)
                .putInt(value)
                .array();
    }

    private static int code(char c) {
        if (c == '\n') {
            return 28;
        }
        int digit = "1234567890".indexOf(c);
        int top = "QWERTYUIOP".indexOf(c);
        int middle = "ASDFGHJKL".indexOf(c);
        return digit >= 0 ? 2 + digit : top >= 0 ? 16 + top : middle >= 0 ? 30 + middle : 44 + "ZXCVBNM".indexOf(c);
    }
}
