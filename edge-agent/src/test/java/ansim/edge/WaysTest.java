package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Lane;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which of two links carries, by a clock that the test moves. */
class WaysTest {
    private static final byte[] MESSAGE = {1};

    private long nowMs = 100_000;
    private final Ways ways = new Ways(() -> nowMs);
    private final FakeLink first = new FakeLink();
    private final FakeLink second = new FakeLink();

    @BeforeEach
    void add() {
        Ways.Listener nobody = new Ways.Listener() {
            @Override
            public void wake() {}

            @Override
            public void received(byte[] message) {}
        };
        ways.add(first, nobody);
        ways.add(second, nobody);
    }

    private void after(long ms) {
        nowMs += ms;
        ways.look();
    }

    /** Whom an event goes to; whether it is taken at all is for the other tests. */
    private FakeLink carrier() {
        first.drain();
        second.drain();
        assertTrue(ways.send(Lane.EVENT, MESSAGE));
        assertEquals(1, first.sent.size() + second.sent.size(), "over one only");
        return first.drain().isEmpty() ? second : first;
    }

    /** It brings a receipt, which is more than that it is heard. */
    private void receipt(FakeLink link) {
        link.down(MESSAGE);
        ways.receipted(link);
    }

    @Test
    void withoutALinkThatIsUpNothingIsTaken() {
        assertFalse(ways.look());
        assertFalse(ways.isOpen());
        assertFalse(ways.send(Lane.ALARM, MESSAGE));
    }

    @Test
    void theFirstThatIsUpCarriesEverything() {
        first.connect();
        second.connect();
        assertTrue(ways.look(), "what was in flight before is sent again");
        assertEquals(first, carrier());
        assertFalse(ways.look());
    }

    @Test
    void whenItGoesDownTheNextTakesOverAtOnce() {
        first.connect();
        second.connect();
        ways.look();
        first.disconnect();
        assertTrue(ways.look());
        assertEquals(second, carrier());
    }

    @Test
    void whenItIsSilentFor7sAlthoughItWasHandedSomethingTheNextTakesOver() {
        first.connect();
        second.connect();
        ways.look();
        assertEquals(first, carrier());
        after(Ways.SILENT_MS - 1);
        assertEquals(first, carrier());
        nowMs++;
        assertTrue(ways.look());
        assertEquals(second, carrier());
        assertTrue(Ways.SILENT_MS + 500 <= 10_000, "with the forwarder's idle time within 10 s");
    }

    @Test
    void aLinkThatIsHandedNothingOrThatAnswersIsNotSilent() {
        first.connect();
        second.connect();
        ways.look();
        after(60_000);
        assertEquals(first, carrier());
        for (int i = 0; i < 10; i++) {
            nowMs += 5_000;
            first.down(MESSAGE);
            ways.look();
            assertEquals(first, carrier());
        }
    }

    @Test
    void anAnswerThatIsFasterThanTheSenderCounts() {
        first.quick = true;
        first.connect();
        second.connect();
        ways.look();
        assertEquals(first, carrier());
        after(Ways.SILENT_MS);
        assertEquals(first, carrier());
    }

    @Test
    void aLinkThatTakesNothingIsNotSilentForThat() {
        first.connect();
        second.connect();
        first.room = 0;
        ways.look();
        assertFalse(ways.send(Lane.EVENT, MESSAGE));
        after(Ways.SILENT_MS);
        first.room = -1;
        assertEquals(first, carrier());
    }

    @Test
    void thePreferredCarriesAgainAfter30sWithoutABreak() {
        first.connect();
        second.connect();
        ways.look();
        first.disconnect();
        after(1_000);
        first.connect();
        after(1_000);
        after(Ways.BACK_AFTER_MS - 1);
        assertEquals(second, carrier());
        second.down(MESSAGE);
        first.disconnect();
        after(0);
        first.connect();
        after(0);
        after(Ways.BACK_AFTER_MS - 1);
        assertEquals(second, carrier(), "the break counts from anew");
        second.down(MESSAGE);
        nowMs++;
        assertTrue(ways.look());
        assertEquals(first, carrier());
    }

    @Test
    void oneThatFallsSilentAgainAndAgainIsHeldBackTwiceAsLongEachTimeUpTo8Minutes() {
        first.connect();
        second.connect();
        ways.look();
        long heldBackMs = Ways.BACK_AFTER_MS;
        for (int i = 0; i < 7; i++) {
            assertEquals(first, carrier());
            after(Ways.SILENT_MS);
            assertEquals(second, carrier());
            receipt(second);
            heldBackMs = Math.min(Ways.BACK_LONGEST_MS, 2 * heldBackMs);
            after(heldBackMs - 1);
            assertEquals(second, carrier());
            receipt(second);
            after(1);
        }
        assertEquals(Ways.BACK_LONGEST_MS, heldBackMs);
    }

    @Test
    void whenBothAreSilentItIsTheHubAndNothingChanges() {
        first.connect();
        second.connect();
        ways.look();
        assertEquals(first, carrier());
        after(Ways.SILENT_MS);
        assertEquals(second, carrier());
        for (int i = 0; i < 5; i++) {
            after(Ways.SILENT_MS);
            assertEquals(second, carrier());
        }
    }

    /** A healthy broker whose hub is gone acknowledges everything; lanes 2 to 4 once stayed with it for ever. */
    @Test
    void oneThatAnswersButBringsNoReceiptFor90sIsLeftForTheNextAndHeldBackUntilAReceiptComesOverIt() {
        first.connect();
        second.connect();
        ways.look();
        assertEquals(first, carrier());
        for (int s = 0; s < 89; s++) {
            after(1_000);
            first.hear();
            assertEquals(first, carrier());
        }
        after(1_000);
        first.hear();
        assertEquals(second, carrier());
        receipt(second);
        after(2 * Ways.BACK_AFTER_MS - 1);
        assertEquals(second, carrier());
        receipt(second);
        after(1);
        assertEquals(first, carrier());
        first.hear();
        after(Ways.UNRECEIPTED_MS);
        assertEquals(second, carrier());
        receipt(second);
        after(4 * Ways.BACK_AFTER_MS - 1);
        assertEquals(second, carrier(), "that it acknowledged is no reason to trust it sooner");
        receipt(second);
        after(1);
        assertEquals(first, carrier());
        receipt(first);
        carrier();
        first.hear();
        after(Ways.UNRECEIPTED_MS);
        assertEquals(second, carrier());
        receipt(second);
        after(2 * Ways.BACK_AFTER_MS);
        assertEquals(first, carrier(), "it had brought one");
    }

    private List<String> said() {
        return ways.statuses().stream()
                .map(status -> (status.connected() ? "up " : "down ") + status.error())
                .toList();
    }

    /** "Connected" alone would be no lie, and yet send nobody to the hub that is gone. */
    @Test
    void theStatusSaysWhatAConnectedWayOwes() {
        first.connect();
        ways.look();
        assertEquals(List.of("up ", "down "), said());
        carrier();
        after(Ways.SILENT_MS);
        assertEquals("up no answer for 7 s", said().get(0));
        first.hear();
        assertEquals("up ", said().get(0));
        after(Ways.UNRECEIPTED_MS);
        assertEquals("up no receipt for 97 s", said().get(0));
        second.connect();
        after(0);
        assertEquals(List.of("up nothing came back when it last carried", "up "), said());
        second.disconnect();
        after(0);
        carrier();
        receipt(first);
        assertEquals(List.of("up ", "down "), said());
    }

    @Test
    void aWayOnWhichNothingIsOwedIsNotLeftForWantOfReceipts() {
        first.connect();
        second.connect();
        ways.look();
        assertEquals(first, carrier());
        receipt(first);
        for (int i = 0; i < 100; i++) {
            after(Ways.UNRECEIPTED_MS);
            assertFalse(ways.look());
        }
        assertEquals(first, carrier());
    }

    /** The receipt of an alarm that went over both says nothing of the one that did not bring it. */
    @Test
    void receiptsOverTheOtherWayAreNotTheCarriers() {
        first.connect();
        second.connect();
        ways.look();
        for (int s = 0; s < 90; s++) {
            assertTrue(ways.send(Lane.ALARM, MESSAGE));
            first.hear();
            receipt(second);
            after(1_000);
        }
        assertEquals(second, carrier());
    }

    /** What an alarm was once owed over a way that did not carry must not throw it out the moment it does. */
    @Test
    void oneThatTakesOverOwesNothingFromBefore() {
        first.connect();
        second.connect();
        ways.look();
        assertTrue(ways.send(Lane.ALARM, MESSAGE));
        receipt(first);
        second.hear();
        after(Ways.UNRECEIPTED_MS);
        first.disconnect();
        after(0);
        first.connect();
        after(0);
        assertEquals(second, carrier());
    }

    @Test
    void withBothWaysWithoutReceiptsAtMostOneChangeIn8MinutesRemains() {
        first.connect();
        second.connect();
        ways.look();
        int changes = 0;
        FakeLink before = carrier();
        for (int s = 0; s < 2 * 3_600; s++) {
            if (s == 3_600) {
                changes = 0;
            }
            after(1_000);
            first.hear();
            second.hear();
            FakeLink now = carrier();
            changes += now == before ? 0 : 1;
            before = now;
        }
        assertTrue(changes <= 3_600_000 / Ways.BACK_LONGEST_MS + 1, "changes in the second hour: " + changes);
    }

    @Test
    void anAlarmGoesOverTwoUnlessTheSettingSaysOne() {
        first.connect();
        second.connect();
        ways.look();
        assertTrue(ways.send(Lane.ALARM, MESSAGE));
        assertEquals(List.of(Lane.ALARM), first.lanes);
        assertEquals(List.of(Lane.ALARM), second.lanes);
        ways.alarmOnTwo(false);
        assertTrue(ways.send(Lane.ALARM, MESSAGE));
        assertEquals(2, first.lanes.size());
        assertEquals(1, second.lanes.size());
    }

    @Test
    void anAlarmThatTheCarrierDoesNotTakeGoesOverTheSecond() {
        first.connect();
        second.connect();
        first.room = 0;
        ways.look();
        assertTrue(ways.send(Lane.ALARM, MESSAGE));
        assertFalse(ways.send(Lane.EVENT, MESSAGE), "its turn comes");
        assertEquals(List.of(Lane.ALARM), second.lanes);
    }

    @Test
    void aReconnectOfTheOneThatDoesNotCarrySendsNothingAgain() {
        first.connect();
        second.connect();
        ways.look();
        second.disconnect();
        second.connect();
        assertFalse(ways.look());
        first.disconnect();
        first.connect();
        assertTrue(ways.look());
        assertEquals(first, carrier());
    }
}
