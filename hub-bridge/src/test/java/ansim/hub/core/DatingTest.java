package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.position;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Anchor;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Presence;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** CONTRACT's rows on late alarms and on anchors. */
class DatingTest {
    /** 1,024 weeks. */
    private static final long TWENTY_YEARS_MS = 1_024L * 7 * 86_400_000;

    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.open(unit);
    private final TestUnit.Chain alarms = unit.chain(Lane.ALARM);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
    }

    private UpMessage panicNow() {
        return alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A)));
    }

    private Output sendAfter(long ms, UpMessage message) {
        return hub.sendAt(unit.atMs + ms, message);
    }

    @Test
    void aDatedAlarmIsLateFromMoreThanTwoMinutesOn() {
        assertFalse(sendAfter(120_000, panicNow()).has(Flag.LATE));
        assertTrue(sendAfter(120_001, panicNow()).has(Flag.LATE));
    }

    @Test
    void aLateAlarmIsStillAnAlarm() {
        assertTrue(sendAfter(3_600_000, panicNow()).event().orElseThrow().alarm());
    }

    @Test
    void anAlarmByAHeldOverClockIsLiveInDoubt() {
        unit.quality = TimeQuality.HELD_OVER;
        assertFalse(sendAfter(3_600_000, panicNow()).has(Flag.LATE));
    }

    @Test
    void anUndatedAlarmIsLateWhenItsBootWasHeardFromMoreThanTwoMinutesLater() {
        TestUnit.Chain status = unit.chain(Lane.STATUS, 1);
        unit.quality = TimeQuality.UNKNOWN;
        UpMessage first = panicNow();
        unit.atMs += 1;
        UpMessage second = panicNow();
        unit.atMs += 120_000;
        hub.send(status.next(new Presence(374_500_000, 1_269_500_000, true)));
        assertTrue(hub.send(first).has(Flag.LATE));
        assertFalse(hub.send(second).has(Flag.LATE));
    }

    @Test
    void anUndatedAlarmOfABootThatWasNeverHeardOfIsLive() {
        unit.quality = TimeQuality.UNKNOWN;
        assertFalse(hub.send(panicNow()).has(Flag.LATE));
    }

    @Test
    void aMessageWithoutUtcIsDatedByTheAnchorOfItsBoot() {
        hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)));
        unit.quality = TimeQuality.UNKNOWN;
        When when = hub.send(panicNow()).event().orElseThrow().when();
        assertEquals(When.at(unit.atMs, TimeQuality.UNKNOWN, When.Source.ANCHOR), when);
    }

    @Test
    void aHeldOverClockYieldsToTheAnchorOfItsBoot() {
        hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)));
        unit.quality = TimeQuality.HELD_OVER;
        unit.atMs += 77;
        When when = hub.send(panicNow()).event().orElseThrow().when();
        assertEquals(When.Source.ANCHOR, when.source());
        assertEquals(unit.atMs, when.ms());
    }

    @Test
    void aHeldOverClockThatSaysWhatCannotBeIsDatedBetweenItsNeighbours() {
        unit.quality = TimeQuality.HELD_OVER;
        unit.bootedMs += TWENTY_YEARS_MS;
        unit.atMs += TWENTY_YEARS_MS;
        When when = hub.send(panicNow()).event().orElseThrow().when();
        assertEquals(new When(0, hub.nowMs, TimeQuality.HELD_OVER, When.Source.NEIGHBOURS), when);
    }

    @Test
    void aHeldOverClockThatIsSomeSecondsAheadIsBelieved() {
        unit.quality = TimeQuality.HELD_OVER;
        unit.atMs = hub.nowMs + Dating.HELD_OVER_MS;
        When when = hub.send(panicNow()).event().orElseThrow().when();
        assertEquals(When.at(unit.atMs, TimeQuality.HELD_OVER, When.Source.UNIT), when);
    }

    /** A receiver that adds 1,024 weeks once too often: its boot ended without an anchor, and its place stayed the unit's for ever. */
    @Test
    void aBootTwentyYearsAheadDoesNotKeepThePlaceOfTheUnitFromLaterBoots() {
        unit.bootedMs += TWENTY_YEARS_MS;
        unit.atMs += TWENTY_YEARS_MS;
        hub.send(unit.chain(Lane.STATUS, 1).next(position(IN_A, Optional.empty())));
        unit.boot = newId();
        unit.bootedMs = hub.nowMs;
        unit.atMs = hub.nowMs + 60_000;
        hub.sendAt(unit.atMs, unit.chain(Lane.STATUS, 2).next(position(IN_B, Optional.empty())));
        Event event = hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.empty())))
                .event()
                .orElseThrow();
        assertEquals(List.of("B"), event.districts());
        assertEquals(Optional.of(IN_B), event.place());
    }

    @Test
    void aClockThatRanAheadDoesNotDateWhatFollowsIt() {
        unit.bootedMs += TWENTY_YEARS_MS;
        unit.atMs += TWENTY_YEARS_MS;
        hub.send(events.next(boarded(newId(), IN_A)));
        unit.quality = TimeQuality.UNKNOWN;
        unit.atMs += 5_000;
        When when = hub.sendAt(hub.nowMs + 5_000, events.next(boarded(newId(), IN_A)))
                .event()
                .orElseThrow()
                .when();
        assertEquals(new When(TestHub.NOW_MS, hub.nowMs, TimeQuality.UNKNOWN, When.Source.NEIGHBOURS), when);
    }

    @Test
    void anAnchorCountsForItsOwnBootOnly() {
        hub.send(events.next(new Anchor(newId(), 1_000, 5_000)));
        unit.quality = TimeQuality.UNKNOWN;
        assertEquals(
                When.Source.NEIGHBOURS,
                hub.send(panicNow()).event().orElseThrow().when().source());
    }

    @Test
    void withoutAnAnchorAMessageLiesBetweenTheOneBeforeItAndTheEarliestItCanHaveArrived() {
        long beforeMs = unit.atMs;
        hub.send(events.next(boarded(newId(), IN_A)));
        unit.quality = TimeQuality.UNKNOWN;
        unit.atMs += 5_000;
        UpMessage undated = events.next(boarded(newId(), IN_A));
        unit.atMs += 10_000;
        TestUnit.Chain status = unit.chain(Lane.STATUS, 1);
        hub.sendAt(unit.atMs + 300, status.next(new Presence(374_500_000, 1_269_500_000, true)));
        When when =
                hub.sendAt(unit.atMs + 60_000, undated).event().orElseThrow().when();
        assertEquals(new When(beforeMs, unit.atMs - 10_000 + 300, TimeQuality.UNKNOWN, When.Source.NEIGHBOURS), when);
    }

    @Test
    void aLaterAnchorSendsACorrectionOfWhatWasDeliveredUndatedUnderItsOwnId() {
        unit.quality = TimeQuality.UNKNOWN;
        Id8 ride = newId();
        long boardedMs = unit.atMs;
        Output boarding = hub.send(events.next(boarded(ride, IN_A)));
        unit.atMs += 60_000;
        long panicMs = unit.atMs;
        Output panicking = hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_B))));
        unit.quality = TimeQuality.GNSS;
        unit.atMs += 60_000;
        Output correcting = hub.send(events.next(new Anchor(unit.boot, 700_000, unit.bootedMs + 700_000)));
        Event correction = correcting.event().orElseThrow();
        assertEquals(EventType.CORRECTION, correction.type());
        assertEquals(
                List.of(
                        new Event.Correction(
                                boarding.id(),
                                When.at(boardedMs, TimeQuality.UNKNOWN, When.Source.ANCHOR),
                                List.of("A")),
                        new Event.Correction(
                                panicking.id(),
                                When.at(panicMs, TimeQuality.UNKNOWN, When.Source.ANCHOR),
                                List.of("B"))),
                correction.corrections());
        assertEquals(List.of("A", "B"), correction.districts());
        assertEquals(unit.id.hex() + "/" + events.chain.hex() + "/2/2", correcting.id());
        assertFalse(correction.alarm());
    }

    @Test
    void anAnchorThatDatesNothingNewIsNotDelivered() {
        assertEquals(
                Optional.empty(),
                hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)))
                        .event());
        hub.send(events.next(boarded(newId(), IN_A)));
        assertEquals(
                Optional.empty(),
                hub.send(events.next(new Anchor(unit.boot, 2_000, unit.bootedMs + 2_000)))
                        .event());
    }

    @Test
    void aCorrectionGoesOutOnce() {
        unit.quality = TimeQuality.UNKNOWN;
        hub.send(events.next(boarded(newId(), IN_A)));
        assertTrue(hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)))
                .event()
                .isPresent());
        assertEquals(
                Optional.empty(),
                hub.send(events.next(new Anchor(unit.boot, 2_000, unit.bootedMs + 2_000)))
                        .event());
    }

    @Test
    void anAnchorAlsoDatesTheRide() throws IOException {
        unit.quality = TimeQuality.UNKNOWN;
        Id8 ride = newId();
        long boardedMs = unit.atMs;
        hub.send(events.next(boarded(ride, IN_A)));
        hub.send(events.next(alighted(ride, IN_B)));
        hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)));
        Mark boarded = TestRides.ride(hub.state, unit, ride).boarded;
        assertTrue(
                boarded != null && boarded.when().equals(When.at(boardedMs, TimeQuality.UNKNOWN, When.Source.ANCHOR)));
    }

    @Test
    void whatWaitsForAnAnchorIsBounded() throws IOException {
        unit.quality = TimeQuality.UNKNOWN;
        for (int i = 0; i < UnitState.UNDATED_KEPT + 5; i++) {
            hub.send(events.next(boarded(newId(), IN_A)));
        }
        Event correction = hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)))
                .event()
                .orElseThrow();
        assertEquals(UnitState.UNDATED_KEPT, correction.corrections().size());
    }
}
