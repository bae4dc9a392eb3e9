package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Courier.Books;
import ansim.hub.deliver.Courier.Hub;
import ansim.hub.deliver.Courier.Route;
import ansim.hub.deliver.Destination.Format;
import ansim.hub.ledger.Provisions;
import ansim.hub.trace.Trace;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One courier on a clock that is simulated, and a sink that does what it is told. */
class CourierTest {
    private static final int WINDOW = 8;

    @TempDir
    Path folder;

    private final VirtualPool pool = new VirtualPool(0);
    private final List<String> got = new ArrayList<>();
    private Function<Sink.Parcel, CompletableFuture<Sink.Outcome>> answer = this::take;
    private Runnable flushed = () -> {};
    /** At this call from now on the trace throws. */
    private final AtomicInteger defects = new AtomicInteger();

    private TestLog log;
    private Indexer indexer;
    private Thread following;

    @BeforeEach
    void open() throws IOException {
        log = new TestLog(folder.resolve("log"));
        indexer = new Indexer(log.journal, EntryReader.UNSEALED, folder.resolve("index"), index -> {}, trace());
        following = new Thread(indexer::run, "test-index");
        following.start();
    }

    @AfterEach
    void close() throws Exception {
        indexer.stop();
        following.join();
        indexer.close();
        log.close();
    }

    /** One that has a defect when that is said. */
    private Trace trace() {
        return (Trace) Proxy.newProxyInstance(
                Trace.class.getClassLoader(), new Class<?>[] {Trace.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("begin") && defects.getAndDecrement() == 1) {
                        throw new IllegalStateException("a defect");
                    }
                    return method.invoke(Trace.NONE, arguments);
                });
    }

    private CompletableFuture<Sink.Outcome> take(Sink.Parcel parcel) {
        got.add(parcel.id());
        return CompletableFuture.completedFuture(Sink.Outcome.TAKEN);
    }

    private final class Told implements Sink {
        @Override
        public CompletableFuture<Outcome> send(Parcel parcel) {
            return answer.apply(parcel);
        }

        @Override
        public void flush() {
            flushed.run();
        }

        @Override
        public int window() {
            return WINDOW;
        }

        @Override
        public int windowAfterFailure() {
            return 1;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private Courier courier() throws IOException {
        return courier(EntryReader.UNSEALED, Provisions.NONE);
    }

    private Courier courier(EntryReader reader, Provisions provisions) throws IOException {
        Path books = Files.createDirectories(folder.resolve("books"));
        return new Courier(
                new Hub(log.journal, reader, pool, pool::nowMs, new SplittableRandom(1), provisions),
                new Route(
                        "11680", "told", false, Format.CLOUDEVENTS, indexer.index("11680", false), indexer, new Told()),
                new Books(
                        new CursorFile(books.resolve("told.cur"), log.journal.journalId()),
                        new DeadLetters(books.resolve("told.jsonl")),
                        new Orders(books.resolve("told.orders"))));
    }

    private List<String> add(int count) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(log.add(false, "11680"));
        }
        LaneIndex index = indexer.index("11680", false);
        TestCentre.await("all are noted", () -> indexer.shownThrough() == log.journal.durableIndex());
        assertTrue(index.size() >= count);
        return ids;
    }

    private void run(long ms) {
        pool.runUntil(pool.nowMs() + ms);
    }

    /** A build stood for ever here, and said nothing. */
    @Test
    void aSinkThatThrowsIsOneThatFailsAndIsTriedAgain() throws Exception {
        try (Courier courier = courier()) {
            answer = parcel -> {
                throw new IllegalArgumentException("such a URL I do not take");
            };
            List<String> ids = add(3);
            courier.wake();
            run(60_000);
            assertEquals(3, courier.status().waiting());
            assertEquals(
                    Optional.of("such a URL I do not take"), courier.status().lastError());
            answer = this::take;
            run(60_000);
            assertEquals(ids, got);
            assertEquals(0, courier.status().waiting());
            assertEquals(Optional.empty(), courier.status().lastError());
        }
    }

    private static final class Written implements Provisions {
        final List<String> lines = new ArrayList<>();

        @Override
        public CompletableFuture<Void> add(Provision provision) {
            lines.add(provision.outcome() + " " + provision.event());
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Two events of one entry, of which the second hangs: an operator skips the entry, and both are written down, for both may have been given. */
    @Test
    void ofAnEntryThatIsSkippedEachEventMayHaveBeenGiven() throws Exception {
        String boarding = log.add(false, "11440");
        String named = log.addName(1, List.of("11680"), "11440", "11680");
        TestCentre.await("all are noted", () -> indexer.shownThrough() == log.journal.durableIndex());
        Written written = new Written();
        answer = parcel -> CompletableFuture.completedFuture(new Sink.Outcome(Sink.Verdict.FAILED, "down"));
        try (Courier courier = courier(EntryReader.UNSEALED, written)) {
            courier.wake();
            run(10_000);
            assertEquals(List.of(), written.lines);
            courier.desk().skip(2);
            run(60_000);
            assertEquals(0, courier.status().waiting());
            assertEquals(1, courier.status().skipped());
            assertEquals(List.of("PERHAPS " + boarding, "PERHAPS " + named), written.lines);
        }
    }

    /** Whoever comes new was given nothing before. */
    @Test
    void whatIsSkippedBeforeANewDestinationsFirstEventWasGivenToNobody() throws Exception {
        Written written = new Written();
        List<String> ids = add(2);
        try (Courier courier = courier(EntryReader.UNSEALED, written)) {
            courier.desk().skip(1);
            courier.wake();
            run(1_000);
            assertEquals(List.of("GIVEN " + ids.get(1)), written.lines);
        }
        add(1);
        try (Courier courier = courier(EntryReader.UNSEALED, written)) {
            courier.desk().skip(3);
            courier.wake();
            run(1_000);
            assertEquals(2, written.lines.size(), "the run before may have sent it");
            assertTrue(written.lines.get(1).startsWith("PERHAPS "), written.lines.toString());
        }
    }

    /** At the limit with a centre that hangs a build sent more with each drop, and the sink kept it all. */
    @Test
    void whatIsOnItsWayIsAwaitedBeforeAnythingIsDroppedAndNothingElseIsSentMeanwhile() throws Exception {
        List<CompletableFuture<Sink.Outcome>> hanging = new ArrayList<>();
        answer = parcel -> {
            CompletableFuture<Sink.Outcome> outcome = new CompletableFuture<>();
            hanging.add(outcome);
            return outcome;
        };
        add(100);
        try (Courier courier = courier()) {
            courier.wake();
            for (int i = 0; i < 10; i++) {
                run(1_000);
                courier.dropOldest(2);
            }
            run(1_000);
            assertEquals(WINDOW, hanging.size());
            assertEquals(0, courier.status().dropped());
            answer = this::take;
            hanging.forEach(each -> each.complete(new Sink.Outcome(Sink.Verdict.FAILED, "no answer")));
            run(60_000);
            assertEquals(2, courier.status().dropped());
            assertEquals(98, courier.status().delivered());
        }
    }

    /** As a message that is too long for a broker, which ends the connection for it: in a build nothing that stood near it was ever taken. */
    @Test
    void whatFailsForEverIsMetAloneAndWhatStandsBeforeItIsTaken() throws Exception {
        List<String> ids = add(6);
        List<String> together = new ArrayList<>();
        List<CompletableFuture<Sink.Outcome>> open = new ArrayList<>();
        answer = parcel -> {
            together.add(parcel.id());
            got.add(parcel.id());
            open.add(new CompletableFuture<>());
            return open.get(open.size() - 1);
        };
        flushed = () -> {
            Sink.Outcome outcome = together.contains(ids.get(3))
                    ? new Sink.Outcome(Sink.Verdict.FAILED, "connection lost")
                    : Sink.Outcome.TAKEN;
            together.clear();
            List.copyOf(open).forEach(each -> each.complete(outcome));
            open.clear();
        };
        try (Courier courier = courier()) {
            courier.wake();
            run(600_000);
            assertEquals(3, courier.status().delivered());
            int before = got.size();
            assertTrue(Collections.frequency(got, ids.get(0)) <= 2, got.toString());
            run(600_000);
            assertEquals(
                    List.of(ids.get(3)),
                    got.subList(before, got.size()).stream().distinct().toList());
        }
    }

    @Test
    void aDefectOnTheWayToTheSinkLosesNoEvent() throws Exception {
        List<String> ids = add(4);
        try (Courier courier = courier()) {
            List<CompletableFuture<Sink.Outcome>> open = new ArrayList<>();
            answer = parcel -> {
                got.add(parcel.id());
                open.add(new CompletableFuture<>());
                return open.get(open.size() - 1);
            };
            defects.set(2);
            courier.wake();
            run(1);
            assertEquals(ids.subList(0, 1), got, "the second has met a defect");
            for (int i = 0; i < 4; i++) {
                List.copyOf(open).forEach(each -> each.complete(Sink.Outcome.TAKEN));
                run(60_000);
            }
            assertEquals(ids, got);
            assertEquals(4, courier.status().delivered());
        }
    }

    /** As when memory is short for a moment: the courier must not forget that it was woken. */
    @Test
    void anErrorInSendingOrFlushingHoldsNothingUpForEver() throws Exception {
        try (Courier courier = courier()) {
            answer = parcel -> {
                answer = this::take;
                throw new OutOfMemoryError("for once");
            };
            flushed = () -> {
                flushed = () -> {};
                throw new StackOverflowError("for once");
            };
            List<String> ids = add(3);
            courier.wake();
            run(60_000);
            assertEquals(ids.get(2), got.get(got.size() - 1));
            assertEquals(0, courier.status().waiting());
            assertEquals(3, courier.status().delivered());
        }
    }
}
