package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardsAndLinesTest {
    private static final String A = "\u000262E3086CED08\r\n\u0003";
    private static final String B = "\u00020F008D41A665\u0003";

    @Test
    void theSameCardWithinTwoSecondsOfItsLastReadIsOneTap() {
        Bench cards = Bench.with("reader-em4100").says(0, A).says(1_000, A).says(3_000, A);
        assertEquals(1, cards.readings.size());
        cards.says(5_001, A);
        assertEquals(2, cards.readings.size());
        assertEquals(4, cards.counters().accepted());
    }

    @Test
    void twoCardsHeldTogetherAreTwoTaps() {
        Bench cards = Bench.with("reader-em4100");
        for (int i = 0; i < 20; i++) {
            cards.says(i * 100L, i % 2 == 0 ? A : B);
        }
        assertEquals(List.of(new Reading.Tap("62E3086CED"), new Reading.Tap("0F008D41A6")), cards.readings);
    }

    @Test
    void everyReadIsATapIfSoAsked() {
        Bench cards = Bench.with("reader-em4100", "same-card", "0s").says(0, A + A + A);
        assertEquals(3, cards.readings.size());
    }

    @Test
    void aFrameThatIsCutIsCountedAndTheNextOneRead() {
        Bench cards = Bench.with("reader-em4100").says(0, "\u000262E308").says(0, A);
        assertEquals(1, cards.readings.size());
        assertEquals(1, cards.counters().rejected().get("unterminated"));
        cards.says(0, "\u000262E308\u0003")
                .says(0, "\u000262E3086CED0800\u0003")
                .says(0, "\u000262E3086CED08\r\nA\u0003");
        assertEquals(1, cards.counters().rejected().get("too-short"));
        assertEquals(1, cards.counters().rejected().get("bad-byte"));
        assertEquals(1, cards.counters().rejected().get("too-long"));
    }

    @Test
    void lowerCaseDigitsAreTheSameCard() {
        Bench cards = Bench.with("reader-em4100").says(0, A).says(100, "\u000262e3086ced08\u0003");
        assertEquals(List.of(new Reading.Tap("62E3086CED")), cards.readings);
    }

    @Test
    void aTapPrintsNoCard() {
        assertEquals("Tap[]", new Reading.Tap("62E3086CED").toString());
    }

    /** A press with bounces, seen by polls and ticks of any rhythm, is the same press. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20, 100})
    void theRhythmOfTicksChangesNothing(int rhythmMs) {
        long[] edges = {0, 1000, 1004, 1006, 1900, 1905, 1995, 3000, 3003, 3005, 5000, 6000, 6100, 6500, 6600};
        List<List<Reading>> all = new ArrayList<>();
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            Bench button = Bench.with("panic-button");
            long ms = 0;
            for (int i = 0; i < edges.length; i++) {
                while (ms < edges[i]) {
                    button.tick(ms);
                    ms += 1 + random.nextInt(rhythmMs);
                }
                button.level(edges[i], i % 2);
                ms = edges[i];
            }
            button.tick(20_000);
            all.add(List.copyOf(button.readings));
        }
        Reading longPress = new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1);
        Reading doublePress = new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.DOUBLE, false, 2);
        all.forEach(readings -> assertEquals(List.of(longPress, doublePress), readings));
    }

    @Test
    void aSilentButtonMayBeMadeLoudAndALoudOneSilent() {
        Bench foot = Bench.with("panic-button", "kind", "foot", "silent", "false");
        foot.level(0, 0).level(1000, 1).tick(2000);
        assertEquals(
                new Reading.PanicPress(Reading.Origin.DRIVER, Reading.Pattern.PRESS, false, 1), foot.readings.get(0));
        Bench bell = Bench.with("panic-button", "kind", "bell", "silent", "true", "active", "low");
        bell.level(0, 1).level(1000, 0).tick(2000);
        assertEquals(
                new Reading.PanicPress(Reading.Origin.BELL, Reading.Pattern.LATCHED, true, 1), bell.readings.get(0));
    }

    @Test
    void everyPressRaisesAgain() {
        Bench button = Bench.with("panic-button", "double-press", "0s");
        for (int i = 0; i < 3; i++) {
            button.level(i * 5000L, 0).level(i * 5000L + 1000, 1).level(i * 5000L + 3000, 0);
        }
        assertEquals(3, button.readings.size());
    }

    @Test
    void countersOfALineAddUp() {
        Random random = new Random(5);
        Bench door = Bench.with("contact", "name", "door");
        long ms = 0;
        for (int i = 0; i < 100_000; i++) {
            ms += random.nextInt(120);
            door.level(ms, random.nextInt(2));
        }
        Counters counters = door.tick(ms + 1000).counters();
        assertEquals(Map.of("bounce", counters.frames() - counters.accepted()), counters.rejected());
        assertEquals(door.readings.size(), counters.readings());
    }

    @Test
    void aSerialProfileTakesNoLevelsAndALineTakesNoBytes() {
        assertThrows(
                IllegalStateException.class, () -> Bench.with("gnss-nmea0183").level(0, 1));
        assertThrows(IllegalStateException.class, () -> Bench.with("meter-lamp").says(0, "x"));
    }
}
