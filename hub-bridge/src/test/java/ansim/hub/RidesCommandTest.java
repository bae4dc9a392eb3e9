package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRide;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Intake;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.Registry;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Id8;
import ansim.wire.Pos;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code hub-bridge rides}, with a hub that runs and without. */
final class RidesCommandTest {
    private static final Id8 RIDE = Id8.random(SealedCity.RANDOM);
    private static final Pos POS = Pos.of(375_123_457, 1_269_876_543);

    @TempDir
    private Path folder = Path.of("");

    private final SealedCity city = new SealedCity();
    private String out = "";

    @BeforeEach
    void aRide() throws IOException {
        HubKey.keep(Files.createDirectories(data()).resolve(HubFolder.KEY), HubKeys.of(city.key));
        Registry.open(data().resolve(HubFolder.REGISTRY)).close();
        try (Journal log = open();
                RideKeys keys = keys(log)) {
            LogSeal seal = SealedCity.seal(log, keys);
            city.found(log, seal);
            city.ride(log, seal, RIDE, POS, POS);
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Journal open() throws IOException {
        return Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
    }

    private RideKeys keys(Journal log) throws IOException {
        return RideKeys.open(data().resolve(HubFolder.RIDE_KEYS), log.journalId(), SealedCity.RANDOM);
    }

    private int run(String... arguments) {
        StringWriter text = new StringWriter();
        CommandLine command =
                HubBridge.commandLine().setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
        int code = command.execute(arguments);
        out = text.toString();
        return code;
    }

    private int erase(String... more) {
        String ride = UnitsCommand.dashed(city.unit) + "/" + RIDE.hex();
        String[] all = new String[more.length + 7];
        String[] first = {"rides", "erase", ride, "--data", data().toString(), "--reason", "asked for"};
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return run(all);
    }

    private boolean isDone() throws IOException {
        try (RideKeys keys = RideKeys.open(
                data().resolve(HubFolder.RIDE_KEYS),
                RideKeys.logOf(data().resolve(HubFolder.RIDE_KEYS)).orElseThrow(),
                SealedCity.RANDOM)) {
            return keys.isDone(new UnitRide(city.unit, RIDE));
        }
    }

    @Test
    void withoutAHubTheCommandErasesByItselfAndTheRecordShowsIt() throws IOException {
        assertEquals(0, erase(), out);
        assertEquals("erased " + UnitsCommand.dashed(city.unit) + "/" + RIDE.hex() + "\n", out);
        assertTrue(isDone());
        assertEquals(1, erase());
        assertTrue(out.contains("it is erased already"), out);
        assertEquals(0, run("rides", "erasures", "--data", data().toString()), out);
        assertTrue(out.contains(RIDE.hex() + "  asked for\n1 erased, the record is whole"), out);
        assertEquals(0, run("rides", "erasures", "--json", "--data", data().toString()), out);
        assertTrue(
                out.contains("\"ride\":\"" + RIDE.hex() + "\",\"reason\":\"asked for\"}\n{\"erased\":1,\"head\":\""),
                out);
    }

    @Test
    void withoutAHubItIsSaidThatGuardiansFilesAreStillToFollow() throws IOException {
        Files.createFile(data().resolve(SideFiles.GUARDIANS));
        assertEquals(0, erase(), out);
        assertTrue(out.endsWith("\nguardians' files follow at the hub's next start\n"), out);
    }

    @Test
    void aRunningHubErasesWithinASecondAndTheCommandWaitsForIt() throws IOException {
        try (Journal log = open();
                RideKeys keys = keys(log);
                Intake intake = Intake.start(
                        HubLog.alone(log).sealedBy(SealedCity.seal(log, keys)),
                        data().resolve("snapshots"),
                        city.key,
                        failed -> {});
                Views views =
                        Views.open(data().resolve("views.db"), log.journalId(), log.durableIndex(), ZoneOffset.UTC);
                ViewTail tail = ViewTail.start(log, intake.reader(), views);
                LedgerKeys ledgerKeys = HubFolder.ledgerKeys(data(), Optional.empty());
                Erasures erasures = new Erasures(
                        new Erasures.Parts(log, keys, List.of(ledgerKeys), intake, tail.views(), List.of(), () -> {}),
                        Map.of(),
                        Clock.systemUTC())) {
            erasures.start();
            assertEquals(0, erase(), out);
            assertTrue(keys.isDone(new UnitRide(city.unit, RIDE)));
            assertEquals(6, log.durableIndex() - 1, "a founding, a unit, four messages, and the record");
        }
    }

    @Test
    void anEmergencyIsErasedOnlyWhenThatIsSaid() throws IOException {
        try (Journal log = open();
                RideKeys keys = keys(log)) {
            city.panic(log, SealedCity.seal(log, keys), RIDE, POS);
        }
        assertEquals(1, erase());
        assertTrue(out.contains("evidence") && out.contains("--emergency"), out);
        assertEquals(0, erase("--emergency"), out);
        assertTrue(isDone());
    }

    @Test
    void aBackupHasNoKeysAndTheCommandThatCarriesThemSaysHow() throws IOException {
        assertEquals(
                0,
                run(
                        "backup",
                        "--data",
                        data().toString(),
                        folder.resolve("backup").toString()),
                out);
        assertTrue(out.contains("rides copy-keys FILE"), out);
        try (var files = Files.walk(folder.resolve("backup"))) {
            assertTrue(files.noneMatch(each -> each.toString().contains("ridekeys")));
        }
        Path carried = folder.resolve("carried.db");
        assertEquals(0, run("rides", "copy-keys", "--data", data().toString(), carried.toString()), out);
        assertEquals(RideKeys.logOf(data().resolve(HubFolder.RIDE_KEYS)), RideKeys.logOf(carried));
        assertEquals(0, erase(), out);

        Path restored = Files.createDirectories(folder.resolve("restored"));
        Files.copy(carried, restored.resolve(HubFolder.RIDE_KEYS));
        assertEquals(0, run("restore", folder.resolve("backup").toString(), "--data", restored.toString()), out);
        assertTrue(Files.exists(restored.resolve(HubFolder.RIDE_KEYS)));
        Path without = Files.createDirectories(folder.resolve("without"));
        assertEquals(0, run("restore", folder.resolve("backup").toString(), "--data", without.toString()), out);
        assertTrue(out.contains("read as erased from now on"), out);
    }

    @Test
    void aReasonAndARideMustBeGiven() {
        assertEquals(2, run("rides", "erase", "x", "--data", data().toString(), "--reason", "y"));
        assertTrue(out.contains("not a unit's ride"), out);
        assertEquals(2, run("rides", "erase", "x/y", "--data", data().toString()));
        assertTrue(out.contains("--reason"), out);
    }
}
