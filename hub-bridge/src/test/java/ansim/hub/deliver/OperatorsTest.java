package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.ledger.Provisions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators ask of a running hub, and whether the books add up. */
class OperatorsTest {
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
        return Delivery.start(log.journal, EntryReader.UNSEALED, index(), List.of(destinations));
    }

    private Path index() {
        return folder.resolve("index");
    }

    private static Destination gangnam(String url) {
        return new Destination("11680", List.of(Targets.webhook(url)));
    }

    private static CursorStatus status(Delivery delivery, boolean alarm) {
        return delivery.status().stream()
                .filter(s -> s.alarm() == alarm)
                .findFirst()
                .orElseThrow();
    }

    private static ObjectNode question(String what) {
        return JSON.createObjectNode().put("do", what);
    }

    private JsonNode ask(ObjectNode question) throws Exception {
        return Asking.ask(index(), question, Duration.ofSeconds(60)).orElseThrow();
    }

    private static void assertAddsUp(CursorStatus each) {
        assertTrue(each.reconciles(), each::toString);
        assertEquals(
                each.routed(),
                each.delivered() + each.waiting() + each.refused() + each.dropped() + each.skipped() + each.erased(),
                each::toString);
    }

    @Test
    void theAccountGoesOnOverRestartsAndAddsUp() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = TestCentre.answering(requests, n -> n % 5 == 0 ? 422 : 204);
        try {
            for (int round = 1; round <= 3; round++) {
                int all = 10 * round;
                try (Delivery delivery = deliver(gangnam(TestCentre.url(server)))) {
                    for (int i = 0; i < 10; i++) {
                        log.add(false, "11680");
                    }
                    TestCentre.await("all", () -> {
                        CursorStatus now = status(delivery, false);
                        return now.routed() == all && now.waiting() == 0;
                    });
                    assertEquals(8L * round, status(delivery, false).delivered());
                    assertEquals(2L * round, status(delivery, false).refused());
                    delivery.check();
                    delivery.status().forEach(OperatorsTest::assertAddsUp);
                    assertEquals(0, delivery.unreconciled());
                }
                log.reopen();
            }
        } finally {
            server.stop(0);
        }
    }

    /** By that a start knows that the log was longer once. */
    @Test
    void howFarALogWasIndexedIsKnownBeforeTheIndexIsOpenedAndOnlyOfThatLog() throws Exception {
        assertEquals(0, Delivery.indexedThrough(index(), log.journal.journalId()), "there is no index");
        for (int i = 0; i < 10; i++) {
            log.add(false, "11680");
        }
        try (Indexer indexer = new Indexer(log.journal, EntryReader.UNSEALED, index(), grown -> {})) {
            Thread following = new Thread(indexer::run, "indexer");
            following.start();
            TestCentre.await(
                    "saved",
                    () -> Delivery.indexedThrough(index(), log.journal.journalId()) == log.journal.durableIndex());
            indexer.stop();
            following.join();
        }
        assertEquals(0, Delivery.indexedThrough(index(), log.journal.journalId() + 1), "of another log");
    }

    /** A build threw, looked at the same question for ever, and kept no limit any more. */
    @Test
    void aReplayFromATimeThatNoClockHasIsDenied() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Delivery delivery = deliver(gangnam(centre.url()))) {
            TestCentre.await("the desk", () -> Files.isDirectory(index().resolve(Desk.FOLDER)));
            JsonNode answer = ask(question("replay").put("from", "+1000000000-12-31T23:59:59Z"));
            assertTrue(answer.path("error").asText().startsWith("from must be a time"), answer::toString);
            assertEquals(2, ask(question("status")).path("cursors").size());
            assertEquals(2, delivery.status().size());
        }
    }

    @Test
    void aDeadLetterBehindALineThatACrashToreIsFound() throws Exception {
        Path file = folder.resolve("letters.jsonl");
        try (DeadLetters letters = new DeadLetters(file)) {
            letters.add(0, "a", 7, "no");
        }
        Files.writeString(file, Files.readString(file) + "{\"at\":\"1970-");
        try (DeadLetters letters = new DeadLetters(file)) {
            letters.add(0, "b", 8, "no");
            assertEquals(7, letters.find("a").orElseThrow());
            assertEquals(8, letters.find("b").orElseThrow());
        }
        for (String line : Files.readAllLines(file)) {
            assertTrue(JSON.readTree(line).path("log").isNumber(), line);
        }
    }

    @Test
    void anAccountThatDoesNotAddUpIsAnAlarm() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                for (int i = 0; i < 5; i++) {
                    log.add(false, "11680");
                }
                TestCentre.await("all", () -> status(delivery, false).delivered() == 5);
            }
            try (var files = Files.newDirectoryStream(index().resolve("cursors"), "d-11680.normal.*.cur")) {
                for (Path each : files) {
                    try (CursorFile cursor = new CursorFile(each, log.journal.journalId())) {
                        CursorFile.Account was = cursor.account();
                        cursor.moveTo(cursor.position(), was.plus(-1, 0, 0, 0, 0));
                    }
                }
            }
            log.reopen();
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                delivery.check();
                TestCentre.await("the alarm", () -> delivery.unreconciled() == 1);
                assertFalse(status(delivery, false).reconciles());
                assertTrue(status(delivery, true).reconciles());
            }
        }
    }

    @Test
    void anIndexThatIsMadeAnewAndACursorOfAnOlderVersionAreNoAlarm() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                for (int i = 0; i < 5; i++) {
                    log.add(false, "11680");
                }
                TestCentre.await("all", () -> status(delivery, false).delivered() == 5);
            }
            // A damaged index is noted again from the log, not gone on with behind a hole.
            Files.write(index().resolve("d-11680.normal.idx"), new byte[] {1, 2, 3});
            log.reopen();
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                String newest = log.add(false, "11680");
                TestCentre.await("the new one", () -> centre.ids().contains(newest));
                TestCentre.await("all", () -> status(delivery, false).delivered() == 6);
                delivery.check();
                TestCentre.await("checked", () -> status(delivery, false).waiting() == 0);
                assertAddsUp(status(delivery, false));
                assertEquals(0, centre.repeats());
            }
        }
    }

    @Test
    void aReplayBringsEverythingAgainUnderTheSameIdsAndWhatIsNewGoesFirst() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Delivery delivery = deliver(gangnam(centre.url()))) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add(log.add(false, "11680"));
            }
            TestCentre.await("all", () -> status(delivery, false).delivered() == 20);
            String from = Instant.ofEpochMilli(TestLog.ARRIVED_MS).toString();
            JsonNode answer = ask(question("replay").put("from", from).put("lane", "normal"));
            assertEquals(20, answer.path("done").path(0).path("entries").asLong(), answer::toString);
            String fresh = log.add(false, "11680");
            ids.add(fresh);
            TestCentre.await("all again", () -> status(delivery, false).repeated() == 20);
            TestCentre.await("the new one", () -> status(delivery, false).delivered() == 21);
            assertEquals(ids, centre.ids());
            assertEquals(20, centre.repeats());
            assertEquals(0, status(delivery, false).again());
            assertAddsUp(status(delivery, false));
            String late = Instant.ofEpochMilli(TestLog.ARRIVED_MS + 1).toString();
            JsonNode none = ask(question("replay").put("from", late).put("lane", "normal"));
            assertEquals(0, none.path("done").path(0).path("entries").asLong());
        }
    }

    @Test
    void aReplayThatTheHubsEndInterruptedGoesOn() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                for (int i = 0; i < 20; i++) {
                    log.add(false, "11680");
                }
                TestCentre.await("all", () -> status(delivery, false).delivered() == 20);
                centre.down();
                ask(question("replay").put("from", "2020-01-01T00:00:00Z").put("district", "11680"));
                assertEquals(20, status(delivery, false).again());
            }
            log.reopen();
            centre.up();
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                TestCentre.await("all again", () -> centre.repeats() == 20);
                TestCentre.await("done", () -> status(delivery, false).again() == 0);
                assertAddsUp(status(delivery, false));
            }
        }
    }

    /** After a promote or a restore the index is made anew, and on a quiet lane nothing new comes that could start anything. */
    @Test
    void aReplayBehindAnIndexThatIsMadeAnewNeedsNoNewEntryToBegin() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                for (int i = 0; i < 5; i++) {
                    log.add(false, "11680");
                }
                TestCentre.await("all", () -> status(delivery, false).delivered() == 5);
            }
            Files.delete(index().resolve("d-11680.normal.idx"));
            Files.delete(index().resolve("indexed"));
            log.reopen();
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                TestCentre.await(
                        "an order is taken as soon as the index is there",
                        () -> !ask(question("replay")
                                        .put("from", "2020-01-01T00:00:00Z")
                                        .put("lane", "normal"))
                                .has("error"));
                TestCentre.await("all again", () -> status(delivery, false).repeated() == 5);
                assertEquals(5, centre.repeats());
                delivery.check();
                assertAddsUp(status(delivery, false));
                assertEquals(0, status(delivery, false).waiting());
            }
        }
    }

    /** The second of two orders once began where the first had ended: of what lies before that nothing came, and nobody was told. */
    @Test
    void ofTwoOrdersTheSecondIsDeliveredWhateverOrderTheyLieIn() throws Exception {
        try (TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            List<String> ids = new ArrayList<>();
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                for (int i = 0; i < 5; i++) {
                    ids.add(log.add(false, "11680"));
                }
                TestCentre.await("all", () -> status(delivery, false).delivered() == 5);
                centre.down();
                ask(question("redeliver").put("id", ids.get(3)));
                ask(question("redeliver").put("id", ids.get(1)));
                assertEquals(2, status(delivery, false).again());
            }
            log.reopen();
            centre.up();
            try (Delivery delivery = deliver(gangnam(centre.url()))) {
                TestCentre.await("both again", () -> status(delivery, false).again() == 0);
                assertEquals(2, status(delivery, false).repeated());
            }
            synchronized (centre.taken) {
                assertEquals(
                        List.of(ids.get(3), ids.get(1)),
                        centre.taken.stream()
                                .filter(each -> !each.first())
                                .map(each -> each.text("id"))
                                .toList());
            }
        }
    }

    @Test
    void aDeadLetterIsDeliveredAgainByItsId() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = TestCentre.answering(requests, n -> n == 2 ? 422 : 204);
        try (Delivery delivery = deliver(gangnam(TestCentre.url(server)))) {
            log.add(false, "11680");
            String refused = log.add(false, "11680");
            TestCentre.await("both", () -> status(delivery, false).refused() == 1);
            JsonNode answer = ask(question("redeliver").put("id", refused));
            assertEquals(1, answer.path("done").size(), answer::toString);
            TestCentre.await("again", () -> status(delivery, false).repeated() == 1);
            assertEquals(3, requests.get());
            assertAddsUp(status(delivery, false));
            assertTrue(ask(question("redeliver").put("id", "nothing")).has("error"));
            assertTrue(ask(question("replay").put("from", "yesterday")).has("error"));
            assertTrue(ask(question("dance")).has("error"));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatACentreFailsOnForEverIsSkippedByItsIdAndAnEmergencyOnlyWhenThatIsSaid() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = TestCentre.answering(requests, n -> 500);
        try (Delivery delivery = deliver(gangnam(TestCentre.url(server)))) {
            String poison = log.add(false, "11680");
            String alarm = log.add(true, "11680");
            TestCentre.await(
                    "both fail",
                    () -> delivery.status().stream()
                            .allMatch(each -> each.lastError().isPresent()));
            JsonNode cursors = ask(question("status").put("lane", "normal")).path("cursors");
            assertEquals(poison, cursors.path(0).path("next").asText());
            ask(question("skip").put("id", poison));
            TestCentre.await("skipped", () -> status(delivery, false).skipped() == 1);
            assertTrue(ask(question("skip").put("id", alarm)).has("error"));
            assertEquals(1, status(delivery, true).waiting());
            ask(question("skip").put("id", alarm).put("emergency", true));
            TestCentre.await("skipped", () -> status(delivery, true).skipped() == 1);
            delivery.status().forEach(OperatorsTest::assertAddsUp);
        } finally {
            server.stop(0);
        }
    }

    /** Two centres are down, one for longer; the limit takes from that one, oldest first, and from no alarm. */
    @Test
    void aboveTheLimitTheOldestOfTheFurthestBehindBecomeACountedRangeAndAlarmsNever() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        HttpServer down = TestCentre.answering(requests, n -> 503);
        Delivery.Setup small = new Delivery.Setup(
                log.journal,
                EntryReader.UNSEALED,
                index(),
                new Delivery.Limits(1_000),
                Provisions.NONE,
                StreamHub.NONE);
        try (TestCentre well = new TestCentre(log, folder.resolve("well.jsonl"));
                Delivery delivery = Delivery.start(
                        small,
                        List.of(
                                gangnam(TestCentre.url(down)),
                                new Destination("11440", List.of(Targets.webhook(TestCentre.url(down) + "mapo"))),
                                new Destination("11110", List.of(Targets.webhook(well.url())))))) {
            for (int i = 0; i < 1_000; i++) {
                log.add(false, "11680");
            }
            for (int i = 0; i < 400; i++) {
                log.add(i % 2 == 0, "11440");
                log.add(true, "11680");
            }
            log.add(false, "11110");
            TestCentre.await("nothing above the limit", () -> {
                long waiting = delivery.status().stream()
                        .filter(each -> !each.alarm())
                        .mapToLong(CursorStatus::waiting)
                        .sum();
                long routed = delivery.status().stream()
                        .filter(each -> !each.alarm())
                        .mapToLong(CursorStatus::routed)
                        .sum();
                return waiting == 1_000 && routed == 1_201;
            });
            delivery.check();
            for (CursorStatus each : delivery.status()) {
                assertAddsUp(each);
                boolean behind = each.district().equals("11680") && !each.alarm();
                assertEquals(behind ? 1_000 - each.waiting() : 0, each.dropped(), each::toString);
            }
            long dropped =
                    delivery.status().stream().mapToLong(CursorStatus::dropped).sum();
            long counted = 0;
            try (var files = Files.newDirectoryStream(index().resolve("dead-letters"), "d-11680.normal.*")) {
                for (Path file : files) {
                    for (String line : Files.readAllLines(file)) {
                        counted += JSON.readTree(line).path("count").asLong();
                    }
                }
            }
            assertEquals(dropped, counted);
            assertEquals(1, well.ids().size());
        } finally {
            down.stop(0);
        }
    }
}
