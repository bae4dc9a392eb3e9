package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestMap.IN_D;
import static ansim.hub.core.TestMap.OUTSIDE;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.position;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Policy.To;
import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Contact;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.RideChange;
import ansim.wire.Track;
import ansim.wire.Unknown;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which centres get what by the settings, and what they get of a ride that they may see only later. */
class RoutingPolicyTest {
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

    private static Policy policy(List<To> places, Optional<String> catchAll, Optional<String> everyRide) {
        return new Policy(places, places, places, catchAll, everyRide, Policy.Attention.DEFAULT);
    }

    private void open(To... places) {
        hub.set(policy(List.of(places), Optional.empty(), Optional.of("ordinance 7, article 3")));
    }

    private static List<String> districts(Output output) {
        return output.event().orElseThrow().districts();
    }

    private UpMessage board(Pos pos) {
        UpMessage message = events.next(new Boarded(new RideChange(
                Optional.of(pos),
                ride,
                Optional.of(Bytes.of(new byte[81])),
                RideChange.Source.CARD,
                OptionalInt.of(1),
                OptionalInt.empty())));
        hub.send(message);
        return message;
    }

    @Test
    void theFirstPlaceThatIsKnownOwnsARideAndTheOthersWatch() {
        open(To.HOME, To.ORIGIN, To.CURRENT);
        UpMessage boarding = board(IN_A);
        assertEquals(List.of("A"), districts(hub.outputs.get(hub.outputs.size() - 1)));
        hub.answer(hub.log.size(), boarding, ANN);
        assertEquals(List.of("C", "A"), districts(hub.send(status.next(position(IN_A, Optional.of(ride))))));
        assertEquals(List.of("C", "A", "D"), districts(hub.send(status.next(position(IN_D, Optional.of(ride))))));
    }

    @Test
    void aRideGoesToWhereItIsAndToWhereItsRiderLives() {
        open(To.CURRENT, To.HOME);
        UpMessage boarding = board(IN_A);
        hub.answer(hub.log.size(), boarding, ANN);
        assertEquals(List.of("A", "C"), districts(hub.send(events.next(alighted(ride, IN_A)))));
    }

    @Test
    void aHomeThatTheMapDoesNotKnowIsNobody() {
        open(To.CURRENT, To.HOME);
        UpMessage boarding = board(IN_A);
        hub.answer(hub.log.size(), boarding, new NamedRider(ANN.handle(), "41135"));
        assertEquals(List.of("A"), districts(hub.send(events.next(alighted(ride, IN_A)))));
    }

    @Test
    void positionsMayGoToFewerThanBoardings() {
        hub.set(new Policy(
                List.of(To.CURRENT, To.HOME),
                List.of(To.CURRENT),
                List.of(To.CURRENT),
                Optional.empty(),
                Optional.empty(),
                Policy.Attention.DEFAULT));
        UpMessage boarding = board(IN_A);
        hub.answer(hub.log.size(), boarding, ANN);
        assertEquals(List.of("A"), districts(hub.send(tracks.next(track(ride, IN_A, IN_A)))));
        assertEquals(List.of("A", "C"), districts(hub.send(events.next(alighted(ride, IN_A)))));
    }

    @Test
    void aChangedPolicyHoldsFromItsPlaceInTheLogAndRoutesNothingAgain() throws IOException {
        open(To.CURRENT);
        UpMessage boarding = board(IN_A);
        hub.answer(hub.log.size(), boarding, ANN);
        int before = hub.log.size();
        open(To.HOME);
        assertEquals(List.of("C"), districts(hub.send(events.next(alighted(ride, IN_A)))));
        assertEquals(List.of("A"), districts(hub.entry(before).output()), "as it was decided");
        assertEquals(List.of(To.HOME), hub.state.policy().ride());
    }

    @Test
    void theCentreOfADestinationGetsTheBoardingUnderItsOwnIdFirst() {
        open(To.CURRENT, To.DESTINATION);
        UpMessage boarding = board(IN_A);
        long boarded = hub.log.size();
        Output output = hub.goTo(unit, ride, IN_D);
        assertEquals(EventType.RIDE_UPDATED, output.event().orElseThrow().type());
        assertEquals(List.of("A", "D"), districts(output));
        assertEquals(List.of(new Output.Again(boarded, List.of("D"))), output.again());
        assertEquals(Optional.of("D"), hub.state.destination(new UnitRide(unit.id, ride)));
        assertEquals(List.of("A", "D"), districts(hub.send(status.next(position(IN_A, Optional.of(ride))))));
        assertEquals(List.of(), hub.goTo(unit, ride, IN_D).again(), "it has it already");
        assertTrue(boarding.batch().n() > 0);
    }

    /** It was logged and answered as if it counted, and gave a ride that was erased a key again. */
    @Test
    void aDestinationOfARideThatIsNotKnownOrHasEndedIsRefusedAndNothingIsLogged() {
        open(To.CURRENT, To.DESTINATION);
        board(IN_A);
        assertEquals(RefusedInput.Why.UNKNOWN_RIDE, refused(hub.goTo(unit, TestUnit.newId(), IN_D)));
        assertEquals(RefusedInput.Why.UNKNOWN_RIDE, refused(hub.goTo(new TestUnit(), ride, IN_D)));
        hub.send(events.next(alighted(ride, IN_A)));
        assertEquals(RefusedInput.Why.ENDED_RIDE, refused(hub.goTo(unit, ride, IN_D)));
        hub.handle(new Input.Erasure(
                hub.nowMs,
                hub.state.erasureHead(),
                Input.Erasure.Cause.REQUEST,
                "",
                List.of(new Input.Erasure.Item(1, Optional.of(new UnitRide(unit.id, ride))))));
        assertEquals(RefusedInput.Why.UNKNOWN_RIDE, refused(hub.goTo(unit, ride, IN_D)));
    }

    private static RefusedInput.Why refused(Output output) {
        assertEquals(Disposition.REFUSED, output.disposition());
        assertEquals(Optional.empty(), output.event());
        return RefusedInput.of(output).why();
    }

    @Test
    void whoOwnedARideHearsWhoOwnsItNow() {
        open(To.CURRENT);
        board(IN_A);
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of("A", "B"), districts(hub.send(status.next(position(IN_B, Optional.of(ride))))));
            unit.atMs += 10_000;
        }
        Output handed = hub.send(status.next(position(IN_B, Optional.of(ride))));
        assertEquals(List.of("B", "A"), districts(handed));
        assertEquals("A", handed.event().orElseThrow().details().get("owner-before"));
        unit.atMs += 10_000;
        assertEquals(List.of("B"), districts(hub.send(status.next(position(IN_B, Optional.of(ride))))));
    }

    @Test
    void anEmergencyInARideGoesToWhereItIsFirstAndToWhoeverHasToDoWithTheRide() {
        UpMessage boarding = board(IN_A);
        hub.answer(hub.log.size(), boarding, ANN);
        Panic panic = new Panic(
                Optional.of(IN_D),
                Optional.of(ride),
                Panic.Origin.RIDER,
                Panic.Pattern.PRESS,
                newId(),
                Phase.RAISED,
                OptionalLong.empty());
        assertEquals(List.of("D", "A", "C"), districts(hub.send(alarms.next(panic))));
    }

    @Test
    void aPoleBelongsToItsOwnDistrictWhereverItsPositionIs() {
        TestUnit pole = new TestUnit();
        UnitRecord plain = pole.record();
        hub.register(new UnitRecord(
                plain.unit(),
                plain.keys(),
                new UnitRecord.Service("17", "", "cctv-pole", Optional.of(IN_D), "B", ""),
                List.of(),
                UnitRecord.Standing.GOOD));
        assertEquals(
                List.of("B"),
                districts(hub.send(pole.chain(Lane.EVENT).next(new Contact("door", true, Optional.empty())))));
        assertEquals(
                List.of("B", "D"),
                districts(hub.send(pole.chain(Lane.ALARM).next(panic(newId(), Phase.RAISED, Optional.empty())))));
    }

    @Test
    void whatIsOutsideEveryDistrictGoesToTheCatchAllAndIsFlagged() {
        hub.set(policy(List.of(To.CURRENT), Optional.of("city-hall"), Optional.of("ordinance 7")));
        Output outside = hub.send(events.next(boarded(ride, OUTSIDE)));
        assertEquals(List.of("city-hall"), districts(outside));
        assertTrue(outside.has(Flag.OUTSIDE));
        Output inside = hub.send(events.next(boarded(newId(), IN_A)));
        assertTrue(!inside.has(Flag.OUTSIDE));
        Output emergency = hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(OUTSIDE))));
        assertEquals(List.of("city-hall"), districts(emergency));
    }

    @Test
    void theRideOfSomebodyWhoIsNotRegisteredStaysAtTheHubAndAnEmergencyOfAnybodyDoesNot() {
        assertTrue(hub.send(events.next(boarded(ride, IN_A))).has(Flag.WITHHELD));
        assertTrue(hub.send(status.next(position(IN_A, Optional.of(ride)))).has(Flag.WITHHELD));
        assertTrue(hub.send(tracks.next(track(ride, IN_A))).has(Flag.WITHHELD));
        assertTrue(!hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A), Optional.of(ride))))
                .has(Flag.WITHHELD));
        unit.atMs += 1_000;
        assertTrue(!hub.send(status.next(position(IN_A, Optional.of(ride)))).has(Flag.WITHHELD), "help must find it");
        assertTrue(!hub.send(events.next(alighted(ride, IN_A))).has(Flag.WITHHELD));
    }

    /** A unit never says that an alarm has ended: once it opened every later ride of the taxi. */
    @Test
    void anEmergencyOpensTheRideThatItIsInAndNoOther() {
        hub.send(events.next(boarded(ride, IN_A)));
        hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A), Optional.of(ride))));
        hub.send(events.next(alighted(ride, IN_A)));
        unit.atMs += 60_000;
        Id8 next = newId();
        assertTrue(hub.send(events.next(boarded(next, IN_A))).has(Flag.WITHHELD));
        assertTrue(hub.send(status.next(position(IN_A, Optional.of(next)))).has(Flag.WITHHELD));
    }

    /** What a later agent says of something else, in one message with a track. */
    @Test
    void anUnknownRecordBeforeATrackDoesNotCarryItPastTheWithholding() {
        hub.send(events.next(boarded(ride, IN_A)));
        Output mixed = hub.send(tracks.next(new Unknown(77, Bytes.of(new byte[] {(byte) 0xa0})), track(ride, IN_A)));
        assertTrue(mixed.has(Flag.WITHHELD), mixed.toString());
    }

    /** A unit begins another track in the same message where its fixes have a gap: where they went after it went to nobody. */
    @Test
    void aMessageGoesToTheDistrictsOfAllItsTracksAndToWhoOwnsTheRideAfterThem() {
        open(To.CURRENT);
        unit.atMs -= 200_000;
        hub.send(events.next(boarded(ride, IN_A)));
        unit.atMs += 1_000;
        Track here = track(ride, IN_A, IN_A);
        Track there = Track.through(List.of(IN_D, IN_B, IN_B, IN_B, IN_B, IN_B), 10_000, List.of(), Optional.of(ride));
        Output output = hub.send(tracks.next(List.of(new UpRecord(0, here), new UpRecord(30_000, there))));
        assertEquals(List.of("B", "D", "A"), districts(output));
        assertEquals("A", output.event().orElseThrow().details().get("owner-before"));
        assertEquals(Optional.of("B"), TestRides.ride(hub.state, unit, ride).owner());
        Track rideless = Track.through(List.of(IN_A), 1_000, List.of(), Optional.empty());
        Track farther = Track.through(List.of(IN_D), 1_000, List.of(), Optional.empty());
        unit.atMs += 90_000;
        assertEquals(
                List.of("D", "A"),
                districts(hub.send(tracks.next(List.of(new UpRecord(0, rideless), new UpRecord(20_000, farther))))));
    }

    @Test
    void aSettingThatNamesItsGroundOpensEveryRide() {
        open(To.CURRENT);
        assertTrue(!hub.send(events.next(boarded(ride, IN_A))).has(Flag.WITHHELD));
        assertThrows(
                IllegalArgumentException.class, () -> policy(List.of(To.CURRENT), Optional.empty(), Optional.of(" ")));
    }

    @Test
    void aNameOpensARideEvenAClosedOneAndNeverReopensIt() {
        UpMessage boarding = board(IN_A);
        long boarded = hub.log.size();
        hub.send(events.next(alighted(ride, IN_A)));
        long alighted = hub.log.size();
        Output named = hub.answer(boarded, boarding, ANN);
        List<String> fresh = List.of("A", "C", Output.Again.EVERYBODY);
        assertEquals(
                List.of(new Output.Again(boarded, fresh), new Output.Again(alighted, fresh)),
                named.again(),
                "nobody has seen it");
        assertEquals(EventType.RIDE_UPDATED, named.event().orElseThrow().type());
        assertTrue(!named.has(Flag.WITHHELD));
        assertTrue(TestRides.ride(hub.state, unit, ride).closed());
        assertEquals(List.of(), hub.answer(boarded, boarding, ANN).again(), "once");
    }

    /** The demo found it: a panic showed the ride to its centre, which then counted as having seen it, and never got the boarding. */
    @Test
    void anEmergencyBeforeTheNameDoesNotTakeTheBoardingFromTheCentre() {
        UpMessage boarding = board(IN_A);
        long boarded = hub.log.size();
        hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A), Optional.of(ride))));
        assertTrue(!hub.send(status.next(position(IN_A, Optional.of(ride)))).has(Flag.WITHHELD));
        assertEquals(
                List.of(new Output.Again(boarded, List.of("A", "C", Output.Again.EVERYBODY))),
                hub.answer(boarded, boarding, ANN).again());
    }

    @Test
    void aNameFindsARideThatIsGoneFromMemoryByItsPlaceInTheLog() {
        UpMessage boarding = board(IN_A);
        long boarded = hub.log.size();
        hub.send(events.next(alighted(ride, IN_A)));
        long alighted = hub.log.size();
        for (int i = 0; i < 3 * UnitState.RIDES_KEPT; i++) {
            Id8 other = newId();
            hub.send(events.next(boarded(other, IN_B)));
            hub.send(events.next(alighted(other, IN_B)));
        }
        Output named = hub.answer(boarded, boarding, ANN);
        List<String> fresh = List.of("A", "C", Output.Again.EVERYBODY);
        assertEquals(List.of(new Output.Again(boarded, fresh), new Output.Again(alighted, fresh)), named.again());
    }

    @Test
    void whereEveryRideIsOpenAHomeStillGetsTheBoardingThatItHasNotSeen() {
        open(To.CURRENT, To.HOME);
        UpMessage boarding = board(IN_A);
        long boarded = hub.log.size();
        assertEquals(
                List.of(new Output.Again(boarded, List.of("C"))),
                hub.answer(boarded, boarding, ANN).again());
    }

    @Test
    void aPolicyThatNamesNothingOrOnePlaceTwiceIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> policy(List.of(), Optional.empty(), Optional.empty()));
        assertThrows(
                IllegalArgumentException.class,
                () -> policy(List.of(To.HOME, To.HOME), Optional.empty(), Optional.empty()));
        assertThrows(
                IllegalArgumentException.class,
                () -> policy(List.of(To.HOME), Optional.of("city hall"), Optional.empty()));
    }
}
