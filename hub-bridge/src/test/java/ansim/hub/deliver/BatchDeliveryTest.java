package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.deliver.Destination.Format;
import ansim.hub.ledger.Provisions;
import ansim.wire.Ed25519Verifier;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A webhook that takes several events in one request keeps every promise that one with one event a request keeps. */
class BatchDeliveryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int EVENTS = 300;

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

    private EntryReader reader = EntryReader.UNSEALED;

    private Delivery deliver(Path index, String url, Optional<Path> secret, Provisions provisions) throws IOException {
        return Delivery.start(
                new Delivery.Setup(log.journal, reader, index, Delivery.Limits.DEFAULT, provisions, StreamHub.NONE),
                List.of(new Destination("11680", List.of(Targets.batching(url, 16, secret)))));
    }

    private static CursorStatus normal(Delivery delivery) {
        return delivery.status().stream().filter(s -> !s.alarm()).findFirst().orElseThrow();
    }

    private List<String> fill() throws IOException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            ids.add(log.add(false, "11680"));
        }
        return ids;
    }

    /** What a centre of a test got: ids, by request. */
    private static List<String> ids(byte[] body) throws IOException {
        JsonNode read = JSON.readTree(body);
        List<String> ids = new ArrayList<>();
        if (read.isArray()) {
            read.forEach(each -> ids.add(each.path("id").asText()));
        } else {
            ids.add(read.path("id").asText());
        }
        return ids;
    }

    private interface Answer {
        int status(List<String> ids) throws IOException;
    }

    private static HttpServer centre(Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(
                        answer.status(ids(exchange.getRequestBody().readAllBytes())), -1);
            }
        });
        server.start();
        return server;
    }

    @Test
    void aBacklogComesInOrderInBatchesSignedAndEachIsTakenOnce() throws Exception {
        Path secret = folder.resolve("secret");
        Files.writeString(secret, "a-secret-of-thirty-two-bytes-....");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        List<String> ids = fill();
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        try (EventBook book = EventBook.inMemory()) {
            Receiver receiver = new Receiver(log.keys(), Ed25519Verifier.INSTANCE, book, taken -> {
                assertTrue(taken.verified());
                got.add(taken.text("id"));
            });
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            try (CentreHttp centre = CentreHttp.start(any, receiver, Optional.of(secret));
                    Delivery delivery = deliver(
                            folder.resolve("index"),
                            "http://127.0.0.1:" + centre.address().getPort() + "/",
                            Optional.of(secret),
                            Provisions.NONE)) {
                TestCentre.await("all", () -> normal(delivery).delivered() == EVENTS);
                assertEquals(ids, got);
            }
        }
    }

    /** What stood before it was once handed over again at each try and never posted. */
    @Test
    void anEntryThatCannotBeReadForAWhileHoldsUpWhatIsBehindItAndNotWhatIsBefore() throws Exception {
        List<String> ids = fill();
        AtomicBoolean sick = new AtomicBoolean(true);
        AtomicInteger read = new AtomicInteger();
        reader = (index, keyId, payload) -> {
            // The index is made from the first reading.
            if (index == 10 && read.getAndIncrement() > 0 && sick.get()) {
                throw LogEntry.Unreadable.passing(new IOException("not now"), "");
            }
            return EntryReader.UNSEALED.read(index, keyId, payload);
        };
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = centre(all -> {
            got.addAll(all);
            return 204;
        });
        try (Delivery delivery =
                deliver(folder.resolve("index"), TestCentre.url(server), Optional.empty(), Provisions.NONE)) {
            TestCentre.await("nine", () -> normal(delivery).delivered() == 9);
            TestCentre.await("it says so", () -> normal(delivery).lastError().isPresent());
            assertEquals(ids.subList(0, 9), got);
            sick.set(false);
            TestCentre.await("all", () -> normal(delivery).delivered() == EVENTS);
            assertEquals(ids, got);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatIsRefusedInTheMiddleOfABatchIsTheOnlyDeadLetterAndEachProvisionIsWrittenDownOnce() throws Exception {
        List<String> ids = fill();
        String poison = ids.get(EVENTS / 2);
        List<String> taken = Collections.synchronizedList(new ArrayList<>());
        List<String> provisions = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = centre(got -> {
            requests.incrementAndGet();
            if (got.contains(poison)) {
                return 422;
            }
            taken.addAll(got);
            return 204;
        });
        try (Delivery delivery = deliver(folder.resolve("index"), TestCentre.url(server), Optional.empty(), what -> {
            provisions.add(what.event() + " " + what.outcome());
            return CompletableFuture.completedFuture(null);
        })) {
            TestCentre.await(
                    "all",
                    () -> normal(delivery).waiting() == 0 && normal(delivery).delivered() > 0);
            assertEquals(EVENTS - 1, normal(delivery).delivered());
            assertEquals(1, normal(delivery).refused());
            delivery.check();
            assertEquals(0, delivery.unreconciled());
        } finally {
            server.stop(0);
        }
        List<String> due = new ArrayList<>(ids);
        due.remove(poison);
        assertEquals(due, taken);
        assertEquals(
                ids.stream()
                        .map(id -> id + (id.equals(poison) ? " REFUSED" : " GIVEN"))
                        .toList(),
                provisions);
        assertTrue(requests.get() < EVENTS / 2, () -> requests.get() + " requests for " + EVENTS + " events");
    }

    /** The centre takes a batch and dies before it answers; nothing passes it, and all of it comes again. */
    @Test
    void aBatchWithoutAnAnswerComesAgainBeforeAnythingBehindIt() throws Exception {
        List<String> ids = fill();
        List<String> taken = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = centre(got -> {
            taken.addAll(got);
            return requests.incrementAndGet() % 5 == 0 ? 503 : 204;
        });
        try (Delivery delivery =
                deliver(folder.resolve("index"), TestCentre.url(server), Optional.empty(), Provisions.NONE)) {
            TestCentre.await("all", () -> normal(delivery).delivered() == EVENTS);
        } finally {
            server.stop(0);
        }
        assertTrue(taken.size() > EVENTS, "something came again");
        assertEquals(ids, List.copyOf(new LinkedHashSet<>(taken)), "first come in order");
        for (int i = 1; i < taken.size(); i++) {
            int step = ids.indexOf(taken.get(i)) - ids.indexOf(taken.get(i - 1));
            assertTrue(step <= 1, "nothing is passed over, not even for a while");
        }
    }

    /** The cursors as they were at a kill -9 in the middle of batches; the restarted centre has taken each once. */
    @Test
    void killedBetweenBatchesTheHubRepeatsUnderTheSameIdsAndEachIsTakenOnce() throws Exception {
        Path atTheKill = folder.resolve("index-at-the-kill");
        Path file = folder.resolve("centre.jsonl");
        List<String> ids = fill();
        int port;
        try (TestCentre centre = new TestCentre(log, file)) {
            port = centre.port();
            try (Delivery delivery =
                    deliver(folder.resolve("index"), centre.url(), Optional.empty(), Provisions.NONE)) {
                TestCentre.await("some", () -> centre.ids().size() >= 16);
                copy(folder.resolve("index"), atTheKill);
                TestCentre.await("more", () -> centre.ids().size() >= 64);
                assertEquals(2, delivery.status().size());
            }
        }
        log.reopen();
        try (TestCentre centre = new TestCentre(log, file, port);
                Delivery delivery = deliver(atTheKill, centre.url(), Optional.empty(), Provisions.NONE)) {
            TestCentre.await("all", () -> normal(delivery).delivered() == EVENTS);
        }
        List<String> first = new ArrayList<>();
        Set<String> repeats = new LinkedHashSet<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            JsonNode event = JSON.readTree(line);
            (event.path("first").asBoolean() ? first : repeats)
                    .add(event.path("id").asText());
        }
        assertEquals(ids, first, "each is taken once, in order");
        assertTrue(ids.containsAll(repeats), "a repeat has the id of before");
        assertTrue(repeats.size() > 0, "the kill did repeat some");
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
    void onlyAWebhookOfCloudEventsTakesBatches() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Destination.Target(
                        Optional.of("https://centre.example/"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Format.COSE,
                        2,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Destination.Target(
                        Optional.empty(),
                        Optional.of("tcp://centre.example:1883"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Format.CLOUDEVENTS,
                        2,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }
}
