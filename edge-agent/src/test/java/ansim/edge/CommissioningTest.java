package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When what a unit tells is a test, and when it is meant. */
class CommissioningTest {
    private static final long START = 1_000_000;
    private static final long LONGEST_MS = Commissioning.LONGEST.toMillis();
    private static final long AGAIN_MS = Commissioning.PRESS_AGAIN.toMillis();
    private static final long SEALED_MS = Commissioning.SEALED_WITHIN.toMillis();

    private final Commissioning commissioning = new Commissioning();

    private void begin() {
        assertTrue(commissioning.begin(Commissioning.LONGEST, START));
    }

    @Test
    void nothingIsATestUntilItBegins() {
        assertFalse(commissioning.active(0));
        assertFalse(commissioning.testPress(0));
        assertEquals(Duration.ZERO, commissioning.left(0));
    }

    @Test
    void itEndsByItselfAfterThirtyMinutes() {
        begin();
        assertEquals(Duration.ofMinutes(30), commissioning.left(START));
        assertTrue(commissioning.active(START + LONGEST_MS - 1));
        assertFalse(commissioning.active(START + LONGEST_MS));
        assertEquals(Duration.ZERO, commissioning.left(START + LONGEST_MS));
        assertFalse(commissioning.testPress(START + LONGEST_MS));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1_801})
    void itLastsNeitherLongerNorBackwards(long seconds) {
        assertThrows(IllegalArgumentException.class, () -> commissioning.begin(Duration.ofSeconds(seconds), START));
    }

    @Test
    void zeroEndsItAlsoWhileARideIsOn() {
        begin();
        assertTrue(commissioning.begin(Duration.ZERO, START + 1));
        assertFalse(commissioning.active(START + 1));
        commissioning.busy(true, START + 2);
        assertTrue(commissioning.begin(Duration.ZERO, START + 3));
    }

    @Test
    void whatBeginsAgainCountsFromThen() {
        begin();
        assertTrue(commissioning.begin(Duration.ofMinutes(1), START + 1));
        assertEquals(Duration.ofMinutes(1), commissioning.left(START + 1));
    }

    @Test
    void itDoesNotBeginWhileARideIsOnOrAnAlarmIsOpen() {
        commissioning.busy(true, START);
        assertFalse(commissioning.begin(Commissioning.LONGEST, START));
        assertFalse(commissioning.active(START));
        commissioning.busy(false, START + 1);
        assertTrue(commissioning.begin(Commissioning.LONGEST, START + 1));
    }

    @Test
    void aRideThatStartsEndsItForGood() {
        begin();
        assertTrue(commissioning.busy(true, START + 1));
        assertFalse(commissioning.active(START + 1));
        assertFalse(commissioning.busy(false, START + 2), "ended once");
        assertFalse(commissioning.active(START + 2));
    }

    @Test
    void aSecondPressWithinAMinuteIsMeantAndEndsIt() {
        begin();
        assertTrue(commissioning.testPress(START + 1));
        assertTrue(commissioning.active(START + 2));
        assertFalse(commissioning.testPress(START + 1 + AGAIN_MS));
        assertFalse(commissioning.active(START + 1 + AGAIN_MS));
        assertFalse(commissioning.testPress(START + 1 + 3 * AGAIN_MS), "and so is every one after it");
    }

    @Test
    void aPressAfterMoreThanAMinuteIsAnotherTest() {
        begin();
        assertTrue(commissioning.testPress(START));
        assertTrue(commissioning.testPress(START + AGAIN_MS + 1));
        assertFalse(commissioning.testPress(START + AGAIN_MS + 2));
    }

    @Test
    void beginningAgainBetweenTwoPressesDoesNotMaskTheSecond() {
        begin();
        assertTrue(commissioning.testPress(START));
        begin();
        assertFalse(commissioning.testPress(START + AGAIN_MS));
    }

    /** The hub's order and a press may come at the same moment, on two threads. */
    @Test
    void betweenAPressThatIsMeantAndItsMessageNothingBegins() {
        assertFalse(commissioning.testPress(START));
        assertFalse(commissioning.begin(Commissioning.LONGEST, START));
    }

    @Test
    void aTestPressAtTheVeryEndStillGetsItsMark() {
        begin();
        long lastMs = START + LONGEST_MS - 1;
        assertTrue(commissioning.testPress(lastMs));
        assertTrue(commissioning.active(lastMs + SEALED_MS - 1));
        assertFalse(commissioning.active(lastMs + SEALED_MS));
        assertFalse(commissioning.testPress(lastMs + SEALED_MS), "again within a minute");
    }
}
