package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.UnitRide;
import ansim.hub.ledger.Book;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.Views;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hub-bridge rides list} and {@code rides show} as an operator types them. */
class RidesListCommandTest {
    private static final long NOW_MS = 1_795_417_918_882L;

    @TempDir
    private Path folder = Path.of("");

    private Ran ran = new Ran(0, "", "");

    private int run(String... arguments) {
        ran = Ran.on(folder, arguments);
        return ran.code();
    }

    /** One ride that is over, from 11680 to 11440, and one that is on. */
    private void aDay() throws IOException {
        try (SampleCity city = new SampleCity(folder.resolve("log"), NOW_MS);
                Views views = Views.open(
                        folder.resolve("views.db"), city.journal.journalId(), Long.MAX_VALUE, ZoneOffset.UTC)) {
            SampleCity.Unit one = city.taxi("서울 31바 1234").at(37.5172, 127.0473);
            one.board(RideChange.Source.METER_LAMP);
            city.nowMs += 60_000;
            one.drive(37.5172, 127.0480);
            one.at(37.5663, 126.9019).alight();
            SampleCity.Unit two = city.taxi("서울 32사 5678").at(37.5172, 127.0473);
            two.board(RideChange.Source.CARD);
            List<Logged> entries = new ArrayList<>();
            try (JournalReader reader = city.journal.reader(1)) {
                for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                    Stored stored = next.get();
                    entries.add(new Logged(stored.index(), stored.keyId(), LogEntry.decode(stored.payload())));
                }
            }
            views.apply(entries, city.journal.durableIndex());
        }
    }

    @Test
    void everyRideIsARowWithItsOwnerAndItsLength() throws IOException {
        aDay();
        assertEquals(0, run("rides", "list"), ran.err());
        assertEquals(3, ran.out().lines().count(), ran.out());
        assertTrue(ran.out().contains("11680 11440"), ran.out());
        assertEquals(0, run("rides", "list", "--open"));
        assertTrue(ran.out().contains("서울 32사 5678"));
        assertFalse(ran.out().contains("서울 31바 1234"));
        assertEquals(0, run("rides", "list", "--district", "11440"));
        assertEquals(2, ran.out().lines().count(), ran.out());
        assertEquals(0, run("rides", "list", "--vehicle", "서울 99바 0000"));
        assertEquals(1, ran.out().lines().count());
        assertEquals(0, run("rides", "list", "--attention"));
        assertEquals(1, ran.out().lines().count());
    }

    @Test
    void aRideIsShownWithItsTimesAndItsGaps() throws IOException {
        aDay();
        assertEquals(0, run("rides", "list", "--json"));
        JsonNode ended = ran.out()
                .lines()
                .map(RidesListCommandTest::json)
                .filter(each -> each.has("alighted"))
                .findFirst()
                .orElseThrow();
        assertEquals("11680", ended.path("owner").asText());
        assertEquals("gnss by unit", ended.path("boardedQuality").asText());
        assertTrue(ended.path("gaps").size() >= 1, ended.toString());
        String ride = ended.path("ride").asText();
        assertEquals(0, run("rides", "show", ride), ran.err());
        assertTrue(ran.out().contains("owner        강남구 11680"), ran.out());
        assertTrue(ran.out().contains("s without a track"), ran.out());
        assertEquals(0, run("rides", "show", ended.path("unit").asText() + "/" + ride, "--json"));
        assertEquals(ended, json(ran.out()));
    }

    /** By the API every read had a line; whoever sat at the hub's machine left none. */
    @Test
    void whoLooksAtARideAtTheConsoleStandsInTheLedgerAndTheLineIsNobodysOnceTheRideIsErased() throws Exception {
        aDay();
        assertEquals(0, run("rides", "list", "--json"));
        JsonNode one = json(ran.out().lines().findFirst().orElseThrow());
        UnitRide ride = new UnitRide(
                Id16.parse(one.path("unit").asText()),
                Id8.parse(one.path("ride").asText()));
        assertEquals(0, run("rides", "show", ride.ride().hex(), "--reason", "case 42"), ran.err());
        assertEquals(2, run("rides", "show", ride.ride().hex(), "--reason", "x".repeat(201)));
        assertEquals(0, run("ledger", "verify"), ran.err());
        assertTrue(ran.out().contains("console: 3 lines of reads at the console, none touched"), ran.out());
        String line =
                Book.lines(folder.resolve("ledger"), ConsoleReads.CLASS, 0, 10).get(2);
        assertFalse(
                line.contains(ride.ride().hex()) || line.contains(ride.unit().hex()), line);
        try (LedgerKeys keys = LedgerKeys.open(folder.resolve(ConsoleReads.KEYS), new SecureRandom())) {
            JsonNode open = keys.open(json(line));
            assertEquals(ride.ride().hex(), open.path("ride").asText());
            assertEquals("rides show", open.path("command").asText());
            assertEquals("case 42", open.path("reason").asText());
            assertEquals(
                    System.getProperty("user.name"), open.path("who").asText().replaceAll(".* as ", ""));
            keys.forget(List.of(ride), Instant.now());
            assertTrue(keys.open(json(line)).path("erased").asBoolean());
        }
        assertEquals(0, run("ledger", "verify"), ran.err());
    }

    /** Plates, times and districts of a thousand rides at once, and no line said who had seen them. */
    @Test
    void whoListsRidesStandsInTheLedgerWithALineForEachRideThatWasShown() throws Exception {
        aDay();
        assertEquals(0, run("rides", "list", "--vehicle", "서울 99바 0000"), ran.err());
        assertFalse(Files.exists(folder.resolve("ledger")), "nothing was shown");
        assertEquals(2, run("rides", "list", "--reason", "x".repeat(201)));
        assertEquals("", ran.out());
        assertEquals(0, run("rides", "list", "--reason", "case 43", "--json"), ran.err());
        List<String> shown =
                ran.out().lines().map(line -> json(line).path("ride").asText()).toList();
        List<String> written = new ArrayList<>();
        try (LedgerKeys keys = LedgerKeys.open(folder.resolve(ConsoleReads.KEYS), new SecureRandom())) {
            for (String line : Book.lines(folder.resolve("ledger"), ConsoleReads.CLASS, 0, 10)) {
                JsonNode open = keys.open(json(line));
                assertEquals("rides list", open.path("command").asText());
                assertEquals("case 43", open.path("reason").asText());
                written.add(open.path("ride").asText());
            }
        }
        assertEquals(2, shown.size());
        assertEquals(shown, written);
    }

    @Test
    void whatCannotBeWrittenDownIsNotShown() throws Exception {
        aDay();
        assertEquals(0, run("rides", "list", "--json"));
        String ride =
                json(ran.out().lines().findFirst().orElseThrow()).path("ride").asText();
        Files.move(folder.resolve("ledger"), folder.resolve("before"));
        Files.writeString(folder.resolve("ledger"), "no folder");
        assertEquals(1, run("rides", "list"));
        assertEquals("", ran.out());
        assertEquals(1, run("rides", "show", ride));
        assertEquals("", ran.out());
        assertTrue(ran.err().contains("it cannot be written down who reads this"), ran.err());
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRideThatIsNotThereAndAHubThatNeverRanAreSaid() throws IOException {
        assertEquals(1, run("rides", "list"));
        assertTrue(ran.err().contains("has no rides to show"), ran.err());
        aDay();
        assertEquals(1, run("rides", "show", "0123456789abcdef"));
        assertTrue(ran.err().contains("there is no ride 0123456789abcdef"), ran.err());
        assertEquals(2, run("rides", "show", "no"));
    }
}
