package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.core.Keep;
import ansim.hub.core.LogEntry;
import ansim.hub.ledger.Provisions;
import ansim.hub.ledger.Provisions.Outcome;
import ansim.hub.ledger.Provisions.Provision;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a centre was given is written down before its cursor moves. */
class ProvisionTest {
    @TempDir
    Path folder;

    private TestLog log;
    private final Set<Long> erased = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void openLog() throws IOException {
        log = new TestLog(folder.resolve("log"));
    }

    @AfterEach
    void closeLog() throws IOException {
        log.close();
    }

    private EntryReader reader() {
        return (index, keyId, payload) -> {
            LogEntry whole = LogEntry.decode(payload);
            return erased.contains(index) ? LogEntry.decodeErased(whole.encodeClear(true)) : whole;
        };
    }

    private Delivery deliver(Provisions provisions, String url) throws IOException {
        return Delivery.start(
                new Delivery.Setup(
                        log.journal,
                        reader(),
                        folder.resolve("index"),
                        Delivery.Limits.DEFAULT,
                        provisions,
                        StreamHub.NONE),
                List.of(new Destination("11680", List.of(Targets.webhook(url)))));
    }

    private static CursorStatus status(Delivery delivery, boolean alarm) {
        return delivery.status().stream()
                .filter(s -> s.alarm() == alarm)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theCursorWaitsForTheLedgerAndAKillBeforeThatGivesItTwiceInBoth() throws Exception {
        List<Provision> asked = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> open = new CopyOnWriteArrayList<>();
        Provisions slow = what -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            asked.add(what);
            open.add(done);
            return done;
        };
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            List<String> ids = new ArrayList<>();
            try (Delivery delivery = deliver(slow, centre.url())) {
                for (int i = 0; i < 10; i++) {
                    ids.add(log.add(false, "11680"));
                }
                TestCentre.await("all are sent, none waits for a disk", () -> asked.size() == 10);
                assertEquals(ids, centre.ids());
                assertEquals(0, status(delivery, false).delivered());
                for (int i = 0; i < 4; i++) {
                    open.get(i).complete(null);
                }
                TestCentre.await("four count", () -> status(delivery, false).delivered() == 4);
            }
            // The rest was given and is not written down: as at a kill -9.
            List<Provision> written = new ArrayList<>(asked.subList(0, 4));
            log.reopen();
            Provisions well = what -> {
                synchronized (written) {
                    written.add(what);
                }
                return CompletableFuture.completedFuture(null);
            };
            try (Delivery delivery = deliver(well, centre.url())) {
                TestCentre.await("all count", () -> status(delivery, false).delivered() == 10);
            }
            assertEquals(6, centre.repeats());
            assertEquals(ids, written.stream().map(Provision::event).toList());
            Provision one = written.get(9);
            assertEquals(Outcome.GIVEN, one.outcome());
            assertEquals(Keep.RIDES, one.keep());
            assertEquals(log.unit.hex(), one.unit());
            assertEquals(log.ride.hex(), one.ride());
            assertTrue(one.to().startsWith("11680 webhook http://127.0.0.1:"), one.to());
            assertFalse(one.toString().contains("1234"), "no plate");
        }
    }

    @Test
    void whatCannotBeWrittenDownIsGivenAgainUntilItIs() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Provisions sick = what -> tries.incrementAndGet() <= 3
                ? CompletableFuture.failedFuture(new IOException("no space left on device"))
                : CompletableFuture.completedFuture(null);
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Delivery delivery = deliver(sick, centre.url())) {
            log.add(true, "11680");
            TestCentre.await("it counts", () -> status(delivery, true).delivered() == 1);
            assertEquals(4, tries.get());
            assertEquals(3, centre.repeats());
        }
    }

    @Test
    void aRefusedOneWasGivenTooAndOneThatIsErasedAfterAnAttemptWasGivenPerhaps() throws Exception {
        List<Provision> written = new CopyOnWriteArrayList<>();
        Provisions well = what -> {
            written.add(what);
            return CompletableFuture.completedFuture(null);
        };
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = TestCentre.answering(requests, n -> n == 1 ? 422 : 500);
        try (Delivery delivery = deliver(well, TestCentre.url(server))) {
            String refused = log.add(false, "11680");
            log.add(false, "11680");
            TestCentre.await("the second was tried", () -> requests.get() >= 2);
            erased.add(2L);
            TestCentre.await("it is gone", () -> status(delivery, false).erased() == 1);
            assertEquals(
                    List.of(refused, ""), written.stream().map(Provision::event).toList());
            assertEquals(
                    List.of(Outcome.REFUSED, Outcome.PERHAPS),
                    written.stream().map(Provision::outcome).toList());
        } finally {
            server.stop(0);
        }
    }
}
