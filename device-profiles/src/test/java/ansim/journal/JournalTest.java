package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalOptions.TornTail;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final JournalOptions SMALL = JournalOptions.unit(4096);

    @TempDir
    Path directory;

    private Journal open(JournalOptions options) throws JournalException {
        return Journal.open(directory, options, JournalFiles.real());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Stored stored) {
        return new String(stored.payload(), StandardCharsets.UTF_8);
    }

    static List<String> read(Journal journal, long from) throws JournalException {
        List<String> found = new ArrayList<>();
        try (JournalReader reader = journal.reader(from)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                found.add(next.get().index() + "=" + text(next.get()));
            }
        }
        return found;
    }

    @Test
    void whoOnlyReadsNeitherWaitsForTheWriterNorChangesAFile() throws IOException {
        try (Journal writing = open(SMALL)) {
            for (int i = 0; i < 200; i++) {
                writing.append(Entry.message(bytes("before " + i)));
            }
            List<String> names = JournalFiles.real().list(directory);
            try (Journal reading = Journal.open(directory, SMALL, JournalFiles.reading())) {
                assertEquals(200, reading.durableIndex());
                assertEquals(read(writing, 150), read(reading, 150));
                assertThrows(JournalException.class, () -> reading.append(Entry.message(bytes("not here"))));
                writing.append(Entry.message(bytes("after")));
                assertEquals(201, writing.durableIndex());
            }
            assertEquals(
                    names.stream().sorted().toList(),
                    JournalFiles.real().list(directory).stream().sorted().toList());
        }
        assertThrows(
                JournalException.class,
                () -> Journal.open(directory.resolve("nothing"), SMALL, JournalFiles.reading()));
    }

    @Test
    void aMessageIsPeekedUntilItIsRemoved() throws IOException {
        try (Journal journal = open(SMALL)) {
            assertTrue(journal.peek().isEmpty());
            assertEquals(1, journal.append(Entry.message(bytes("a"))));
            assertEquals(2, journal.append(Entry.message(bytes("b"))));
            assertEquals("a", text(journal.peek().orElseThrow()));
            assertEquals("a", text(journal.peek().orElseThrow()));
            journal.remove(1);
            assertEquals("b", text(journal.peek().orElseThrow()));
            journal.remove(2);
            assertTrue(journal.peek().isEmpty());
        }
    }

    @Test
    void everythingIsThereAgainAfterReopening() throws IOException {
        long id;
        try (Journal journal = open(SMALL)) {
            id = journal.journalId();
            for (int i = 1; i <= 200; i++) {
                journal.append(Entry.message(bytes("message " + i)), Entry.state(bytes("state " + i)));
            }
            journal.remove(150);
            journal.append(Entry.message(bytes("last"), 0x0123456789abcdefL));
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(id, journal.journalId());
            assertEquals(201, journal.durableIndex());
            assertEquals(150, journal.removedThrough());
            assertEquals("message 151", text(journal.peek().orElseThrow()));
            assertArrayEquals(bytes("state 200"), journal.state().orElseThrow());
            assertEquals("message 77", text(journal.read(77).orElseThrow()));
            assertEquals(OptionalLong.empty(), journal.read(77).orElseThrow().keyId());
            assertEquals(
                    OptionalLong.of(0x0123456789abcdefL),
                    journal.read(201).orElseThrow().keyId());
            assertTrue(journal.recovery().nothingLost());
            assertEquals(201, read(journal, 1).size());
        }
    }

    /** In fresh zeros the rest of a page is left empty where the next write would touch a page more for it. */
    @Test
    void roomThatIsLeftEmptyIsNeitherMessageNorDamage() throws IOException {
        JournalOptions options = JournalOptions.unit(256 * 1024);
        List<String> written = new ArrayList<>();
        int lives = 3;
        for (int life = 0; life < lives; life++) {
            try (Journal journal = open(options)) {
                assertTrue(
                        journal.recovery().nothingLost() && journal.recovery().cleanTail());
                for (int i = 0; i < 400; i++) {
                    String text = "message " + life + " " + i + " " + "x".repeat(300);
                    written.add(journal.append(Entry.message(bytes(text))) + "=" + text);
                }
            }
        }
        try (Journal journal = open(options)) {
            assertEquals(written, read(journal, 1));
            assertEquals(400L * lives, journal.durableIndex());
            assertTrue(journal.recovery().nothingLost() && journal.recovery().cleanTail());
        }
        boolean left = false;
        for (Path each : segments()) {
            left |= emptyRoom(Files.readAllBytes(each));
        }
        assertTrue(left, "a page's rest must have been left empty");
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(Segments.SEGMENT_SUFFIX))
                    .toList();
        }
    }

    /** Whether a frame of neither message nor state ends where a page does. */
    private static boolean emptyRoom(byte[] segment) {
        ByteBuffer in = ByteBuffer.wrap(segment);
        for (int at = SegmentHeader.BYTES; in.getShort(at) == Frame.MARKER; ) {
            int size = Frame.HEADER + in.getInt(at + 8);
            at += (int) Frame.aligned(size);
            boolean empty = (in.get(at - (int) Frame.aligned(size) + 2) & Frame.TYPE_MASK) == Frame.POSITION;
            if (empty && at % CountingFiles.PAGE == 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aStateTakesNoIndex() throws IOException {
        try (Journal journal = open(SMALL)) {
            assertEquals(0, journal.append(Entry.state(bytes("s"))));
            assertEquals(1, journal.append(Entry.message(bytes("a")), Entry.state(bytes("t"))));
            assertEquals(List.of("1=a"), read(journal, 1));
            assertArrayEquals(bytes("t"), journal.state().orElseThrow());
        }
    }

    @Test
    void aRemovalIsDurableWithTheNextAppend() throws IOException {
        try (Journal journal = open(SMALL)) {
            journal.append(Entry.message(bytes("a")));
            journal.append(Entry.message(bytes("b")));
            journal.remove(1);
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(0, journal.removedThrough());
            journal.remove(2);
            journal.append(Entry.state(bytes("s")));
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(2, journal.removedThrough());
            assertTrue(journal.peek().isEmpty());
            assertEquals("a", text(journal.read(1).orElseThrow()));
        }
    }

    @Test
    void removedSegmentsGoByThemselvesUnlessRetained() throws IOException {
        byte[] payload = new byte[500];
        try (Journal journal = open(new JournalOptions(4096, false, TornTail.SALVAGE))) {
            journal.append(Entry.message(payload), Entry.state(bytes("kept")));
            for (int i = 2; i <= 100; i++) {
                journal.append(Entry.message(payload));
            }
            assertEquals(1, journal.firstIndex());
            journal.remove(90);
            assertEquals(1, journal.firstIndex());
            journal.append(Entry.message(payload));
            assertTrue(journal.firstIndex() > 80, "first is " + journal.firstIndex());
            assertArrayEquals(bytes("kept"), journal.state().orElseThrow());
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(91, journal.peek().orElseThrow().index());
            assertArrayEquals(bytes("kept"), journal.state().orElseThrow());
            assertTrue(journal.recovery().nothingLost());
        }
    }

    @Test
    void theOldestSegmentIsDroppedWithItsMessagesAndItsFileIsUsedAgain() throws IOException {
        byte[] payload = new byte[500];
        try (Journal journal = open(SMALL)) {
            journal.append(Entry.message(payload), Entry.state(bytes("kept")));
            assertTrue(journal.oldestSegmentLastIndex().isEmpty());
            journal.dropOldestSegment();
            while (journal.oldestSegmentLastIndex().isEmpty()) {
                journal.append(Entry.message(payload));
            }
            long last = journal.oldestSegmentLastIndex().orElseThrow();
            long bytes = journal.bytes();
            journal.dropOldestSegment();
            assertEquals(last + 1, journal.firstIndex());
            assertEquals(last, journal.removedThrough());
            assertEquals(bytes, journal.bytes(), "the dropped file is the spare now");
            assertTrue(journal.oldestSegmentLastIndex().isEmpty());
            for (int i = 0; i < 60; i++) {
                journal.append(Entry.message(payload));
            }
        }
        try (Journal journal = open(SMALL)) {
            assertArrayEquals(bytes("kept"), journal.state().orElseThrow());
            assertEquals(
                    journal.removedThrough() + 1, journal.peek().orElseThrow().index());
            assertTrue(journal.recovery().nothingLost(), journal.recovery().toString());
        }
    }

    @Test
    void whatIsWrittenIsSeenOnlyAfterTheForce() throws IOException {
        try (Journal journal = open(SMALL)) {
            assertEquals(1, journal.write(Entry.message(bytes("a"))));
            assertEquals(2, journal.write(Entry.message(bytes("b"))));
            assertEquals(0, journal.durableIndex());
            assertEquals(List.of(), read(journal, 1));
            journal.force();
            assertEquals(List.of("1=a", "2=b"), read(journal, 1));
        }
    }

    @Test
    void writesMayCrossManySegmentsBeforeTheForce() throws IOException {
        try (Journal journal = open(SMALL)) {
            for (int i = 1; i <= 500; i++) {
                journal.write(Entry.message(bytes("message " + i)));
            }
            journal.force();
            assertEquals(500, read(journal, 1).size());
            assertEquals("message 321", text(journal.read(321).orElseThrow()));
        }
    }

    @Test
    void concurrentAppendsKeepTheirOwnIndexes() throws Exception {
        int threads = 8;
        int each = 100;
        try (Journal journal = open(JournalOptions.unit(64 * 1024))) {
            List<CompletableFuture<List<String>>> appenders = IntStream.range(0, threads)
                    .mapToObj(t -> CompletableFuture.supplyAsync(
                            () -> appendMany(journal, t, each), r -> new Thread(r).start()))
                    .toList();
            List<String> expected = new ArrayList<>();
            for (var appender : appenders) {
                expected.addAll(appender.get());
            }
            List<String> actual = read(journal, 1);
            Collections.sort(expected);
            Collections.sort(actual);
            assertEquals(expected, actual);
            assertEquals(800, journal.durableIndex());
        }
    }

    private static List<String> appendMany(Journal journal, int thread, int count) {
        List<String> mine = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                String text = thread + "/" + i;
                mine.add(journal.append(Entry.message(bytes(text))) + "=" + text);
            }
        } catch (JournalException e) {
            throw new IllegalStateException(e);
        }
        return mine;
    }

    @Test
    void readersFollowTheWriterThroughItsSegments() throws Exception {
        int count = 2000;
        try (Journal journal = open(JournalOptions.unit(8192))) {
            List<CompletableFuture<Long>> readers = LongStream.of(1, 1, 500)
                    .mapToObj(from -> CompletableFuture.supplyAsync(
                            () -> follow(journal, from, count), r -> new Thread(r).start()))
                    .toList();
            for (int i = 1; i <= count; i++) {
                journal.write(Entry.message(bytes("m" + i)));
                if (i % 7 == 0 || i == count) {
                    journal.force();
                }
            }
            assertEquals(count, readers.get(0).get());
            assertEquals(count, readers.get(1).get());
            assertEquals(count - 499, readers.get(2).get());
            assertTrue(journal.recovery().nothingLost());
        }
    }

    private static long follow(Journal journal, long from, long last) {
        long seen = 0;
        try (JournalReader reader = journal.reader(from)) {
            while (reader.nextIndex() <= last) {
                assertTrue(journal.awaitDurable(reader.nextIndex(), Duration.ofSeconds(60)));
                for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                    assertEquals("m" + (from + seen), text(next.get()));
                    seen++;
                }
            }
        } catch (JournalException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return seen;
    }

    @Test
    void aSecondOpenNamesTheProcessThatHoldsTheJournal() throws Exception {
        try (Journal journal = open(SMALL)) {
            JournalException e = assertThrows(JournalException.class, () -> open(SMALL));
            assertEquals(JournalException.Reason.LOCKED, e.reason());
            assertTrue(
                    e.toString().contains("process " + ProcessHandle.current().pid()), e.toString());
            assertEquals(1, journal.append(Entry.message(bytes("still mine"))));
        }
        open(SMALL).close();
    }

    @Test
    void anotherProcessIsNamedToo() throws Exception {
        Process other = JournalHolder.start(directory);
        try {
            assertEquals('o', other.getInputStream().read());
            JournalException e = assertThrows(JournalException.class, () -> open(SMALL));
            assertTrue(e.toString().endsWith("process " + other.pid()), e.toString());
        } finally {
            other.destroyForcibly().waitFor();
        }
        open(SMALL).close();
    }

    @Test
    void whatAKilledProcessHadAcknowledgedIsThere() throws Exception {
        long acknowledged = 0;
        for (int kill = 1; kill <= 5; kill++) {
            Process writer = JournalHolder.start(directory, "append");
            try (BufferedReader lines = writer.inputReader()) {
                for (int i = 0; i < 40 * kill; i++) {
                    String line = lines.readLine();
                    acknowledged = i == 0 ? acknowledged : Long.parseLong(line);
                }
                writer.destroyForcibly().waitFor();
            }
            try (Journal journal = open(SMALL)) {
                assertTrue(journal.durableIndex() >= acknowledged);
                assertEquals(journal.durableIndex(), read(journal, 1).size());
                assertEquals(
                        journal.durableIndex(),
                        ByteBuffer.wrap(journal.state().orElseThrow()).getLong());
                assertTrue(journal.recovery().lost().isEmpty());
            }
        }
    }

    @Test
    void anInterruptedThreadCanStillAppend() throws IOException {
        try (Journal journal = open(SMALL)) {
            Thread.currentThread().interrupt();
            assertEquals(1, journal.append(Entry.message(bytes("a"))));
            assertEquals(List.of("1=a"), read(journal, 1));
            assertTrue(Thread.interrupted());
            assertEquals(2, journal.append(Entry.message(bytes("b"))));
        }
        assertFalse(Files.exists(directory.resolve("000000000002.seg")));
    }

    @Test
    void aClosedJournalTakesNothing() throws IOException {
        Journal journal = open(SMALL);
        journal.close();
        JournalException e = assertThrows(JournalException.class, () -> journal.append(Entry.message(bytes("late"))));
        assertEquals(JournalException.Reason.CLOSED, e.reason());
        journal.close();
    }

    @Test
    void closingMakesDurableWhatWasWritten() throws IOException {
        try (Journal journal = open(SMALL)) {
            journal.write(Entry.message(bytes("a")));
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(List.of("1=a"), read(journal, 1));
        }
    }

    @Test
    void theLimitsAreRefusedBeforeAnythingIsWritten() throws IOException {
        try (Journal journal = open(SMALL)) {
            assertThrows(IllegalArgumentException.class, () -> journal.append());
            assertThrows(IllegalArgumentException.class, () -> journal.append(Entry.message(new byte[2000])));
            Entry[] many = Collections.nCopies(17, Entry.message(new byte[1])).toArray(Entry[]::new);
            assertThrows(IllegalArgumentException.class, () -> journal.append(many));
            Entry[] most = Collections.nCopies(16, Entry.message(new byte[60])).toArray(Entry[]::new);
            assertEquals(16, journal.append(most));
        }
        assertThrows(IllegalArgumentException.class, () -> Entry.message(new byte[16 * 1024 * 1024 + 1]));
        assertThrows(IllegalArgumentException.class, () -> JournalOptions.unit(4095));
    }

    @Test
    void payloadsThatLookLikeFramesArePayloads() throws IOException {
        try (Journal journal = open(SMALL)) {
            journal.append(Entry.message(bytes("a")));
        }
        byte[] file = Files.readAllBytes(directory.resolve("000000000001.seg"));
        byte[] nested = Arrays.copyOfRange(file, 128, 128 + 24);
        try (Journal journal = open(SMALL)) {
            journal.append(Entry.message(nested));
            journal.append(Entry.message(nested));
            assertEquals(3, read(journal, 1).size());
        }
    }

    @Test
    void waitingEndsWhenTheTimeIsOver() throws Exception {
        try (Journal journal = open(SMALL)) {
            assertFalse(journal.awaitDurable(1, Duration.ofMillis(1)));
            journal.append(Entry.message(bytes("a")));
            assertTrue(journal.awaitDurable(1, Duration.ZERO));
        }
    }

    @Test
    void anEmptyPayloadIsAMessage() throws IOException {
        try (Journal journal = open(SMALL)) {
            journal.append(Entry.message(new byte[0]));
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(List.of("1="), read(journal, 1));
        }
    }
}
