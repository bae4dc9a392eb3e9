package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.position;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Body;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A fitter's test is stored and told as what it is, and touches nothing that is real. */
class TestsApartTest {
    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.with(unit);
    private final TestUnit.Chain alarms = unit.chain(Lane.ALARM);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);
    private final TestUnit.Chain tracks = unit.chain(Lane.TRACK);
    private final TestUnit.Chain status = unit.chain(Lane.STATUS, 1);
    private final Id8 ride = newId();
    private final Id8 alarm = newId();

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
    }

    private UnitState state() {
        return Objects.requireNonNull(hub.state.state(unit.id));
    }

    private Output test(TestUnit.Chain chain, Body body) {
        return sent(chain, body, true);
    }

    private Output real(TestUnit.Chain chain, Body body) {
        return sent(chain, body, false);
    }

    private Output sent(TestUnit.Chain chain, Body body, boolean test) {
        unit.test = test;
        unit.atMs++;
        return hub.send(chain.next(body));
    }

    private static Body call(Id8 alarm, Phase phase, Pos pos) {
        return panic(alarm, phase, Optional.of(pos));
    }

    @Test
    void aTestPanicIsToldAsATestAndReceipted() {
        Output output = test(alarms, call(alarm, Phase.RAISED, IN_A));
        assertEquals(EventType.PANIC, output.event().orElseThrow().type());
        assertTrue(output.has(Flag.TEST));
        assertTrue(output.receipted().isPresent());
    }

    @Test
    void aTestPanicOpensNoAlarmSoNothingIsFollowed() {
        test(alarms, call(alarm, Phase.RAISED, IN_A));
        assertEquals(List.of(), state().alarms);
        Output position = real(status, position(IN_A, Optional.empty()));
        assertEquals(Optional.empty(), position.event(), "a position of no ride and no alarm is nobody's");
    }

    @Test
    void aRealPanicAfterATestIsFollowedFromItsFirstPressOn() {
        test(alarms, call(newId(), Phase.RAISED, IN_A));
        Output call = real(alarms, call(alarm, Phase.RAISED, IN_B));
        assertFalse(call.has(Flag.TEST));
        assertEquals(List.of("B"), call.event().orElseThrow().districts());
        assertTrue(real(status, position(IN_B, Optional.empty())).event().isPresent());
    }

    @Test
    void aTestNeitherClosesNorSpreadsARealAlarmOfTheSameId() {
        real(alarms, call(alarm, Phase.RAISED, IN_A));
        List<UnitState.OpenAlarm> before = List.copyOf(state().alarms);
        test(alarms, call(alarm, Phase.REPEATED, IN_B));
        assertEquals(before, state().alarms);
        test(alarms, call(alarm, Phase.CANCELLED, IN_B));
        assertEquals(before, state().alarms);
    }

    @Test
    void aTestRideIsToldAsATestAndIsNoRide() {
        for (Output output : List.of(
                test(events, boarded(ride, IN_A)),
                test(status, position(IN_A, Optional.of(ride))),
                test(tracks, track(ride, IN_A, IN_A)),
                test(events, alighted(ride, IN_A)))) {
            assertTrue(output.has(Flag.TEST));
            assertTrue(output.event().isPresent());
        }
        assertEquals(List.of(), state().rides());
    }

    @Test
    void aTestChangesNoRealRideOfTheSameId() {
        real(events, boarded(ride, IN_A));
        var before = TestRides.of(hub.state, unit);
        test(status, position(IN_B, Optional.of(ride)));
        test(tracks, track(ride, IN_B, IN_B));
        test(events, boarded(ride, IN_B));
        test(events, alighted(ride, IN_B));
        assertEquals(before, TestRides.of(hub.state, unit));
    }

    @Test
    void aTestTellsWhereTheUnitIs() {
        test(events, boarded(ride, IN_B));
        Output call = real(alarms, panic(alarm, Phase.RAISED, Optional.empty()));
        assertEquals(List.of("B"), call.event().orElseThrow().districts());
    }

    @Test
    void aGapToldWhileCommissioningIsAGap() {
        real(events, boarded(newId(), IN_A));
        UpMessage late = events.at(4, Optional.empty(), boarded(newId(), IN_A));
        test(alarms, TestUnit.gap(events, 2, 3));
        assertEquals(Disposition.STORED, hub.send(late).disposition());
    }

    @Test
    void thatATestsNumberShowsACloneIsNoTest() {
        TestUnit.Chain clone = events.copy();
        real(events, boarded(newId(), IN_A));
        Output fork = test(clone, boarded(newId(), IN_B));
        assertTrue(fork.has(Flag.TEST));
        assertTrue(fork.numbersAlarm().isPresent());
        assertFalse(fork.numbersAlarmFlags().contains(Flag.TEST));
        assertTrue(fork.numbersAlarmFlags().contains(Flag.FORK));
    }
}
