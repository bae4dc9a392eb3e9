package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading.Origin;
import ansim.profile.Reading.PanicPress;
import ansim.profile.Reading.Pattern;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When an alarm opens, repeats and closes. */
class AlarmsTest {
    private static final Id8 BOOT = new Id8(1);
    private static final PanicPress RIDER = new PanicPress(Origin.RIDER, Pattern.LONG, false, 1);
    private static final PanicPress DRIVER = new PanicPress(Origin.DRIVER, Pattern.PRESS, true, 1);

    private final Alarms alarms = new Alarms(new SplittableRandom(3));

    @Test
    void theFirstPressRaisesAndFurtherOnesRepeatUnderTheSameId() {
        Alarms.Press first = alarms.press(RIDER, 0);
        Alarms.Press second = alarms.press(RIDER, 5_000);
        assertTrue(first.raised() && first.recorded());
        assertFalse(second.raised());
        assertTrue(second.recorded());
        assertEquals(first.alarm(), second.alarm());
    }

    @Test
    void aRepeatWithin1sOfTheLastOnRecordGetsNone() {
        alarms.press(RIDER, 0);
        assertFalse(alarms.press(RIDER, 999).recorded());
        assertTrue(alarms.press(RIDER, 1_000).recorded());
    }

    @Test
    void theDriversHiddenButtonIsAnAlarmOfItsOwn() {
        Alarms.Press rider = alarms.press(RIDER, 0);
        Alarms.Press driver = alarms.press(DRIVER, 10);
        assertNotEquals(rider.alarm(), driver.alarm());
        assertTrue(driver.raised());
        assertTrue(driver.silent());
        assertFalse(rider.silent());
    }

    @Test
    void itClosesTenMinutesAfterTheLastPress() {
        Alarms.Press first = alarms.press(RIDER, 0);
        alarms.press(RIDER, 60_000);
        assertTrue(alarms.open(60_000 + Alarms.OPEN_MS));
        assertFalse(alarms.open(60_001 + Alarms.OPEN_MS));
        assertNotEquals(first.alarm(), alarms.press(RIDER, 700_000).alarm());
    }

    @Test
    void itStaysOpenAcrossARestartAndANewBootBeginsItsTimeAgain() throws IOException {
        Alarms.Press first = alarms.press(RIDER, 1_000_000);
        Alarms same = new Alarms(new SplittableRandom(4));
        same.restore(alarms.state(BOOT), BOOT, 1_000_500);
        assertEquals(first.alarm(), same.press(RIDER, 1_001_000).alarm());
        Alarms rebooted = new Alarms(new SplittableRandom(5));
        rebooted.restore(alarms.state(BOOT), new Id8(2), 30_000);
        assertTrue(rebooted.open(30_000 + Alarms.OPEN_MS));
        assertFalse(rebooted.open(30_001 + Alarms.OPEN_MS));
    }

    @Test
    void aStateOfAnotherVersionIsRefused() {
        byte[] state = alarms.state(BOOT);
        state[0] = 9;
        assertThrows(IOException.class, () -> alarms.restore(state, BOOT, 0));
    }
}
