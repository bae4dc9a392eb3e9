package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading.ContactChange;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A contact that a fitter holds closed at the start and lets go. */
class FitterContactTest {
    private static final long START = 1_000_000;

    private final FitterContact fitter = new FitterContact(Optional.of("service"), START);

    private static ContactChange level(String name, boolean closed, boolean initial) {
        return new ContactChange(name, closed, false, initial);
    }

    /** Closed from so long after the start on, for so long. */
    private boolean held(FitterContact by, long foundMs, long heldMs, boolean initial) {
        assertFalse(by.begins(level("service", true, initial), START + foundMs), "not before it is let go");
        return by.begins(level("service", false, false), START + foundMs + heldMs);
    }

    @ParameterizedTest
    @CsvSource({"0, 5000", "15000, 5000", "300, 60000"})
    void heldAtTheStartAndLetGoItBegins(long foundMs, long heldMs) {
        assertTrue(held(fitter, foundMs, heldMs, true));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 4_999})
    void aBounceBeginsNothing(long heldMs) {
        assertFalse(held(fitter, 0, heldMs, true));
    }

    /** A short circuit would make a test of the first call after every start. */
    @Test
    void aContactThatIsStuckBeginsNothing() {
        assertFalse(held(fitter, 0, 60_001, true));
    }

    @Test
    void pressedLaterItWasNotHeldAtTheStart() {
        assertFalse(held(fitter, 2_000, 6_000, false), "seen to close");
        assertFalse(held(fitter, 15_001, 6_000, true), "its port came late");
    }

    @Test
    void closedAgainAfterABounceItWasNotHeld() {
        assertFalse(held(fitter, 0, 100, true));
        assertFalse(held(fitter, 200, 6_000, false));
    }

    @Test
    void itBeginsOnce() {
        assertTrue(held(fitter, 0, 6_000, true));
        assertFalse(fitter.begins(level("service", false, false), START + 7_000));
    }

    @Test
    void noOtherContactDoesAndNoneWithoutTheSetting() {
        assertFalse(fitter.begins(level("door", true, true), START));
        assertFalse(fitter.begins(level("door", false, false), START + 6_000));
        assertFalse(held(new FitterContact(Optional.empty(), START), 0, 6_000, true));
    }
}
