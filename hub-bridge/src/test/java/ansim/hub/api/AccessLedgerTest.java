package ansim.hub.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.ledger.Book;
import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.LedgerKeys;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who was shown what: a line before it is shown, and no more lines and files than that needs. */
final class AccessLedgerTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");
    private static final Duration KEPT = Duration.ofDays(365);
    private static final Id16 UNIT = new Id16(1, 2);

    @TempDir
    private Path data = Path.of("");

    private LedgerKeys keys;

    @BeforeEach
    void open() throws IOException {
        keys = LedgerKeys.open(data.resolve(LedgerKeys.FILE), new SecureRandom());
    }

    @AfterEach
    void close() throws IOException {
        keys.close();
    }

    private AccessLedger ledger() throws IOException {
        return AccessLedger.open(data, keys, KEPT);
    }

    private static AccessLedger.Access read(String who, long ride, Instant at, String reason) {
        return new AccessLedger.Access(
                who,
                "centre",
                new AccessLedger.Subject(UNIT, Optional.of(new Id8(ride)), Optional.empty()),
                at,
                reason);
    }

    private static List<String> words(List<JsonNode> lines) {
        return lines.stream()
                .map(each -> each.path("who").asText() + " " + each.path("ride").asText() + " "
                        + each.path("reason").asText() + " "
                        + each.path("repeats").asInt())
                .toList();
    }

    private Book.Verified verified() throws IOException {
        return Book.read(data.resolve("ledger"), AccessLedger.CLASS, Optional.empty(), line -> {});
    }

    private Path first() {
        return data.resolve("ledger").resolve("access-000000000001.jsonl");
    }

    /** Twenty-five centres that look every ten seconds would have written 40 GB a day. */
    @Test
    void whoReadsTheSameAgainAndAgainHasOneLineInFiveMinutesThatCountsTheLast() throws Exception {
        try (AccessLedger ledger = ledger()) {
            for (int s = 0; s <= 300; s += 10) {
                ledger.append(List.of(read("gangnam", 7, NOON.plusSeconds(s), "watch")));
            }
            ledger.append(List.of(read("gangnam", 7, NOON.plusSeconds(300), "case 42")));
            ledger.append(List.of(read("mapo", 7, NOON.plusSeconds(300), "watch")));
            String ride = new Id8(7).hex();
            assertEquals(
                    List.of(
                            "gangnam " + ride + " watch 0",
                            "gangnam " + ride + " watch 29",
                            "gangnam " + ride + " case 42 0",
                            "mapo " + ride + " watch 0"),
                    words(ledger.lines(0, 100)));
        }
    }

    @Test
    void whatIsNotReadAgainHasItsCountWrittenWithTheNextReadOfAnythingAndAtTheEnd() throws Exception {
        try (AccessLedger ledger = ledger()) {
            ledger.append(List.of(read("gangnam", 7, NOON, "")));
            ledger.append(List.of(read("gangnam", 7, NOON.plusSeconds(20), "")));
            ledger.append(List.of(read("gangnam", 8, NOON.plusSeconds(400), "")));
            List<JsonNode> lines = ledger.lines(0, 100);
            assertEquals(3, lines.size());
            assertEquals(1, lines.get(2).path("repeats").asInt());
            assertEquals(new Id8(7).hex(), lines.get(2).path("ride").asText());
            assertEquals(
                    NOON.plusSeconds(20).toString(), lines.get(2).path("at").asText());
            ledger.append(List.of(read("gangnam", 8, NOON.plusSeconds(410), "")));
            assertEquals(3, ledger.lines(0, 100).size());
        }
        try (AccessLedger ledger = ledger()) {
            assertEquals(1, ledger.lines(3, 100).get(0).path("repeats").asInt());
        }
    }

    /** Whatever is asked: memory has a limit, and what it lets go is written. */
    @Test
    void noMoreThanSoManyReadsAreWatchedAndNoCountIsLost() throws Exception {
        try (AccessLedger ledger = ledger()) {
            ledger.append(List.of(read("gangnam", 1, NOON, ""), read("gangnam", 1, NOON, "")));
            ledger.append(List.of(read("gangnam", 1, NOON, "")));
            List<AccessLedger.Access> many = new ArrayList<>();
            for (int i = 2; i <= AccessLedger.WATCHED + 1; i++) {
                many.add(read("gangnam", i, NOON, ""));
            }
            ledger.append(many);
            JsonNode last = ledger.lines(AccessLedger.WATCHED + 1, 10).get(0);
            assertEquals(new Id8(1).hex(), last.path("ride").asText());
            assertEquals(1, last.path("repeats").asInt());
        }
    }

    @Test
    void aDayBeginsAFileAndWhatIsOlderThanItIsKeptIsDeletedOnRecordAndTheChainHolds() throws Exception {
        try (AccessLedger ledger = ledger()) {
            for (int day = 0; day < 3; day++) {
                ledger.append(List.of(read("gangnam", day, NOON.plus(Duration.ofDays(day)), "")));
            }
            assertEquals(3, verified().lines());
            ledger.append(List.of(read("gangnam", 9, NOON.plus(KEPT).plus(Duration.ofDays(2)), "")));
            Book.Verified left = verified();
            assertEquals(2, left.dropped());
            assertEquals(2, left.lines());
            assertFalse(Files.exists(first()));
            assertEquals(
                    List.of(3L, 4L),
                    ledger.lines(0, 10).stream()
                            .map(each -> each.path("n").asLong())
                            .toList());
            assertEquals(4, ledger.lines(3, 10).get(0).path("n").asLong());
        }
    }

    @Test
    void whatAnEarlierVersionWroteGoesOn() throws Exception {
        ChainedFile.Head head;
        try (ChainedFile old = ChainedFile.open(data.resolve(AccessLedger.FILE), ChainedFile.Head.NONE)) {
            head = old.append(List.of(JsonNodeFactory.instance
                    .objectNode()
                    .put("at", NOON.toString())
                    .put("who", "kim")));
        }
        try (AccessLedger ledger = ledger()) {
            assertEquals("kim", ledger.lines(0, 10).get(0).path("who").asText());
            ledger.append(List.of(read("gangnam", 7, NOON, "")));
        }
        assertFalse(Files.exists(data.resolve(AccessLedger.FILE)));
        assertEquals(2, verified().lines());
        Book.read(data.resolve("ledger"), AccessLedger.CLASS, Optional.of(head), line -> {});
    }

    @Test
    void aChangedByteIsFound() throws Exception {
        try (AccessLedger ledger = ledger()) {
            ledger.append(List.of(read("gangnam", 7, NOON, ""), read("mapo", 7, NOON, "")));
        }
        byte[] whole = Files.readAllBytes(first());
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(first(), changed);
            int place = at;
            assertThrows(IOException.class, this::verified, () -> "byte " + place);
        }
    }

    @Test
    void aTornLastLineIsCutOffAndTheChainGoesOn() throws Exception {
        try (AccessLedger ledger = ledger()) {
            ledger.append(List.of(read("gangnam", 7, NOON, "")));
        }
        byte[] whole = Files.readAllBytes(first());
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(first(), Arrays.copyOf(whole, length));
            try (AccessLedger ledger = ledger()) {
                assertEquals(List.of(), ledger.lines(0, 10));
                ledger.append(List.of(read("mapo", 7, NOON, "")));
                assertEquals("mapo", ledger.lines(0, 10).get(0).path("who").asText());
            }
            assertEquals(1, verified().lines());
        }
    }

    /** Nothing may be shown of what could not be written down. */
    @Test
    void whatCannotBeWrittenIsSaidAndIsWrittenTheNextTime() throws Exception {
        try (AccessLedger ledger = ledger()) {
            Path blocked = Files.createDirectory(first());
            assertThrows(IOException.class, () -> ledger.append(List.of(read("gangnam", 7, NOON, ""))));
            Files.delete(blocked);
            ledger.append(List.of(read("gangnam", 7, NOON, "")));
            assertEquals(1, ledger.lines(0, 10).size());
            assertTrue(ledger.lines(0, 10).get(0).path("repeats").isMissingNode());
        }
    }
}
