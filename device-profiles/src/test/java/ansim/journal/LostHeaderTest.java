package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A journal whose segments have lost the headers that say whose they are: a lane often has a single one. */
class LostHeaderTest {
    private static final Path DIRECTORY = Path.of("journal");
    private static final JournalOptions OPTIONS = JournalOptions.unit(4096);
    private static final int HEADER = SegmentHeader.BYTES;

    private static MemoryFiles filled(int messages) throws JournalException {
        MemoryFiles disk = new MemoryFiles(42);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            for (int i = 1; i <= messages; i++) {
                journal.append(Entry.message(payload(i)));
            }
        }
        return disk;
    }

    private static byte[] payload(int i) {
        byte[] payload = new byte[40];
        new Random(i).nextBytes(payload);
        return payload;
    }

    private static Path segment(long number) {
        return DIRECTORY.resolve(Segments.name(number, Segments.SEGMENT_SUFFIX));
    }

    private static byte[] bytes(MemoryFiles disk, long number) {
        return Objects.requireNonNull(disk.names.get(segment(number))).current.clone();
    }

    private static void wipeHeaders(MemoryFiles disk, long number) {
        byte[] content = bytes(disk, number);
        Arrays.fill(content, 0, HEADER, (byte) 0);
        Arrays.fill(content, content.length - HEADER, content.length, (byte) 0);
        disk.replace(segment(number), content);
    }

    /** All are read, the journal goes on, and once more all are read. */
    private static void expectAll(MemoryFiles disk, int messages) throws JournalException {
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(messages, journal.durableIndex());
            assertEquals(messages + 1, journal.append(Entry.message(payload(messages + 1))));
        }
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            for (int i = 1; i <= messages + 1; i++) {
                assertArrayEquals(payload(i), journal.read(i).orElseThrow().payload(), "index " + i);
            }
            assertEquals(List.of(), journal.recovery().lost());
        }
    }

    /** Found by scripts/rig/mutate: the first page of a lane's only segment was zero, and the second header no longer at the end. */
    @Test
    void aSecondHeaderThatGarbageWasAppendedToStillSaysWhoseTheSegmentIs() throws JournalException {
        MemoryFiles disk = filled(8);
        byte[] content = bytes(disk, 1);
        Arrays.fill(content, 0, HEADER, (byte) 0);
        byte[] noise = new byte[3_000];
        new Random(5).nextBytes(noise);
        byte[] longer = Arrays.copyOf(content, content.length + noise.length);
        System.arraycopy(noise, 0, longer, content.length, noise.length);
        disk.replace(segment(1), longer);
        expectAll(disk, 8);
    }

    @Test
    void withoutAnyHeaderTheChecksumsOfTheFramesProveThatTheyBelongTogether() throws JournalException {
        MemoryFiles disk = filled(8);
        wipeHeaders(disk, 1);
        expectAll(disk, 8);
    }

    @Test
    void cutShortAndWithoutItsFirstPageASegmentStillGivesWhatLiesBetween() throws JournalException {
        MemoryFiles disk = filled(8);
        byte[] content = bytes(disk, 1);
        int frame = 64;
        Arrays.fill(content, 0, HEADER + 3 * frame, (byte) 0);
        disk.replace(segment(1), Arrays.copyOf(content, HEADER + 7 * frame - 1));
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            for (int i = 4; i <= 6; i++) {
                assertArrayEquals(payload(i), journal.read(i).orElseThrow().payload(), "index " + i);
            }
            assertEquals(List.of(new Recovery.Lost(1, 3)), journal.recovery().lost());
        }
    }

    @Test
    void anIdThatOneSegmentGivesHoldsForAllOthers() throws JournalException {
        MemoryFiles disk = filled(150);
        int segments = 0;
        while (disk.names.containsKey(segment(segments + 1))) {
            wipeHeaders(disk, ++segments);
        }
        assertTrue(segments >= 3, segments + " segments");
        expectAll(disk, 150);
    }

    @Test
    void aSingleFrameProvesNothingAndIsMovedAside() throws JournalException {
        MemoryFiles disk = filled(1);
        long id;
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            id = journal.journalId();
        }
        wipeHeaders(disk, 1);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertNotEquals(id, journal.journalId());
            assertEquals(List.of("000000000001.seg"), journal.recovery().movedAside());
            assertEquals(1, journal.append(Entry.message(payload(1))));
        }
    }

    /** Whose frames they are is known already: nothing may be made up beside it. */
    @Test
    void framesOfAnotherJournalWithoutHeadersAreMovedAsideWhereAHeaderReads() throws JournalException {
        MemoryFiles other = new MemoryFiles(43);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, other)) {
            journal.append(Entry.message(payload(91)));
            journal.append(Entry.message(payload(92)));
        }
        MemoryFiles disk = filled(8);
        byte[] content = bytes(other, 1);
        Arrays.fill(content, 0, HEADER, (byte) 0);
        Arrays.fill(content, content.length - HEADER, content.length, (byte) 0);
        disk.replace(segment(2), content);
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, disk)) {
            assertEquals(List.of("000000000002.seg"), journal.recovery().movedAside());
            assertEquals(8, journal.durableIndex());
        }
    }
}
