package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalOptions.TornTail;
import ansim.journal.Recovery.Lost;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** What a damaged journal still gives: every undamaged record, and the truth about the others. */
class JournalDamageTest {
    private static final Path DIRECTORY = Path.of("journal");
    private static final JournalOptions OPTIONS = JournalOptions.unit(4096);
    private static final int FIRST_FRAME = SegmentHeader.BYTES;

    /** Each append by itself, so that each was durable when the next was written. */
    private static MemoryFiles filled(int messages, int payloadBytes) throws JournalException {
        MemoryFiles disk = new MemoryFiles(42);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            for (int i = 1; i <= messages; i++) {
                journal.append(Entry.message(payload(i, payloadBytes)), Entry.state(payload(-i, 20)));
            }
        }
        return disk;
    }

    private static byte[] payload(int i, int bytes) {
        byte[] payload = new byte[bytes];
        new Random(i).nextBytes(payload);
        return payload;
    }

    private static Map<Long, byte[]> contents(Journal journal) throws JournalException {
        TreeMap<Long, byte[]> found = new TreeMap<>();
        try (JournalReader reader = journal.reader(1)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                found.put(next.get().index(), next.get().payload());
            }
        }
        return found;
    }

    private static Path segment(long number) {
        return DIRECTORY.resolve(Segments.name(number, Segments.SEGMENT_SUFFIX));
    }

    private static byte[] bytes(MemoryFiles disk, long number) {
        return Objects.requireNonNull(disk.names.get(segment(number))).current;
    }

    /** Every message that is there is right, and every one that is not is named as lost, up to where the journal now ends. */
    private static Map<Long, byte[]> honest(Journal journal, int bytes) throws JournalException {
        Map<Long, byte[]> found = contents(journal);
        for (long i = 1; i <= journal.durableIndex(); i++) {
            long index = i;
            boolean lost = journal.recovery().lost().stream().anyMatch(l -> l.first() <= index && index <= l.last());
            byte[] content = found.get(i);
            assertEquals(lost, content == null, "index " + i + " of " + journal.recovery());
            if (content != null) {
                assertArrayEquals(payload((int) i, bytes), content, "index " + i);
                assertArrayEquals(content, journal.read(i).orElseThrow().payload());
            }
        }
        return found;
    }

    private static void goesOn(Journal journal) throws JournalException {
        long last = journal.durableIndex();
        assertEquals(last + 1, journal.append(Entry.message(new byte[] {7})));
        assertArrayEquals(new byte[] {7}, journal.read(last + 1).orElseThrow().payload());
    }

    @Test
    void cutAtEveryByteItKeepsWhatLiesBeforeTheCut() throws JournalException {
        MemoryFiles disk = filled(8, 40);
        byte[] whole = bytes(disk, 1);
        int frames = FIRST_FRAME + 8 * (64 + 40);
        for (int length = 0; length < whole.length; length++) {
            MemoryFiles cut = disk.copy();
            cut.replace(segment(1), Arrays.copyOf(whole, length));
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, cut)) {
                Map<Long, byte[]> found = honest(journal, 40);
                int complete = Math.max(0, Math.min(8, (length - FIRST_FRAME + 4) / 104));
                assertTrue(found.size() >= complete - 1 && found.size() <= 8, length + ": " + found.size());
                if (length > frames && length > FIRST_FRAME) {
                    assertEquals(8, found.size(), "cut at " + length);
                }
                if (length < whole.length - SegmentHeader.BYTES) {
                    assertFalse(journal.recovery().cleanTail(), "cut at " + length);
                }
                goesOn(journal);
            }
        }
    }

    @Test
    void aFlippedBitAnywhereCostsAtMostOneMessage() throws JournalException {
        MemoryFiles disk = filled(12, 40);
        byte[] whole = bytes(disk, 1);
        Random random = new Random(7);
        for (int at = 0; at < FIRST_FRAME + 12 * 104 + 64; at++) {
            MemoryFiles flipped = disk.copy();
            byte[] content = whole.clone();
            content[at] ^= (byte) (1 << random.nextInt(8));
            flipped.replace(segment(1), content);
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, flipped)) {
                Map<Long, byte[]> found = honest(journal, 40);
                assertTrue(found.size() >= 11, "flipped at " + at + ": " + found.keySet());
                assertEquals(List.of(), journal.recovery().movedAside());
                goesOn(journal);
            }
            try (Journal again = Journal.open(DIRECTORY, OPTIONS, flipped)) {
                assertArrayEquals(
                        new byte[] {7},
                        again.read(again.durableIndex()).orElseThrow().payload());
                assertTrue(contents(again).size() >= 12, "flipped at " + at);
            }
        }
    }

    @Test
    void aFlippedBitInAnOlderSegmentIsFoundWhenItIsRead() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        Random random = new Random(8);
        byte[] whole = bytes(disk, 2);
        for (int at = 0; at < whole.length; at += 3) {
            MemoryFiles flipped = disk.copy();
            byte[] content = whole.clone();
            content[at] ^= (byte) (1 << random.nextInt(8));
            flipped.replace(segment(2), content);
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, flipped)) {
                Map<Long, byte[]> found = honest(journal, 40);
                assertTrue(found.size() >= 99, "flipped at " + at + ": " + found.size());
                assertEquals(100, journal.durableIndex());
            }
        }
    }

    @Test
    void aZeroedPageCostsWhatLayInIt() throws JournalException {
        JournalOptions large = JournalOptions.unit(32 * 1024);
        MemoryFiles disk = new MemoryFiles(1);
        try (Journal journal = Journal.open(DIRECTORY, large, disk)) {
            for (int i = 1; i <= 200; i++) {
                journal.append(Entry.message(payload(i, 60)));
            }
        }
        byte[] whole = bytes(disk, 1);
        for (int page = 0; page < whole.length / 4096; page++) {
            MemoryFiles zeroed = disk.copy();
            byte[] content = whole.clone();
            Arrays.fill(content, page * 4096, page * 4096 + 4096, (byte) 0);
            zeroed.replace(segment(1), content);
            try (Journal journal = Journal.open(DIRECTORY, large, zeroed)) {
                Map<Long, byte[]> found = honest(journal, 60);
                assertTrue(found.size() >= 200 - 4096 / 80 - 2, "page " + page + ": " + found.size());
                goesOn(journal);
            }
        }
    }

    @Test
    void aMissingSegmentIsReportedAsLostIndexes() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        disk.names.remove(segment(2));
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(1, journal.recovery().lost().size());
            Lost lost = journal.recovery().lost().get(0);
            Map<Long, byte[]> found = honest(journal, 40);
            assertEquals(100 - (lost.last() - lost.first() + 1), found.size());
            assertEquals(100, journal.durableIndex());
        }
    }

    @Test
    void aMissingFirstSegmentIsReportedUnlessItWasRemoved() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        disk.names.remove(segment(1));
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            Lost lost = journal.recovery().lost().get(0);
            assertEquals(1, lost.first());
            assertEquals(lost.last() + 1, journal.peek().orElseThrow().index());
            honest(journal, 40);
        }
    }

    @Test
    void aMissingNewestSegmentShowsByTheSpare() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        long newest = disk.names.keySet().stream()
                .filter(p -> p.toString().endsWith(".seg"))
                .count();
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            while (disk.names.keySet().stream().noneMatch(p -> p.toString().endsWith(".spare"))) {
                journal.append(Entry.message(payload(0, 40)));
            }
        }
        disk.names.remove(segment(newest));
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertFalse(journal.recovery().cleanTail());
            goesOn(journal);
        }
    }

    @Test
    void aCopyOfASegmentUnderAnotherNameIsMovedAside() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        for (long number : new long[] {2, 7, 40}) {
            MemoryFiles copied = disk.copy();
            copied.names.remove(segment(number == 2 ? 99 : number));
            copied.replace(segment(number == 2 ? 41 : number), bytes(disk, 2).clone());
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, copied)) {
                assertEquals(1, journal.recovery().movedAside().size(), "copy as " + number);
                assertFalse(journal.recovery().cleanTail());
                honest(journal, 40);
                goesOn(journal);
            }
        }
    }

    @Test
    void segmentsWithSwappedNamesAreKnownByTheirHeaders() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        byte[] two = bytes(disk, 2);
        byte[] three = bytes(disk, 3);
        disk.replace(segment(2), three);
        disk.replace(segment(3), two);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(100, honest(journal, 40).size());
            assertTrue(journal.recovery().nothingLost());
            goesOn(journal);
        }
    }

    @Test
    void aSegmentOfAnotherVersionIsMovedAsideAndNamedAsLost() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        byte[] content = bytes(disk, 2).clone();
        ByteBuffer header = ByteBuffer.wrap(content);
        header.putShort(8, (short) 2);
        CRC32C crc = new CRC32C();
        crc.update(content, 0, 124);
        header.putInt(124, (int) crc.getValue());
        disk.replace(segment(2), content);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(List.of("000000000002.seg"), journal.recovery().movedAside());
            assertEquals(1, journal.recovery().lost().size());
            honest(journal, 40);
            goesOn(journal);
        }
        assertTrue(disk.names.containsKey(DIRECTORY.resolve("aside").resolve("000000000002.seg")));
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(1, journal.recovery().lost().size());
            assertEquals(List.of(), journal.recovery().movedAside());
        }
    }

    @Test
    void aStrayFileIsMovedAsideAndNothingElseIsTouched() throws JournalException {
        MemoryFiles disk = filled(30, 40);
        disk.replace(segment(77), "not a segment".getBytes(StandardCharsets.UTF_8));
        disk.replace(segment(78), new byte[4096]);
        disk.replace(DIRECTORY.resolve("notes.txt"), new byte[5]);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(2, journal.recovery().movedAside().size());
            assertEquals(30, honest(journal, 40).size());
            goesOn(journal);
        }
        assertTrue(disk.names.containsKey(DIRECTORY.resolve("notes.txt")));
    }

    @Test
    void aBadSectorCostsWhatLayInIt() throws JournalException {
        MemoryFiles disk = new MemoryFiles(1);
        JournalOptions large = JournalOptions.unit(32 * 1024);
        try (Journal journal = Journal.open(DIRECTORY, large, disk)) {
            for (int i = 1; i <= 200; i++) {
                journal.append(Entry.message(payload(i, 60)));
            }
        }
        disk.failRead = true;
        try (Journal journal = Journal.open(DIRECTORY, large, disk)) {
            assertTrue(honest(journal, 60).size() >= 145, journal.recovery().toString());
            assertFalse(journal.recovery().cleanTail());
        }
    }

    @Test
    void bothHeadersGoneTheEntriesStillProveWhoseTheyAre() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        byte[] content = bytes(disk, 2).clone();
        Arrays.fill(content, 0, 128, (byte) 0);
        Arrays.fill(content, 4096 - 128, 4096, (byte) 0);
        disk.replace(segment(2), content);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(100, honest(journal, 40).size());
            assertFalse(journal.recovery().cleanTail());
        }
    }

    @Test
    void theNewestStateSurvivesItsDamagedSegment() throws JournalException {
        MemoryFiles disk = filled(100, 40);
        long newest = disk.names.keySet().stream()
                .filter(p -> p.toString().endsWith(".seg"))
                .count();
        byte[] content = bytes(disk, newest).clone();
        Arrays.fill(content, 128, 4096, (byte) 0x55);
        disk.replace(segment(newest), content);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertFalse(journal.recovery().cleanTail());
            assertTrue(journal.state().isPresent());
            goesOn(journal);
        }
    }

    @Test
    void aTornLastWriteLeavesWholeGroupsOnly() throws JournalException {
        MemoryFiles disk = new MemoryFiles(3);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            journal.append(Entry.message(payload(1, 40)), Entry.state(payload(-1, 20)));
            journal.write(Entry.message(payload(2, 40)), Entry.state(payload(-2, 20)));
            journal.write(Entry.message(payload(3, 40)), Entry.state(payload(-3, 20)));
        }
        byte[] whole = bytes(disk, 1);
        int second = FIRST_FRAME + 104;
        for (int from = second; from < second + 208; from++) {
            MemoryFiles torn = disk.copy();
            byte[] content = whole.clone();
            Arrays.fill(content, from, second + 208, (byte) 0);
            torn.replace(segment(1), content);
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, torn)) {
                long last = journal.durableIndex();
                assertArrayEquals(payload((int) -last, 20), journal.state().orElseThrow(), "torn at " + from);
                goesOn(journal);
                allThere(journal, last);
            }
        }
    }

    private static void allThere(Journal journal, long last) throws JournalException {
        for (int i = 1; i <= last; i++) {
            assertArrayEquals(payload(i, 40), journal.read(i).orElseThrow().payload());
        }
    }

    @Test
    void theHubsLogEndsBeforeTheFirstHoleOfATornWrite() throws JournalException {
        JournalOptions cutting = new JournalOptions(4096, true, TornTail.CUT);
        MemoryFiles disk = new MemoryFiles(3);
        try (Journal journal = Journal.open(DIRECTORY, cutting, disk)) {
            journal.append(Entry.message(payload(1, 40)));
            for (int i = 2; i <= 5; i++) {
                journal.write(Entry.message(payload(i, 40)));
            }
        }
        byte[] content = bytes(disk, 1).clone();
        content[FIRST_FRAME + 2 * 64 + 30] ^= 1;
        disk.replace(segment(1), content);
        try (Journal journal = Journal.open(DIRECTORY, cutting, disk.copy())) {
            assertEquals(2, journal.durableIndex());
            assertFalse(journal.recovery().cleanTail());
            goesOn(journal);
            assertEquals(3, contents(journal).size());
        }
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(List.of(new Lost(3, 3)), journal.recovery().lost());
            assertEquals(5, journal.durableIndex());
        }
    }

    /** Found by scripts/rig/mutate: with one segment of each, the stray file's lower number decided whose journal it is. */
    @Test
    void oneStraySegmentUnderAWrongNumberDoesNotDisownTheOnlyOne() throws JournalException {
        MemoryFiles disk = filled(3, 100);
        byte[] own = bytes(disk, 1);
        MemoryFiles other = new MemoryFiles(43);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, other)) {
            for (int i = 1; i <= 60; i++) {
                journal.append(Entry.message(payload(1_000 + i, 300)));
            }
        }
        for (long strayNumber : new long[] {2, 9}) {
            MemoryFiles mixed = new MemoryFiles(44);
            mixed.replace(segment(1), own.clone());
            mixed.replace(segment(strayNumber), bytes(other, 3).clone());
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, mixed)) {
                assertEquals(3, honest(journal, 100).size(), "stray file as number " + strayNumber);
                assertEquals(1, journal.recovery().movedAside().size());
            }
        }
    }

    /** The process may die between moving the newest segment aside and acting on it: the next opening must not call the end proved. */
    @Test
    void aNewestSegmentThatWasMovedAsideIsRememberedUntilANewerOneExists() throws JournalException {
        MemoryFiles disk = filled(60, 300);
        long newest = disk.names.keySet().stream()
                .map(path -> path.getFileName().toString())
                .flatMapToLong(name -> Segments.number(name, Segments.SEGMENT_SUFFIX).stream())
                .max()
                .orElseThrow();
        disk.names.keySet().removeIf(path -> path.getFileName().toString().endsWith(Segments.SPARE_SUFFIX));
        Arrays.fill(bytes(disk, newest), (byte) 0x55);
        for (int start = 1; start <= 3; start++) {
            try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
                assertFalse(journal.recovery().cleanTail(), "start " + start);
                assertEquals(1, journal.recovery().movedAside().size(), "start " + start);
                if (start == 3) {
                    journal.append(Entry.message(payload(1, 300)));
                }
            }
        }
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertTrue(journal.recovery().cleanTail());
            assertTrue(disk.names.containsKey(segment(newest + 1)), "a number is not used again");
        }
    }
}
