package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A call for help in the city's app as an entry of the log. */
final class AppEmergencyTest {
    private static final long NOW_MS = 1_795_000_000_000L;
    private static final Pos GANGNAM = new Pos(375_172_000, 1_270_473_000, OptionalInt.of(100));

    private static Input.AppEmergency call(Optional<Pos> pos, Optional<UnitRide> ride) {
        return new Input.AppEmergency(
                NOW_MS, new Id16(7, 9), NOW_MS - 500, Input.AppEmergency.Gesture.VOLUME, pos, ride);
    }

    private static LogEntry decided(Input.AppEmergency call) {
        return new LogEntry(call, Step.decide(new HubState(), call));
    }

    @Test
    void itIsAnAlarmOfTheAppForTheDistrictsItMayBeIn() {
        LogEntry entry = decided(call(Optional.of(GANGNAM), Optional.empty()));
        Event event = entry.output().event().orElseThrow();
        assertEquals(EventType.PANIC, event.type());
        assertTrue(event.alarm());
        assertEquals("11680", event.owner());
        assertEquals("app", event.details().get("origin"));
        assertEquals("volume", event.details().get("gesture"));
        assertEquals("app/00000000000000070000000000000009", entry.output().id());
        assertEquals(NOW_MS - 500, event.when().ms());
        assertTrue(entry.output().disposition().logged());
    }

    @Test
    void withoutAPlaceItGoesOutsideEveryDistrict() {
        Event event = decided(call(Optional.empty(), Optional.empty()))
                .output()
                .event()
                .orElseThrow();
        assertEquals(List.of(Event.OUTSIDE), event.districts());
        assertEquals(Event.PlaceSource.NONE, event.placeSource());
    }

    @Test
    void itReadsAsItWasWrittenWithAndWithoutARide() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(3));
        for (LogEntry entry : List.of(
                decided(call(Optional.of(GANGNAM), Optional.of(ride))),
                decided(call(Optional.empty(), Optional.empty())))) {
            assertEquals(entry, LogEntry.decode(entry.encode()));
            assertEquals(entry, LogEntry.decode(entry.encodeClear(true), entry.encodeSecret(true)));
        }
    }

    @Test
    void itIsSealedWholeAndNothingOfItIsLeftWithoutItsKey() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(3));
        LogEntry entry = decided(call(Optional.of(GANGNAM), Optional.of(ride)));
        assertEquals(
                Optional.of(new Belonging(Keep.EMERGENCIES, Optional.of(ride), true)),
                Belonging.of(new HubState(), entry));
        byte[] clear = entry.encodeClear(true);
        assertTrue(clear.length < 16, "only that something came, and when");
        LogEntry left = LogEntry.decodeErased(clear);
        assertTrue(left.isErased());
        assertFalse(left.output().event().isPresent());
        assertFalse(new String(clear, StandardCharsets.ISO_8859_1).contains("app"));
    }

    /** A rider whom nobody knows called by the app, and the centre that was to help did not see where the taxi went. */
    @Test
    void itOpensTheRideThatItNamesToTheCentresAsAUnitsOwnCallDoesAndNoOtherRide() throws Exception {
        TestUnit unit = new TestUnit();
        TestHub hub = TestHub.with(unit);
        Id8 ride = TestUnit.newId();
        Id8 other = TestUnit.newId();
        TestUnit.Chain status = unit.chain(Lane.STATUS, 7);
        assertTrue(hub.send(status.next(TestUnit.position(TestMap.IN_A, Optional.of(ride))))
                .has(Flag.WITHHELD));
        UnitRide named = new UnitRide(unit.id, ride);
        hub.handle(call(Optional.empty(), Optional.of(named)));
        assertFalse(hub.send(status.next(TestUnit.position(TestMap.IN_B, Optional.of(ride))))
                .has(Flag.WITHHELD));
        assertTrue(hub.send(status.next(TestUnit.position(TestMap.IN_B, Optional.of(other))))
                .has(Flag.WITHHELD));
        hub.assertReplaysToTheSame();
        hub.handle(new Input.Erasure(
                hub.nowMs,
                hub.state.erasureHead(),
                Input.Erasure.Cause.REQUEST,
                "",
                List.of(new Input.Erasure.Item(1, Optional.of(named)))));
        assertTrue(hub.send(status.next(TestUnit.position(TestMap.IN_B, Optional.of(ride))))
                .has(Flag.WITHHELD));
    }

    private static Event told(TestHub hub, long agoMs, Optional<Pos> pos, Optional<UnitRide> ride) {
        return Step.decide(hub.state, called(hub, agoMs, pos, ride)).event().orElseThrow();
    }

    private static Input.AppEmergency called(TestHub hub, long agoMs, Optional<Pos> pos, Optional<UnitRide> ride) {
        return new Input.AppEmergency(
                hub.nowMs, new Id16(8, 9), hub.nowMs - agoMs, Input.AppEmergency.Gesture.TOUCH, pos, ride);
    }

    /** Sirens were to sound for a call of three days ago. */
    @Test
    void aCallOfLongAgoIsLateAndOneOutsideEveryDistrictIsFlagged() throws Exception {
        TestHub hub = TestHub.with(new TestUnit());
        Output now = hub.handle(called(hub, Dating.LATE_MS, Optional.of(TestMap.IN_A), Optional.empty()));
        assertEquals(Set.of(), now.flags());
        Output then = hub.handle(called(hub, 71 * 3_600_000L, Optional.of(TestMap.OUTSIDE), Optional.empty()));
        assertEquals(Set.of(Flag.LATE, Flag.OUTSIDE), then.flags());
        assertEquals(then, hub.entry(hub.log.size()).output());
    }

    @Test
    void itGoesToTheHomeOfTheRiderAlsoWhenTheRideIsGoneFromMemory() {
        TestUnit unit = new TestUnit();
        TestHub hub = TestHub.with(unit);
        Id8 ride = TestUnit.newId();
        TestUnit.Chain events = unit.chain(Lane.EVENT);
        hub.send(events.next(TestUnit.boarded(ride, TestMap.IN_A)));
        UnitState known = Objects.requireNonNull(hub.state.state(unit.id));
        known.name(ride, List.of(new NamedRider("0123456789abcdef0123456789abcdef", "C")));
        hub.send(events.next(TestUnit.alighted(ride, TestMap.IN_A)));
        for (int i = 0; i < UnitState.RIDES_KEPT; i++) {
            hub.send(events.next(TestUnit.boarded(TestUnit.newId(), TestMap.IN_B)));
        }
        assertEquals(Optional.empty(), known.ride(ride));
        Optional<UnitRide> named = Optional.of(new UnitRide(unit.id, ride));
        assertEquals(
                List.of("A", "C"),
                told(hub, 1_000, Optional.of(TestMap.IN_A), named).districts());
    }

    @Test
    void ofManyCallsOfAUnitsRidesTheNewestAreKeptAndReadAgain() throws Exception {
        TestUnit unit = new TestUnit();
        TestHub hub = TestHub.with(unit);
        for (int i = 0; i <= UnitState.CALLS_KEPT; i++) {
            hub.handle(call(Optional.empty(), Optional.of(new UnitRide(unit.id, new Id8(i)))));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        hub.state.write(new DataOutputStream(bytes));
        HubState read = HubState.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        for (HubState each : List.of(hub.state, read)) {
            UnitState known = Objects.requireNonNull(each.state(unit.id));
            assertFalse(known.isAlarmedIn(new Id8(0)));
            assertTrue(known.isAlarmedIn(new Id8(1)));
            assertTrue(known.isAlarmedIn(new Id8(UnitState.CALLS_KEPT)));
        }
    }

    @Test
    void theStateIsTheSameButForItsPlaceInTheLog() {
        HubState state = new HubState();
        Input founding = new Input.Founding(NOW_MS, NOW_MS / 1000);
        state.apply(1, new LogEntry(founding, Step.decide(state, founding)));
        state.apply(2, decided(call(Optional.of(GANGNAM), Optional.empty())));
        assertEquals(2, state.applied());
    }
}
