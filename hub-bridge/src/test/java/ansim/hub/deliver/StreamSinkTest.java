package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.deliver.Destination.Format;
import ansim.hub.deliver.Sink.Body;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.hub.deliver.Sink.Place;
import ansim.hub.deliver.Sink.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Centres that come and go in the middle of a courier's turn. A build once hung here: a centre that came between two events got the second
 * without the first, said by its id that it had both, and the first was never sent.
 */
class StreamSinkTest {
    private static final long LOG = 0x1234;

    private final AtomicLong nowMs = new AtomicLong();
    private final StreamSink sink =
            new StreamSink(StreamSink.prefix(LOG, 7), new byte[32], () -> Instant.ofEpochMilli(nowMs.get()));

    /** A centre's connection: the numbers of the events that it got. */
    private static final class Centre implements StreamSink.Reader {
        final List<Integer> got = new ArrayList<>();
        boolean ended;

        @Override
        public void write(String frame) {
            int data = frame.indexOf("data: ");
            if (data >= 0) {
                got.add(Integer.parseInt(frame.substring(data + 6).strip()));
            }
        }

        @Override
        public void end() {
            ended = true;
        }
    }

    private CompletableFuture<Outcome> send(int index, long attempt) {
        return send(index, attempt, false);
    }

    private CompletableFuture<Outcome> send(int index, long attempt, boolean again) {
        Body body = new Body(
                Format.CLOUDEVENTS,
                Integer.toString(index).getBytes(StandardCharsets.UTF_8),
                "aa".repeat(16),
                Map.of("type", "ansim.ride.boarded"));
        return sink.send(new Parcel("u/c/2/" + index, new Place(index, 0), "11680", false, again, attempt, body));
    }

    private static String id(int index) {
        return String.format("%016x.7-%d-0", LOG, index);
    }

    private static void assertFailed(CompletableFuture<Outcome> outcome) {
        assertEquals(Verdict.FAILED, outcome.join().verdict());
    }

    @Test
    void whoComesBetweenTwoEventsGetsTheSecondOnlyAfterTheFirst() {
        assertFailed(send(1, 0));
        Centre centre = new Centre();
        sink.join(centre, "");
        assertFailed(send(2, 0));
        assertEquals(List.of(), centre.got);
        assertFalse(send(1, 1).isDone());
        assertFalse(send(2, 1).isDone());
        assertEquals(List.of(1, 2), centre.got);
    }

    @Test
    void whoTakesOverInTheMiddleOfATurnGetsFromTheFirstThatTheOtherDidNotAcknowledge() {
        Centre first = new Centre();
        sink.join(first, "");
        CompletableFuture<Outcome> one = send(1, 0);
        CompletableFuture<Outcome> two = send(2, 0);
        Centre second = new Centre();
        sink.join(second, id(1));
        assertTrue(first.ended);
        assertEquals(Outcome.TAKEN, one.join());
        assertFailed(two);
        assertFailed(send(3, 0));
        assertEquals(List.of(), second.got);
        assertFalse(send(2, 1).isDone());
        assertFalse(send(3, 1).isDone());
        assertEquals(List.of(2, 3), second.got);
    }

    /** The ledger of a build said of those behind the new one that they were given: they stand before it in the log. */
    @Test
    void ofWhatGoesAgainOnlyThatCountsWhichWentBeforeTheEventThatTheCentreHas() {
        Centre centre = new Centre();
        sink.join(centre, "");
        List<CompletableFuture<Outcome>> all = new ArrayList<>();
        for (int each : List.of(100, 101)) {
            all.add(send(each, 0, true));
        }
        all.add(send(5001, 0));
        for (int each : List.of(102, 103)) {
            all.add(send(each, 0, true));
        }
        Centre next = new Centre();
        sink.join(next, id(5001));
        all.subList(0, 3).forEach(each -> assertEquals(Outcome.TAKEN, each.join()));
        all.subList(3, 5).forEach(StreamSinkTest::assertFailed);
        assertFalse(send(102, 1, true).isDone());
        assertEquals(List.of(102), next.got);

        Centre third = new Centre();
        sink.join(third, id(5001));
        assertFailed(send(103, 1, true));
        assertFalse(send(102, 2, true).isDone());
        assertEquals(List.of(102), third.got, "what it had of old says nothing of what goes again");
    }

    @Test
    void whatAnOperatorHasSkippedMeanwhileHoldsUpNothing() {
        assertFailed(send(1, 0));
        Centre centre = new Centre();
        sink.join(centre, "");
        assertFalse(send(2, 1).isDone());
        assertEquals(List.of(2), centre.got);
    }

    @Test
    void whoNeverAcknowledgesIsLetGoWhenTheWindowHasBeenFullForTwoSeconds() {
        Centre centre = new Centre();
        sink.join(centre, "");
        for (int i = 1; i <= StreamSink.WINDOW; i++) {
            assertFalse(send(i, 0).isDone());
        }
        nowMs.addAndGet(StreamSink.FULL.toMillis() - 1);
        sink.beat();
        assertFalse(centre.ended);
        nowMs.addAndGet(1);
        sink.beat();
        assertTrue(centre.ended);
    }
}
