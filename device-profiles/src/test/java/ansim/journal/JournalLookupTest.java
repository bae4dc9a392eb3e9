package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One message somewhere in a long log, as the hub looks up an old number. */
final class JournalLookupTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final int SEGMENT_BYTES = 8 * 1024 * 1024;
    private static final JournalOptions OPTIONS = new JournalOptions(SEGMENT_BYTES, true, JournalOptions.TornTail.CUT);

    private final CountingFiles files = new CountingFiles(new MemoryFiles(11));
    private final Random random = new Random(4711);

    /** Of the index, so that another entry's is never taken for it; 100 to 2,100 bytes. */
    private static byte[] payload(long index) {
        byte[] bytes = new byte[100 + (int) (index * 2_654_435_761L % 2_000)];
        new Random(index).nextBytes(bytes);
        return bytes;
    }

    private long fill(Journal journal, int segments) throws JournalException {
        long index = 0;
        while (journal.bytes() <= (long) segments * SEGMENT_BYTES) {
            index = journal.write(Entry.message(payload(index + 1)));
            if (index % 100 == 0) {
                journal.force();
            }
        }
        journal.force();
        return index;
    }

    private static void assertReads(Journal journal, long index) throws JournalException {
        Stored read = journal.read(index).orElseThrow();
        assertEquals(index, read.index());
        assertArrayEquals(payload(index), read.payload());
    }

    /** The committer looked up one old number and read the whole segment of each step: 64 MiB, 128 times. */
    @Test
    void aMessageInASegmentThatWasNotReadYetIsFoundWithoutReadingTheSegment() throws JournalException {
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            long last = fill(journal, 3);
            files.bytesRead = 0;
            for (int i = 0; i < SegmentMaps.GUESSES; i++) {
                assertReads(journal, 1 + random.nextLong(last));
            }
            long each = files.bytesRead / SegmentMaps.GUESSES;
            assertTrue(each <= 256 * 1024, each + " bytes");
        }
    }

    @Test
    void everyMessageIsFoundWhereverItLiesAndASegmentThatIsReadOftenIsMapped() throws JournalException {
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            long last = fill(journal, 2);
            for (long index = 1; index <= last; index += 1 + random.nextInt(40)) {
                assertReads(journal, index);
            }
            files.bytesRead = 0;
            assertReads(journal, last / 3);
            assertTrue(files.bytesRead <= 64 * 1024, files.bytesRead + " bytes with a map");
            assertEquals(Optional.empty(), journal.read(last + 1));
        }
        for (int round = 0; round < 20; round++) {
            try (Journal again = Journal.open(DIRECTORY, OPTIONS, files)) {
                for (int i = 0; i < SegmentMaps.GUESSES; i++) {
                    assertReads(again, 1 + random.nextLong(again.durableIndex()));
                }
                assertReads(again, 1);
                assertReads(again, again.durableIndex());
            }
        }
    }

    /** A unit's message lies in the log as it came, and what a checksum is seeded with is no secret. */
    @Test
    void framesThatAPayloadContainsAreNeverTakenForEntries() throws JournalException {
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            long index = 0;
            for (long bytes = 0; bytes < SEGMENT_BYTES * 3L / 4; index++) {
                byte[] hostile = looksLike(journal, index + 1, 8 * 1024);
                assertEquals(index + 1, journal.write(Entry.message(hostile)));
                bytes += hostile.length;
            }
            journal.force();
            for (int i = 0; i < 3 * SegmentMaps.GUESSES; i++) {
                long wanted = 1 + random.nextLong(index);
                Stored read = journal.read(wanted).orElseThrow();
                assertTrue(read.payload().length > 4_000, "the entry itself, not what it contains");
            }
        }
    }

    /** Frames of this index and those around it, one after the other, where those of the journal would lie. */
    private static byte[] looksLike(Journal journal, long index, int length) {
        SegmentHeader segment = new SegmentHeader(journal.journalId(), 1, 1, 0, 0, 0, SEGMENT_BYTES, false);
        // An entry's payload begins 20 bytes behind the frame, and frames at multiples of 8.
        ByteBuffer out = ByteBuffer.allocate(length + 4).position(4);
        ByteBuffer frames = ByteBuffer.allocate(length);
        for (long claimed = Math.max(1, index - 80); frames.remaining() >= 64; claimed++) {
            Frame.Head head = new Frame.Head(Frame.MESSAGE, true, 0, 0, claimed, OptionalLong.empty());
            Frame.encode(frames, segment, head, OptionalLong.empty(), new byte[20]);
        }
        return out.put(frames.flip()).array();
    }
}
