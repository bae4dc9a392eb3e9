package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestMap.IN_C;
import static ansim.hub.core.TestMap.IN_D;
import static ansim.hub.core.TestMap.OUTSIDE;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.position;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Boarded;
import ansim.wire.Contact;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.Tamper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of rides and emergencies, and where they go. */
class RidesTest {
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

    private static Event event(Output output) {
        return output.event().orElseThrow();
    }

    @Test
    void aBoardingGoesToTheDistrictUnderTheTaxiWithVehicleAndCompany() {
        Event event = event(hub.send(events.next(boarded(ride, IN_B))));
        assertEquals(EventType.RIDE_BOARDED, event.type());
        assertEquals(List.of("B"), event.districts());
        assertEquals("서울 33 바 1234", event.vehicle());
        assertEquals("Hanbit Taxi", event.company());
        assertEquals("taxi", event.unitKind());
        assertEquals(Optional.of(ride), event.ride());
        assertEquals(unit.atMs, event.when().ms());
        assertEquals("card", event.details().get("source"));
        assertFalse(event.alarm());
    }

    @Test
    void aSecondBoardingOfTheSameRideIsAnUpdate() {
        hub.send(events.next(boarded(ride, IN_A)));
        assertEquals(
                EventType.RIDE_UPDATED,
                event(hub.send(events.next(boarded(ride, IN_A)))).type());
    }

    @Test
    void aBoardingOfARideThatWasForgottenLongAgoIsStillAnUpdate() {
        hub.send(events.next(boarded(ride, IN_A)));
        hub.send(events.next(alighted(ride, IN_A)));
        for (int i = 0; i < 100; i++) {
            Id8 other = newId();
            hub.send(events.next(boarded(other, IN_A)));
            hub.send(events.next(alighted(other, IN_A)));
        }
        assertEquals(
                EventType.RIDE_UPDATED,
                event(hub.send(events.next(boarded(ride, IN_A)))).type());
    }

    @Test
    void ridesInMemoryAreBoundedEvenIfNoneEverEnds() {
        for (int i = 0; i < 3 * UnitState.RIDES_KEPT; i++) {
            hub.send(events.next(boarded(newId(), IN_A)));
        }
        assertEquals(UnitState.RIDES_KEPT, TestRides.of(hub.state, unit).size());
    }

    @Test
    void anOpenRideIsKeptWhileClosedOnesGo() {
        hub.send(events.next(boarded(ride, IN_A)));
        for (int i = 0; i < 3 * UnitState.RIDES_KEPT; i++) {
            Id8 other = newId();
            hub.send(events.next(boarded(other, IN_A)));
            hub.send(events.next(alighted(other, IN_A)));
        }
        assertNotNull(TestRides.ride(hub.state, unit, ride).boarded);
    }

    @Test
    void anAlightingClosesTheRideAndIsAlsoSeenWhereItHappens() {
        hub.send(events.next(boarded(ride, IN_A)));
        Event event = event(hub.send(events.next(alighted(ride, IN_D))));
        assertEquals(EventType.RIDE_ALIGHTED, event.type());
        assertEquals(List.of("A", "D"), event.districts());
        assertTrue(TestRides.ride(hub.state, unit, ride).closed());
    }

    @Test
    void aTrackIsOwnedByTheDistrictThatTheRideSettledInAndSeenByThoseItPasses() {
        Event event = event(hub.send(tracks.next(track(ride, IN_A, IN_C, IN_D))));
        assertEquals(EventType.TRACK, event.type());
        assertEquals(List.of("A", "D", "C"), event.districts());
        assertEquals(3, TestRides.ride(hub.state, unit, ride).fixes);
    }

    @Test
    void aLivePositionIsDeliveredOnlyDuringARideOrWhileAnAlarmIsOpen() {
        assertEquals(
                Optional.empty(),
                hub.send(status.next(position(IN_A, Optional.empty()))).event());
        assertEquals(
                EventType.POSITION,
                event(hub.send(status.next(position(IN_A, Optional.of(ride))))).type());
        Id8 alarm = newId();
        hub.send(alarms.next(panic(alarm, Phase.RAISED, Optional.of(IN_A))));
        assertTrue(
                hub.send(status.next(position(IN_A, Optional.empty()))).event().isPresent());
        hub.send(alarms.next(panic(alarm, Phase.CANCELLED, Optional.of(IN_A))));
        assertEquals(
                Optional.empty(),
                hub.send(status.next(position(IN_A, Optional.empty()))).event());
    }

    @Test
    void healthAndPresenceAreNotDelivered() {
        assertEquals(
                Optional.empty(),
                hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)))
                        .event());
    }

    @Test
    void anEventWithoutAPositionGoesToWhereTheUnitWasLast() {
        hub.send(status.next(position(IN_C, Optional.of(ride))));
        unit.atMs += 1000;
        Event event = event(hub.send(
                events.next(new Boarded(RideChange.of(ride, Optional.empty(), RideChange.Source.METER_LAMP)))));
        assertEquals(List.of("C"), event.districts());
        assertEquals(Event.PlaceSource.LAST_KNOWN, event.placeSource());
    }

    @Test
    void theLastPositionIsTheLastByCaptureNotByArrival() {
        long now = unit.atMs;
        unit.atMs = now - 60_000;
        var early = tracks.next(track(ride, IN_A, IN_A));
        unit.atMs = now;
        hub.send(status.next(position(IN_C, Optional.of(ride))));
        hub.send(early);
        Event event = event(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.empty()))));
        assertEquals("C", event.owner());
    }

    @Test
    void aPoleWithoutReceiverIsWhereTheRegistrySays() {
        TestUnit pole = new TestUnit();
        pole.place = Optional.of(IN_D);
        hub.register(pole.record());
        Event event = event(hub.send(pole.chain(Lane.EVENT).next(new Contact("door", false, Optional.empty()))));
        assertEquals(List.of("D"), event.districts());
        assertEquals(Event.PlaceSource.REGISTERED, event.placeSource());
        assertEquals("false", event.details().get("closed"));
    }

    @Test
    void whatHappensNowhereKnownOrOutsideAllDistrictsIsKeptUnderADash() {
        Event nowhere = event(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.empty()))));
        assertEquals(List.of(Event.OUTSIDE), nowhere.districts());
        assertEquals(Event.PlaceSource.NONE, nowhere.placeSource());
        Event outside = event(hub.send(events.next(boarded(ride, OUTSIDE))));
        assertEquals(List.of(Event.OUTSIDE), outside.districts());
    }

    /** About 40 m east of the border between A and B. */
    private static final Pos NEAR_BORDER = Pos.of(374_500_000, 1_270_004_500);

    @Test
    void anEmergencyAlsoGoesToEveryDistrictWithinFiftyMetresOfTheBorder() {
        Event event = event(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(NEAR_BORDER)))));
        assertEquals(List.of("B", "A"), event.districts());
        assertTrue(event.alarm());
        Event farther = event(
                hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(Pos.of(374_500_000, 1_270_006_000))))));
        assertEquals(List.of("B"), farther.districts());
    }

    @Test
    void thePositionsUncertaintyWidensThatMargin() {
        Pos uncertain = new Pos(374_500_000, 1_270_010_000, OptionalInt.of(450));
        assertEquals(
                List.of("B", "A"),
                event(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(uncertain)))))
                        .districts());
    }

    @Test
    void anEmergencyJustOutsideEveryDistrictGoesToTheNearest() {
        Pos outside = Pos.of(374_500_000, 1_268_997_000);
        assertEquals(
                List.of("A"),
                event(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(outside)))))
                        .districts());
    }

    @Test
    void aBoardingNearABorderGoesToOneDistrictOnly() {
        assertEquals(
                List.of("B"),
                event(hub.send(events.next(boarded(ride, NEAR_BORDER)))).districts());
    }

    @Test
    void whoeverWasToldOfAnAlarmHearsItsRepetitionAndItsEnd() {
        Id8 alarm = newId();
        hub.send(alarms.next(panic(alarm, Phase.RAISED, Optional.of(IN_A))));
        assertEquals(
                List.of("D", "A"),
                event(hub.send(alarms.next(panic(alarm, Phase.REPEATED, Optional.of(IN_D)))))
                        .districts());
        assertEquals(
                List.of("C", "A", "D"),
                event(hub.send(alarms.next(panic(alarm, Phase.CANCELLED, Optional.of(IN_C)))))
                        .districts());
    }

    @Test
    void alarmsOpenAtOnceAreBounded() {
        for (int i = 0; i < 3 * UnitState.ALARMS_KEPT; i++) {
            hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A))));
        }
        UnitState state = hub.state.state(unit.id);
        assertTrue(state != null && state.alarms.size() == UnitState.ALARMS_KEPT);
    }

    @Test
    void aTamperIsAnAlarmOfItsOwnDistrict() {
        hub.send(status.next(position(IN_C, Optional.of(ride))));
        Event event = event(hub.send(alarms.next(Tamper.of(Tamper.What.ENCLOSURE, Phase.RAISED))));
        assertEquals(EventType.TAMPER, event.type());
        assertEquals(List.of("C"), event.districts());
        assertEquals("enclosure", event.details().get("what"));
        assertTrue(event.alarm());
    }

    @Test
    void anAlarmsDetailsSayWhoAskedAndHow() {
        Event event = event(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A)))));
        assertEquals("rider", event.details().get("origin"));
        assertEquals("press", event.details().get("pattern"));
        assertEquals("raised", event.details().get("phase"));
    }

    @Test
    void aNewMapRoutesWhatComesAfterItAndNothingBefore() throws IOException {
        hub.send(events.next(boarded(ride, IN_A)));
        hub.importDistricts(TestMap.of(TestMap.square("X", 126.9, 37.4, 127.1, 37.6)));
        assertEquals(
                List.of("X"), event(hub.send(events.next(alighted(ride, IN_A)))).districts());
        assertEquals(
                List.of(List.of("A"), List.of("X")),
                hub.events().map(Event::districts).toList());
    }
}
