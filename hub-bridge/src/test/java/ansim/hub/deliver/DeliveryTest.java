package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.deliver.Destination.Target;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private TestLog log;

    @BeforeEach
    void openLog() throws IOException {
        log = new TestLog(folder.resolve("log"));
    }

    @AfterEach
    void closeLog() throws IOException {
        log.close();
    }

    private Delivery deliver(Destination... destinations) throws IOException {
        return Delivery.start(log.journal, EntryReader.UNSEALED, folder.resolve("index"), List.of(destinations));
    }

    private static Destination webhook(String district, String... urls) {
        List<Target> targets = new ArrayList<>();
        for (String url : urls) {
            targets.add(Targets.webhook(url));
        }
        return new Destination(district, targets);
    }

    private static CursorStatus status(Delivery delivery, boolean alarm) {
        return delivery.status().stream()
                .filter(s -> s.alarm() == alarm)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachDistrictGetsItsOwnEventsInOrderAndSigned() throws Exception {
        List<String> gangnam = new ArrayList<>();
        List<String> mapo = new ArrayList<>();
        List<String> all = new ArrayList<>();
        try (TestCentre one = new TestCentre(log, folder.resolve("one.jsonl"));
                TestCentre two = new TestCentre(log, folder.resolve("two.jsonl"));
                TestCentre every = new TestCentre(log, folder.resolve("every.jsonl"));
                Delivery delivery =
                        deliver(webhook("11680", one.url()), webhook("11440", two.url()), webhook("*", every.url()))) {
            for (int i = 0; i < 100; i++) {
                boolean both = i % 10 == 0;
                String id = both ? log.add(false, "11440", "11680") : log.add(false, i % 2 == 0 ? "11440" : "11680");
                all.add(id);
                if (both || i % 2 == 0) {
                    mapo.add(id);
                }
                if (both || i % 2 != 0) {
                    gangnam.add(id);
                }
            }
            TestCentre.await("all events", () -> every.ids().size() == 100);
            TestCentre.await("a district's events", () -> one.ids().size() == gangnam.size());
            TestCentre.await("a district's events", () -> two.ids().size() == mapo.size());
            assertEquals(all, every.ids());
            assertEquals(gangnam, one.ids());
            assertEquals(mapo, two.ids());
            assertTrue(every.taken.stream().allMatch(Receiver.Taken::verified));
            TestCentre.await("nothing waits", () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
        }
    }

    @Test
    void aCentreThatWasDownGetsEverythingInOrderAndTheOthersNeverWait() throws Exception {
        List<String> ids = new ArrayList<>();
        try (TestCentre sick = new TestCentre(log, folder.resolve("sick.jsonl"));
                TestCentre well = new TestCentre(log, folder.resolve("well.jsonl"));
                Delivery delivery = deliver(webhook("11680", sick.url(), well.url()))) {
            ids.add(log.add(false, "11680"));
            TestCentre.await("the first", () -> sick.ids().size() == 1);
            // A centre that goes down before its answer has arrived gets the first again: then 51 would wait.
            TestCentre.await("nothing waits", () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
            sick.down();
            for (int i = 0; i < 50; i++) {
                ids.add(log.add(false, "11680"));
            }
            TestCentre.await("the well one has all", () -> well.ids().size() == 51);
            TestCentre.await(
                    "the error shows",
                    () -> delivery.status().stream()
                            .anyMatch(s -> s.waiting() == 50
                                    && s.lastError().isPresent()
                                    && s.oldestWaitingMs().isPresent()));
            sick.up();
            TestCentre.await("the sick one has all", () -> sick.ids().size() == 51);
            assertEquals(ids, sick.ids());
            assertEquals(ids, well.ids());
        }
    }

    @Test
    void whatWasTakenBeforeTheCursorMovedComesAgainUnderTheSameId() throws Exception {
        List<String> ids = new ArrayList<>();
        Path cursors = folder.resolve("index").resolve("cursors");
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver(webhook("11680", centre.url()))) {
                for (int i = 0; i < 20; i++) {
                    ids.add(log.add(false, "11680"));
                }
                TestCentre.await("all", () -> centre.ids().size() == 20);
                assertEquals(2, delivery.status().size());
            }
            // As if the hub had died before each cursor was written.
            try (var files = Files.newDirectoryStream(cursors)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            log.reopen();
            try (Delivery delivery = deliver(webhook("11680", centre.url()))) {
                ids.add(log.add(false, "11680"));
                TestCentre.await("the new one", () -> centre.ids().size() == 21);
                assertEquals(ids, centre.ids());
                assertEquals(20, centre.repeats());
                assertEquals(0, status(delivery, false).refused());
            }
        }
    }

    /** The index and cursors as they were at a kill -9 in the middle; both the hub and the centre start anew. */
    @Test
    void killedInTheMiddleTheHubRepeatsUnderTheSameIdsAndTheRestartedCentreTakesEachOnce() throws Exception {
        Path index = folder.resolve("index");
        Path atTheKill = folder.resolve("index-at-the-kill");
        Path file = folder.resolve("centre.jsonl");
        List<String> ids = new ArrayList<>();
        int port;
        try (TestCentre centre = new TestCentre(log, file);
                Delivery delivery = deliver(webhook("11680", centre.url()))) {
            port = centre.port();
            for (int i = 0; i < 10; i++) {
                ids.add(log.add(i % 3 == 0, "11680"));
            }
            TestCentre.await(
                    "ten and their cursors",
                    () -> delivery.status().stream()
                                    .mapToLong(CursorStatus::delivered)
                                    .sum()
                            == 10);
            copy(index, atTheKill);
            for (int i = 0; i < 10; i++) {
                ids.add(log.add(i % 3 == 0, "11680"));
            }
            TestCentre.await(
                    "ten more, whose cursors are lost", () -> centre.ids().size() == 20);
        }
        log.reopen();
        try (TestCentre centre = new TestCentre(log, file, port);
                Delivery delivery = Delivery.start(
                        log.journal, EntryReader.UNSEALED, atTheKill, List.of(webhook("11680", centre.url())))) {
            assertEquals(2, delivery.status().size(), "alarms and the others");
            String newest = log.add(false, "11680");
            ids.add(newest);
            TestCentre.await("the new one", () -> centre.ids().contains(newest));
            TestCentre.await("what the cursors had not reached", () -> centre.repeats() >= 10);
        }
        List<String> first = new ArrayList<>();
        Set<String> repeated = new HashSet<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode event = JSON.readTree(line);
            (event.path("first").asBoolean() ? first : repeated)
                    .add(event.path("id").asText());
        }
        assertEquals(ids.size(), first.size(), "each is taken once");
        assertEquals(new HashSet<>(ids), new HashSet<>(first), "none is missing, and none has a second id");
        assertTrue(ids.containsAll(repeated), "repeats have the ids of before");
        assertTrue(repeated.size() >= 10, "the kill did repeat some");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.newDirectoryStream(from)) {
            for (Path each : files) {
                Path target = to.resolve(each.getFileName());
                if (Files.isDirectory(each)) {
                    copy(each, target);
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    @Test
    void aRestartGoesOnWhereItEnded() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            for (int round = 1; round <= 3; round++) {
                int expected = round * 10;
                try (Delivery delivery = deliver(webhook("11680", centre.url()))) {
                    for (int i = 0; i < 10; i++) {
                        log.add(i % 3 == 0, "11680");
                    }
                    TestCentre.await("all", () -> centre.ids().size() == expected);
                    TestCentre.await("cursors", () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
                }
                log.reopen();
            }
            assertEquals(0, centre.repeats());
        }
    }

    @Test
    void whatTheHubItselfHasToSayGoesWithTheAlarmsOfItsDistrictsUnderAnIdOfItsOwn() throws Exception {
        try (TestCentre gangnam = new TestCentre(log, folder.resolve("gangnam.jsonl"));
                TestCentre mapo = new TestCentre(log, folder.resolve("mapo.jsonl"));
                TestCentre every = new TestCentre(log, folder.resolve("every.jsonl"));
                Delivery delivery = deliver(
                        webhook("11680", gangnam.url()), webhook("11440", mapo.url()), webhook("*", every.url()))) {
            String boarding = log.addWithNumbersAlarm(false, List.of("11440"), "11680")
                    .output()
                    .id();
            String silent =
                    log.addWithNumbersAlarm(false, List.of("11440")).output().id();
            TestCentre.await("all three", () -> every.ids().size() == 3);
            TestCentre.await(
                    "both districts",
                    () -> gangnam.ids().size() == 1 && mapo.ids().size() == 2);
            assertEquals(List.of(boarding), gangnam.ids());
            assertEquals(List.of(boarding + "/numbers", silent + "/numbers"), mapo.ids());
            assertEquals(Set.of(boarding, boarding + "/numbers", silent + "/numbers"), Set.copyOf(every.ids()));
            TestCentre.await("nothing waits", () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
            for (Receiver.Taken each : mapo.taken) {
                assertEquals("ansim.tamper", each.text("type"));
                assertTrue(each.event().path("data").path("alarm").asBoolean());
                assertTrue(each.verified(), "the message that shows it is attached");
            }
        }
    }

    /**
     * One log entry, two alarms, one cursor. The hub dies when the centre has the first of them and not yet the second: with a cursor that
     * had moved for the first the second would never come.
     */
    @Test
    void killedBetweenAnAlarmAndTheHubsOwnWordOnItTheHubStillBringsBoth() throws Exception {
        Path atTheKill = folder.resolve("index-at-the-kill");
        AtomicInteger requests = new AtomicInteger();
        HttpServer sick = TestCentre.answering(requests, n -> n == 1 ? 204 : 500);
        String id;
        int port = sick.getAddress().getPort();
        try (Delivery delivery = deliver(webhook("11680", TestCentre.url(sick)))) {
            id = log.addWithNumbersAlarm(true, List.of("11680"), "11680")
                    .output()
                    .id();
            TestCentre.await("the second has failed", () -> requests.get() >= 2);
            assertEquals(1, status(delivery, true).waiting(), "an entry waits until all of it is taken");
            copy(folder.resolve("index"), atTheKill);
        } finally {
            sick.stop(0);
        }
        log.reopen();
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"), port);
                Delivery delivery = Delivery.start(
                        log.journal, EntryReader.UNSEALED, atTheKill, List.of(webhook("11680", centre.url())))) {
            TestCentre.await("both", () -> centre.ids().size() == 2);
            TestCentre.await("the cursor", () -> status(delivery, true).waiting() == 0);
            assertEquals(List.of(id, id + "/numbers"), centre.ids());
            assertEquals(0, centre.repeats());
        }
    }

    @Test
    void whatIsAtHandIsNotDecodedFromTheLogAgain() throws Exception {
        AtomicInteger decoded = new AtomicInteger();
        EntryReader reader = new EntryReader() {
            @Override
            public LogEntry read(long index, OptionalLong keyId, byte[] payload) throws LogEntry.Unreadable {
                decoded.incrementAndGet();
                return LogEntry.decode(payload);
            }

            @Override
            public Optional<Logged> atHand(long index) {
                try {
                    // All but every tenth, as if those had fallen out.
                    return index % 10 == 0
                            ? Optional.empty()
                            : Optional.of(new Logged(
                                    index,
                                    OptionalLong.empty(),
                                    LogEntry.decode(log.journal
                                            .read(index)
                                            .orElseThrow()
                                            .payload())));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        List<String> ids = new ArrayList<>();
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Delivery delivery = Delivery.start(
                        log.journal, reader, folder.resolve("index"), List.of(webhook("11680", centre.url())))) {
            for (int i = 0; i < 100; i++) {
                ids.add(log.add(false, "11680"));
            }
            TestCentre.await("all", () -> status(delivery, false).delivered() == 100);
            assertEquals(ids, centre.ids());
        }
        assertEquals(20, decoded.get(), "ten by the index, ten by the courier");
    }

    /** A build's index ended at this, and the hub said that nothing waited. */
    @Test
    void aDefectInReadingAnEntryDoesNotEndTheIndex() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        EntryReader once = new EntryReader() {
            @Override
            public LogEntry read(long index, OptionalLong keyId, byte[] payload) throws LogEntry.Unreadable {
                if (asked.incrementAndGet() == 3) {
                    throw new IllegalStateException("a defect");
                }
                if (asked.get() == 8) {
                    throw new OutOfMemoryError("for once");
                }
                return LogEntry.decode(payload);
            }
        };
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(log.add(false, "11680"));
        }
        try (Indexer indexer = new Indexer(log.journal, once, folder.resolve("index"), grown -> {})) {
            Thread thread = new Thread(indexer::run, "test-index");
            thread.start();
            TestCentre.await("all are noted", () -> indexer.shownThrough() == 10);
            indexer.stop();
            thread.join();
            assertEquals(10, indexer.index("11680", false).size());
        }
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Delivery delivery = deliver(webhook("11680", centre.url()))) {
            TestCentre.await("all", () -> centre.ids().size() == 10);
            assertEquals(ids, centre.ids());
            TestCentre.await("it keeps up", () -> delivery.behind() == 0);
        }
    }

    /** As a name does that its name server does not answer for: a build looked it up on the threads of the lane, and no alarm went anywhere. */
    @Test
    void aHostWhoseThreadsAreAllBlockedHoldsUpNoOther() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Sinks sinks = new Sinks(true, StreamHub.NONE)) {
            Target slow = Targets.webhook(centre.url().replace("127.0.0.1", "localhost"));
            Target well = Targets.webhook(centre.url());
            for (int i = 0; i < 8; i++) {
                sinks.threads(slow).execute(() -> {
                    try {
                        blocked.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
            }
            LogEntry entry = log.entry(true, "11680");
            Notice notice = Notice.of(entry, index -> Optional.empty()).get(0);
            Sink.Parcel parcel = new Sink.Parcel(
                    notice.id(),
                    new Sink.Place(1, 0),
                    "11680",
                    true,
                    false,
                    0,
                    Shipping.body(Destination.Format.CLOUDEVENTS, notice, "11680"));
            var hangs = sinks.sink("11440", slow).send(parcel);
            sinks.sink("11440", slow).flush();
            var arrives = sinks.sink("11680", well).send(parcel);
            sinks.sink("11680", well).flush();
            assertEquals(Sink.Outcome.TAKEN, arrives.get(60, TimeUnit.SECONDS));
            assertFalse(hangs.isDone() && hangs.join().verdict() == Sink.Verdict.TAKEN);
            assertEquals(List.of(notice.id()), centre.ids());
        } finally {
            blocked.countDown();
        }
    }

    @Test
    void aBrokersUrlEndsWithItsPort() {
        for (String url : List.of("tcp://broker:1883/", "tcp://broker:1883/a", "ssl://broker?a=b", "tcp://broker#a")) {
            assertThrows(IllegalArgumentException.class, () -> Targets.mqtt(url), url);
        }
        assertEquals("mqtt ssl://broker", Targets.mqtt("ssl://broker").name());
    }

    @Test
    void theIndexIsMadeAgainFromTheLog() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ids.add(log.add(false, "11680"));
        }
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver()) {
                assertTrue(delivery.status().isEmpty());
            }
            Path index = folder.resolve("index").resolve("d-11680.normal.idx");
            if (Files.exists(index)) {
                Files.write(index, new byte[] {1, 2, 3});
            }
            Files.deleteIfExists(folder.resolve("index").resolve("indexed"));
            try (Delivery delivery = deliver(webhook("11680", centre.url()))) {
                TestCentre.await("all", () -> centre.ids().size() == 30);
                assertEquals(ids, centre.ids());
                assertEquals(0, status(delivery, true).delivered());
            }
        }
    }

    @Test
    void whatIsRefusedForGoodIsSetAsideAndTheRestGoesOn() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = TestCentre.answering(requests, n -> n == 2 ? 422 : 204);
        try (Delivery delivery = deliver(webhook("11680", TestCentre.url(server)))) {
            log.add(false, "11680");
            String refused = log.add(false, "11680");
            log.add(false, "11680");
            TestCentre.await(
                    "all three",
                    () -> requests.get() == 3 && status(delivery, false).waiting() == 0);
            assertEquals(1, status(delivery, false).refused());
            assertEquals(2, status(delivery, false).delivered());
            String letters = letters();
            assertTrue(letters.contains(refused) && letters.contains("HTTP status 422"), letters);
        } finally {
            server.stop(0);
        }
    }

    private String letters() throws IOException {
        StringBuilder all = new StringBuilder();
        try (var files = Files.newDirectoryStream(folder.resolve("index").resolve("dead-letters"))) {
            for (Path file : files) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    @Test
    void whatFailsOtherwiseIsTriedAgain() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        int[] answers = {500, 404, 301, 429, 503, 204};
        HttpServer server = TestCentre.answering(requests, n -> answers[Math.min(n, answers.length) - 1]);
        try (Delivery delivery = deliver(webhook("11680", TestCentre.url(server)))) {
            log.add(true, "11680");
            TestCentre.await("taken at last", () -> status(delivery, true).delivered() == 1);
            assertEquals(6, requests.get());
            assertEquals(Optional.empty(), status(delivery, true).lastError());
            assertEquals("", letters());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void alarmsPassWhileOtherEventsHang() throws Exception {
        // Accepts connections and never answers: the normal events' request hangs, the alarms' too at this address.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            String dead = "http://127.0.0.1:" + silent.getLocalPort() + "/";
            try (Delivery delivery = deliver(webhook("11680", dead, centre.url()), webhook("11440", dead))) {
                for (int i = 0; i < 20; i++) {
                    log.add(false, "11680", "11440");
                }
                String alarm = log.add(true, "11680", "11440");
                TestCentre.await("the alarm", () -> centre.ids().contains(alarm));
                TestCentre.await("the rest", () -> centre.ids().size() == 21);
                assertTrue(delivery.status().stream().anyMatch(s -> s.waiting() == 20));
            }
        }
    }

    @Test
    void aCorruptCursorIsOnlyARepeat() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver(webhook("11680", centre.url()))) {
                log.add(false, "11680");
                log.add(false, "11680");
                TestCentre.await("both", () -> centre.ids().size() == 2);
                TestCentre.await("the cursor", () -> status(delivery, false).waiting() == 0);
            }
            try (var files = Files.newDirectoryStream(folder.resolve("index").resolve("cursors"), "*normal*")) {
                for (Path file : files) {
                    byte[] content = Files.readAllBytes(file);
                    for (int at = 10; at < content.length; at += 24) {
                        content[at] ^= 1;
                    }
                    Files.write(file, content);
                }
            }
            try (Delivery delivery = deliver(webhook("11680", centre.url()))) {
                TestCentre.await("both again", () -> centre.repeats() == 2);
                assertFalse(delivery.status().isEmpty());
            }
            assertEquals(2, centre.ids().size());
        }
    }

    @Test
    void aPortWhereNobodyListensKeepsNothingInMemory() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            port = free.getLocalPort();
        }
        try (Delivery delivery = deliver(webhook("11680", "http://127.0.0.1:" + port + "/"))) {
            for (int i = 0; i < 200; i++) {
                log.add(false, "11680");
            }
            TestCentre.await("all wait on disk", () -> status(delivery, false).waiting() == 200);
            TestCentre.await(
                    "the error shows", () -> status(delivery, false).lastError().isPresent());
        }
    }
}
