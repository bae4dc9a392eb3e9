package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.position;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.UpMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a ride needs attention, and when it does not any more: its owner hears both, once. */
class AttentionTest {
    private static final long MINUTE_MS = 60_000;
    private static final long LOST_MS = 10 * MINUTE_MS;
    private static final long ENDLESS_MS = 360 * MINUTE_MS;
    private static final Policy POLICY = new Policy(
            Policy.DEFAULT.ride(),
            Policy.DEFAULT.position(),
            Policy.DEFAULT.emergency(),
            Optional.empty(),
            Optional.of("ordinance 7"),
            new Policy.Attention(LOST_MS, ENDLESS_MS, 10 * MINUTE_MS, 20 * MINUTE_MS, 3_000));

    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.with(unit);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);
    private final TestUnit.Chain tracks = unit.chain(Lane.TRACK);
    private final TestUnit.Chain status = unit.chain(Lane.STATUS, 1);
    private final Id8 ride = newId();
    private final long startMs = hub.nowMs;

    @BeforeEach
    void board() {
        hub.set(POLICY);
        unit.atMs = startMs;
        hub.send(events.next(boarded(ride, IN_A)));
    }

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            hub.state.write(out);
        }
        HubState read = HubState.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertArrayEquals(hub.state.hash(), read.hash());
        // What is due is not kept, but follows: a restart looks at the same rides.
        long later = hub.nowMs + 2 * ENDLESS_MS;
        assertEquals(hub.state.due(later), read.due(later));
    }

    private String told(long atMs) {
        return hub.tickAt(atMs).stream()
                .map(each -> each.details().get("reason") + " " + each.details().get("phase"))
                .collect(Collectors.joining(", "));
    }

    private void pass(long afterMs, Pos pos) {
        unit.atMs = startMs + afterMs;
        hub.nowMs = unit.atMs;
        hub.send(status.next(position(pos, Optional.of(ride))));
    }

    @Test
    void aTaxiThatIsNotHeardOfIsLostUntilItIsHeardAgain() {
        assertEquals("", told(startMs + LOST_MS - 1));
        List<Event> told = hub.tickAt(startMs + LOST_MS);
        Event lost = told.get(0);
        assertEquals(1, told.size());
        assertEquals(EventType.RIDE_ATTENTION, lost.type());
        assertEquals("lost", lost.details().get("reason"));
        assertEquals(List.of("A"), lost.districts());
        assertEquals(Optional.of(ride), lost.ride());
        assertEquals("서울 33 바 1234", lost.vehicle());
        assertEquals(Optional.of(IN_A), lost.place());
        assertEquals("", told(startMs + 2 * LOST_MS), "once");
        pass(2 * LOST_MS + 1, IN_A);
        assertEquals("lost ended", told(startMs + 2 * LOST_MS + 1));
    }

    @Test
    void anyWordOfTheUnitIsAWord() {
        for (int minute = 1; minute < 60; minute++) {
            hub.nowMs = startMs + minute * MINUTE_MS;
            unit.atMs = hub.nowMs;
            hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)));
            assertTrue(!told(hub.nowMs).contains("lost"));
        }
    }

    @Test
    void aRideThatIsHeardOfButNotSeenIsWithoutPosition() {
        hub.nowMs = startMs + 9 * MINUTE_MS;
        unit.atMs = hub.nowMs;
        hub.send(events.next(new Boarded(RideChange.of(ride, Optional.empty(), RideChange.Source.METER_LAMP))));
        assertEquals("no-position raised", told(startMs + 10 * MINUTE_MS));
        pass(11 * MINUTE_MS, IN_A);
        assertEquals("no-position ended", told(startMs + 11 * MINUTE_MS));
    }

    @Test
    void aRideThatNeverEndsIsToldUntilItEnds() {
        for (long minute = 5; minute < 360; minute += 5) {
            pass(minute * MINUTE_MS, minute % 10 == 0 ? IN_A : IN_B);
            assertEquals("", told(hub.nowMs));
        }
        pass(ENDLESS_MS, IN_A);
        assertEquals("endless raised", told(startMs + ENDLESS_MS));
        hub.send(events.next(alighted(ride, IN_A)));
        assertEquals("endless ended", told(startMs + ENDLESS_MS + 1));
        assertEquals("", told(startMs + 10 * ENDLESS_MS), "a ride that is over needs nothing");
    }

    @Test
    void aLongStopIsToldAndEndsWhenTheTaxiMovesOn() {
        for (int minute = 1; minute <= 20; minute++) {
            pass(minute * MINUTE_MS, Pos.of(374_500_000 + minute % 3 * 1_000, 1_269_500_000));
            assertEquals("", told(hub.nowMs), "minute " + minute);
        }
        pass(21 * MINUTE_MS, IN_A);
        assertEquals("long-stop raised", told(hub.nowMs));
        pass(22 * MINUTE_MS, Pos.of(374_510_000, 1_269_500_000));
        assertEquals("long-stop ended", told(hub.nowMs));
    }

    @Test
    void goingAwayFromTheDestinationIsToldOnceItIsFurtherThanItWas() {
        hub.goTo(unit, ride, Pos.of(374_500_000, 1_270_500_000));
        pass(MINUTE_MS, Pos.of(374_500_000, 1_269_800_000));
        pass(2 * MINUTE_MS, Pos.of(374_500_000, 1_269_500_000));
        assertEquals("", told(hub.nowMs), "2.7 km more may be a detour");
        pass(3 * MINUTE_MS, Pos.of(374_500_000, 1_269_400_000));
        List<Event> told = hub.tickAt(hub.nowMs);
        assertEquals("moving-away", told.get(0).details().get("reason"));
        assertEquals(3_540, Integer.parseInt(told.get(0).details().getOrDefault("metres", "")), 10);
        pass(4 * MINUTE_MS, Pos.of(374_500_000, 1_269_500_000));
        assertEquals("", told(hub.nowMs), "it comes back, but is not half way");
        pass(5 * MINUTE_MS, Pos.of(374_500_000, 1_269_700_000));
        assertEquals("moving-away ended", told(hub.nowMs));
    }

    @Test
    void whatIsSetToNothingIsNeverTold() {
        hub.set(new Policy(
                POLICY.ride(),
                POLICY.position(),
                POLICY.emergency(),
                Optional.empty(),
                POLICY.everyRide(),
                new Policy.Attention(0, 0, 0, 0, 0)));
        assertEquals("", told(startMs + 10 * ENDLESS_MS));
    }

    @Test
    void silenceWhileTheHubWasDownIsNoSilence() {
        hub.nowMs = startMs + 60 * MINUTE_MS;
        hub.set(POLICY);
        assertEquals("", told(hub.nowMs + LOST_MS - 1), "it listens for less than that");
        assertEquals("lost raised", told(hub.nowMs + 1));
    }

    @Test
    void aRideThatComesWholeFromABacklogIsNotTold() {
        Id8 old = newId();
        unit.bootedMs = startMs - 3 * ENDLESS_MS;
        unit.atMs = startMs - 2 * ENDLESS_MS;
        hub.send(events.next(boarded(old, IN_A)));
        assertEquals("", told(startMs + MINUTE_MS), "its end may be on its way");
        hub.send(events.next(alighted(old, IN_A)));
        hub.send(tracks.next(track(old, IN_A, IN_A)));
        pass(8 * MINUTE_MS, IN_A);
        assertEquals("", told(startMs + 8 * MINUTE_MS));
    }

    @Test
    void aMomentWithNothingDueLooksAtNoRide() {
        int waiting = hub.state.watch().waiting();
        for (int i = 1; i < 500; i++) {
            pass(i * 1_000L, IN_A);
        }
        assertEquals(waiting, hub.state.watch().waiting(), "a message puts a ride's time off, without a word");
        assertEquals(Optional.empty(), hub.state.due(startMs + 500_000));
    }

    /** Boards somebody whose card nobody knows yet; nothing is heard of the taxi after that, and only the hub is told. */
    private UpMessage loseUnnamed() {
        hub.set(Policy.DEFAULT);
        UpMessage boarding = events.next(new Boarded(new RideChange(
                Optional.of(IN_A),
                ride,
                Optional.of(Bytes.of(new byte[81])),
                RideChange.Source.CARD,
                OptionalInt.of(1),
                OptionalInt.empty())));
        hub.send(boarding);
        asked = hub.log.size();
        hub.nowMs = startMs + LOST_MS;
        assertTrue(hub.handle(hub.state.due(hub.nowMs).orElseThrow()).has(Flag.WITHHELD));
        assertEquals(Optional.empty(), hub.state.due(hub.nowMs));
        return boarding;
    }

    private long asked;

    private void assertToldToCentres(String what) {
        Output output = hub.handle(hub.state.due(hub.nowMs).orElseThrow());
        assertTrue(!output.has(Flag.WITHHELD));
        SortedMap<String, String> details = output.event().orElseThrow().details();
        assertEquals(what, details.get("reason") + " " + details.get("phase"));
        assertEquals(Optional.empty(), hub.state.due(hub.nowMs), "once");
    }

    /** The centre never heard that the taxi was lost, and then that it was not any more. */
    @Test
    void whatOnlyTheHubWasToldIsToldToTheCentresWhenTheRideHasAName() {
        UpMessage boarding = loseUnnamed();
        hub.answer(asked, boarding, new NamedRider("0123456789abcdef0123456789abcdef", "C"));
        assertToldToCentres("lost raised");
        hub.nowMs += MINUTE_MS;
        unit.atMs = hub.nowMs;
        hub.send(status.next(position(IN_A, Optional.of(ride))));
        assertToldToCentres("lost ended");
    }

    @Test
    void whatOnlyTheHubWasToldIsToldToTheCentresWhenSomebodyCallsForHelpByTheApp() {
        loseUnnamed();
        hub.handle(new Input.AppEmergency(
                hub.nowMs,
                new Id16(1, 2),
                hub.nowMs,
                Input.AppEmergency.Gesture.SHAKE,
                Optional.empty(),
                Optional.of(new UnitRide(unit.id, ride))));
        assertToldToCentres("lost raised");
    }

    @Test
    void whatOnlyTheHubWasToldIsToldToTheCentresWhenTheTaxiCallsForHelp() {
        hub.set(Policy.DEFAULT);
        for (long minute = 5; minute < 360; minute += 5) {
            pass(minute * MINUTE_MS, minute % 10 == 0 ? IN_A : IN_B);
        }
        pass(ENDLESS_MS, IN_A);
        assertTrue(hub.handle(hub.state.due(hub.nowMs).orElseThrow()).has(Flag.WITHHELD));
        hub.send(unit.chain(Lane.ALARM)
                .next(TestUnit.panic(newId(), Phase.RAISED, Optional.of(IN_A), Optional.of(ride))));
        assertToldToCentres("endless raised");
    }

    /** The centre had a lost taxi for ever: what was told in the emergency ended after it, and only the hub was told. */
    @Test
    void whoHeardThatARideIsLostHearsItsEndThoughTheAlarmThatShowedItIsCancelled() {
        hub.set(new Policy(
                POLICY.ride(),
                POLICY.position(),
                POLICY.emergency(),
                Optional.empty(),
                Optional.empty(),
                new Policy.Attention(LOST_MS, 0, 0, 0, 0)));
        TestUnit.Chain alarms = unit.chain(Lane.ALARM);
        Id8 alarm = newId();
        hub.send(alarms.next(TestUnit.panic(alarm, Phase.RAISED, Optional.of(IN_A), Optional.of(ride))));
        hub.nowMs = startMs + LOST_MS;
        assertToldToCentres("lost raised");
        unit.atMs = hub.nowMs;
        hub.send(alarms.next(TestUnit.panic(alarm, Phase.CANCELLED, Optional.of(IN_B), Optional.of(ride))));
        Output ended = hub.handle(hub.state.due(hub.nowMs).orElseThrow());
        assertTrue(!ended.has(Flag.WITHHELD));
        Event event = ended.event().orElseThrow();
        assertEquals("ended", event.details().get("phase"));
        assertEquals(List.of("A"), event.districts(), "who heard the begin, nobody else");
        assertEquals(Optional.empty(), event.place(), "where the ride is now is nobody's business any more");
        assertEquals(Basis.EMERGENCY, event.basis());
        assertEquals(Optional.empty(), hub.state.due(hub.nowMs), "once");
        hub.nowMs += LOST_MS;
        assertTrue(hub.handle(hub.state.due(hub.nowMs).orElseThrow()).has(Flag.WITHHELD), "the next is the hub's");
        unit.atMs = hub.nowMs;
        hub.send(status.next(position(IN_B, Optional.of(ride))));
        assertTrue(hub.handle(hub.state.due(hub.nowMs).orElseThrow()).has(Flag.WITHHELD), "and so is its end");
    }

    @Test
    void whatOnlyTheHubWasToldIsToldToTheCentresWhenASettingOpensEveryRide() {
        loseUnnamed();
        hub.set(POLICY);
        hub.nowMs += LOST_MS;
        assertToldToCentres("lost raised");
    }

    /** Behind a long outage come seven rides at once: the first of them was lost, and stayed so for ever at its centre. */
    @Test
    void ofARideThatWasToldOfTheEndIsToldHoweverManyRidesCameSince() {
        assertEquals("lost raised", told(startMs + LOST_MS));
        hub.nowMs += MINUTE_MS;
        unit.atMs = hub.nowMs;
        hub.send(events.next(alighted(ride, IN_A)));
        for (int i = 0; i < UnitState.RIDES_KEPT + 1; i++) {
            Id8 next = newId();
            unit.atMs += 1_000;
            hub.send(events.next(boarded(next, IN_A)));
            hub.send(events.next(alighted(next, IN_A)));
        }
        assertEquals("lost ended", told(hub.nowMs));
    }

    /** The code that the last map gave the ride's district was the name of no destination any more. */
    @Test
    void aRideWhoseDistrictIsNotOnTheNewMapIsToldWhereItWasSeenOrToTheCatchAll() {
        hub.importDistricts(TestMap.of(TestMap.square("X", 126.9, 37.4, 127.1, 37.6)));
        assertEquals(List.of("X"), hub.tickAt(startMs + LOST_MS).get(0).districts());
        assertEquals(
                List.of("X"), hub.goTo(unit, ride, IN_B).event().orElseThrow().districts());
        hub.importDistricts(TestMap.of(TestMap.square("Y", 128.9, 38.4, 129.1, 38.6)));
        hub.nowMs += ENDLESS_MS;
        assertEquals(List.of(Event.OUTSIDE), hub.tickAt(hub.nowMs).get(0).districts());
        assertEquals(
                List.of(Event.OUTSIDE),
                hub.goTo(unit, ride, IN_A).event().orElseThrow().districts());
        hub.importDistricts(TestMap.QUARTERS);
    }

    private Optional<String> goal() {
        return hub.state.destination(new UnitRide(unit.id, ride));
    }

    /** The app's first request was tried again after the second had come, and the taxi was sent back. */
    @Test
    void aDestinationThatIsAskedForAgainDoesNotDisplaceANewerOne() {
        Pos inD = TestMap.IN_D;
        hub.goTo(unit, ride, IN_B, "k1", startMs + 1);
        hub.goTo(unit, ride, inD, "k2", startMs + 2);
        Output again = hub.goTo(unit, ride, IN_B, "k1", startMs + 1);
        assertEquals(Optional.empty(), again.event());
        assertEquals(Disposition.STORED, again.disposition(), "it is not refused: it was taken once");
        assertEquals(Optional.of("D"), goal());
        assertEquals(Optional.empty(), hub.goTo(unit, ride, IN_B, "k3", startMs).event(), "said before");
        assertEquals(
                Optional.empty(), hub.goTo(unit, ride, IN_B, "k1", startMs + 9).event(), "an app without a clock");
        assertEquals(Optional.of("D"), goal());
        hub.goTo(unit, ride, IN_B, "k4", startMs + 3);
        assertEquals(Optional.of("B"), goal());
    }
}
