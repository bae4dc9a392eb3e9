package ansim.hub.vault;

import static ansim.hub.vault.TestVault.ANN;
import static ansim.hub.vault.TestVault.RIDE;
import static ansim.hub.vault.TestVault.UNIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.CommandFailure;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an import that opens sealed cards leaves in writing, and what it does not do when it cannot write. */
class ConsoleLedgerTest {
    private static final int AT_ONCE = 4;
    private static final int TRIES = 1_000;

    @TempDir
    private Path data = Path.of("");

    private Path folder = Path.of("");
    private SealingKey key;

    @BeforeEach
    void create() throws IOException {
        folder = data.resolve("vault");
        key = TestVault.create(folder);
    }

    private Path file() {
        return folder.resolve(ConsoleLedger.FILE);
    }

    private String row(int rider, String card, String home) {
        return rider + ",sealed:" + UNIT.hex() + ":" + RIDE.hex() + ":"
                + TestVault.seal(key, card, RIDE).hex() + "," + home + ",ko,,\n";
    }

    /** Sealed for another ride than it says. */
    private String foreign(int rider) {
        return row(rider, "F" + rider, "11680").replace(":" + RIDE.hex() + ":", ":" + new Id8(99).hex() + ":");
    }

    private RidersImport.Imported bring(String rows) throws IOException {
        return TestVault.bring(folder, RiderFile.HEADER + "\n" + rows);
    }

    private List<JsonNode> lines() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        LedgerFile.CONSOLE.read(folder, line -> lines.add(json(line)));
        return lines;
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Riders.Listed ofHome(Riders riders, String home) throws IOException {
        List<Riders.Listed> all = new ArrayList<>();
        riders.forEach(TestVault.CLOCK, all::add);
        return all.stream().filter(each -> each.home().equals(home)).findFirst().orElseThrow();
    }

    private long count() throws IOException {
        try (Riders riders = Riders.open(folder)) {
            return riders.count();
        }
    }

    private Optional<String> about(Riders riders, int line) throws IOException {
        return riders.riderOf(
                LedgerFile.CONSOLE, line, lines().get(line - 1).path("person").asText());
    }

    @Test
    void eachSealedCardLeavesALineThatSaysWhoWhenWhyForWhichRideAndWhomAndNeverTheCard() throws IOException {
        RidersImport.Imported done = bring(
                "1,AAAA,11500,ko,,\n" + row(2, "BBBB", "11530") + row(2, "CCCC", "11530") + row(3, "DDDD", "11560"));
        assertEquals(List.of(), done.problems());
        List<JsonNode> lines = lines();
        assertEquals(3, lines.size(), "a number that stands in the file is not opened");
        for (JsonNode each : lines) {
            Map.of(
                            "at", "2026-11-27T03:04:05.678Z",
                            "who", "kim as vault",
                            "role", "console",
                            "command", "vault riders import",
                            "reason", "case 42",
                            "why", "registered",
                            "unit", UNIT.hex(),
                            "ride", RIDE.hex())
                    .forEach((name, said) -> assertEquals(said, each.path(name).asText()));
        }
        try (Riders riders = Riders.open(folder)) {
            String two = ofHome(riders, "11530").id();
            String three = ofHome(riders, "11560").id();
            assertEquals(
                    List.of(Optional.of(two), Optional.of(two), Optional.of(three)),
                    List.of(about(riders, 1), about(riders, 2), about(riders, 3)));
            Riders.Export export = riders.export(two, TestVault.CLOCK).orElseThrow();
            assertEquals(Map.of(LedgerFile.VAULT, List.of(), LedgerFile.CONSOLE, List.of(1L, 2L)), export.openings());
            assertTrue(riders.erase(two));
            assertEquals(Optional.empty(), about(riders, 1), "of nobody");
            assertEquals(Optional.of(three), about(riders, 3));
            String text = Files.readString(file());
            for (String secret : List.of("BBBB", "CCCC", "DDDD", two, three)) {
                assertFalse(text.contains(secret), text);
            }
        }
        assertEquals(3, LedgerFile.CONSOLE.verify(folder).lines());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void aFileWithoutASealedCardNeedsNoLedgerAndIsNotHeldUpByOneThatWasTouched() throws IOException {
        assertEquals(List.of(), bring("1,AAAA,11500,ko,,\n").problems());
        assertFalse(Files.exists(file()));
        Files.writeString(file(), "hello\n");
        assertEquals(List.of(), bring("2,BBBB,11500,ko,,\n").problems());
    }

    /** The import brings nobody in, and yet two cards were opened. */
    @Test
    void whatIsOpenedInVainStandsThereTooAndWhoseCardItWasHasALineMore() throws IOException {
        assertEquals(2, bring(row(1, ANN, "11500") + foreign(2)).problems().size());
        assertEquals(3, lines().size());
        try (Riders riders = Riders.open(folder)) {
            assertEquals(2, riders.count());
            String ann = ofHome(riders, "11680").id();
            assertEquals(
                    List.of(Optional.empty(), Optional.empty(), Optional.of(ann)),
                    List.of(about(riders, 1), about(riders, 2), about(riders, 3)));
            assertEquals(
                    List.of(3L),
                    riders.export(ann, TestVault.CLOCK).orElseThrow().openings().get(LedgerFile.CONSOLE));
        }
        assertEquals(3, LedgerFile.CONSOLE.verify(folder).lines());
    }

    @Test
    void anyByteThatIsChangedIsFoundAndALineThatIsTakenOutOrMoved() throws IOException {
        bring(row(1, "AAAA", "11500") + row(2, "BBBB", "11500") + row(3, "CCCC", "11500"));
        byte[] whole = Files.readAllBytes(file());
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] = (byte) (changed[i] ^ 1);
            Files.write(file(), changed);
            assertThrows(IOException.class, () -> LedgerFile.CONSOLE.verify(folder), "byte " + i);
        }
        Files.write(file(), whole);
        List<String> lines = Files.readAllLines(file());
        Files.write(file(), lines.subList(1, 3));
        assertThrows(IOException.class, () -> LedgerFile.CONSOLE.verify(folder));
        Collections.swap(lines, 0, 1);
        Files.write(file(), lines);
        assertThrows(IOException.class, () -> LedgerFile.CONSOLE.verify(folder));
        Files.write(file(), whole);
        assertEquals(3, LedgerFile.CONSOLE.verify(folder).lines());
    }

    /** Far from its end, where nobody would look who only goes on. */
    @Test
    void aLedgerThatWasTouchedAnywhereOpensNothingAndStaysAsItIs() throws IOException {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            many.append(row(i, "A" + i, "11500"));
        }
        bring(many.toString());
        String touched = Files.readString(file()).replaceFirst("case 42", "case 43");
        assertTrue(touched.length() > 20_000, "more than the end that is looked at to go on");
        Files.writeString(file(), touched);
        CommandFailure refused = assertThrows(CommandFailure.class, () -> bring(row(1, "BBBB", "11500") + foreign(2)));
        assertTrue(refused.error().contains("none is opened"), refused.error());
        assertTrue(refused.error().contains(ConsoleLedger.FILE + ": line 1 of the ledger"), refused.error());
        assertEquals(2 + 80, count());
        assertEquals(touched, Files.readString(file()));
    }

    @Test
    void aLedgerThatCannotBeOpenedOpensNothing() throws IOException {
        Files.createDirectory(file());
        CommandFailure refused = assertThrows(CommandFailure.class, () -> bring(row(1, "BBBB", "11500") + foreign(2)));
        assertTrue(refused.error().contains("none is opened and nobody is imported"), refused.error());
        assertEquals(2, count());
    }

    /** One of the cards does not open: who had tried would have told so. */
    @Test
    void whenALineCannotBeWrittenNoCardIsOpenedAndNobodyAdded() throws IOException {
        VaultKeys keys = Vault.keys(folder);
        String csv = RiderFile.HEADER + "\n" + row(1, "BBBB", "11500") + foreign(2);
        RiderFile riders = RiderFile.read(new BufferedReader(new StringReader(csv)), line -> {});
        try (VaultStore store = VaultStore.open(folder, keys)) {
            RidersImport refused = new RidersImport(keys, store, (at, openings) -> {
                assertEquals(2, openings.size(), "all of the piece, before the first is opened");
                assertEquals(2, store.count());
                throw new IOException("No space left on device");
            });
            IOException told =
                    assertThrows(IOException.class, () -> refused.bring(riders, TestVault.CLOCK, added -> {}));
            assertEquals("No space left on device", told.getMessage());
            assertEquals(2, store.count());
        }
        assertEquals(List.of(), riders.problems());
    }

    @Test
    void aLastLineThatACrashToreIsCutOffByTheNextImport() throws IOException {
        bring(row(1, "AAAA", "11500") + row(2, "BBBB", "11500"));
        byte[] whole = Files.readAllBytes(file());
        int first = new String(whole, StandardCharsets.UTF_8).indexOf('\n') + 1;
        Files.write(file(), Arrays.copyOf(whole, (first + whole.length) / 2));
        assertThrows(IOException.class, () -> LedgerFile.CONSOLE.verify(folder));
        assertEquals(List.of(), bring(row(3, "CCCC", "11500")).problems());
        assertEquals(2, LedgerFile.CONSOLE.verify(folder).lines());
    }

    /** Whoever comes second is sent away, and comes again. */
    @Test
    void importsAtOnceBreakNoChain() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            String rows = row(1, "A" + i, "11500") + row(2, "B" + i, "11500");
            all.add(threads.submit(until(() -> bring(rows))));
        }
        for (Future<Integer> each : all) {
            assertTrue(each.get(60, TimeUnit.SECONDS) >= 1);
        }
        threads.shutdown();
        assertEquals(2 * AT_ONCE, LedgerFile.CONSOLE.verify(folder).lines());
        assertEquals(2 + 2 * AT_ONCE, count());
    }

    private static Callable<Integer> until(Callable<RidersImport.Imported> work) {
        return () -> {
            for (int tries = 1; tries <= TRIES; tries++) {
                try {
                    assertEquals(List.of(), work.call().problems());
                    return tries;
                } catch (CommandFailure another) {
                    assertTrue(another.error().startsWith("another import of riders is at work"), another.error());
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            }
            throw new IllegalStateException("always another one");
        };
    }
}
