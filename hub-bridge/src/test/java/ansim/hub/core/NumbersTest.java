package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.gap;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.panic;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Presence;
import ansim.wire.Receipted;
import ansim.wire.Tamper;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** CONTRACT's rules on identity, order, holes, forks, chains and receipts, row by row. */
class NumbersTest {
    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.open(unit);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);
    private final TestUnit.Chain alarms = unit.chain(Lane.ALARM);

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
    }

    private UpMessage event() {
        return events.next(boarded(newId(), IN_A));
    }

    private void sendEvents(int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(Disposition.STORED, hub.send(event()).disposition());
        }
    }

    private static Receipted receiptOf(UpMessage message) {
        return new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
    }

    @Test
    void theNextNumberIsStoredAndReceiptedUnderItsId() {
        sendEvents(1);
        UpMessage second = event();
        Output output = hub.send(second);
        assertEquals(Disposition.STORED, output.disposition());
        assertEquals(unit.id.hex() + "/" + events.chain.hex() + "/2/2", output.id());
        assertEquals(Set.of(), output.flags());
        assertEquals(Optional.of(receiptOf(second)), output.receipted());
        assertEquals(Map.of(Lane.EVENT, List.of(receiptOf(second))), hub.state.receipt(unit.id));
    }

    @Test
    void theFirstMessageOfAChainIsFlaggedAsSuch() {
        assertEquals(Set.of(Flag.NEW_CHAIN), hub.send(event()).flags());
    }

    @Test
    void theSameBytesAgainAreADuplicateReceiptedUnderTheirOwnNumber() {
        sendEvents(3);
        Output again = hub.send(events.sent.get(0));
        assertEquals(Disposition.DUPLICATE, again.disposition());
        assertEquals(Optional.of(receiptOf(events.sent.get(0))), again.receipted());
        assertEquals(0, hub.lookups);
    }

    @Test
    void aDuplicateOlderThanTheHashesInStateIsFoundInTheLogHoweverOld() {
        sendEvents(300);
        for (int i = 0; i < 300; i++) {
            Output again = hub.send(events.sent.get(i));
            assertEquals(Disposition.DUPLICATE, again.disposition(), "n = " + (i + 1));
            assertEquals(Optional.of(receiptOf(events.sent.get(i))), again.receipted());
        }
        assertEquals(300 - Chain.HASHES, hub.lookups);
    }

    @Test
    void anOldNumberIsFoundInAboutAHundredSteps() throws IOException {
        TestUnit.Chain status = unit.chain(Lane.STATUS, 1);
        UpMessage first = status.next(new Presence(3750000, 12700000, true));
        hub.send(first);
        for (int i = 0; i < 4500; i++) {
            hub.send(status.next(new Presence(375_000_000, 1_270_000_000, true)));
        }
        List<Long> read = new ArrayList<>();
        Lookup lookup = Step.decide(hub.state, new Input.Arrival(hub.nowMs, first))
                .lookup()
                .orElseThrow();
        assertEquals(Set.of(first.payloadHash()), lookup.answer(index -> {
            read.add(index);
            return hub.entry(index);
        }));
        assertTrue(read.size() <= 64 + 64 + 3, "read " + read.size() + " entries");
    }

    private List<Long> readsFor(UpMessage old, Lookup.Log log) throws IOException {
        List<Long> read = new ArrayList<>();
        Lookup lookup = Step.decide(hub.state, new Input.Arrival(hub.nowMs, old))
                .lookup()
                .orElseThrow();
        Set<Id16> found = lookup.answer(index -> {
            read.add(index);
            return log.read(index);
        });
        assertTrue(found.contains(old.payloadHash()), "n = " + old.batch().n());
        return read;
    }

    /** The k-th message of a cloned card read the k - 1 before it, while every emergency waited. */
    @Test
    void anOldNumberOfAClonedCardIsFoundInAboutAHundredStepsToo() throws IOException {
        TestUnit.Chain clone = events.copy();
        sendEvents(700);
        for (int i = 0; i < 700; i++) {
            hub.send(clone.next(boarded(newId(), IN_B)));
        }
        for (int i : new int[] {0, 1, 63, 64, 350, 690}) {
            int read = readsFor(clone.sent.get(i), hub::entry).size();
            assertTrue(read <= 2 * (64 + 700 / 64), "read " + read + " entries for n = " + (i + 1));
        }
    }

    @Test
    void whatAnOlderVersionStoredOutOfOrderIsFoundWithoutLinks() throws IOException {
        TestUnit.Chain clone = events.copy();
        sendEvents(200);
        for (int i = 0; i < 200; i++) {
            hub.send(clone.next(boarded(newId(), IN_B)));
        }
        long newer = 1L + hub.log.size() - 50;
        for (int i = 0; i < 190; i++) {
            readsFor(clone.sent.get(i), index -> index < newer ? withoutLinks(hub.entry(index)) : hub.entry(index));
        }
    }

    private static LogEntry withoutLinks(LogEntry entry) {
        Output output = entry.output();
        Links links = output.links();
        long before = links.previous() != 0 ? links.previous() : links.side();
        return !output.has(Flag.FORK)
                ? entry
                : new LogEntry(
                        entry.input(),
                        new Output(
                                output.disposition(),
                                output.id(),
                                output.flags(),
                                output.reason(),
                                new Links(0, 0, 0, 0, 0, 0, before),
                                output.receipted(),
                                output.event(),
                                output.lookup(),
                                output.numbersAlarm(),
                                output.again()));
    }

    @Test
    void ofWhatIsOutOfOrderNothingIsReadWhenTheStateHoldsAllOfIt() throws IOException {
        sendEvents(300);
        hub.send(events.at(300, Optional.empty(), boarded(newId(), IN_B)));
        Lookup lookup = Step.decide(hub.state, new Input.Arrival(hub.nowMs, events.sent.get(4)))
                .lookup()
                .orElseThrow();
        assertEquals(0, lookup.side());
        assertEquals(Disposition.DUPLICATE, hub.send(events.sent.get(4)).disposition());
    }

    /** Found by nobody yet: a unit that forks its own numbers downwards would have each of them read all before it. */
    @Test
    void howeverMuchOfAMuddleAUnitMakesALookupEnds() throws IOException {
        sendEvents(700);
        for (int n = 690; n >= 1; n--) {
            hub.send(events.at(n, Optional.empty(), boarded(newId(), IN_B)));
        }
        int read = readsFor(events.sent.get(400), hub::entry).size();
        assertTrue(read <= Lookup.SIDE_READS + 64 + 700 / 64 + 1, "read " + read + " entries");
    }

    @Test
    void aNextMessageWhosePreviousIsNoStoredMessageIsAcceptedAsAChainBreak() {
        sendEvents(1);
        UpMessage strange = events.at(2, Optional.of(new Id16(1, 2)), boarded(newId(), IN_A));
        Output output = hub.send(strange);
        assertEquals(Disposition.STORED, output.disposition());
        assertEquals(Set.of(Flag.CHAIN_BREAK, Flag.NUMBERS), output.flags());
        assertTrue(output.event().isPresent());
    }

    @Test
    void aFirstMessageThatClaimsAPreviousIsAChainBreak() {
        Output output = hub.send(events.at(1, Optional.of(new Id16(1, 2)), boarded(newId(), IN_A)));
        assertEquals(Set.of(Flag.NEW_CHAIN, Flag.CHAIN_BREAK, Flag.NUMBERS), output.flags());
    }

    @Test
    void otherBytesUnderAKnownNumberAreAForkStoredAndDeliveredUnderAnIdOfTheirOwn() {
        sendEvents(2);
        UpMessage other = events.at(2, Optional.of(events.sent.get(0).payloadHash()), boarded(newId(), IN_B));
        Output output = hub.send(other);
        assertEquals(Disposition.FORK, output.disposition());
        assertEquals(
                unit.id.hex() + "/" + events.chain.hex() + "/2/2/"
                        + other.payloadHash8().hex().substring(0, 8),
                output.id());
        assertTrue(output.has(Flag.NUMBERS));
        assertTrue(output.event().isPresent());
        assertEquals(Optional.of(receiptOf(other)), output.receipted());
        assertEquals(Disposition.DUPLICATE, hub.send(other).disposition());
        assertEquals(Disposition.DUPLICATE, hub.send(events.sent.get(1)).disposition());
    }

    @Test
    void aClonedCardsMessagesAreAllStoredOnceAndNoneIsLost() {
        sendEvents(5);
        TestUnit.Chain clone = events.copy();
        sendEvents(40);
        for (int i = 0; i < 40; i++) {
            assertEquals(
                    Disposition.FORK,
                    hub.send(clone.next(boarded(newId(), IN_B))).disposition());
        }
        for (UpMessage each : clone.sent) {
            assertEquals(Disposition.DUPLICATE, hub.send(each).disposition());
        }
        for (UpMessage each : events.sent) {
            assertEquals(Disposition.DUPLICATE, hub.send(each).disposition());
        }
        assertEquals(85, hub.events().count());
    }

    @Test
    void aChainGoesOnFromAForkWithoutABreak() {
        sendEvents(2);
        TestUnit.Chain clone = events.copy();
        sendEvents(1);
        hub.send(clone.next(boarded(newId(), IN_B)));
        assertEquals(Set.of(), hub.send(clone.next(boarded(newId(), IN_B))).flags());
    }

    @Test
    void aNumberAheadOfAHoleIsNotStoredAndAnsweredWithWhatTheHubHolds() {
        sendEvents(2);
        event();
        UpMessage ahead = event();
        Output output = hub.send(ahead);
        assertEquals(Disposition.HOLE, output.disposition());
        assertEquals(Optional.of(receiptOf(events.sent.get(1))), output.receipted());
        assertEquals(Disposition.STORED, hub.send(events.sent.get(2)).disposition());
        assertEquals(Disposition.STORED, hub.send(ahead).disposition());
    }

    @Test
    void anUnknownChainThatDoesNotBeginAtOneIsAHole() {
        event();
        Output output = hub.send(event());
        assertEquals(Disposition.HOLE, output.disposition());
        assertEquals(Optional.empty(), output.receipted());
    }

    @Test
    void aHoleThatStoredGapRecordsCoverIsPassedAndSaid() {
        sendEvents(2);
        for (int i = 0; i < 4; i++) {
            event();
        }
        UpMessage seventh = event();
        assertEquals(Disposition.HOLE, hub.send(seventh).disposition());
        hub.send(alarms.next(gap(events, 3, 4)));
        assertEquals(Disposition.HOLE, hub.send(seventh).disposition());
        hub.send(alarms.next(gap(events, 5, 6)));
        Output output = hub.send(seventh);
        assertEquals(Disposition.STORED, output.disposition());
        assertEquals(Set.of(Flag.GAP_BEFORE), output.flags());
    }

    @Test
    void aChainWhoseBeginningAGapRecordExplainsMayBeginLater() {
        event();
        event();
        UpMessage third = event();
        hub.send(alarms.next(gap(events, 1, 2)));
        Output output = hub.send(third);
        assertEquals(Disposition.STORED, output.disposition());
        assertEquals(Set.of(Flag.NEW_CHAIN, Flag.GAP_BEFORE), output.flags());
    }

    @Test
    void aMessageWinsOverAGapRecordThatNamedIt() {
        sendEvents(2);
        UpMessage third = event();
        UpMessage fourth = event();
        hub.send(alarms.next(gap(events, 3, 3)));
        hub.send(fourth);
        Output output = hub.send(third);
        assertEquals(Disposition.STORED, output.disposition());
        assertEquals(Set.of(Flag.BEHIND), output.flags());
        assertTrue(output.event().isPresent());
        assertEquals(Disposition.DUPLICATE, hub.send(third).disposition());
        assertEquals(Disposition.STORED, hub.send(event()).disposition());
    }

    @Test
    void aMessageThatAGapRecordNamedIsStoredOnceHoweverLateItComes() {
        sendEvents(2);
        UpMessage third = event();
        event();
        hub.send(alarms.next(gap(events, 3, 4)));
        sendEvents(100);
        assertEquals(Disposition.STORED, hub.send(third).disposition());
        sendEvents(100);
        assertEquals(Disposition.DUPLICATE, hub.send(third).disposition());
    }

    @Test
    void aGapRecordIsDeliveredButSoundsNoAlarm() {
        Event event = hub.send(alarms.next(gap(events, 3, 4))).event().orElseThrow();
        assertEquals(EventType.GAP, event.type());
        assertFalse(event.alarm());
        assertEquals("4", event.details().get("last"));
    }

    /** A unit in error must not explain away what the hub never had: this log still holds all that it receipted. */
    @Test
    void aHubThatWasNeverRestoredLetsNoGapOfReasonFourCoverAHoleInAChainThatItKnows() {
        sendEvents(2);
        event();
        UpMessage fourth = event();
        Output gap = hub.send(alarms.next(new Gap(Lane.EVENT, events.chain, 3, 3, Gap.Reason.RECEIPTED_EARLIER)));
        assertEquals(Disposition.STORED, gap.disposition());
        assertTrue(gap.has(Flag.SUSPECT));
        assertEquals(Disposition.HOLE, hub.send(fourth).disposition());
    }

    @Test
    void aRestoredHubLetsAGapOfReasonFourCoverTheHole() throws IOException {
        sendEvents(2);
        event();
        UpMessage fourth = event();
        TestHub restored = TestHub.restored(hub, hub.log.size());
        Output gap = restored.send(alarms.next(new Gap(Lane.EVENT, events.chain, 3, 3, Gap.Reason.RECEIPTED_EARLIER)));
        assertFalse(gap.has(Flag.SUSPECT));
        assertEquals(Set.of(Flag.GAP_BEFORE), restored.send(fourth).flags());
        restored.assertReplaysToTheSame();
    }

    /** The log was lost without a backup and founded anew: what units hold of old chains must not be held up for good. */
    @Test
    void aHubFoundedAnewLetsAGapOfReasonFourCoverTheBeginningOfAChainThatItNeverHeardOf() {
        event();
        event();
        UpMessage third = event();
        hub.send(alarms.next(new Gap(Lane.EVENT, events.chain, 1, 2, Gap.Reason.RECEIPTED_EARLIER)));
        assertEquals(Disposition.STORED, hub.send(third).disposition());
    }

    @Test
    void manyScatteredGapRecordsNeverKeepAChainFromGoingOn() {
        sendEvents(1);
        for (int i = 1; i <= 3 * Chain.MAX_GAPS; i++) {
            hub.send(alarms.next(gap(events, 2L * i, 2L * i)));
        }
        events.n = 6L * Chain.MAX_GAPS;
        assertEquals(
                Disposition.HOLE, hub.send(events.next(boarded(newId(), IN_A))).disposition());
        hub.send(alarms.next(gap(events, 2, 6L * Chain.MAX_GAPS)));
        assertEquals(
                Disposition.STORED,
                hub.send(events.sent.get(events.sent.size() - 1)).disposition());
    }

    @Test
    void eightNewChainsADayAreUsualAndTheNinthIsATamper() {
        for (int i = 0; i < UnitState.NEW_CHAINS; i++) {
            Output output = hub.send(unit.chain(Lane.EVENT).next(boarded(newId(), IN_A)));
            assertFalse(output.has(Flag.NUMBERS), "chain " + i);
        }
        Output ninth = hub.send(unit.chain(Lane.EVENT).next(boarded(newId(), IN_A)));
        assertEquals(Disposition.STORED, ninth.disposition());
        assertTrue(ninth.has(Flag.NUMBERS));
        hub.nowMs += 86_400_000;
        assertFalse(
                hub.send(unit.chain(Lane.EVENT).next(boarded(newId(), IN_A))).has(Flag.NUMBERS));
    }

    @Test
    void inLaneFourAnyNumberAboveTheLastIsAccepted() {
        TestUnit.Chain status = unit.chain(Lane.STATUS, 5);
        status.n = 16;
        assertEquals(Disposition.STORED, hub.send(status.next(presence())).disposition());
        status.n = 40;
        assertEquals(Disposition.STORED, hub.send(status.next(presence())).disposition());
        assertEquals(Disposition.DUPLICATE, hub.send(status.sent.get(0)).disposition());
    }

    @Test
    void inLaneFourOnlyTheHighestStartCounterCounts() {
        TestUnit.Chain old = unit.chain(Lane.STATUS, 5);
        TestUnit.Chain current = unit.chain(Lane.STATUS, 6);
        hub.send(old.next(presence()));
        UpMessage newest = current.next(presence());
        hub.send(newest);
        Output stale = hub.send(old.next(presence()));
        assertEquals(Disposition.QUARANTINED, stale.disposition());
        assertTrue(stale.receipted().isPresent());
        assertEquals(List.of(receiptOf(newest)), hub.state.receipt(unit.id).get(Lane.STATUS));
    }

    @Test
    void aStartCounterIsComparedAsAnUnsignedNumber() {
        hub.send(unit.chain(Lane.STATUS, 0x8000_0000_0000_0000L).next(presence()));
        Output stale = hub.send(unit.chain(Lane.STATUS, 1).next(presence()));
        assertEquals(Disposition.QUARANTINED, stale.disposition());
    }

    private static Presence presence() {
        return new Presence(374_500_000, 1_269_500_000, true);
    }

    @Test
    void theReceiptNamesTheFourChainsOfALaneThatWereUsedLast() {
        List<TestUnit.Chain> chains = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            chains.add(unit.chain(Lane.EVENT));
            hub.send(chains.get(i).next(boarded(newId(), IN_A)));
        }
        hub.send(chains.get(0).next(boarded(newId(), IN_A)));
        List<Id8> named = hub.state.receipt(unit.id).getOrDefault(Lane.EVENT, List.of()).stream()
                .map(Receipted::chain)
                .toList();
        assertEquals(
                List.of(chains.get(0).chain, chains.get(5).chain, chains.get(4).chain, chains.get(3).chain), named);
    }

    @Test
    void anUnknownARevokedAndARekeyedUnitAreRefusedAndNothingIsLogged() {
        TestUnit stranger = new TestUnit();
        assertEquals(
                "unknown unit",
                hub.send(stranger.chain(Lane.EVENT).next(boarded(newId(), IN_A)))
                        .reason()
                        .orElseThrow());
        sendEvents(1);
        hub.register(new UnitRecord(unit.id, stranger.key.verifyKey(), "", "", "taxi", Optional.empty(), false));
        assertEquals(Disposition.REFUSED, hub.send(event()).disposition());
        hub.register(unit.record().revoke());
        int logged = hub.log.size();
        Output refused = hub.send(events.sent.get(1));
        assertEquals(Disposition.REFUSED, refused.disposition());
        assertEquals(Optional.of("revoked"), refused.reason());
        assertEquals(Optional.empty(), refused.receipted());
        assertEquals(logged, hub.log.size());
    }

    /** After a change of keys an old message, still in the unit's journal, must verify: it was signed with the key of its time. */
    @Test
    void whatAnEarlierKeySignedIsTakenForEver() {
        UnitRecord plain = unit.record();
        hub.register(new UnitRecord(
                plain.unit(),
                List.of(plain.key(), new TestUnit().key.verifyKey()),
                plain.service(),
                List.of(),
                UnitRecord.Standing.GOOD));
        assertEquals(Disposition.STORED, hub.send(event()).disposition());
    }

    @Test
    void whatAReplacedBoxStillHoldsIsSuspectUntilItsDayAndRefusedAfterIt() throws Exception {
        UnitRecord plain = unit.record();
        long untilMs = TestHub.NOW_MS + 1_000;
        hub.register(new UnitRecord(
                plain.unit(),
                plain.keys(),
                plain.service(),
                List.of(),
                new UnitRecord.Standing(false, java.util.OptionalLong.of(untilMs))));
        Output taken = hub.sendAt(untilMs, event());
        assertEquals(Disposition.STORED, taken.disposition());
        assertTrue(taken.has(Flag.SUSPECT));
        assertEquals(Optional.of(Step.REPLACED), taken.reason());
        Output refused = hub.sendAt(untilMs + 1, event());
        assertEquals(Disposition.REFUSED, refused.disposition());
        assertEquals(Optional.empty(), refused.receipted());
        hub.assertReplaysToTheSame();
    }

    @Test
    void whatHappenedBeforeAMoveShowsThePlateOfItsTime() {
        UnitRecord plain = unit.record();
        hub.register(new UnitRecord(
                plain.unit(),
                plain.keys(),
                new UnitRecord.Service("new plate", "new company", "taxi", Optional.empty()),
                List.of(
                        new UnitRecord.Past(unit.atMs - 1_000, "oldest plate", "oldest company"),
                        new UnitRecord.Past(unit.atMs + 1, "old plate", "old company")),
                UnitRecord.Standing.GOOD));
        assertEquals("old plate", hub.send(event()).event().orElseThrow().vehicle());
        unit.atMs += 1;
        Event moved = hub.send(event()).event().orElseThrow();
        assertEquals("new plate", moved.vehicle());
        assertEquals("new company", moved.company());
    }

    @Test
    void aRevocationHoldsFromItsPlaceInTheLogOnAndWhatCameBeforeStays() {
        sendEvents(2);
        hub.register(unit.record().revoke());
        assertEquals(Disposition.REFUSED, hub.send(event()).disposition());
        assertEquals(2, hub.events().count());
    }

    @Test
    void anAlarmThatBreaksARuleIsDeliveredAsSuspect() {
        UpMessage two = alarms.next(
                panic(newId(), Phase.RAISED, Optional.of(IN_A)), panic(newId(), Phase.RAISED, Optional.of(IN_A)));
        Output output = hub.send(two);
        assertEquals(Disposition.STORED, output.disposition());
        assertTrue(output.has(Flag.SUSPECT));
        assertTrue(output.event().orElseThrow().alarm());
        assertTrue(output.reason().isPresent());
        Output misplaced = hub.send(alarms.next(boarded(newId(), IN_A)));
        assertTrue(misplaced.has(Flag.SUSPECT));
        assertTrue(misplaced.event().orElseThrow().alarm());
    }

    /** Only the first record was told of: as a gap, in the normal lane, without a siren. */
    @Test
    void aPanicThatTravelsBehindAGapAndATamperSoundsAndIsOpen() {
        Id8 alarm = newId();
        Output output = hub.send(alarms.next(
                gap(events, 1, 2),
                new Tamper(Tamper.What.POWER.code(), Phase.RAISED, OptionalLong.empty()),
                panic(newId(), Phase.CANCELLED, Optional.of(IN_A)),
                panic(alarm, Phase.RAISED, Optional.of(IN_B))));
        assertTrue(output.has(Flag.SUSPECT));
        Event event = output.event().orElseThrow();
        assertEquals(EventType.PANIC, event.type());
        assertEquals("raised", event.details().get("phase"));
        assertTrue(event.alarm());
        assertTrue(Objects.requireNonNull(hub.state.state(unit.id)).alarm(alarm).isPresent());
    }

    @Test
    void ofAnAlarmMessageWithManyGapRecordsOnlyTheFirstExplainsAnything() {
        TestUnit.Chain tracks = unit.chain(Lane.TRACK);
        hub.send(alarms.next(gap(events, 1, 2), gap(tracks, 1, 2)));
        events.n = 2;
        tracks.n = 2;
        assertEquals(Disposition.STORED, hub.send(event()).disposition());
        assertEquals(
                Disposition.HOLE,
                hub.send(tracks.next(TestUnit.track(newId(), IN_A, IN_B))).disposition());
    }

    /** As an agent of another version might write it: phase 9. What is decided here does not hang on the signature. */
    private UpMessage panicOfAnUnknownPhase() throws WireException {
        byte[] bytes =
                alarms.next(panic(newId(), Phase.RAISED, Optional.of(IN_A))).bytes();
        for (int at = bytes.length - 70; at < bytes.length; at++) {
            if (bytes[at] == 0x17 && bytes[at + 1] == 0x01) {
                bytes[at + 1] = 0x09;
                return UpMessage.parseLeniently(bytes);
            }
        }
        throw new AssertionError("no phase");
    }

    @Test
    void aPanicThatDoesNotReadIsStillAnAlarmAndSuspect() throws WireException {
        Output output = hub.send(panicOfAnUnknownPhase());
        assertEquals(Disposition.STORED, output.disposition());
        assertTrue(output.has(Flag.SUSPECT));
        Event event = output.event().orElseThrow();
        assertEquals(EventType.PANIC, event.type());
        assertTrue(event.alarm());
        assertTrue(output.reason().isPresent());
    }

    @Test
    void inOtherLanesABrokenRuleMeansQuarantineWithTheReasonAndAReceipt() {
        UpMessage misplaced = events.next(gap(alarms, 1, 2));
        Output output = hub.send(misplaced);
        assertEquals(Disposition.QUARANTINED, output.disposition());
        assertEquals(Optional.of("a record of kind 10 does not belong into lane 2"), output.reason());
        assertEquals(Optional.of(receiptOf(misplaced)), output.receipted());
        assertEquals(Optional.empty(), output.event());
        assertEquals(Disposition.STORED, hub.send(event()).disposition());
        assertEquals(Disposition.DUPLICATE, hub.send(misplaced).disposition());
    }

    @Test
    void aGapRecordInQuarantineExplainsNothing() {
        UpMessage late = alarms.at(3, Optional.of(new Id16(1, 1)), panic(newId(), Phase.RAISED, Optional.empty()));
        hub.send(events.next(gap(alarms, 1, 2)));
        assertEquals(Disposition.HOLE, hub.send(late).disposition());
    }

    @Test
    void aTestMessageIsMarked() {
        unit.test = true;
        assertTrue(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.empty())))
                .has(Flag.TEST));
    }

    @Test
    void aMemoryOnlyChainThatNeverEndsBeforeANewBootIsAPossibleLossSaidOnce() {
        events.memoryOnly = true;
        assertTrue(hub.send(event()).has(Flag.MEMORY_ONLY));
        unit.boot = newId();
        TestUnit.Chain next = unit.chain(Lane.EVENT);
        assertTrue(hub.send(next.next(boarded(newId(), IN_A))).has(Flag.POSSIBLE_LOSS));
        unit.boot = newId();
        assertFalse(hub.send(next.next(boarded(newId(), IN_A))).has(Flag.POSSIBLE_LOSS));
    }

    @Test
    void aMemoryOnlyChainThatEndsIsNoLoss() {
        events.memoryOnly = true;
        hub.send(event());
        hub.send(alarms.next(new Gap(Lane.EVENT, events.chain, 2, 2, Gap.Reason.CHAIN_CLOSED)));
        unit.boot = newId();
        assertFalse(hub.send(alarms.next(panic(newId(), Phase.RAISED, Optional.empty())))
                .has(Flag.POSSIBLE_LOSS));
    }

    @Test
    void anotherUnitsMessagesDoNotTouchThisOnes() {
        TestUnit other = new TestUnit();
        hub.register(other.record());
        sendEvents(1);
        assertEquals(
                Set.of(Flag.NEW_CHAIN),
                hub.send(other.chain(Lane.EVENT, events.chain.bits()).next(boarded(newId(), IN_A)))
                        .flags());
    }
}
