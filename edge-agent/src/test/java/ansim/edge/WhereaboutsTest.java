package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.profile.Reading.Fix;
import ansim.profile.Reading.Quality;
import ansim.wire.Pos;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
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

    private static final Fix FIX = new Fix(0, true, 1, 2, OptionalInt.empty(), OptionalInt.empty(), Quality.NONE);

    /** A receiver of a rolled-over date sets no clock, and has a fix all the same. */
    @Test
    void theAgeOfAFixIsToldWhateverItDated() {
        Whereabouts whereabouts = new Whereabouts(Optional.empty());
        assertEquals(OptionalLong.empty(), whereabouts.fixAgeS(5_000));
        whereabouts.fix(FIX, 5_000);
        assertEquals(OptionalLong.of(2), whereabouts.fixAgeS(7_100));
    }

    @Test
    void aFixThatIsLostStandsForNowNoLongerUntilTheNextOne() {
        Whereabouts whereabouts = new Whereabouts(Optional.empty());
        whereabouts.fix(FIX, 5_000);
        whereabouts.lost();
        assertEquals(Optional.empty(), whereabouts.fresh(8_000));
        assertEquals(Optional.of(Pos.of(1, 2)), whereabouts.lastKnown());
        whereabouts.fix(FIX, 9_000);
        assertEquals(Optional.of(Pos.of(1, 2)), whereabouts.fresh(9_000));
    }

    @Test
    void aPoleStandsWhereItStandsThoughItsReceiverLosesTheFix() {
        Whereabouts whereabouts = new Whereabouts(Optional.of(Pos.of(3, 4)));
        whereabouts.lost();
        assertEquals(Optional.of(Pos.of(3, 4)), whereabouts.fresh(8_000));
    }
}
