package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.TimeQuality;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the wall clock says, and how far it is to be trusted. */
class UnitClockTest {
    private static final long UTC = 1_790_000_000_000L;

    private boolean synchronised;
    private long systemMs;
    private final UnitClock clock = new UnitClock(() -> systemMs, () -> synchronised);

    private void fixes(int count, long utcMs, long monoMs) {
        for (int i = 0; i < count; i++) {
            clock.fix(utcMs + i * 1_000L, false, monoMs + i * 1_000L);
        }
    }

    @Test
    void withoutAnySourceTheTimeIsUnknownAndZero() {
        assertEquals(new UnitClock.Stamp(TimeQuality.UNKNOWN, 0, 50), clock.at(50, 60));
        assertFalse(clock.anchorDue(60));
    }

    @Test
    void threeFixesThatAgreeSetTheClock() {
        fixes(2, UTC, 1_000);
        assertEquals(TimeQuality.UNKNOWN, clock.at(2_000, 2_000).quality());
        fixes(1, UTC + 2_000, 3_000);
        assertEquals(new UnitClock.Stamp(TimeQuality.GNSS, UTC + 4_000, 5_000), clock.at(5_000, 5_000));
        assertTrue(clock.anchorDue(5_000));
        assertEquals(0, clock.anchored());
        assertFalse(clock.anchorDue(5_000));
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 100, 200, 500, 1_000, 2_000})
    void aBurstOfOldSentencesAtTheStartSetsNothing(int epochMs) {
        for (int i = 0; i <= 10_000 / epochMs; i++) {
            clock.fix(UTC - 20_000 + (long) i * epochMs, false, 1_000);
        }
        assertEquals(TimeQuality.UNKNOWN, clock.at(1_000, 1_000).quality());
        fixes(3, UTC, 2_000);
        assertEquals(UTC + 2_000, clock.at(4_000, 4_000).utcMs());
        clock.anchored();
        fixes(10, UTC + 3_000, 5_000);
        assertFalse(clock.anchorDue(14_000), "no step follows");
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 100, 200, 500, 1_000, 2_000})
    void aBurstOfOldSentencesLaterMovesNothing(int epochMs) {
        fixes(3, UTC, 1_000);
        clock.anchored();
        for (int i = 0; i <= 10_000 / epochMs; i++) {
            clock.fix(UTC + 2_000 + (long) i * epochMs, false, 23_000);
        }
        fixes(3, UTC + 23_000, 24_000);
        assertFalse(clock.anchorDue(26_000), "no step follows");
        assertEquals(UTC + 25_000, clock.at(26_000, 26_000).utcMs());
    }

    /** What a port held back is read as fast as the line is, not at once. */
    @Test
    void aBacklogThatIsCaughtUpWithSetsNothing() {
        for (int i = 0; i < 10; i++) {
            clock.fix(UTC - 8_000 + i * 1_000L, false, 1_000 + i * 200L);
        }
        assertEquals(TimeQuality.UNKNOWN, clock.at(3_000, 3_000).quality());
    }

    @Test
    void receiversOfDifferentDelayOnOneUnitSetTheClockToTheLessDelayed() {
        for (int i = 0; i < 3; i++) {
            clock.fix(UTC + i * 1_000L, false, 1_000 + i * 1_000L);
            clock.fix(UTC + i * 1_000L, false, 1_800 + i * 1_000L);
        }
        assertEquals(UTC + 3_999, clock.at(5_000, 5_000).utcMs(), "leaks 1 ms");
    }

    @Test
    void aMessageIsDatedByWhenItHappenedNotByNow() {
        fixes(3, UTC, 1_000);
        assertEquals(UTC - 500, clock.at(500, 3_000).utcMs());
    }

    @Test
    void ofFixesThatAgreeTheLeastDelayedCounts() {
        fixes(3, UTC, 1_000);
        clock.fix(UTC + 3_000, false, 4_900);
        assertEquals(UTC + 3_999, clock.at(5_000, 5_000).utcMs(), "leaks 1 ms");
        clock.fix(UTC + 5_000, false, 5_900);
        assertEquals(UTC + 5_100, clock.at(6_000, 6_000).utcMs());
    }

    @Test
    void aStepIsBelievedAfterThreeFixesAndAnchored() {
        fixes(3, UTC, 1_000);
        clock.anchored();
        fixes(2, UTC + 100_000, 4_000);
        assertFalse(clock.anchorDue(6_000));
        fixes(1, UTC + 102_000, 6_000);
        assertTrue(clock.anchorDue(6_000));
        assertTrue(Math.abs(97_000 - clock.anchored()) <= 2);
        assertTrue(Math.abs(97_000 - clock.lastStepMs()) <= 2);
    }

    @Test
    void withoutFixesForAMinuteItIsHeldOver() {
        fixes(3, UTC, 1_000);
        assertEquals(TimeQuality.GNSS, clock.at(0, 3_000 + UnitClock.GNSS_MS).quality());
        assertEquals(
                TimeQuality.HELD_OVER, clock.at(0, 3_001 + UnitClock.GNSS_MS).quality());
    }

    @Test
    void aSynchronisedSystemClockCountsWhereThereIsNoFix() {
        synchronised = true;
        systemMs = UTC;
        assertEquals(new UnitClock.Stamp(TimeQuality.NTP, UTC - 10, 990), clock.at(990, 1_000));
        assertTrue(clock.anchorDue(1_000));
        fixes(3, UTC, 1_000);
        assertEquals(TimeQuality.GNSS, clock.at(3_000, 3_000).quality());
    }

    @Test
    void aRolledOverDateIsHeldOverAtBest() {
        rolledOver(3, UTC, 1_000);
        assertEquals(new UnitClock.Stamp(TimeQuality.HELD_OVER, UTC + 2_000, 3_000), clock.at(3_000, 3_000));
        assertFalse(clock.anchorDue(3_000));
    }

    /** The first fix after a cold start may be anything: one of a burst, or of a wrong leap second. */
    @Test
    void aRolledOverDateIsBelievedByTheSameRuleAsOthersAndFollowed() {
        clock.fix(UTC - 60_000, true, 900);
        rolledOver(2, UTC, 1_000);
        assertEquals(TimeQuality.UNKNOWN, clock.at(2_000, 2_000).quality());
        rolledOver(1, UTC + 2_000, 3_000);
        assertEquals(UTC + 2_000, clock.at(3_000, 3_000).utcMs());
        rolledOver(3, UTC + 100_000, 4_000);
        assertEquals(UTC + 102_000, clock.at(6_000, 6_000).utcMs());
    }

    @Test
    void aRolledOverDateMovesNoBootThatSomethingBetterHasDated() {
        fixes(3, UTC, 1_000);
        clock.anchored();
        rolledOver(5, UTC + 100_000, 4_000);
        assertEquals(UTC + 7_000, clock.at(8_000, 8_000).utcMs());
    }

    private void rolledOver(int count, long utcMs, long monoMs) {
        for (int i = 0; i < count; i++) {
            clock.fix(utcMs + i * 1_000L, true, monoMs + i * 1_000L);
        }
    }

    @Test
    void onABootThatIsAnchoredTheFirstAgreeingFixCounts() {
        clock.alreadyAnchored(UTC - 1_000);
        assertEquals(new UnitClock.Stamp(TimeQuality.HELD_OVER, UTC - 500, 500), clock.at(500, 500));
        clock.fix(UTC, false, 1_000);
        assertEquals(TimeQuality.GNSS, clock.at(1_000, 1_000).quality());
        assertFalse(clock.anchorDue(1_000));
    }

    @Test
    void theMonotonicClockIsTheKernelsOwn() throws Exception {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        long sinceBootMs = Math.round(Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1_000);
        long monoMs = SystemClock.monoMs();
        assertTrue(monoMs > 0 && monoMs <= sinceBootMs + 60_000, monoMs + " of " + sinceBootMs);
        assertEquals(SystemClock.boot(), SystemClock.boot());
    }
}
