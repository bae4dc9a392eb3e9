package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AlarmLampTest {
    private static final long ON_MS = 400;

    private static Bench flashes(Bench lamp, long... startsMs) {
        for (long start : startsMs) {
            lamp.level(start, 1).level(start + ON_MS, 0);
        }
        return lamp.tick(startsMs[startsMs.length - 1] + 60_000);
    }

    private static Bench lamp(String... options) {
        return Bench.with("alarm-lamp", options).level(0, 0);
    }

    private static Reading panic(int episode) {
        return new Reading.PanicPress(Reading.Origin.LAMP, Reading.Pattern.FLASH, true, episode);
    }

    @Test
    void aLostFlashInAnEpisodeMakesNoSecondPanic() {
        Bench lamp = flashes(lamp(), 1_000, 6_000, 11_000, /* one lost */ 21_000, 26_000, 31_000, 36_000);
        assertEquals(List.of(panic(1)), lamp.readings);
    }

    @Test
    void anEpisodeAfterAnotherRaisesAgain() {
        Bench lamp = flashes(lamp(), 1_000, 6_000, 11_000, 41_001, 46_000, 51_000);
        assertEquals(List.of(panic(1), panic(2)), lamp.readings);
    }

    /** Otherwise an indicator that blinks for hours would hide the driver's call. */
    @Test
    void quickBlinkingDoesNotProlongAnEpisode() {
        List<Long> starts = new ArrayList<>(List.of(1_000L, 6_000L, 11_000L));
        for (long ms = 12_000; ms < 60_000; ms += 1_000) {
            starts.add(ms);
        }
        starts.addAll(List.of(64_000L, 69_000L));
        Bench lamp = flashes(lamp(), starts.stream().mapToLong(Long::longValue).toArray());
        assertEquals(List.of(panic(1), panic(2)), lamp.readings);
    }

    @Test
    void aLampThatIsFoundLitHasNotFlashedYet() {
        Bench lamp = Bench.with("alarm-lamp").level(0, 1).level(500, 0);
        assertEquals(List.of(), flashes(lamp, 5_000, 10_000).readings);
        assertEquals(List.of(panic(1)), flashes(lamp, 80_000, 85_000, 90_000).readings);
    }

    @Test
    void contactChatterWithinAFlashIsOneFlash() {
        Bench lamp = lamp();
        for (long start = 1_000; start <= 11_000; start += 5_000) {
            lamp.level(start, 1).level(start + 3, 0).level(start + 7, 1).level(start + 400, 0);
        }
        assertEquals(List.of(panic(1)), lamp.tick(20_000).readings);
    }

    @Test
    void howManyFlashesIsAnOption() {
        assertEquals(List.of(), flashes(lamp("flashes", "4"), 1_000, 6_000, 11_000).readings);
        assertEquals(List.of(panic(1)), flashes(lamp("flashes", "4"), 1_000, 6_000, 11_000, 16_000).readings);
    }

    @Test
    void periodsThatContradictEachOtherAreAProblem() {
        assertThrows(
                ansim.settings.SettingsException.class,
                () -> Bench.with("alarm-lamp", "period-min", "8s", "period-max", "7s"));
        assertThrows(ansim.settings.SettingsException.class, () -> Bench.with("alarm-lamp", "over-after", "7s"));
    }

    /** Whatever the lamp does: a panic needs two periods of the rhythm one after the other, and gets one if there are. */
    @Test
    void randomBlinkingRaisesExactlyWhenTheRhythmWasThere() {
        Random random = new Random(11);
        int raised = 0;
        for (int run = 0; run < 3_000; run++) {
            int count = 2 + random.nextInt(6);
            long[] starts = new long[count];
            long ms = 1_000;
            for (int i = 0; i < count; i++) {
                starts[i] = ms;
                // Short runs, so that all of it lies in one episode.
                ms += ON_MS + 100 + random.nextInt(9_000);
            }
            boolean rhythm = false;
            for (int i = 2; i < count; i++) {
                rhythm |= fits(starts[i - 1] - starts[i - 2]) && fits(starts[i] - starts[i - 1]);
            }
            Bench lamp = flashes(lamp("over-after", "600s"), starts);
            assertEquals(rhythm ? List.of(panic(1)) : List.of(), lamp.readings);
            raised += rhythm ? 1 : 0;
        }
        assertTrue(raised > 300 && raised < 2_700, "both must have occurred (raised " + raised + ")");
    }

    private static boolean fits(long periodMs) {
        return periodMs >= 3_000 && periodMs <= 7_000;
    }
}
