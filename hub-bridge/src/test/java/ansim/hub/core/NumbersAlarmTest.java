package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestMap.IN_C;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Presence;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** CONTRACT's tamper 9 as the hub raises it: an alarm to the centre, once for each cause. */
class NumbersAlarmTest {
    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.open(unit);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
    }

    private UpMessage event() {
        return events.next(boarded(newId(), IN_A));
    }

    private UpMessage broken(long n) {
        return events.at(n, Optional.of(new Id16(n, 2)), boarded(newId(), IN_A));
    }

    private List<Output> told() {
        return hub.outputs.stream()
                .filter(each -> each.numbersAlarm().isPresent())
                .toList();
    }

    @Test
    void whatIsInOrderRaisesNothing() {
        for (int i = 0; i < 20; i++) {
            hub.send(event());
        }
        assertEquals(List.of(), told());
    }

    @Test
    void aForkIsAlsoTheHubsOwnTamperWhereTheUnitIs() {
        hub.send(event());
        TestUnit.Chain clone = events.copy();
        hub.send(event());
        Output fork = hub.send(clone.next(boarded(newId(), IN_B)));
        Event tamper = fork.numbersAlarm().orElseThrow();
        assertEquals(EventType.TAMPER, tamper.type());
        assertTrue(tamper.alarm());
        assertEquals(List.of("B"), tamper.districts());
        assertEquals("numbers", tamper.details().get("what"));
        assertEquals("hub", tamper.details().get("by"));
        assertEquals("fork", tamper.details().get("cause"));
        assertEquals(events.chain.hex(), tamper.details().get("chain"));
        assertEquals("2", tamper.details().get("n"));
        assertEquals(fork.id() + "/numbers", fork.numbersAlarmId());
        assertEquals(EventType.RIDE_BOARDED, fork.event().orElseThrow().type(), "the message itself is delivered too");
        assertFalse(fork.event().orElseThrow().alarm());
    }

    @Test
    void aClonedCardIsOneAlarmHoweverMuchItSends() {
        hub.send(event());
        TestUnit.Chain clone = events.copy();
        for (int i = 0; i < 40; i++) {
            hub.send(event());
        }
        for (int i = 0; i < 40; i++) {
            assertTrue(hub.send(clone.next(boarded(newId(), IN_B))).has(Flag.NUMBERS));
        }
        assertEquals(1, told().size());
    }

    @Test
    void aCauseThatLastsIsToldAgainAfterADay() {
        hub.send(event());
        TestUnit.Chain clone = events.copy();
        for (int i = 0; i < 3; i++) {
            hub.send(event());
        }
        hub.send(clone.next(boarded(newId(), IN_B)));
        hub.nowMs += NumbersAlarm.AGAIN_MS - 1;
        hub.send(clone.next(boarded(newId(), IN_B)));
        assertEquals(1, told().size());
        hub.nowMs += 1;
        hub.send(clone.next(boarded(newId(), IN_B)));
        assertEquals(2, told().size());
    }

    @Test
    void aBreakAndAForkOfOneChainAndTheSameInAnotherAreCausesOfTheirOwn() {
        hub.send(event());
        hub.send(broken(2));
        hub.send(broken(3));
        hub.send(events.at(3, Optional.empty(), boarded(newId(), IN_A)));
        TestUnit.Chain other = unit.chain(Lane.EVENT);
        hub.send(other.at(1, Optional.of(new Id16(1, 2)), boarded(newId(), IN_A)));
        assertEquals(
                List.of("chain-break", "fork", "chain-break"),
                told().stream()
                        .map(each -> each.numbersAlarm().orElseThrow().details().get("cause"))
                        .toList());
    }

    @Test
    void tooManyNewChainsAreOneAlarmADayHoweverManyMoreCome() {
        for (int i = 0; i < UnitState.NEW_CHAINS + 12; i++) {
            hub.send(unit.chain(Lane.EVENT).next(boarded(newId(), IN_A)));
        }
        assertEquals(1, told().size());
        assertEquals(
                "new-chains",
                told().get(0).numbersAlarm().orElseThrow().details().get("cause"));
    }

    /** Health, presence and what is kept in quarantine are nobody's event; the copy that sends them is an alarm all the same. */
    @Test
    void aMessageThatIsNoEventRaisesItWhereTheUnitWasLastSeen() {
        hub.send(events.next(boarded(newId(), IN_C)));
        TestUnit.Chain status = unit.chain(Lane.STATUS, 5);
        hub.send(status.next(presence(true)));
        Output fork = hub.send(status.at(1, Optional.empty(), presence(false)));
        assertEquals(Optional.empty(), fork.event());
        assertEquals("fork", fork.numbersAlarm().orElseThrow().details().get("cause"));
        assertEquals(
                Event.PlaceSource.LAST_KNOWN, fork.numbersAlarm().orElseThrow().placeSource());
    }

    private static Presence presence(boolean onDuty) {
        return new Presence(374_500_000, 1_269_500_000, onDuty);
    }

    /** A unit in error cannot fill the hub's memory: the oldest cause is forgotten, and is told again when it comes again. */
    @Test
    void ofOneUnitOnlySoManyCausesAreRemembered() {
        TestUnit.Chain first = unit.chain(Lane.EVENT);
        breakIn(first);
        for (int i = 1; i < NumbersAlarm.KEPT; i++) {
            breakIn(unit.chain(Lane.EVENT));
        }
        breakIn(first);
        assertEquals(NumbersAlarm.KEPT, told().size());
        breakIn(unit.chain(Lane.EVENT));
        breakIn(first);
        assertEquals(NumbersAlarm.KEPT + 2, told().size());
    }

    private void breakIn(TestUnit.Chain chain) {
        hub.send(chain.at(++chain.n, Optional.of(new Id16(chain.n, 7)), boarded(newId(), IN_A)));
    }
}
