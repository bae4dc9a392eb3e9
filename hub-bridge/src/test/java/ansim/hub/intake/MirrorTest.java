package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log and its mirror: nothing is answered before both hold it, and either can be behind, damaged or gone. */
@Timeout(120)
final class MirrorTest {
    private static final JournalOptions OPTIONS = new JournalOptions(8192, true, JournalOptions.TornTail.CUT);

    @TempDir
    private Path directory = Path.of("");

    private Path first() {
        return directory.resolve("first");
    }

    private Path mirror() {
        return directory.resolve("mirror").resolve("log");
    }

    private static byte[] payload(long index) {
        return ("entry " + index + " " + "x".repeat(200)).getBytes(StandardCharsets.UTF_8);
    }

    private static Journal journal(Path path) throws IOException {
        return Journal.open(path, OPTIONS, JournalFiles.real());
    }

    private static void fill(Journal log, long from, long through) throws IOException {
        for (long index = from; index <= through; index++) {
            assertEquals(index, log.append(Entry.message(payload(index))));
        }
    }

    private HubLog mirrored(Journal log) {
        return HubLog.mirrored(log, mirror(), OPTIONS, JournalFiles.real());
    }

    private static List<Stored> all(Journal log) throws IOException {
        List<Stored> found = new ArrayList<>();
        try (JournalReader reader = log.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                found.add(next.get());
                assertEquals(found.get(found.size() - 1).index() + 1, reader.nextIndex());
            }
        }
        return found;
    }

    private static void assertHolds(Journal log, long entries) throws IOException {
        List<Stored> found = all(log);
        assertEquals(entries, found.size());
        for (int i = 0; i < entries; i++) {
            assertEquals(i + 1, found.get(i).index());
            assertArrayEquals(payload(i + 1), found.get(i).payload());
        }
    }

    private void assertBothHold(long entries) throws IOException {
        try (Journal log = journal(first());
                Journal copy = journal(mirror())) {
            assertEquals(log.journalId(), copy.journalId());
            assertEquals(log.createdAtS(), copy.createdAtS());
            assertHolds(log, entries);
            assertHolds(copy, entries);
        }
    }

    @Test
    void nothingIsAnsweredOrReadBeforeTheLogsForceHasReturned() throws Exception {
        GatedFiles files = new GatedFiles();
        assertAnsweredOnlyAfter(files, files, JournalFiles.real());
    }

    @Test
    void nothingIsAnsweredOrReadBeforeTheMirrorsForceHasReturned() throws Exception {
        GatedFiles files = new GatedFiles();
        assertAnsweredOnlyAfter(files, JournalFiles.real(), files);
    }

    private void assertAnsweredOnlyAfter(GatedFiles gated, JournalFiles ofLog, JournalFiles ofMirror) throws Exception {
        try (Rig rig = Rig.mirrored(first(), ofLog, mirror(), ofMirror)) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                long before = rig.log.durableIndex();
                GatedFiles.Hold fsync = gated.atNextForce(new GatedFiles.Hold());
                client.publish(7, message);
                fsync.awaitReached();
                client.ping();
                client.read(MqttClient.PINGRESP);
                assertEquals(before, rig.log.durableIndex());
                fsync.release();
                assertEquals(7, client.readPuback());
                assertEquals(1, client.readReceipt(rig.key, Lane.EVENT).size());
                assertEquals(before + 1, rig.log.durableIndex());
            }
        }
    }

    @Test
    void aMirrorThatFailsEndsTheHubThatNamesItAndNothingIsAnsweredOrShown() throws Exception {
        GatedFiles files = new GatedFiles();
        assertEndsWithoutAnAnswer(files, JournalFiles.real(), files, "the mirror of the log in " + mirror());
    }

    @Test
    void aFirstDiskThatFailsEndsTheHubThatNamesItAndTellsOfPromote() throws Exception {
        GatedFiles files = new GatedFiles();
        CommandFailure failure = assertEndsWithoutAnAnswer(files, files, JournalFiles.real(), "the hub's log failed");
        assertTrue(failure.tryThis().contains("hub-bridge promote " + mirror().getParent()), failure.tryThis());
    }

    private CommandFailure assertEndsWithoutAnAnswer(
            GatedFiles gated, JournalFiles ofLog, JournalFiles ofMirror, String named) throws Exception {
        try (Rig rig = Rig.mirrored(first(), ofLog, mirror(), ofMirror)) {
            TestUnit unit = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                long before = rig.log.durableIndex();
                gated.atNextForce(new GatedFiles.Gate() {
                    @Override
                    public void before() throws IOException {
                        throw new IOException("Input/output error");
                    }
                });
                client.publish(1, unit.chain(Lane.ALARM).next());
                CommandFailure failure = (CommandFailure) rig.failed.get(30, TimeUnit.SECONDS);
                assertTrue(failure.error().contains(named), failure.error());
                assertTrue(failure.error().contains("Input/output error"), failure.error());
                client.publish(2, unit.chain(Lane.ALARM).next());
                client.ping();
                client.read(MqttClient.PINGRESP);
                assertEquals(before, rig.log.durableIndex());
                return failure;
            }
        }
    }

    @Test
    void whatFollowsADeadMirrorIsTakenOverWhenItIsBack() throws Exception {
        GatedFiles files = new GatedFiles();
        SigningKey key;
        TestUnit unit;
        UpMessage message;
        try (Rig rig = Rig.mirrored(first(), JournalFiles.real(), mirror(), files)) {
            key = rig.key;
            unit = rig.unit();
            message = unit.chain(Lane.ALARM).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                files.atNextForce(new GatedFiles.Gate() {
                    @Override
                    public void before() throws IOException {
                        throw new IOException("Input/output error");
                    }
                });
                client.publish(1, message);
                assertFalse(rig.failed.get(30, TimeUnit.SECONDS).toString().isEmpty());
            }
        }
        try (Rig rig = Rig.mirrored(first(), JournalFiles.real(), mirror(), JournalFiles.real(), key);
                MqttClient client = rig.client(MqttClient.V3, unit)) {
            assertEquals(1, client.readReceipt(key, Lane.ALARM).size());
            client.publish(2, message);
            assertEquals(2, client.readPuback());
            assertEquals(1, rig.count("duplicate"));
        }
        try (Journal log = Journal.open(first(), Rig.OPTIONS, JournalFiles.real());
                Journal copy = Journal.open(mirror(), Rig.OPTIONS, JournalFiles.real())) {
            assertEquals(3, log.durableIndex());
            assertEquals(3, copy.durableIndex());
            assertEquals(log.journalId(), copy.journalId());
        }
    }

    @Test
    void anEmptyMirrorIsFilledFromTheFirstEntry() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 300);
            mirrored(log).close();
        }
        assertBothHold(300);
    }

    @Test
    void theOneThatIsBehindTakesOverWhatTheOtherHasWhicheverItIs() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 40);
            mirrored(log).close();
            fill(log, 41, 90);
        }
        try (Journal log = journal(first())) {
            mirrored(log).close();
        }
        assertBothHold(90);
        try (Journal copy = journal(mirror())) {
            fill(copy, 91, 123);
        }
        try (Journal log = journal(first())) {
            mirrored(log).close();
            assertHolds(log, 123);
        }
        assertBothHold(123);
    }

    @Test
    void writesGoToBothUnderTheSameIndexes() throws Exception {
        try (Journal log = journal(first());
                HubLog both = mirrored(log)) {
            for (int i = 1; i <= 200; i++) {
                assertEquals(i, both.write(Entry.message(payload(i))));
                if (i % 7 == 0) {
                    both.force();
                    assertEquals(i, log.durableIndex());
                }
            }
            both.force();
        }
        assertBothHold(200);
    }

    @Test
    void theLogOfAnotherHubIsNoMirror() throws Exception {
        try (Journal other = journal(mirror())) {
            fill(other, 1, 5);
        }
        CommandFailure failure = assertRefused(5, "is of another hub");
        assertTrue(failure.tryThis().contains("hub-bridge promote --replace"), failure.tryThis());
    }

    @Test
    void aMirrorThatWentAnotherWayIsRefused() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 5);
            mirrored(log).close();
        }
        try (Journal copy = journal(mirror())) {
            copy.append(Entry.message(payload(99)));
            fill(copy, 7, 20);
        }
        assertRefused(12, "entry 6 differs");
    }

    @Test
    void anEmptyLogBesideAFullMirrorIsNotFilledBehindTheOperatorsBack() throws Exception {
        try (Journal copy = journal(mirror())) {
            fill(copy, 1, 5);
        }
        assertTrue(assertRefused(0, "the first disk was lost").tryThis().contains("hub-bridge promote"));
    }

    private CommandFailure assertRefused(long through, String why) throws Exception {
        try (Journal log = journal(first())) {
            fill(log, log.durableIndex() + 1, through);
            CommandFailure failure = assertThrows(CommandFailure.class, () -> mirrored(log));
            assertTrue(failure.error().contains(why), failure.error());
            return failure;
        }
    }

    @Test
    void aMirrorInUseIsRefusedAndNamesTheProcess() throws Exception {
        try (Journal used = journal(mirror())) {
            fill(used, 1, 1);
            CommandFailure failure = assertRefused(3, "in use by the process");
            assertTrue(failure.tryThis().contains("stopping that process"), failure.tryThis());
        }
    }

    private static List<Path> segments(Path log) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .sorted()
                    .toList();
        }
    }

    /** Both run for a year; the mirror's disk rots where nobody reads; the first disk dies. */
    @Test
    void aMirrorThatRotsWhileTheHubRunsIsNoticed() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 300);
            try (HubLog both = mirrored(log)) {
                both.scrub();
                assertEquals(Map.of("mirror-compared", 0L, "mirror-rounds", 1L, "mirror-wrong", 0L), both.counts());
                flip(segments(mirror()).get(1), 1000);
                for (int i = 0; i < MirrorScrub.REST_LOOKS; i++) {
                    both.scrub();
                }
                assertEquals(1, both.counts().get("mirror-rounds"), "it rests after a round");
                both.scrub();
                assertEquals(2, both.counts().get("mirror-rounds"));
                assertTrue(both.counts().getOrDefault("mirror-wrong", 0L) > 0, both.counts()::toString);
                assertTrue(log.recovery().nothingLost(), "the log itself is whole");
            }
        }
    }

    /** However long the log is, a look reads a limited part of it, and the next goes on there. */
    @Test
    void aLookReadsOnlySoMuch() throws Exception {
        JournalOptions large = new JournalOptions(1 << 20, true, JournalOptions.TornTail.CUT);
        try (Journal log = Journal.open(first(), large, JournalFiles.real())) {
            int payload = 64 * 1024;
            int entries = 3 * MirrorScrub.BYTES_PER_LOOK / payload;
            for (int i = 0; i < entries; i++) {
                log.append(Entry.message(new byte[payload]));
            }
            try (HubLog both = HubLog.mirrored(log, mirror(), large, JournalFiles.real())) {
                both.scrub();
                assertEquals(MirrorScrub.BYTES_PER_LOOK / payload, both.counts().get("mirror-compared"));
                both.scrub();
                assertEquals(
                        2L * MirrorScrub.BYTES_PER_LOOK / payload, both.counts().get("mirror-compared"));
                both.scrub();
                assertEquals(1, both.counts().get("mirror-rounds"));
            }
        }
    }

    private static void flip(Path file, int at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 0x10);
        }
    }

    @Test
    void whatIsDamagedInTheLogIsReadFromTheMirror() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 300);
            mirrored(log).close();
        }
        List<Path> segments = segments(first());
        flip(segments.get(0), 1000);
        flip(segments.get(0), 1300);
        flip(segments.get(3), 4000);
        Files.delete(segments.get(5));
        try (Journal alone = journal(first())) {
            assertTrue(all(alone).size() < 300);
        }
        try (Journal log = journal(first());
                HubLog both = mirrored(log)) {
            assertHolds(log, 300);
            for (long index = 1; index <= 300; index++) {
                assertArrayEquals(payload(index), log.read(index).orElseThrow().payload());
            }
            assertTrue(log.recovery().lost().size() >= 3, log.recovery().toString());
            assertEquals(301, both.write(Entry.message(payload(301))));
            both.force();
            assertHolds(log, 301);
        }
    }

    @Test
    void aMirrorThatHasLostASegmentIsMovedAsideAndFilledAnew() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 300);
            mirrored(log).close();
        }
        Files.delete(segments(mirror()).get(2));
        try (Journal log = journal(first())) {
            mirrored(log).close();
        }
        assertBothHold(300);
        assertTrue(Files.isDirectory(directory.resolve("mirror").resolve("log.damaged-1")));
    }

    /** The mirror went aside before anybody asked which was the longer one, and with it what had been receipted. */
    @Test
    void aDamagedMirrorThatIsLongerGivesTheLogItsEndBeforeItIsMovedAside() throws Exception {
        damageBoth(4, segments -> segments.get(segments.size() - 1));
        try (Journal log = journal(first());
                HubLog both = mirrored(log)) {
            assertHolds(log, 300);
            assertTrue(both.seenThrough() <= 300, "nothing is lost");
        }
        assertBothHold(300);
        assertTrue(Files.isDirectory(directory.resolve("mirror").resolve("log.damaged-1")));
    }

    @Test
    void aHoleOfTheLogThatOnlyADamagedMirrorFillsIsFilledInTheNewOne() throws Exception {
        damageBoth(4, segments -> segments.get(1));
        try (Journal log = journal(first())) {
            mirrored(log).close();
        }
        try (Journal copy = journal(mirror())) {
            assertHolds(copy, 300);
        }
        assertTrue(Files.isDirectory(directory.resolve("mirror").resolve("log.damaged-1")));
    }

    @Test
    void aHoleThatNeitherFillsEndsTheStartAndTheErrorNamesTheMirrorWhichStays() throws Exception {
        damageBoth(2, segments -> segments.get(2));
        for (int start = 1; start <= 2; start++) {
            try (Journal log = journal(first())) {
                CommandFailure failure = assertThrows(CommandFailure.class, () -> mirrored(log));
                assertTrue(failure.error().contains("the mirror in " + mirror() + " is damaged"), failure.error());
                assertTrue(failure.tryThis().contains("keep " + mirror()), failure.tryThis());
            }
        }
        assertFalse(Files.exists(directory.resolve("mirror").resolve("log.damaged-1")));
    }

    /** What lies behind a hole of the mirror cannot go into the log: then the units must be told. */
    @Test
    void anEndThatNeitherHasIsKnownToBeLost() throws Exception {
        damageBoth(4, segments -> segments.get(4));
        List<Path> segments = segments(first());
        for (Path each : segments.subList(4, segments.size())) {
            Files.delete(each);
        }
        try (Journal log = journal(first());
                HubLog both = mirrored(log)) {
            assertTrue(log.durableIndex() < 300);
            assertEquals(300, both.seenThrough());
        }
    }

    /** 300 entries in each, then a segment of either is gone. */
    private void damageBoth(int ofMirror, Function<List<Path>, Path> ofLog) throws IOException {
        try (Journal log = journal(first())) {
            fill(log, 1, 300);
            mirrored(log).close();
        }
        Files.delete(segments(mirror()).get(ofMirror));
        Files.delete(ofLog.apply(segments(first())));
    }

    @Test
    void aLogThatHasLostItsNewestSegmentTakesItBackFromTheMirror() throws Exception {
        try (Journal log = journal(first())) {
            fill(log, 1, 300);
            mirrored(log).close();
        }
        List<Path> segments = segments(first());
        Files.delete(segments.get(segments.size() - 1));
        try (Journal log = journal(first());
                HubLog both = mirrored(log)) {
            assertHolds(log, 300);
            assertEquals(301, both.write(Entry.message(payload(301))));
            both.force();
        }
        assertBothHold(301);
    }
}
