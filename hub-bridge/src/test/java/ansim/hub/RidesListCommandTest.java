package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.LogEntry;
import ansim.hub.view.Views;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
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

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", folder.toString()));
        return HubBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
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
            List<Views.Logged> entries = new ArrayList<>();
            try (JournalReader reader = city.journal.reader(1)) {
                for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                    Stored stored = next.get();
                    entries.add(new Views.Logged(stored.index(), stored.keyId(), LogEntry.decode(stored.payload())));
                }
            }
            views.apply(entries, city.journal.durableIndex());
        }
    }

    @Test
    void everyRideIsARowWithItsOwnerAndItsLength() throws IOException {
        aDay();
        assertEquals(0, run("rides", "list"), err.toString());
        assertEquals(3, out.toString().lines().count(), out.toString());
        assertTrue(out.toString().contains("11680 11440"), out.toString());
        assertEquals(0, run("rides", "list", "--open"));
        assertTrue(out.toString().contains("서울 32사 5678"));
        assertFalse(out.toString().contains("서울 31바 1234"));
        assertEquals(0, run("rides", "list", "--district", "11440"));
        assertEquals(2, out.toString().lines().count(), out.toString());
        assertEquals(0, run("rides", "list", "--vehicle", "서울 99바 0000"));
        assertEquals(1, out.toString().lines().count());
        assertEquals(0, run("rides", "list", "--attention"));
        assertEquals(1, out.toString().lines().count());
    }

    @Test
    void aRideIsShownWithItsTimesAndItsGaps() throws IOException {
        aDay();
        assertEquals(0, run("rides", "list", "--json"));
        JsonNode ended = out.toString()
                .lines()
                .map(RidesListCommandTest::json)
                .filter(each -> each.has("alighted"))
                .findFirst()
                .orElseThrow();
        assertEquals("11680", ended.path("owner").asText());
        assertEquals("gnss by unit", ended.path("boardedQuality").asText());
        assertTrue(ended.path("gaps").size() >= 1, ended.toString());
        String ride = ended.path("ride").asText();
        assertEquals(0, run("rides", "show", ride), err.toString());
        assertTrue(out.toString().contains("owner        강남구 11680"), out.toString());
        assertTrue(out.toString().contains("s without a track"), out.toString());
        assertEquals(0, run("rides", "show", ended.path("unit").asText() + "/" + ride, "--json"));
        assertEquals(ended, json(out.toString()));
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
        assertTrue(err.toString().contains("has no rides to show"), err.toString());
        aDay();
        assertEquals(1, run("rides", "show", "0123456789abcdef"));
        assertTrue(err.toString().contains("there is no ride 0123456789abcdef"), err.toString());
        assertEquals(2, run("rides", "show", "no"));
    }
}
