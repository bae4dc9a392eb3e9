package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state comes back from the log, or not at all. */
final class ReplayTest {
    private static final long NOW_MS = 1_795_400_000_123L;

    @TempDir
    private Path directory = Path.of("");

    private Journal open() throws IOException {
        return Journal.open(
                directory, new JournalOptions(16 * 1024, true, JournalOptions.TornTail.CUT), JournalFiles.real());
    }

    private Snapshots snapshots(Journal log) {
        return new Snapshots(directory.resolve("snapshots"), JournalFiles.real(), log.journalId());
    }

    private HubState through(Journal log, long index) throws IOException {
        return Replay.through(log, EntryReader.UNSEALED, snapshots(log), index, new Replay.Subject("the log", ""));
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void aSnapshotAndTheTailComeToTheSameAsTheWholeLogAndADamagedOneIsPassedOver() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                for (int i = 1; i <= 20; i++) {
                    client.publish(i, chain.next());
                    client.readPuback();
                }
            }
        }
        Path folder = directory.resolve("snapshots");
        Files.delete(folder.resolve("000000000022.snap"));
        try (Journal log = open()) {
            byte[] whole = through(log, 22).hash();
            for (int index : new int[] {5, 9, 14}) {
                snapshots(log).write(through(log, index));
                assertArrayEquals(whole, through(log, 22).hash());
            }
            assertTrue(Files.notExists(folder.resolve("000000000005.snap")), "two are kept");
            assertEquals(14, snapshots(log).newest(22, 22).orElseThrow().applied());
            assertEquals(9, snapshots(log).newest(13, 22).orElseThrow().applied(), "newer than asked for");
            assertTrue(Files.exists(folder.resolve("000000000014.snap")), "and left alone");
            Files.write(folder.resolve("new.part"), new byte[100]);
            flip(folder.resolve("000000000014.snap"));
            assertEquals(9, snapshots(log).newest(22, 22).orElseThrow().applied());
            assertTrue(
                    Files.exists(folder.resolve("000000000014.snap.unread-1")),
                    "what is damaged is moved aside, told once and not deleted");
            assertTrue(Files.notExists(folder.resolve("000000000014.snap")));
            Path left = folder.resolve("000000000009.snap");
            Files.write(left, java.util.Arrays.copyOf(Files.readAllBytes(left), 50));
            assertTrue(snapshots(log).newest(22, 22).isEmpty());
            assertArrayEquals(whole, through(log, 22).hash(), "from entry 1");
            snapshots(log).write(through(log, 22));
            assertTrue(
                    new Snapshots(folder, JournalFiles.real(), 1).newest(22, 22).isEmpty(), "of another log");
        }
    }

    /** Made by the committer between its batches, from what is durable then: what comes meanwhile is none of it. */
    @Test
    void aSnapshotThatIsMadeWhileMessagesComeIsTheStateOfItsEntryAndAloneAfterwards() throws Exception {
        Path folder = directory.resolve("snapshots");
        List<Path> made;
        try (Rig rig = new Rig(directory)) {
            List<TestUnit> units = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                units.add(rig.unit());
            }
            assertTrue(rig.intake.replaceSnapshots());
            var talking = CompletableFuture.runAsync(() -> talk(rig, units));
            for (int i = 0; i < 20 || !talking.isDone(); i++) {
                assertTrue(rig.intake.replaceSnapshots());
                try (Stream<Path> files = Files.list(folder)) {
                    made = files.toList();
                }
                assertEquals(1, made.size(), "the older one is gone: " + made);
                HubState state = snapshots(rig.log)
                        .newest(Long.MAX_VALUE, rig.log.durableIndex())
                        .orElseThrow();
                HubState read = new HubState();
                Replay.goOn(read, rig.log, EntryReader.UNSEALED, state.applied(), new Replay.Subject("the log", ""));
                assertArrayEquals(read.hash(), state.hash(), "of entry " + state.applied());
            }
            talking.get(30, TimeUnit.SECONDS);
            assertTrue(rig.log.durableIndex() > 1000);
        }
    }

    private static void talk(Rig rig, List<TestUnit> units) {
        try {
            for (TestUnit unit : units) {
                TestUnit.Chain chain = unit.chain(Lane.EVENT);
                try (MqttClient client = rig.client()) {
                    client.connect(MqttClient.V3, unit);
                    for (int i = 1; i <= 5; i++) {
                        client.publish(i, chain.next());
                        client.readPuback();
                    }
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A log that lost its end goes on by another way, and one day is as long again as the state of what it lost. */
    @Test
    void aSnapshotAheadOfTheLogIsNotBelievedWhenTheLogHasGrown() throws Exception {
        Path folder = directory.resolve("snapshots");
        try (Journal log = open()) {
            Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0);
            snapshots(log).write(through(log, 1));
            assertTrue(snapshots(log).newest(0, 0).isEmpty());
            assertTrue(Files.exists(folder.resolve("000000000001.snap.unread-1")));
            assertTrue(snapshots(log).newest(1, 1).isEmpty(), "an entry later it is not there");
        }
    }

    /** A disk that lied, a file put back from yesterday: under the same generation the unit, asked for 11, had nothing older than 21 to send, for ever. */
    @Test
    void aLogThatLostWhatItReceiptedRaisesTheGenerationSoThatTheUnitsSendItAgain() throws Exception {
        SigningKey key = SigningKey.generate(TestUnit.RANDOM);
        TestUnit unit = new TestUnit();
        TestUnit.Chain chain = unit.chain(Lane.EVENT);
        Path segment = directory.resolve("000000000001.seg");
        byte[] early;
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 10)) {
            rig.change(unit.record());
            send(rig, unit, messages(chain, 10));
        }
        early = Files.readAllBytes(segment);
        List<UpMessage> held = messages(chain, 10);
        long generation;
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 10)) {
            generation = rig.intake.generation();
            send(rig, unit, held);
            assertEquals(20, receipted(rig, unit));
        }
        Files.write(segment, early);
        long raised;
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 10)) {
            raised = rig.intake.generation();
            assertTrue(raised > generation, "units must go back to what the hub names");
            assertEquals(10, receipted(rig, unit));
            send(rig, unit, held);
            assertEquals(20, receipted(rig, unit));
        }
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 10)) {
            assertEquals(raised, rig.intake.generation(), "once for each loss");
        }
    }

    private static List<UpMessage> messages(TestUnit.Chain chain, int count) {
        List<UpMessage> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(chain.next());
        }
        return made;
    }

    private static void send(Rig rig, TestUnit unit, List<UpMessage> messages) throws IOException {
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V3, unit);
            for (UpMessage each : messages) {
                client.publish(1, each);
                client.readPuback();
            }
        }
    }

    /** What the hub says on connect. */
    private static long receipted(Rig rig, TestUnit unit) throws Exception {
        try (MqttClient client = rig.client(MqttClient.V3, unit)) {
            return client.readReceipt(rig.key, Lane.EVENT).get(0).n();
        }
    }

    @Test
    void theProofOfALostEndStandsUntilTheGenerationIsRaisedAboveTheOneThatUnitsHeard() throws Exception {
        long heard = NOW_MS / 1000 + 5_000;
        try (Journal log = open()) {
            HubState state = run(log, 0);
            Input lost = new Input.Founding(NOW_MS, heard);
            state.apply(2, new LogEntry(lost, Step.decide(state, lost)));
            snapshots(log).write(state);
            assertEquals(1, through(log, 1).applied(), "a start that was stopped when it had moved the snapshot aside");
            assertTrue(Files.exists(directory.resolve("snapshots").resolve("000000000002.snap.unread-1")));
            assertEquals(heard + 1, run(log, 0).generation(), "and though the clock was set back");
            assertEquals(heard + 1, run(log, 0).generation());
        }
    }

    @Test
    void aLogThatSomebodyReadFurtherThanItGoesHasLostItsEnd() throws Exception {
        try (Journal log = open()) {
            long generation = run(log, 0).generation();
            assertEquals(generation, run(log, 1).generation(), "all that was read is there");
            assertEquals(generation + 1, run(log, 2).generation());
            assertEquals(2, log.durableIndex());
        }
    }

    @Test
    void aNewestSegmentThatDoesNotReadHasTakenTheEndOfTheLogWithIt() throws Exception {
        try (Journal log = open()) {
            HubState state = run(log, 0);
            for (int i = 0; i < 200; i++) {
                Input change = new Input.UnitChange(NOW_MS, new TestUnit().record());
                LogEntry entry = new LogEntry(change, Step.decide(state, change));
                state.apply(log.append(Entry.message(entry.encode())), entry);
            }
        }
        assertTrue(Files.exists(directory.resolve("000000000002.seg")));
        for (int number = 9; number > 1; number--) {
            Path newest = directory.resolve(String.format("%012d.seg", number));
            if (Files.exists(newest)) {
                Files.write(newest, new byte[] {1, 2, 3});
                break;
            }
        }
        try (Journal log = open()) {
            assertEquals(NOW_MS / 1000 + 1, run(log, 0).generation());
        }
        try (Journal log = open()) {
            assertEquals(NOW_MS / 1000 + 1, run(log, 0).generation(), "once");
        }
    }

    private HubState run(Journal log, long seenThrough) throws IOException {
        return Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, seenThrough);
    }

    @Test
    void aCleanStopLeavesASnapshotFromWhichTheNextStartReadsNoEntry() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                for (int i = 1; i <= 20; i++) {
                    client.publish(i, chain.next());
                    client.readPuback();
                }
            }
        }
        try (Journal log = open()) {
            Snapshots left = snapshots(log);
            HubState state = left.newest(22, 22).orElseThrow();
            assertEquals(log.durableIndex(), state.applied());
            HubState whole = new HubState();
            Replay.goOn(whole, log, EntryReader.UNSEALED, log.durableIndex(), new Replay.Subject("the log", ""));
            assertArrayEquals(whole.hash(), state.hash());
        }
    }

    /** What was applied and never forced must not be kept: an intake that has failed leaves no snapshot. */
    @Test
    void anIntakeThatFailedLeavesNoSnapshot() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = new Rig(directory, files, SigningKey.generate(TestUnit.RANDOM), 10)) {
            TestUnit unit = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                files.atNextForce(new GatedFiles.Gate() {
                    @Override
                    public void before() throws IOException {
                        throw new IOException("Input/output error");
                    }
                });
                client.publish(1, unit.chain(Lane.EVENT).next());
                rig.failed.get(30, TimeUnit.SECONDS);
            }
        }
        assertTrue(Files.notExists(directory.resolve("snapshots")));
    }

    @Test
    void aNewLogIsFoundedOnceWithItsGeneration() throws Exception {
        try (Journal log = open()) {
            assertEquals(
                    NOW_MS / 1000,
                    Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0)
                            .generation());
        }
        try (Journal log = open()) {
            assertEquals(
                    NOW_MS / 1000,
                    Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS + 99_000, 0)
                            .generation());
            assertEquals(1, log.durableIndex());
        }
    }

    @Test
    void theSameLogGivesTheSameStateAndKeys() throws Exception {
        TestUnit unit;
        TestUnit revoked;
        try (Rig rig = new Rig(directory)) {
            unit = rig.unit();
            revoked = rig.unit();
            rig.change(revoked.record().revoke());
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                for (int i = 1; i <= 20; i++) {
                    client.publish(i, chain.next());
                    client.readPuback();
                }
            }
        }
        try (Journal log = open()) {
            KeyRing ring = new KeyRing();
            HubState once = Replay.run(log, EntryReader.UNSEALED, snapshots(log), ring, NOW_MS, 0);
            assertEquals(24, once.applied());
            assertArrayEquals(
                    once.hash(),
                    Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0)
                            .hash());
            assertTrue(ring.isValid(unit.id));
            assertTrue(!ring.isValid(revoked.id));
            assertTrue(ring.owner(revoked.key.verifyKey().kid()).orElseThrow().revoked());
        }
    }

    @Test
    void anEntryThatDoesNotReadEndsTheStart() throws Exception {
        try (Journal log = open()) {
            Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0);
            log.append(Entry.message(new byte[] {1, 2, 3}));
            CommandFailure failure = assertThrows(
                    CommandFailure.class,
                    () -> Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0));
            assertTrue(failure.error().startsWith("entry 2 of 2 of the hub's log does not read"), failure.error());
        }
    }

    @Test
    void aLogThatDoesNotBeginAtItsBeginningEndsTheStart() throws Exception {
        try (Journal log = open()) {
            Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0);
            for (int i = 0; i < 40; i++) {
                log.append(Entry.message(new byte[1024]));
            }
        }
        Files.delete(directory.resolve("000000000001.seg"));
        try (Journal log = open()) {
            CommandFailure failure = assertThrows(
                    CommandFailure.class,
                    () -> Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0));
            assertTrue(failure.error().contains("no snapshot reads"), failure.error());
            assertTrue(failure.tryThis().contains("hub-bridge restore"), failure.tryThis());
        }
    }

    /** Found by scripts/rig/mutate: the only segment did not read and was moved aside, and the hub began a new log beside it. */
    @Test
    void aLogThatWasMovedAsideIsNotFoundedAnew() throws Exception {
        try (Journal log = open()) {
            Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0);
        }
        Files.write(directory.resolve("000000000001.seg"), new byte[] {1, 2, 3});
        for (int start = 1; start <= 2; start++) {
            try (Journal log = open()) {
                CommandFailure failure = assertThrows(
                        CommandFailure.class,
                        () -> Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0));
                assertTrue(failure.error().contains("000000000001.seg moved aside"), failure.error());
                assertTrue(failure.tryThis().contains("backup"), failure.tryThis());
            }
        }
    }

    @Test
    void aUnitsOldKeyIsForgottenWhenItGetsAnother() {
        KeyRing ring = new KeyRing();
        TestUnit unit = new TestUnit();
        ring.put(unit.record());
        var oldKid = unit.key.verifyKey().kid();
        unit.key = new TestUnit().key;
        ring.put(unit.record());
        assertTrue(ring.owner(oldKid).isEmpty());
        assertEquals(
                unit.id, ring.owner(unit.key.verifyKey().kid()).orElseThrow().unit());
    }
}
