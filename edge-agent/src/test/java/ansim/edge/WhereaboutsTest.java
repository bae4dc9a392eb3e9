package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.profile.Reading.Fix;
import ansim.profile.Reading.Quality;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** How exact a position is said to be. */
class WhereaboutsTest {
    private static OptionalInt accuracyDm(OptionalInt hdopE2, OptionalInt told) {
        Quality quality = new Quality(OptionalInt.empty(), hdopE2, OptionalInt.empty(), OptionalInt.empty(), told);
        return Whereabouts.pos(new Fix(0, false, 1, 2, OptionalInt.empty(), OptionalInt.empty(), quality))
                .haccDm();
    }

    @Test
    void theReceiversOwnEstimateCountsMoreThanTheDilution() {
        assertEquals(OptionalInt.of(24), accuracyDm(OptionalInt.of(300), OptionalInt.of(24)));
        assertEquals(OptionalInt.of(150), accuracyDm(OptionalInt.of(300), OptionalInt.empty()));
        assertEquals(OptionalInt.empty(), accuracyDm(OptionalInt.empty(), OptionalInt.empty()));
    }
}
