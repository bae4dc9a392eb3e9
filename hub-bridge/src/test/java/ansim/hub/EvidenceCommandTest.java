package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.Book;
import ansim.hub.view.Database;
import ansim.hub.view.Registry;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code hub-bridge evidence} on a hub's folder, and {@code verify} where there is none. */
final class EvidenceCommandTest {
    private static final Id8 RIDE = Id8.random(SealedCity.RANDOM);
    private static final Id8 NEXT = Id8.random(SealedCity.RANDOM);
    private static final Pos POS = Pos.of(375_123_457, 1_269_876_543);

    @TempDir
    private Path folder = Path.of("");

    private final SealedCity city = new SealedCity();
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private String text = "";

    @BeforeEach
    void twoRides() throws IOException {
        HubKey.keep(Files.createDirectories(data()).resolve(HubFolder.KEY), HubKeys.of(city.key));
        try (Registry registry = Registry.open(data().resolve(HubFolder.REGISTRY))) {
            registry.add(
                    new UnitRecord(
                            city.unit, city.key.verifyKey(), "서울 31바 1234", "한빛운수", "taxi", Optional.empty(), false),
                    SealedCity.NOW_MS);
        }
        try (Journal log = open();
                RideKeys keys =
                        RideKeys.open(data().resolve(HubFolder.RIDE_KEYS), log.journalId(), SealedCity.RANDOM)) {
            LogSeal seal = SealedCity.seal(log, keys);
            city.found(log, seal);
            city.ride(log, seal, RIDE, POS, POS);
            city.ride(log, seal, NEXT, POS, POS);
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Journal open() throws IOException {
        return Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
    }

    private int run(CommandLine command, String... arguments) {
        StringWriter said = new StringWriter();
        int code = HubBridge.configured(command)
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute(arguments);
        text = said.toString();
        return code;
    }

    private int evidence(Id8 ride) {
        file.reset();
        return run(
                new CommandLine(new EvidenceCommand(file)),
                UnitsCommand.dashed(city.unit) + "/" + ride.hex(),
                "--data",
                data().toString());
    }

    private int verify(byte[] content) throws IOException {
        Path written = Files.write(folder.resolve("evidence.jsonl"), content);
        return run(new CommandLine(new VerifyCommand()), written.toString());
    }

    @Test
    void whileAHubHoldsItsLogItsEvidenceIsMadeAndVerifiesElsewhere() throws IOException {
        try (Journal running = open()) {
            assertTrue(running.durableIndex() > 0);
            assertEquals(0, evidence(RIDE), text);
            assertEquals(
                    1,
                    Book.lines(data().resolve("ledger"), "console", 0, 10).size(),
                    "who took it stands in the ledger");
        }
        byte[] made = file.toByteArray();
        assertEquals(0, verify(made), text);
        assertTrue(text.contains("verified: true") && text.contains("fixes: 2"), text);
        assertTrue(
                text.contains("vehicle: 1\n") && text.contains("company: c\n") && !text.contains("한빛운수"),
                "as the log has it, not as the registry has it by now: " + text);
        assertFalse(new String(made, StandardCharsets.UTF_8).contains(NEXT.hex()));
        made[made.length / 2] ^= 1;
        assertEquals(1, verify(made));
        assertTrue(text.contains("verified: false") && text.contains("Error:"), text);
    }

    @Test
    void theRidesIdAloneWillDoUnlessTwoUnitsHaveIt() throws Exception {
        try (Journal log = open();
                RideKeys keys = RideKeys.open(data().resolve(HubFolder.RIDE_KEYS), log.journalId(), SealedCity.RANDOM);
                Views views =
                        Views.open(data().resolve("views.db"), log.journalId(), log.durableIndex(), ZoneOffset.UTC);
                ViewTail tail = ViewTail.start(log, SealedCity.seal(log, keys), views)) {
            while (tail.views().position() < log.durableIndex()) {
                Thread.onSpinWait();
            }
        }
        assertEquals(0, alone(RIDE.hex()), text);
        byte[] made = file.toByteArray();
        assertEquals(0, verify(made), text);
        assertEquals(1, alone("0000000000000001"));
        assertTrue(text.contains("there is no ride 0000000000000001"), text);
        assertEquals(2, alone("xyz"));
        Id16 other = new Id16(5, 6);
        try (Database views = Database.open(data().resolve("views.db"), Database.Durability.FULL)) {
            views.script("CREATE TEMP TABLE same AS SELECT * FROM rides WHERE ride = x'" + RIDE.hex() + "'");
            views.script("UPDATE same SET unit = x'" + other.hex() + "', log_index = log_index + 1");
            views.script("INSERT INTO rides SELECT * FROM same");
        }
        assertEquals(1, alone(RIDE.hex()));
        assertTrue(text.contains("rides of several units have the id " + RIDE.hex()), text);
        for (Id16 each : List.of(city.unit, other)) {
            assertTrue(text.contains(UnitsCommand.dashed(each) + "/" + RIDE.hex()), text);
        }
    }

    private int alone(String ride) {
        file.reset();
        return run(new CommandLine(new EvidenceCommand(file)), ride, "--data", data().toString());
    }

    @Test
    void aRideThatIsNotThereOrWasErasedSaysSo() throws IOException {
        assertEquals(1, evidence(new Id8(1)));
        assertTrue(text.contains("no readable message of this ride"), text);
        String ride = UnitsCommand.dashed(city.unit) + "/" + RIDE.hex();
        assertEquals(
                0,
                run(HubBridge.commandLine(), "rides", "erase", ride, "--data", data().toString(), "--reason", "asked"),
                text);
        assertEquals(1, evidence(RIDE));
        assertTrue(text.contains("it was erased"), text);
        assertEquals(0, file.size());
        assertEquals(0, evidence(NEXT), text);
        assertEquals(0, verify(file.toByteArray()), text);
    }
}
