package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.Gaps.Hole;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which gaps are one, and which record tells of them. */
class GapsTest {
    private static final Id8 TRACK = new Id8(3);
    private static final Id8 OLDER = new Id8(11);
    private static final Id8 NEWER = new Id8(12);

    private final Gaps gaps = new Gaps();

    private static Hole hole(long first, long last, Id8 carrier, long carrierN) {
        return new Hole(Lane.TRACK, TRACK, first, last, Gap.Reason.EVICTED, carrier, carrierN);
    }

    @Test
    void neighboursThatOneLane1ChainTellsAreOneToldByTheLater() {
        gaps.add(hole(1, 4, OLDER, 1));
        gaps.add(hole(5, 9, OLDER, 2));
        assertEquals(List.of(hole(1, 9, OLDER, 2)), gaps.all());
    }

    /** They were one: then the later record's receipt stood for the earlier, which nobody told again when it was lost. */
    @Test
    void neighboursThatTwoLane1ChainsTellStayTwo() {
        gaps.add(hole(1, 4, OLDER, 7));
        gaps.add(hole(5, 9, NEWER, 1));
        assertEquals(List.of(hole(1, 4, OLDER, 7), hole(5, 9, NEWER, 1)), gaps.all());
        assertTrue(gaps.blocks(TRACK, 10, hole -> hole.carrier().equals(NEWER)), "the older is not told yet");
        assertFalse(gaps.blocks(TRACK, 10, hole -> true));
    }

    @Test
    void aGapThatIsToldAgainHasTheNewRecordAloneAndJoinsItsNeighboursThere() {
        gaps.add(hole(1, 4, OLDER, 7));
        gaps.add(hole(5, 9, NEWER, 1));
        gaps.add(hole(1, 4, NEWER, 2));
        assertEquals(List.of(hole(1, 9, NEWER, 2)), gaps.all());
    }

    @Test
    void gapsApartOrOfOtherReasonsStayTwo() {
        Hole damaged = new Hole(Lane.TRACK, TRACK, 5, 5, Gap.Reason.DAMAGED, OLDER, 2);
        gaps.add(hole(1, 4, OLDER, 1));
        gaps.add(damaged);
        gaps.add(hole(7, 9, OLDER, 3));
        assertEquals(List.of(hole(1, 4, OLDER, 1), damaged, hole(7, 9, OLDER, 3)), gaps.all());
    }

    @Test
    void aRecordOfAGapMayStandAnywhereBeforeTheNewest() {
        Hole hole = hole(1, 9, OLDER, 5);
        assertTrue(hole.isToldIn(OLDER, 5));
        assertTrue(hole.isToldIn(OLDER, 1), "an earlier neighbour's record may");
        assertFalse(hole.isToldIn(OLDER, 6));
        assertFalse(hole.isToldIn(NEWER, 1));
    }

    @Test
    void theTableComesBackAsItWasStored() throws IOException {
        gaps.add(hole(1, 4, OLDER, 7));
        gaps.add(hole(5, 9, NEWER, 1));
        Gaps restored = new Gaps();
        restored.restore(gaps.state());
        assertEquals(gaps.all(), restored.all());
        assertThrows(IOException.class, () -> restored.restore(new byte[] {9}));
        assertEquals(gaps.all(), restored.all(), "what cannot be read changes nothing");
    }
}
