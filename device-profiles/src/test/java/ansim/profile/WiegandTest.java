package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.Section;
import ansim.settings.SettingsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WiegandTest {
    private static final long PULSE_MS = 2;
    private final List<Reading> readings = new ArrayList<>();
    private DeviceReader reader = open(Map.of());
    private long nowMs;

    private static DeviceReader open(Map<String, String> options) {
        return Profile.load("reader-wiegand").with(Section.of("test", options)).open();
    }

    private void send(CharSequence bits) {
        for (int i = 0; i < bits.length(); i++) {
            pulse(bits.charAt(i) - '0');
        }
    }

    private void pulse(int line) {
        reader.level(line, false, nowMs, readings::add);
        reader.level(line, true, nowMs, readings::add);
        nowMs += PULSE_MS;
    }

    private void idle(long ms) {
        nowMs += ms;
        reader.tick(nowMs, readings::add);
    }

    /** As the datasheets draw it: parity bits that are true of the bits between them. */
    private static String frame(String data) {
        int half = (data.length() + 1) / 2;
        long first = data.substring(0, half).chars().filter(bit -> bit == '1').count();
        long last = data.substring(data.length() - half)
                .chars()
                .filter(bit -> bit == '1')
                .count();
        return first % 2 + data + (1 - last % 2);
    }

    private static String bits(Random random, int count) {
        StringBuilder bits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            bits.append(random.nextInt(2));
        }
        return bits.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {26, 34, 37})
    void everyNumberOfEveryFormatIsReadAndEverySingleWrongBitRefused(int length) {
        Random random = new Random(length);
        for (int i = 0; i < 200; i++) {
            String data = bits(random, length - 2);
            String card = String.format("%0" + (data.length() + 3) / 4 + "X", Long.parseLong(data, 2));
            String frame = frame(data);
            readings.clear();
            send(frame);
            idle(3_000);
            assertEquals(List.of(new Reading.Tap(card)), readings);
            int wrong = random.nextInt(length);
            char other = frame.charAt(wrong) == '0' ? '1' : '0';
            send(frame.substring(0, wrong) + other + frame.substring(wrong + 1));
            idle(3_000);
            assertEquals(1, readings.size(), "one wrong bit");
        }
        assertEquals(200, reader.counters().accepted());
    }

    @Test
    void theMiddleBitOf37IsInBothHalves() {
        StringBuilder frame = new StringBuilder(frame("0".repeat(35)));
        frame.setCharAt(18, '1');
        send(frame);
        idle(100);
        frame.setCharAt(0, '1');
        send(frame);
        idle(100);
        assertEquals(List.of(), readings);
        frame.setCharAt(36, '0');
        send(frame);
        idle(100);
        assertEquals(List.of(new Reading.Tap("000020000")), readings);
    }

    @Test
    void aTwentySixBitReaderGivesTheEndOfTheEm4100Number() {
        String em4100 = "62E3086CED";
        String all = String.format("%40s", Long.toBinaryString(Long.parseLong(em4100, 16)))
                .replace(' ', '0');
        send(frame(all.substring(16)));
        idle(100);
        send(frame(all.substring(8)));
        idle(100);
        assertEquals(List.of(new Reading.Tap(em4100.substring(4)), new Reading.Tap(em4100.substring(2))), readings);
    }

    /** Parity's own rate is one of four for a random frame of a right length; of other lengths none may pass. */
    @Test
    void randomPulseTrainsPassNoMoreOftenThanTheirParityAllows() {
        reader = open(Map.of("same-card", "0s"));
        Random random = new Random(37);
        int trains = 40_000;
        int rightLength = 0;
        for (int i = 0; i < trains; i++) {
            int length = 1 + random.nextInt(90);
            rightLength += length == 26 || length == 34 || length == 37 ? 1 : 0;
            send(bits(random, length));
            idle(25);
        }
        Counters counters = reader.counters();
        assertEquals(trains, counters.frames());
        long rejected =
                counters.rejected().values().stream().mapToLong(Long::longValue).sum();
        assertEquals(counters.frames(), counters.accepted() + rejected);
        assertEquals(readings.size(), counters.accepted());
        assertEquals(rightLength, counters.accepted() + counters.rejected().getOrDefault("checksum", 0L));
        double rate = counters.accepted() / (double) rightLength;
        assertTrue(rate > 0.2 && rate < 0.3, "accepted " + rate);
    }

    @Test
    void oneLengthAloneRefusesTheOthers() {
        reader = open(Map.of("bits", "34"));
        send(frame("0".repeat(24)));
        idle(100);
        send(frame("0".repeat(35)));
        idle(100);
        send(frame("0".repeat(32)));
        idle(100);
        assertEquals(List.of(new Reading.Tap("00000000")), readings);
        assertEquals(1, reader.counters().rejected().get("too-short"));
        assertEquals(1, reader.counters().rejected().get("too-long"));
    }

    @Test
    void aStormOfPulsesHoldsNoMoreThanOneFrameAndTheNextNumberIsRead() {
        for (int i = 0; i < 1_000_000; i++) {
            pulse(i % 2);
        }
        idle(25);
        assertEquals(1, reader.counters().rejected().get("too-long"));
        send(frame("000111110000000101010001"));
        idle(25);
        assertEquals(List.of(new Reading.Tap("1F0151")), readings);
    }

    @Test
    void aNumberThatWasBeingSentWhenTheLineWasOpenedAnewIsCounted() {
        send("1000111110");
        reader.opened(nowMs, readings::add);
        send(frame("000111110000000101010001"));
        idle(25);
        assertEquals(List.of(new Reading.Tap("1F0151")), readings);
        assertEquals(1, reader.counters().rejected().get("unterminated"));
    }

    /** The frame ends when the pause was long enough, not when somebody looks. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20, 100})
    void theRhythmOfTicksChangesNothing(int rhythmMs) {
        Random random = new Random(rhythmMs);
        String first = frame("000111110000000101010001");
        String second = frame("011110110001000111010111");
        for (int i = 0; i < 20; i++) {
            send(first);
            long until = nowMs + 25 - PULSE_MS;
            for (long ms = nowMs; ms < until; ms += 1 + random.nextInt(rhythmMs)) {
                reader.tick(ms, readings::add);
            }
            nowMs = until;
            send(second);
            idle(3_000);
        }
        assertEquals(40, readings.size());
        assertEquals(40, reader.counters().accepted());
    }

    @Test
    void aLengthThatNoReaderSendsIsAProblemOfTheProfile() {
        SettingsException refused = assertThrows(SettingsException.class, () -> open(Map.of("bits", "27")));
        assertTrue(refused.problems().get(0).rule().contains("bits must be some of 26, 34 and 37"));
    }
}
