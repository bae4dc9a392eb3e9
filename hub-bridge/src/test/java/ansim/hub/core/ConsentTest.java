package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestMap.IN_D;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.position;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Contact;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.Tamper;
import ansim.wire.Unknown;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ride of somebody who is not registered shows through nothing, and what is told is told on the ground that holds when it is decided. */
class ConsentTest {
    private static final NamedRider ANN = new NamedRider("0123456789abcdef0123456789abcdef", "C");

    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.with(unit);
    private final TestUnit.Chain alarms = unit.chain(Lane.ALARM);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);
    private final TestUnit.Chain tracks = unit.chain(Lane.TRACK);
    private final TestUnit.Chain status = unit.chain(Lane.STATUS, 1);
    private final Id8 ride = newId();

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
    }

    private static Contact door(Optional<Pos> pos) {
        return new Contact("door", false, pos);
    }

    private UpMessage card() {
        return events.next(new Boarded(new RideChange(
                Optional.of(IN_A),
                ride,
                Optional.of(Bytes.of(new byte[81])),
                RideChange.Source.CARD,
                OptionalInt.of(1),
                OptionalInt.empty())));
    }

    private static Tamper box() {
        return new Tamper(Tamper.What.ENCLOSURE.code(), Phase.RAISED, OptionalLong.empty());
    }

    private void later(long ms) {
        unit.atMs += ms;
        hub.nowMs += ms;
    }

    private UnitRide unitRide() {
        return new UnitRide(unit.id, ride);
    }

    private Optional<UnitRide> owner(UpMessage message) {
        Input input = new Input.Arrival(hub.nowMs, message);
        LogEntry entry = new LogEntry(input, Step.decide(hub.state, input));
        return Belonging.of(hub.state, entry).flatMap(Belonging::ride);
    }

    /** The door told the centre plate, time and place of every boarding and alighting that was to stay at the hub. */
    @Test
    void theDoorOfATaxiSaysNothingOfARideThatStaysAtTheHub() {
        hub.send(events.next(boarded(ride, IN_A)));
        later(1_000);
        UpMessage opened = events.next(door(Optional.of(IN_A)));
        assertEquals(Optional.of(unitRide()), owner(opened), "its place is the ride's, and is erased with it");
        assertTrue(hub.send(opened).has(Flag.WITHHELD));
        later(600_000);
        hub.send(events.next(alighted(ride, IN_B)));
        later(5_000);
        assertTrue(hub.send(events.next(door(Optional.of(IN_B)))).has(Flag.WITHHELD), "whoever rode gets out");
        later(60_000);
        hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)));
        assertTrue(hub.send(events.next(door(Optional.empty()))).has(Flag.WITHHELD), "and may still be doing so");
        later(120_000);
        assertFalse(hub.send(events.next(door(Optional.of(IN_A)))).has(Flag.WITHHELD), "a free taxi's door");
    }

    /** After an outage what the taxi does now has come before what it did then. */
    @Test
    void aDoorThatComesLateIsOfTheRideOfItsTime() {
        later(3_600_000);
        hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)));
        unit.atMs -= 3_600_000;
        hub.send(events.next(boarded(ride, IN_A)));
        unit.atMs += 600_000;
        hub.send(events.next(alighted(ride, IN_B)));
        unit.atMs += 3_000;
        assertTrue(hub.send(events.next(door(Optional.of(IN_B)))).has(Flag.WITHHELD));
    }

    @Test
    void whatHasTheLastPlaceOfARideStaysWhereTheRideStays() {
        hub.send(status.next(position(IN_A, Optional.of(ride))));
        UpMessage gap = alarms.next(TestUnit.gap(tracks, 1, 3));
        assertEquals(Optional.of(unitRide()), owner(gap));
        assertTrue(hub.send(gap).has(Flag.WITHHELD));
        assertTrue(hub.send(events.next(door(Optional.empty()))).has(Flag.WITHHELD));
        assertTrue(hub.send(status.next(new Unknown(77, Bytes.of(new byte[] {(byte) 0xa0}))))
                .has(Flag.WITHHELD));
        later(10_000);
        hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)));
        Output free = hub.send(alarms.next(TestUnit.gap(tracks, 4, 5)));
        assertFalse(free.has(Flag.WITHHELD));
        assertEquals(Optional.empty(), free.event().orElseThrow().basis(), "nobody's");
    }

    @Test
    void ofARideThatMayBeSeenTheDoorMayBeSeenAndItIsKnownWhose() {
        UpMessage boarding = card();
        hub.send(boarding);
        hub.answer(hub.log.size(), boarding, ANN);
        Output opened = hub.send(events.next(door(Optional.of(IN_A))));
        assertFalse(opened.has(Flag.WITHHELD));
        Event event = opened.event().orElseThrow();
        assertEquals(Optional.of(IN_A), event.place());
        assertEquals(Optional.of(new Basis(Basis.Why.CONSENT, "", Optional.of(ride))), event.basis());
    }

    @Test
    void anAlarmOfARideThatStaysAtTheHubGoesOutWithoutTheRideItsPlaceAndTheMessage() {
        hub.send(events.next(boarded(ride, IN_A)));
        Output output = hub.send(alarms.next(box()));
        assertFalse(output.has(Flag.WITHHELD));
        Event tamper = output.event().orElseThrow();
        assertEquals(EventType.TAMPER, tamper.type());
        assertEquals(List.of("A"), tamper.districts());
        assertEquals(Optional.empty(), tamper.place());
        assertTrue(tamper.isReduced());
        later(3_600_000);
        hub.send(events.next(alighted(ride, IN_A)));
        later(3_600_000);
        hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)));
        Event free = hub.send(alarms.next(box())).event().orElseThrow();
        assertFalse(free.isReduced());
        assertTrue(free.place().isPresent());
    }

    /** A copied card showed its centre the whole boarding, as the message that shows the copy. */
    @Test
    void whatTheHubSaysOfANumberHasNothingOfARideThatStaysAtTheHub() {
        hub.send(events.next(boarded(newId(), IN_A)));
        TestUnit.Chain clone = events.copy();
        hub.send(events.next(boarded(newId(), IN_A)));
        UpMessage copied = clone.next(boarded(ride, IN_B));
        assertEquals(Optional.of(unitRide()), owner(copied));
        Output fork = hub.send(copied);
        assertTrue(fork.has(Flag.WITHHELD));
        Event tamper = fork.numbersAlarm().orElseThrow();
        assertTrue(tamper.alarm() && tamper.isReduced());
        assertEquals(List.of("B"), tamper.districts());
        assertEquals(Optional.empty(), tamper.ride());
        assertEquals(Optional.empty(), tamper.place());
        assertEquals(Event.PlaceSource.NONE, tamper.placeSource());
    }

    @Test
    void whatAPoleTellsIsNobodys() {
        TestUnit pole = new TestUnit();
        UnitRecord plain = pole.record();
        hub.register(new UnitRecord(
                plain.unit(),
                plain.keys(),
                new UnitRecord.Service("17", "", "cctv-pole", Optional.of(IN_D), "B", ""),
                List.of(),
                UnitRecord.Standing.GOOD));
        Output door = hub.send(pole.chain(Lane.EVENT).next(door(Optional.empty())));
        assertFalse(door.has(Flag.WITHHELD));
        assertEquals(Optional.of(IN_D), door.event().orElseThrow().place());
        assertEquals(Optional.empty(), door.event().orElseThrow().basis());
        assertFalse(hub.send(pole.chain(Lane.ALARM).next(box()))
                .event()
                .orElseThrow()
                .isReduced());
    }

    private static Basis.Why why(Output output) {
        return output.event().flatMap(Event::basis).orElseThrow().why();
    }

    @Test
    void theGroundIsThatWhichHoldsWhenItIsDecided() {
        UpMessage boarding = card();
        assertEquals(Basis.Why.NONE, why(hub.send(boarding)));
        long asked = hub.log.size();
        assertEquals(
                Basis.Why.EMERGENCY,
                why(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A), Optional.of(ride))))));
        assertEquals(Basis.Why.EMERGENCY, why(hub.send(status.next(position(IN_A, Optional.of(ride))))));
        assertEquals(Basis.Why.EMERGENCY, why(hub.send(status.next(position(IN_A, Optional.empty())))), "of no ride");
        assertEquals(Basis.Why.CONSENT, why(hub.answer(asked, boarding, ANN)));
        assertEquals(Basis.Why.CONSENT, why(hub.send(tracks.next(track(ride, IN_A)))));
        Policy closed = Policy.DEFAULT;
        hub.set(new Policy(
                closed.ride(),
                closed.position(),
                closed.emergency(),
                closed.catchAll(),
                Optional.of("ordinance 7"),
                closed.attention()));
        Output open = hub.send(events.next(boarded(newId(), IN_A)));
        assertEquals(
                Optional.of(new Basis(Basis.Why.SETTING, "ordinance 7", Optional.empty())),
                open.event().orElseThrow().basis());
        assertEquals(Basis.Why.CONSENT, why(hub.send(events.next(alighted(ride, IN_A)))), "hers needs no setting");
    }
}
