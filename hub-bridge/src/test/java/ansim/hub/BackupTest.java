package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.api.AccessLedger;
import ansim.hub.api.Account;
import ansim.hub.api.Accounts;
import ansim.hub.api.Role;
import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.StarterMap;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.hub.guardian.GuardianFeed;
import ansim.hub.intake.Snapshots;
import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.LedgerCopy;
import ansim.hub.vault.GuardianPost;
import ansim.hub.vault.RideNotice;
import ansim.hub.view.Database;
import ansim.hub.view.Registry;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.SigningKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code backup} of a hub that runs, and {@code restore}: the same state, a raised generation, nothing deleted. */
final class BackupTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long GENERATION = 1_795_000_000L;
    private static final int HEADER = 128;

    @TempDir
    private Path folder = Path.of("");

    private final SigningKey key = SigningKey.generate(RANDOM);
    private final HubState state = new HubState();
    /** Open all the time, as by a hub that runs. */
    private Journal log;

    @BeforeEach
    void aHubThatRuns() throws IOException {
        Files.createDirectories(data().resolve("index/cursors"));
        Files.write(data().resolve("index/cursors/all.cur"), new byte[] {1, 2, 3});
        HubKey.keep(data().resolve(HubFolder.KEY), HubKeys.of(key));
        Registry.open(data().resolve(HubFolder.REGISTRY)).close();
        log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
        grow(5);
    }

    @AfterEach
    void theHubEnds() throws IOException {
        log.close();
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Path backup() {
        return folder.resolve("backup");
    }

    private Path restored() {
        return folder.resolve("restored");
    }

    private void grow(int entries) throws IOException {
        for (int i = 0; i < entries; i++) {
            Id16 id = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
            UnitRecord unit = new UnitRecord(
                    id, SigningKey.generate(RANDOM).verifyKey(), "1", "c", "taxi", Optional.empty(), false);
            Input input = log.durableIndex() == 0
                    ? new Input.Founding(GENERATION * 1000, GENERATION)
                    : new Input.UnitChange(GENERATION * 1000, unit);
            LogEntry entry = new LogEntry(input, Step.decide(state, input));
            state.apply(log.append(Entry.message(entry.encode())), entry);
        }
    }

    private List<String> restore(boolean replace) throws IOException {
        Files.createDirectories(restored());
        return new Promotion(Promotion.Source.BACKUP, backup(), restored(), replace).run();
    }

    private String hash() {
        return HexFormat.of().formatHex(state.hash());
    }

    private static long entries(Path hub) throws IOException {
        try (Journal journal = Journal.open(hub.resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            return journal.durableIndex();
        }
    }

    @Test
    void aRunningHubIsBackedUpAndComesBackInTheSameStateWithARaisedGeneration() throws IOException {
        Manifest made = new Backup(data(), backup()).run();
        assertEquals(5, made.entries());
        assertEquals(hash(), made.state());
        List<String> told = restore(false);
        assertTrue(
                told.get(0).startsWith("5 log entries, generation " + GENERATION + ", state " + hash()), told.get(0));
        assertTrue(told.get(1).startsWith("its newest entry is of "), told.get(1));
        assertTrue(told.get(2).startsWith("the generation is raised to "), told.get(2));
        try (Journal journal = Journal.open(restored().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            assertEquals(6, journal.durableIndex());
            assertEquals(log.journalId(), journal.journalId(), "cursors are of this log");
            LogEntry last = LogEntry.decode(journal.read(6).orElseThrow().payload());
            assertTrue(((Input.Founding) last.input()).generation() > GENERATION);
            assertArrayEquals(
                    log.read(5).orElseThrow().payload(),
                    journal.read(5).orElseThrow().payload());
        }
        assertEquals(
                key.verifyKey(),
                HubKey.read(restored().resolve(HubFolder.KEY)).orElseThrow().verifyKey());
        assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(restored().resolve("index/cursors/all.cur")));
        assertTrue(Files.exists(restored().resolve(HubFolder.REGISTRY)));
    }

    /** Nobody could sign in, the record of who had read what began anew, and guardians were told of nothing more until the feed stood at the end. */
    @Test
    void accountsTheLedgerOfAccessesAndWhatGuardiansWereToldComeBackAndNoTokenDoes() throws Exception {
        try (Accounts accounts = Accounts.open(data().resolve(Accounts.FILE), RANDOM)) {
            accounts.add(new Account("kim", Role.OPERATOR, ""), "correct horse battery", Instant.now());
        }
        Path api = data().resolve(Accounts.FILE);
        try (Database database = Database.open(api, Database.Durability.FULL)) {
            database.update("INSERT INTO tokens VALUES (1, ?, 'kim', 9)", (Object) new byte[32]);
        }
        ChainedFile.Head head;
        // Of an earlier version, taken over between the two.
        Path before = data().resolve(AccessLedger.FILE);
        try (ChainedFile ledger = ChainedFile.open(before, ChainedFile.Head.NONE)) {
            ledger.append(List.of(JsonNodeFactory.instance.objectNode().put("who", "kim")));
            new Backup(data(), backup()).run();
            assertTrue(Files.exists(backup().resolve(AccessLedger.FILE)));
        }
        Path present = data().resolve(HubFolder.LEDGER).resolve("access-000000000001.jsonl");
        Files.createDirectories(data().resolve(HubFolder.LEDGER));
        Files.move(before, present);
        try (ChainedFile ledger = ChainedFile.open(present, ChainedFile.Head.NONE)) {
            head = ledger.append(List.of(JsonNodeFactory.instance.objectNode().put("who", "lee")));
        }
        GuardianPost nobody = new GuardianPost() {
            @Override
            public void hand(List<RideNotice> notices) {
                throw new AssertionError("nobody is told twice");
            }

            @Override
            public void forget(List<String> handles) {
                throw new AssertionError("nothing is erased");
            }
        };
        GuardianFeed.Rules rules = new GuardianFeed.Rules(Duration.ofMinutes(10), code -> true, StarterMap::map);
        GuardianFeed.start(log, EntryReader.UNSEALED, nobody, data().resolve(SideFiles.GUARDIANS), rules)
                .close();
        new Backup(data(), backup()).run();
        restore(false);
        try (Accounts accounts = Accounts.open(restored().resolve(Accounts.FILE), RANDOM)) {
            assertEquals(
                    List.of("kim"), accounts.list().stream().map(Account::name).toList());
        }
        assertEquals(0, rows(Accounts.FILE, "SELECT count(*) FROM tokens"));
        assertEquals(5, rows(SideFiles.GUARDIANS, "SELECT through FROM position"));
        assertEquals(log.journalId(), rows(SideFiles.GUARDIANS, "SELECT journal FROM position"));
        assertFalse(Files.exists(restored().resolve(AccessLedger.FILE)), "it is there once");
        Path ledger = restored().resolve(HubFolder.LEDGER).resolve("access-000000000001.jsonl");
        assertEquals(head, ChainedFile.read(ledger, ChainedFile.Head.NONE, ChainedFile.End.WHOLE, line -> {}));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(ledger)));
    }

    private long rows(String file, String sql) throws IOException {
        try (Database database = Database.openToRead(restored().resolve(file))) {
            return database.number(sql);
        }
    }

    @Test
    void aLedgerOfAccessesThatWentAnotherWayIsCopiedAnew() throws Exception {
        for (String who : List.of("kim", "lee")) {
            Files.createDirectories(data().resolve(HubFolder.LEDGER));
            Path ledger = data().resolve(HubFolder.LEDGER).resolve("access-000000000001.jsonl");
            Files.deleteIfExists(ledger);
            ChainedFile.Head head;
            try (ChainedFile file = ChainedFile.open(ledger, ChainedFile.Head.NONE)) {
                head = file.append(List.of(JsonNodeFactory.instance.objectNode().put("who", who)));
                LedgerCopy.copy(data().resolve(HubFolder.LEDGER), backup().resolve(HubFolder.LEDGER));
            }
            Path copy = backup().resolve(HubFolder.LEDGER).resolve("access-000000000001.jsonl");
            assertEquals(head, ChainedFile.read(copy, ChainedFile.Head.NONE, ChainedFile.End.WHOLE, line -> {}));
        }
    }

    @Test
    void theAuthorityComesBackWithTheHubAndItsKeyIsStillItsOwnersOnly() throws IOException {
        List<X509Certificate> trusted = HubAuthority.open(data(), HubConfig.Ca.NONE, Instant.now(), RANDOM)
                .trusted();
        new Backup(data(), backup()).run();
        restore(false);
        for (Path each : List.of(backup(), restored())) {
            assertEquals(
                    trusted,
                    HubAuthority.open(each, HubConfig.Ca.NONE, Instant.now(), RANDOM)
                            .trusted());
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(each.resolve(HubAuthority.KEY))));
        }
    }

    @Test
    void aSecondBackupIntoTheSameDirectoryHasWhatCameSince() throws IOException {
        new Backup(data(), backup()).run();
        grow(3);
        Manifest made = new Backup(data(), backup()).run();
        assertEquals(8, made.entries());
        assertEquals(hash(), made.state());
        assertEquals(made, Manifest.read(backup()));
    }

    private static Path snapshot(Path hub, long index) {
        return hub.resolve("snapshots").resolve(String.format("%012d.snap", index));
    }

    /** Damaged where nothing checks it but the hash: a snapshot of another state than the manifest's. */
    private void putAStrangeSnapshot(long index) throws IOException {
        HubState strange = new HubState();
        try (Journal copy = Journal.open(backup().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            LogEntry founding = new LogEntry(new Input.Founding(1, 1), Step.decide(strange, new Input.Founding(1, 1)));
            for (long i = 1; i <= index; i++) {
                strange.apply(i, founding);
            }
            new Snapshots(backup().resolve("snapshots"), JournalFiles.real(), copy.journalId()).write(strange);
        }
    }

    @Test
    void aBackupKeepsASnapshotFromWhichTheNextBackupTheRestoreAndTheStartGoOn() throws IOException {
        new Backup(data(), backup()).run();
        assertTrue(Files.exists(snapshot(backup(), 5)));
        grow(3);
        Manifest made = new Backup(data(), backup()).run();
        assertEquals(hash(), made.state());
        assertTrue(Files.exists(snapshot(backup(), 8)));
        restore(false);
        assertTrue(Files.exists(snapshot(restored(), 9)), "of the raised generation");
    }

    @Test
    void aSnapshotThatLeadsToAnotherStateThanTheManifestsIsMovedAsideAndTheWholeLogReplayed() throws IOException {
        new Backup(data(), backup()).run();
        putAStrangeSnapshot(5);
        grow(3);
        Manifest made = new Backup(data(), backup()).run();
        assertEquals(hash(), made.state());
        assertTrue(Files.exists(snapshot(backup(), 5).resolveSibling("000000000005.snap.unread-1")));
        putAStrangeSnapshot(8);
        assertTrue(restore(false).get(0).contains(", state " + hash()));
    }

    @Test
    void aSnapshotThatDoesNotReadOnlyMakesTheRestoreSlower() throws IOException {
        new Backup(data(), backup()).run();
        Files.write(snapshot(backup(), 5), new byte[100]);
        assertTrue(restore(false).get(0).contains(", state " + hash()));
        assertEquals(100, Files.size(snapshot(backup(), 5)), "the backup is only read");
    }

    @Test
    void aFirstBackupGoesFromTheHubsOwnSnapshotAndReadsWhatItStandsForAllTheSame() throws IOException {
        new Snapshots(data().resolve("snapshots"), JournalFiles.real(), log.journalId()).write(state);
        grow(2);
        assertEquals(hash(), new Backup(data(), backup()).run().state());
        Path segment = data().resolve("log").resolve("000000000001.seg");
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(64), HEADER + 40);
        }
        Path second = folder.resolve("second");
        assertThrows(CommandFailure.class, () -> new Backup(data(), second).run());
        assertFalse(Files.exists(second.resolve(Manifest.FILE)));
    }

    @Test
    void anInterruptedBackupLeavesTheOneBeforeWhole() throws IOException {
        Manifest made = new Backup(data(), backup()).run();
        grow(3);
        Path segment;
        try (var files = Files.list(data().resolve("log"))) {
            segment = files.filter(each -> each.toString().endsWith(".seg"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] torn = new byte[1000];
        Files.write(backup().resolve("log").resolve(segment.getFileName() + ".part"), torn);
        assertEquals(made, Manifest.read(backup()));
        assertTrue(restore(false).get(0).startsWith("5 log entries"));
    }

    @Test
    void aBackupWhoseEntriesDoNotReadOrThatEndsBeforeItsManifestIsRefused() throws IOException {
        new Backup(data(), backup()).run();
        Path segment;
        try (var files = Files.list(backup().resolve("log"))) {
            segment = files.filter(each -> each.toString().endsWith(".seg"))
                    .findFirst()
                    .orElseThrow();
        }
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(64), HEADER + 40);
        }
        CommandFailure refused = assertThrows(CommandFailure.class, () -> restore(false));
        assertFalse(Files.exists(restored().resolve("log")), refused.getMessage());
    }

    @Test
    void aDirectoryWithoutAFinishedBackupIsRefused() throws IOException {
        new Backup(data(), backup()).run();
        Files.delete(backup().resolve(Manifest.FILE));
        CommandFailure refused = assertThrows(CommandFailure.class, () -> restore(false));
        assertTrue(refused.error().contains("backup.json"), refused.error());
    }

    @Test
    void aBackupOfAnotherLogIsNotOverwritten() throws IOException {
        Manifest made = new Backup(data(), backup()).run();
        Path other = folder.resolve("other");
        Files.createDirectories(other.resolve("log"));
        CommandFailure refused = assertThrows(CommandFailure.class, () -> new Backup(other, backup()).run());
        assertTrue(refused.error().contains("another log"), refused.error());
        assertEquals(made, Manifest.read(backup()));
    }

    @Test
    void aLogThatIsAheadIsOnlyReplacedWhenToldAndThenMovedAside() throws IOException {
        new Backup(data(), backup()).run();
        grow(2);
        log.close();
        assertThrows(CommandFailure.class, () -> new Promotion(Promotion.Source.BACKUP, backup(), data(), false).run());
        new Promotion(Promotion.Source.BACKUP, backup(), data(), true).run();
        assertEquals(6, entries(data()));
        assertEquals(7, entries(data().resolve("before-promote-1")));
    }

    @Test
    void interruptedAfterTheGenerationWasRaisedItIsBegunAnew() throws IOException {
        new Backup(data(), backup()).run();
        restore(false);
        Files.createDirectories(restored().resolve(Promotion.DRAFT));
        Files.move(
                restored().resolve("log"), restored().resolve(Promotion.DRAFT).resolve("log"));
        assertTrue(restore(false).get(0).startsWith("5 log entries"));
        assertEquals(6, entries(restored()));
    }
}
