package ansim.hub.vault;

import static ansim.hub.vault.TestVault.ANN;
import static ansim.hub.vault.TestVault.BEN;
import static ansim.hub.vault.TestVault.RIDE;
import static ansim.hub.vault.TestVault.UNIT;
import static ansim.hub.vault.TestVault.seal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.view.Database;
import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.OpeningKey;
import ansim.wire.SealedCard;
import ansim.wire.SealingKey;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {
    @TempDir
    private Path data = Path.of("");

    private Path folder = Path.of("");
    private SealingKey key;

    @BeforeEach
    void create() throws IOException {
        folder = data.resolve("vault");
        key = TestVault.create(folder);
    }

    private Vault open() throws IOException {
        return Vault.open(folder, "hub", TestVault.CLOCK);
    }

    private Optional<Rider> open(Bytes sealed) throws IOException {
        try (Vault vault = open()) {
            return vault.open(sealed, UNIT, RIDE, TestVault.NOW, "boarded");
        }
    }

    private List<String> ledger() throws IOException {
        List<String> lines = new ArrayList<>();
        LedgerFile.VAULT.read(folder, lines::add);
        return lines;
    }

    private static String many(int riders) {
        StringBuilder csv = new StringBuilder("rider,card,home,language,channel,address\n");
        for (int i = 0; i < riders; i++) {
            csv.append(i)
                    .append(",F")
                    .append(i)
                    .append(",11680,ko,sms,010-")
                    .append(i)
                    .append('\n');
        }
        return csv.toString();
    }

    /** A build held the vault's one right to write for the whole of a file: no guardian was told of an emergency for minutes. */
    @Test
    void whileManyRidersAreBroughtInTheVaultWritesOtherThingsToo() throws Exception {
        List<Riders.Added> beside = new ArrayList<>();
        try (Riders riders = Riders.open(folder);
                Vault others = open()) {
            Riders.NewRider one = new Riders.NewRider(
                    "11680",
                    "ko",
                    List.of(new Riders.Sealed(
                            TestVault.UNIT, TestVault.RIDE, TestVault.seal(key, "AA", TestVault.RIDE))),
                    List.of());
            BufferedReader csv = new BufferedReader(new StringReader(many(RidersImport.PIECE + 1)));
            RidersImport.Progress progress = new RidersImport.Progress(line -> {}, added -> {
                if (added == 1) {
                    try {
                        beside.add(others.add("ab".repeat(16), one, "desk 3"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            RidersImport.Imported done = RidersImport.bring(folder, csv, TestVault.BY, TestVault.CLOCK, progress);
            assertEquals(RidersImport.PIECE + 1, done.riders());
            assertEquals(List.of(Riders.Added.DONE), beside);
            assertEquals(2 + RidersImport.PIECE + 1 + 1, riders.count());
            List<Boolean> suspended = new ArrayList<>();
            riders.forEach(TestVault.CLOCK, each -> suspended.add(each.suspended()));
            assertFalse(suspended.contains(true));
        }
    }

    @Test
    void anImportThatIsKilledOrRefusedInTheMiddleLeavesNobody() throws Exception {
        String csv = many(2 * RidersImport.PIECE);
        try (Riders riders = Riders.open(folder)) {
            RidersImport.Progress killed = new RidersImport.Progress(line -> {}, added -> {
                throw new IllegalStateException("killed");
            });
            BufferedReader file = new BufferedReader(new StringReader(csv));
            assertThrows(
                    IllegalStateException.class,
                    () -> RidersImport.bring(folder, file, TestVault.BY, TestVault.CLOCK, killed));
            List<Riders.Listed> nobody = new ArrayList<>();
            riders.forEach(TestVault.CLOCK, each -> {
                if (each.suspended()) {
                    nobody.add(each);
                }
            });
            assertEquals(RidersImport.PIECE, nobody.size());
            assertEquals(2 + RidersImport.PIECE, riders.count());
        }
        assertEquals(
                1,
                TestVault.bring(folder, csv + "x," + TestVault.BEN + ",11680,ko,,\n")
                        .problems()
                        .size());
        try (Riders riders = Riders.open(folder)) {
            assertEquals(2, riders.count(), "nobody of either");
        }
        assertEquals(2L * RidersImport.PIECE, TestVault.bring(folder, csv).riders());
        try (Riders riders = Riders.open(folder)) {
            assertEquals(2 + 2L * RidersImport.PIECE, riders.count());
        }
    }

    @Test
    void aCardThatIsKnownBecomesARiderWithHomeAndLanguage() throws IOException {
        Rider ann = open(seal(key, ANN, RIDE)).orElseThrow();
        assertEquals("11680", ann.home());
        assertEquals("ko", ann.language());
        assertEquals("11440", open(seal(key, BEN, RIDE)).orElseThrow().home());
    }

    /** What the hub gets of a rider has no place for a contact. */
    @Test
    void anAnswerHasNoContact() {
        List<String> parts = Arrays.stream(Rider.class.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
        assertEquals(List.of("handle", "home", "language"), parts);
    }

    @Test
    void bothCardsOfARiderAreThatRiderInOneRideAndTwoRidesHaveNothingInCommon() throws IOException {
        try (Vault vault = open()) {
            Id8 other = new Id8(4);
            String handle = vault.open(seal(key, ANN, RIDE), UNIT, RIDE, TestVault.NOW, "boarded")
                    .orElseThrow()
                    .handle();
            assertEquals(
                    handle,
                    vault.open(seal(key, TestVault.ANNS_OTHER, RIDE), UNIT, RIDE, TestVault.NOW, "boarded")
                            .orElseThrow()
                            .handle());
            assertNotEquals(
                    handle,
                    vault.open(seal(key, ANN, other), UNIT, other, TestVault.NOW, "boarded")
                            .orElseThrow()
                            .handle());
        }
    }

    @Test
    void eachOpeningIsInTheLedgerAlsoThatOfACardThatIsNobodys() throws IOException {
        String handle = open(seal(key, ANN, RIDE)).orElseThrow().handle();
        assertEquals(Optional.empty(), open(seal(key, "0000000000", RIDE)));
        assertEquals(Optional.empty(), open(seal(key, ANN, new Id8(99))), "of another ride");
        List<String> lines = ledger();
        assertEquals(3, lines.size());
        assertTrue(
                lines.get(0)
                        .startsWith("{\"n\":1,\"at\":\"2026-11-27T03:04:05.678Z\",\"who\":\"hub\",\"why\":\"boarded\","
                                + "\"unit\":\"" + UNIT.hex() + "\",\"ride\":\"" + RIDE.hex() + "\",\"person\":\""),
                lines.get(0));
        assertFalse(lines.get(0).contains(handle), "the line names the ride, not what the rider is called there");
        assertFalse(lines.get(1).contains("person\""), lines.get(1));
        assertFalse(lines.get(2).contains("person\""), lines.get(2));
    }

    /** The ledger's disk is full: no line, no answer. */
    @Test
    void whatCannotBeWrittenDownIsNotAnswered() throws IOException {
        Vault vault = open();
        vault.close();
        assertThrows(IOException.class, () -> vault.open(seal(key, ANN, RIDE), UNIT, RIDE, TestVault.NOW, "boarded"));
    }

    @Test
    void noFileOfTheVaultHoldsACardOrAnAddress() throws IOException {
        open(seal(key, ANN, RIDE));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                for (String secret : List.of(ANN, BEN, TestVault.ANNS_OTHER, TestVault.ANNS_MOTHER, "f@example.org")) {
                    assertFalse(content.contains(secret), file + " holds " + secret);
                }
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                        file::toString);
            }
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }

    private String ann(Riders riders) throws IOException {
        List<Riders.Listed> listed = new ArrayList<>();
        riders.forEach(TestVault.CLOCK, listed::add);
        return listed.stream()
                .filter(each -> each.home().equals("11680"))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private String person(String line) throws IOException {
        return new ObjectMapper().readTree(line).path("person").asText();
    }

    @Test
    void theLedgerNamesTheRiderToWhoHasTheVaultsKeys() throws IOException {
        open(seal(key, ANN, RIDE));
        open(seal(key, BEN, RIDE));
        try (Riders riders = Riders.open(folder)) {
            String ann = ann(riders);
            assertEquals(Optional.of(ann), riders.riderOf(LedgerFile.VAULT, 1, person(ledger().get(0))));
            assertFalse(ledger().get(0).contains(ann));
            assertThrows(
                    IOException.class,
                    () -> riders.riderOf(LedgerFile.VAULT, 1, person(ledger().get(1))),
                    "of another rider");
        }
    }

    @Test
    void anErasedRiderIsNobodyAndLeavesALedgerThatHoldsAndNamesNobody() throws IOException {
        open(seal(key, ANN, RIDE));
        open(seal(key, ANN, RIDE));
        byte[] secret;
        String ann;
        try (Riders riders = Riders.open(folder);
                VaultStore store = VaultStore.open(folder, Vault.keys(folder))) {
            ann = ann(riders);
            secret = store.byId(HexFormat.of().parseHex(ann)).orElseThrow().secret();
            assertTrue(riders.erase(ann));
            assertFalse(riders.erase(ann));
            assertEquals(1, riders.count());
            assertEquals(Optional.empty(), riders.riderOf(LedgerFile.VAULT, 1, person(ledger().get(0))));
        }
        assertEquals(Optional.empty(), open(seal(key, ANN, RIDE)));
        assertEquals(3, LedgerFile.VAULT.verify(folder).lines(), "its chain still holds");
        assertNotEquals(
                person(ledger().get(0)), person(ledger().get(1)), "nor can the two be told to be of one person");
        String key = new String(secret, StandardCharsets.ISO_8859_1);
        String id = new String(HexFormat.of().parseHex(ann), StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertFalse(content.contains(key) || content.contains(id) || content.contains(ann), file::toString);
            }
        }
    }

    @Test
    void aSuspendedRiderIsNobodyUntilResumed() throws IOException {
        try (Riders riders = Riders.open(folder)) {
            assertTrue(riders.suspend(ann(riders), true, "desk 3", TestVault.CLOCK));
            assertEquals(Optional.empty(), open(seal(key, ANN, RIDE)));
            assertTrue(riders.suspend(ann(riders), false, "desk 3", TestVault.CLOCK));
            assertTrue(open(seal(key, ANN, RIDE)).isPresent());
            List<Consent> words =
                    riders.export(ann(riders), TestVault.CLOCK).orElseThrow().consents();
            assertEquals(
                    List.of(false, true), words.stream().map(Consent::given).toList());
        }
    }

    /** Suspended at ten, a ride without coverage at five past, resumed at noon: its message came at five past noon, and was named. */
    @Test
    void aRideOfTheTimeOfASuspensionStaysNobodysHoweverLateItComes() throws IOException {
        AtomicLong nowMs = new AtomicLong(TestVault.CLOCK.millis());
        InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
        long hourMs = 3_600_000;
        long startMs = nowMs.get();
        try (Riders riders = Riders.open(folder);
                Vault vault = Vault.open(folder, "hub", clock)) {
            String ann = ann(riders);
            riders.suspend(ann, true, "desk 3", clock);
            nowMs.addAndGet(2 * hourMs);
            riders.suspend(ann, false, "desk 3", clock);
            nowMs.addAndGet(hourMs);
            for (Began during : List.of(
                    Began.at(startMs + 300_000),
                    new Began(startMs - hourMs, startMs + 1),
                    new Began(startMs + 2 * hourMs - 1, nowMs.get()))) {
                assertEquals(Optional.empty(), vault.open(seal(key, ANN, RIDE), UNIT, RIDE, during, "boarded"));
            }
            for (Began outside : List.of(Began.at(startMs - 1), Began.at(startMs + 2 * hourMs))) {
                assertTrue(vault.open(seal(key, ANN, RIDE), UNIT, RIDE, outside, "boarded")
                        .isPresent());
            }
            riders.suspend(ann, true, "desk 3", clock);
            assertEquals(
                    Optional.empty(),
                    vault.open(seal(key, ANN, RIDE), UNIT, RIDE, Began.at(startMs - 1), "boarded"),
                    "nobody is given anything of who is suspended now");
        }
    }

    private long logBytes() throws IOException {
        Path log = folder.resolve(VaultStore.FILE + "-wal");
        return Files.exists(log) ? Files.size(log) : 0;
    }

    /** It said "erased" while the key lay in the log beside the file for as long as somebody read. */
    @Test
    void anErasureThatLeavesBytesBehindFailsAndTheNextOneTakesThemOut() throws IOException {
        try (Riders riders = Riders.open(folder);
                Database reader = Database.open(folder.resolve(VaultStore.FILE), Database.Durability.FULL)) {
            String ann = ann(riders);
            // Reads from what is in the log beside the file.
            riders.suspend(ann, true, "desk 3", TestVault.CLOCK);
            IOException told = reader.snapshot(() -> {
                reader.number("SELECT count(*) FROM riders");
                return assertThrows(IOException.class, () -> riders.erase(ann));
            });
            assertTrue(told.toString().contains("-wal"), told.toString());
            assertNotEquals(0, logBytes());
            assertFalse(riders.erase(ann), "gone already");
            assertEquals(0, logBytes());
        }
    }

    @Test
    void whatAKilledCommandLeftInTheLogBesideTheFileGoesAtTheVaultsStart() throws IOException {
        try (Database killed = Database.open(folder.resolve(VaultStore.FILE), Database.Durability.FULL)) {
            killed.update("DELETE FROM riders");
            assertNotEquals(0, logBytes());
            open().close();
            assertEquals(0, logBytes());
        }
    }

    @Test
    void aCardCanBeRegisteredAsAUnitSealedIt() throws IOException {
        Id8 other = new Id8(77);
        Bytes sealed = seal(key, "ABCDEF", other);
        String row = "9,sealed:" + UNIT.hex() + ":" + other.hex() + ":" + sealed.hex() + ",11440,ko,,\n";
        assertEquals(
                List.of(),
                TestVault.bring(folder, RiderFile.HEADER + "\n" + row).problems());
        assertTrue(open(seal(key, "ABCDEF", RIDE)).isPresent(), "the same card, in another ride");
        String foreign = "8,sealed:" + UNIT.hex() + ":" + RIDE.hex() + ":" + sealed.hex() + ",11440,ko,,\n";
        assertEquals(
                List.of("line 2: is of a rider with a sealed card that does not open with this vault's key"),
                TestVault.bring(folder, RiderFile.HEADER + "\n" + foreign).problems());
    }

    /** A vault of version 1 had contacts under its own key, and no consent. */
    @Test
    void aVaultOfVersionOneIsBroughtUpWithoutAnyConsent() throws IOException {
        Path old = data.resolve("old");
        VaultKeys keys = VaultKeys.create(old, new SecureRandom());
        byte[] id = new byte[16];
        try (Database database = Database.open(old.resolve(VaultStore.FILE), Database.Durability.FULL)) {
            database.script("""
                    CREATE TABLE riders (id BLOB PRIMARY KEY, home TEXT NOT NULL, language TEXT NOT NULL, contacts BLOB NOT NULL,
                      added_ms INTEGER NOT NULL) WITHOUT ROWID;
                    CREATE TABLE cards (digest BLOB PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE) WITHOUT ROWID;
                    CREATE INDEX cards_rider ON cards (rider);
                    PRAGMA user_version = 1;""");
            byte[] contacts = "[[\"sms\",\"010-1\"],[\"mail\",\"a@example.org\"]]".getBytes(StandardCharsets.UTF_8);
            database.update(
                    "INSERT INTO riders VALUES (?, '11680', 'ko', ?, 7)", id, keys.sealOfVersion1(id, contacts));
            byte[] digest = keys.digest(SealedCard.block(ANN.getBytes(StandardCharsets.US_ASCII)));
            database.update("INSERT INTO cards VALUES (?, ?)", digest, id);
        }
        try (Vault vault = Vault.open(old, "hub", TestVault.CLOCK)) {
            assertTrue(vault.open(seal(vault.sealingKey(), ANN, RIDE), UNIT, RIDE, TestVault.NOW, "boarded")
                    .isPresent());
        }
        try (Riders riders = Riders.open(old)) {
            Riders.Export all =
                    riders.export(HexFormat.of().formatHex(id), TestVault.CLOCK).orElseThrow();
            assertEquals(
                    List.of("010-1", "a@example.org"),
                    all.guardians().stream()
                            .map(each -> each.guardian().address())
                            .toList());
            assertEquals(0, all.rider().consented());
        }
    }

    @Test
    void aVaultOfVersionTwoGoesOnAndKnowsWhoseCardsAreOpenedAtTheConsole() throws IOException {
        try (Database database = Database.open(folder.resolve(VaultStore.FILE), Database.Durability.FULL)) {
            database.script("DROP TABLE console_openings; PRAGMA user_version = 2;");
        }
        Bytes sealed = seal(key, "ABCDEF", RIDE);
        String row = "9,sealed:" + UNIT.hex() + ":" + RIDE.hex() + ":" + sealed.hex() + ",11440,ko,,\n";
        assertEquals(1, TestVault.bring(folder, RiderFile.HEADER + "\n" + row).riders());
        try (Riders riders = Riders.open(folder)) {
            assertEquals(3, riders.count());
            List<String> lines = new ArrayList<>();
            LedgerFile.CONSOLE.read(folder, lines::add);
            assertTrue(
                    riders.riderOf(LedgerFile.CONSOLE, 1, person(lines.get(0))).isPresent());
        }
    }

    /** The new key stands at the end of the file: units that have not heard of it yet still seal to the old one. */
    @Test
    void afterAChangeOfKeyBothOpenAndTheRidersAreTheSame() throws IOException {
        OpeningKey next = OpeningKey.generate(new SecureRandom());
        Files.writeString(folder.resolve(VaultKeys.FILE), next.toPem(), StandardOpenOption.APPEND);
        assertEquals(next.sealingKey(), Vault.sealingKey(folder));
        assertEquals("11680", open(seal(key, ANN, RIDE)).orElseThrow().home());
        assertEquals(
                "11680", open(seal(next.sealingKey(), ANN, RIDE)).orElseThrow().home());
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws IOException {
        Files.setPosixFilePermissions(folder.resolve(VaultKeys.FILE), PosixFilePermissions.fromString("rw-r-----"));
        SettingsException refused = assertThrows(SettingsException.class, this::open);
        assertTrue(refused.problems().get(0).rule().contains("chmod 600"), refused.toString());
    }

    @Test
    void whatIsNoKeyIsRefusedAndAMissingVaultSaysHowToMakeOne() throws IOException {
        Files.writeString(folder.resolve(VaultKeys.FILE), "hello");
        assertThrows(SettingsException.class, this::open);
        CommandFailure missing =
                assertThrows(CommandFailure.class, () -> Vault.open(data.resolve("none"), "hub", TestVault.CLOCK));
        assertEquals("hub-bridge vault init", missing.tryThis());
    }

    @Test
    void aSecondVaultInTheSameFolderIsRefusedAndTheFirstKeepsItsKey() throws IOException {
        assertThrows(CommandFailure.class, () -> Vault.create(folder, new SecureRandom()));
        assertEquals(key, Vault.sealingKey(folder));
        try (Vault first = open()) {
            assertThrows(IOException.class, this::open);
            assertEquals(key, first.sealingKey());
        }
    }

    @Test
    void aRiderTellsNobodysAddressByAccident() throws IOException {
        String text = open(seal(key, ANN, RIDE)).orElseThrow().toString();
        assertEquals("rider of 11680", text);
    }
}
