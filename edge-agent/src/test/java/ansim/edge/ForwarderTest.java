package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.HubTrust;
import ansim.journal.JournalException;
import ansim.wire.Bytes;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.DownMessage;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.Presence;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import ansim.wire.UpMessage;
import ansim.wire.Verb;
import ansim.wire.WireException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a link that loses, repeats and is cut, and a hub that restarts. */
class ForwarderTest {
    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private TestUnit unit;

    @BeforeEach
    void open() throws JournalException {
        unit = new TestUnit(data, hub);
    }

    @AfterEach
    void close() {
        unit.close();
    }

    @Test
    void nothingIsSentWithoutALink() {
        unit.event(0);
        unit.step();
        assertEquals(0, unit.link.sent.size());
    }

    @Test
    void atMostEightAreSentAndNotReceipted() {
        IntStream.range(0, 20).forEach(unit::event);
        unit.link.connect();
        unit.step();
        unit.step();
        assertEquals(Forwarder.WINDOW, unit.link.sent.size());
        unit.exchange();
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(TestUnit.doors(0, 20), hub.doors());
        assertEquals(20, unit.receipted.size());
    }

    @Test
    void lane1GoesFirst() {
        IntStream.range(0, 3).forEach(unit::event);
        unit.alarm();
        unit.link.connect();
        unit.step();
        assertEquals(List.of(Lane.ALARM, Lane.EVENT, Lane.EVENT, Lane.EVENT), unit.link.lanes);
    }

    @Test
    void withoutAReceiptNothingGoesAndEverythingIsSentAgainAfterTheReconnect() {
        IntStream.range(0, 5).forEach(unit::event);
        unit.link.connect();
        unit.step();
        List<byte[]> first = unit.link.drain();
        unit.step();
        assertEquals(0, unit.link.sent.size(), "not again at once");
        unit.link.disconnect();
        unit.link.connect();
        unit.step();
        List<byte[]> second = unit.link.drain();
        assertEquals(first.size(), second.size());
        for (int i = 0; i < first.size(); i++) {
            assertArrayEquals(first.get(i), second.get(i), "the bytes that were signed");
        }
        assertEquals(5, unit.waiting(Lane.EVENT));
    }

    @Test
    void itSendsAgainAfter30sAndThenAfterTwiceAsLongUpTo10Minutes() {
        unit.event(0);
        unit.link.connect();
        unit.step();
        unit.link.drain();
        long delayMs = Forwarder.RESEND_FIRST_MS;
        for (int i = 0; i < 8; i++) {
            unit.nowMs += delayMs - 1;
            unit.step();
            assertEquals(0, unit.link.drain().size());
            unit.nowMs += 1;
            unit.step();
            assertEquals(1, unit.link.drain().size());
            delayMs = Math.min(2 * delayMs, Forwarder.RESEND_LONGEST_MS);
        }
        assertEquals(Forwarder.RESEND_LONGEST_MS, delayMs);
    }

    @Test
    void aFullLinkIsTriedAgainAndKeepsTheOrder() {
        IntStream.range(0, 6).forEach(unit::event);
        unit.link.connect();
        unit.link.room = 2;
        unit.step();
        assertEquals(2, unit.link.sent.size());
        unit.link.room = -1;
        unit.exchange();
        assertEquals(TestUnit.doors(0, 6), hub.doors());
        assertEquals(0, hub.holes);
    }

    @Test
    void aReceiptThatIsLostIsMadeUpForByTheNext() {
        IntStream.range(0, 3).forEach(unit::event);
        unit.link.connect();
        unit.step();
        unit.link.drain().forEach(hub::take);
        hub.receipt();
        unit.event(3);
        unit.exchange();
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(0, hub.duplicates);
    }

    @Test
    void anOldReceiptAfterANewerOneChangesNothing() {
        unit.event(0);
        unit.link.connect();
        unit.step();
        unit.link.drain().forEach(hub::take);
        byte[] old = hub.receipt();
        unit.event(1);
        unit.exchange();
        unit.link.down(old);
        unit.link.down(old);
        unit.event(2);
        unit.exchange();
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(TestUnit.doors(0, 3), hub.doors());
        assertEquals(0, hub.duplicates);
    }

    @Test
    void aReceiptSignedByAnotherKeyOrForAnotherUnitIsRefusedAndCounted() {
        unit.event(0);
        unit.link.connect();
        unit.step();
        unit.link.drain().forEach(hub::take);
        TestHub impostor = new TestHub(TestUnit.ID, TestUnit.KEY.verifyKey());
        hub.stored.forEach(message -> impostor.take(message.bytes()));
        unit.link.down(impostor.receipt());
        unit.link.down(new byte[] {1, 2, 3});
        unit.step();
        assertEquals(1, unit.waiting(Lane.EVENT));
        assertEquals(
                Map.of("signature", 1L, "encoding", 1L), unit.forwarder.counts().refusedDown());
    }

    @Test
    void aReceiptForAnotherUnitIsRefused() {
        unit.event(0);
        unit.link.connect();
        unit.step();
        byte[] meant = unit.link.drain().get(0);
        hub.take(meant);
        Command other = new Command(
                "hub", new Id16(1, 2), OptionalLong.empty(), 0, hub.generation, 0, receiptOf(hub.receipt()));
        unit.link.down(DownMessage.sign(other, hub.key).bytes());
        unit.step();
        assertEquals(1, unit.waiting(Lane.EVENT));
        assertEquals(Map.of("not for this unit", 1L), unit.forwarder.counts().refusedDown());
    }

    private static Verb receiptOf(byte[] message) {
        try {
            return DownMessage.parse(message).command().verb();
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    /** Whoever keeps the hub's messages back and plays them again must not turn the unit's time back. */
    @Test
    void onlyAReceiptOfSomethingNewSaysWhatTimeItIs() {
        unit.event(0);
        unit.link.connect();
        unit.exchange();
        unit.nowMs += 120_000;
        unit.link.down(hub.receipt());
        Command order = new Command(
                "hub",
                TestUnit.ID,
                OptionalLong.of(1_700_000_060L),
                1_700_000_000L,
                hub.generation,
                1,
                new OtherVerb(7, Bytes.of(new byte[] {(byte) 0xa0})));
        unit.link.down(DownMessage.sign(order, hub.key).bytes());
        unit.exchange();
        assertEquals(
                List.of(new CommandAck(1, CommandAck.Outcome.EXPIRED)),
                hub.bodies(Lane.EVENT).stream()
                        .filter(CommandAck.class::isInstance)
                        .toList());
    }

    @Test
    void aReceiptForAnUnknownChainIsIgnored() {
        unit.event(0);
        unit.link.connect();
        unit.link.down(hub.sign(new Receipt(Map.of(Lane.EVENT, List.of(new Receipted(new Id8(1), 5, new Id8(2))))), 0));
        unit.exchange();
        assertEquals(1, hub.chains(Lane.EVENT));
        assertEquals(TestUnit.doors(0, 1), hub.doors());
    }

    @Test
    void aReceiptWithAnotherHashBeginsANewChainWithATamperAndTheRestIsStillSent() throws WireException {
        IntStream.range(0, 3).forEach(unit::event);
        unit.link.connect();
        unit.step();
        Id8 chain = UpMessage.parse(unit.link.drain().get(0)).batch().chain();
        unit.link.down(hub.sign(new Receipt(Map.of(Lane.EVENT, List.of(new Receipted(chain, 2, new Id8(99))))), 0));
        unit.step();
        unit.event(3);
        unit.link.disconnect();
        unit.link.connect();
        unit.exchange();
        assertEquals(TestUnit.doors(0, 4), hub.doors());
        assertEquals(2, hub.chains(Lane.EVENT));
        assertEquals(1, hub.bodies(Lane.ALARM).size(), "tamper 9");
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void aReceiptAboveTheOwnLastNumberBeginsANewChain() throws WireException {
        unit.event(0);
        unit.link.connect();
        unit.step();
        Id8 chain = UpMessage.parse(unit.link.drain().get(0)).batch().chain();
        unit.link.down(hub.sign(new Receipt(Map.of(Lane.EVENT, List.of(new Receipted(chain, 50, new Id8(99))))), 0));
        unit.step();
        unit.event(1);
        unit.link.disconnect();
        unit.link.connect();
        unit.exchange();
        assertEquals(2, hub.chains(Lane.EVENT));
        assertEquals(TestUnit.doors(0, 2), hub.doors());
    }

    @Test
    void aHubThatLacksSomethingGetsEverythingFromTheOldestHeld() {
        IntStream.range(0, 6).forEach(unit::event);
        unit.link.connect();
        unit.step();
        List<byte[]> sent = unit.link.drain();
        hub.take(sent.get(0));
        sent.subList(2, 6).forEach(hub::take);
        assertEquals(4, hub.holes);
        unit.nowMs += Forwarder.HOLE_MS;
        unit.link.down(hub.receipt());
        unit.exchange();
        assertEquals(TestUnit.doors(0, 6), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    /** The hub's receipt names what it holds; a chain of which it has nothing it cannot name. */
    @Test
    void aHubThatLacksTheBeginningOfAChainThatItCannotNameGetsItFromTheOldestHeld() {
        unit.alarm();
        IntStream.range(0, 4).forEach(unit::event);
        unit.link.connect();
        unit.step();
        List<byte[]> sent = unit.link.drain();
        hub.take(sent.get(0));
        sent.subList(2, 5).forEach(hub::take);
        assertEquals(3, hub.holes);
        unit.nowMs += Forwarder.HOLE_MS;
        unit.link.down(hub.receipt());
        unit.exchange();
        assertEquals(TestUnit.doors(0, 4), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void aHubThatLacksTheBeginningAndHasNothingToNameGetsItAfter30s() {
        IntStream.range(0, 4).forEach(unit::event);
        unit.link.connect();
        unit.step();
        unit.link.drain().subList(1, 4).forEach(hub::take);
        assertEquals(0, hub.receipt().length);
        unit.nowMs += Forwarder.RESEND_FIRST_MS;
        unit.exchange();
        assertEquals(TestUnit.doors(0, 4), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void whatWasSentJustNowIsNotSentAgainForAReceiptThatDoesNotNameIt() {
        unit.alarm();
        unit.event(0);
        unit.link.connect();
        unit.step();
        hub.take(unit.link.drain().get(0));
        unit.nowMs += Forwarder.HOLE_MS - 1;
        unit.link.down(hub.receipt());
        unit.step();
        assertEquals(List.of(), unit.link.drain());
    }

    @Test
    void aRefusedMessageIsMovedAsideAndExplainedAndTheRestGoesOn() throws Exception {
        IntStream.range(0, 4).forEach(unit::event);
        unit.link.connect();
        unit.step();
        List<byte[]> sent = unit.link.drain();
        hub.take(sent.get(0));
        unit.link.down(hub.receipt());
        unit.link.down(hub.sign(
                new Refused(Map.of(
                        Lane.EVENT, new Refused.Refusal(UpMessage.messageHash(sent.get(1)), Refused.Reason.SIGNATURE))),
                0));
        unit.exchange();
        assertEquals(List.of("door-0", "door-2", "door-3"), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
        Gap gap = hub.gaps().get(0);
        assertEquals(Gap.Reason.DAMAGED, gap.reason());
        assertEquals(2, gap.first());
        assertEquals(2, gap.last());
        try (var aside = Files.list(data.resolve("aside"))) {
            assertArrayEquals(sent.get(1), Files.readAllBytes(aside.findFirst().orElseThrow()));
        }
    }

    /** A full disk took no copy, the gap was told all the same, and the bytes went with their segment. */
    @Test
    void aRefusedMessageIsHeldUntilItCanBeMovedAside() throws Exception {
        FailingFiles disk = new FailingFiles();
        unit.close();
        unit = new TestUnit(
                data, hub, disk, new Quota(64L * TestUnit.SEGMENT, 64L * TestUnit.SEGMENT, TestUnit.SEGMENT));
        IntStream.range(0, 3).forEach(unit::event);
        disk.only = "aside";
        disk.failing = true;
        unit.link.connect();
        byte[] second = refuseTheSecond();
        assertEquals(List.of(), hub.gaps());
        unit.nowMs += Stalls.FIRST_MS - 1;
        unit.exchange();
        assertEquals(List.of("door-0"), hub.doors(), "not again at once");
        disk.failing = false;
        unit.nowMs += 1;
        assertArrayEquals(second, refuseTheSecond());
        unit.exchange();
        assertEquals(List.of("door-0", "door-2"), hub.doors());
        assertEquals(1, hub.gaps().size());
        assertEquals(0, unit.waiting(Lane.EVENT));
        try (var aside = Files.list(data.resolve("aside"))) {
            assertArrayEquals(second, Files.readAllBytes(aside.findFirst().orElseThrow()));
        }
    }

    /** The hub takes the first of what is sent and refuses the next. */
    private byte[] refuseTheSecond() {
        unit.step();
        List<byte[]> sent = unit.link.drain();
        int at = hub.doors().isEmpty() ? 1 : 0;
        if (at == 1) {
            hub.take(sent.get(0));
            unit.link.down(hub.receipt());
        }
        unit.link.down(hub.sign(
                new Refused(Map.of(
                        Lane.EVENT,
                        new Refused.Refusal(UpMessage.messageHash(sent.get(at)), Refused.Reason.SIGNATURE))),
                0));
        unit.step();
        return sent.get(at);
    }

    @Test
    void aRefusalOfBytesThatAreNotHeldIsIgnored() {
        unit.event(0);
        unit.link.connect();
        unit.step();
        unit.link.down(hub.sign(
                new Refused(Map.of(
                        Lane.EVENT,
                        new Refused.Refusal(UpMessage.messageHash(new byte[] {1}), Refused.Reason.ENCODING))),
                0));
        unit.exchange();
        assertEquals(TestUnit.doors(0, 1), hub.doors());
        assertEquals(0, hub.gaps().size());
    }

    @Test
    void aCommandIsAnsweredUnknownOnceAlsoAcrossARestart() throws JournalException {
        byte[] command = hub.sign(new OtherVerb(7, Bytes.of(new byte[] {(byte) 0xa0})), 4);
        unit.link.connect();
        unit.link.down(command);
        unit.link.down(command);
        unit.exchange();
        unit = unit.restart();
        unit.link.connect();
        unit.link.down(command);
        unit.exchange();
        assertEquals(List.of(new CommandAck(4, CommandAck.Outcome.UNKNOWN)), hub.bodies(Lane.EVENT));
    }

    @Test
    void aRestoredHubGetsAgainWhatItLostWhileTheSegmentIsHeld() {
        IntStream.range(0, 10).forEach(unit::event);
        unit.link.connect();
        unit.exchange();
        hub.restore(4);
        unit.link.down(hub.receipt());
        unit.exchange();
        assertEquals(TestUnit.doors(0, 10), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
        hub.generation--;
        unit.link.down(hub.receipt());
        unit.step();
        assertEquals(0, unit.waiting(Lane.EVENT), "a lower generation is ignored");
    }

    /** The second chain of lane 3 found its lane's queue full, and lane 4 was not even tried: not in an emergency either. */
    @Test
    void aLaneWhoseQueueIsFullHoldsUpNoLaneBelowIt() {
        for (int chain = 0; chain < 2; chain++) {
            for (int i = 0; i < Forwarder.WINDOW; i++) {
                unit.bulky(Lane.TRACK, i);
            }
            unit.lanes.store(Lane.TRACK).closeCurrent();
        }
        unit.lanes.status(new Draft(new Presence(375_000_000, 1_270_000_000, true), unit.nowMs));
        unit.link.laneRoom = Forwarder.WINDOW;
        unit.link.connect();
        unit.step();
        assertTrue(unit.link.lanes.contains(Lane.STATUS), unit.link.lanes.toString());
        unit.link.laneRoom = -1;
        unit.exchange();
        assertEquals(2 * Forwarder.WINDOW, hub.bodies(Lane.TRACK).size() / 100);
        assertEquals(1, hub.bodies(Lane.STATUS).size());
    }

    /** Once a wake-up that found the inbox full was lost, and every later one with it: an alarm waited for the next look. */
    @Test
    @Timeout(60)
    void afterAFullInboxAnAlarmStillWakesTheForwarder() throws InterruptedException {
        unit.link.connect();
        unit.step();
        for (int i = 0; i <= Forwarder.INBOX_MAX; i++) {
            unit.link.down(new byte[] {1});
        }
        assertEquals(1, unit.forwarder.counts().inboxFull.sum());
        unit.alarm();
        unit.step();
        assertEquals(List.of(Lane.ALARM), unit.link.lanes, "in spite of the flood");
        unit.alarm();
        unit.forwarder.step(TimeUnit.DAYS.toMillis(1));
        assertEquals(List.of(Lane.ALARM, Lane.ALARM), unit.link.lanes);
    }

    /** Once it took what came in until nothing was left, and to a peer that is faster than Ed25519 that is never. */
    @Test
    void aPeerThatSendsFasterThanItsSignaturesAreVerifiedHoldsUpNoAlarm() throws InterruptedException {
        FakeLink link = new FakeLink();
        byte[] command = hub.sign(new OtherVerb(7, Bytes.of(new byte[] {(byte) 0xa0})), 1);
        AtomicInteger verified = new AtomicInteger();
        HubTrust trust = HubTrust.fixed(hub.key.verifyKey());
        HubTrust slow = new HubTrust() {
            @Override
            public boolean verifies(DownMessage message) {
                if (verified.incrementAndGet() < 10 * Forwarder.INBOX_MAX) {
                    link.down(command);
                }
                return false;
            }

            @Override
            public boolean follow(NextHubKey next) throws IOException {
                return trust.follow(next);
            }

            @Override
            public boolean renewKeys() throws IOException {
                return trust.renewKeys();
            }
        };
        Forwarder flooded = new Forwarder(
                unit.lanes,
                new Commands(unit.lanes, unit.clock, () -> unit.nowMs, Outputs.none(), slow),
                new Forwarder.Identity(slow, TestUnit.ID),
                () -> unit.nowMs,
                held -> {});
        flooded.add(link);
        link.connect();
        link.down(command);
        unit.alarm();
        flooded.step(0);
        assertEquals(List.of(Lane.ALARM), link.lanes);
        assertTrue(verified.get() <= Forwarder.INBOX_MAX, "verified before it was sent: " + verified);
    }

    /** The whole of the way's judgement is in {@link WaysTest}; here, that a receipt is noted for the way on which it came. */
    @Test
    void aHealthyBrokerWithoutAHubIsLeftForTheWayThatBringsReceipts() {
        FakeLink second = new FakeLink();
        unit.forwarder.add(second);
        unit.link.connect();
        second.connect();
        unit.event(0);
        unit.step();
        assertEquals(1, unit.link.drain().size());
        for (int s = 0; s < 90; s++) {
            unit.link.hear();
            unit.nowMs += 1_000;
            unit.step();
        }
        assertEquals(List.of(Lane.EVENT), second.lanes);
        second.drain().forEach(hub::take);
        second.down(hub.receipt());
        unit.step();
        assertEquals(0, unit.waiting(Lane.EVENT));
        unit.link.drain();
        unit.nowMs += 10 * Ways.UNRECEIPTED_MS;
        unit.step();
        assertEquals(List.of(), unit.link.drain(), "nothing is owed");
        unit.event(1);
        unit.step();
        assertEquals(List.of(Lane.EVENT), unit.link.lanes, "the preferred one has its turn again");
    }

    @Test
    void killedAtAnyStepNothingIsLostAndNothingIsDoubled() throws JournalException {
        Random random = new Random(7);
        int made = 0;
        unit.link.connect();
        for (int round = 0; round < 60; round++) {
            for (int i = random.nextInt(4); i > 0; i--) {
                unit.event(made++);
            }
            for (int i = random.nextInt(3); i >= 0; i--) {
                unit.step();
                List<byte[]> sent = new ArrayList<>(unit.link.drain());
                sent.removeIf(message -> random.nextInt(4) == 0);
                if (random.nextInt(3) == 0) {
                    Collections.shuffle(sent, random);
                }
                sent.forEach(hub::take);
                if (random.nextBoolean() && !hub.stored.isEmpty()) {
                    unit.link.down(hub.receipt());
                }
            }
            if (random.nextInt(3) == 0) {
                unit = unit.restart();
                unit.link.connect();
            } else if (random.nextBoolean()) {
                unit.link.disconnect();
                unit.link.connect();
            }
            unit.nowMs += 500;
        }
        unit.link.disconnect();
        unit.link.connect();
        unit.exchange();
        assertEquals(TestUnit.doors(0, made), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(0, hub.forks);
        assertTrue(made > 50);
    }
}
