package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What messages of 300 bytes cost an SD card, counted in pages and flushes, the zeros of the prepared segments included. */
final class JournalCostTest {
    private static final Path DIRECTORY = Path.of("/journal");
    private static final JournalOptions OPTIONS = JournalOptions.unit(2 * 1024 * 1024);
    private static final int MESSAGE_BYTES = 300;
    /** As many frames of 20 + 300 bytes as a segment takes, in whole groups. */
    private static final int PER_SEGMENT = 6_544;

    /** 900 and 4,800 bytes are promised; the rest is for what a file system writes of its own when a segment is made. */
    private static final int GROUP_MOST = 870;

    private static final int LONE_MOST = 4_600;

    private final CountingFiles files = new CountingFiles(new MemoryFiles(7));

    private static Entry message() {
        return Entry.message(new byte[MESSAGE_BYTES]);
    }

    private static Entry[] group() {
        Entry[] group = new Entry[Journal.MAX_GROUP];
        Arrays.setAll(group, i -> message());
        return group;
    }

    private void fill(Journal journal, int messages) throws JournalException {
        for (int i = 0; i < messages; i += Journal.MAX_GROUP) {
            journal.append(group());
        }
    }

    @Test
    void aGrowingBacklogInGroupsOfSixteenCostsAtMost870BytesEach() throws JournalException {
        int messages = 20 * PER_SEGMENT;
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            fill(journal, PER_SEGMENT);
            long before = files.bytesWritten();
            fill(journal, messages);
            double each = (double) (files.bytesWritten() - before) / messages;
            assertTrue(each <= GROUP_MOST, each + " bytes");
        }
    }

    @Test
    void aLoneMessageCostsOneFlushAndAtMost4600Bytes() throws JournalException {
        int messages = 4 * PER_SEGMENT;
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            fill(journal, PER_SEGMENT);
            long before = files.bytesWritten();
            long flushes = files.flushes;
            journal.append(message());
            assertEquals(flushes + 1, files.flushes);
            for (int i = 1; i < messages; i++) {
                journal.append(message());
            }
            double each = (double) (files.bytesWritten() - before) / messages;
            assertTrue(each <= LONE_MOST, each + " bytes");
        }
    }

    @Test
    void appendAndRemoveCostTheSameHoweverMuchIsStored() throws JournalException {
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            fill(journal, 1_000);
            long few = appendAndRemove(journal);
            fill(journal, 60_000);
            long many = appendAndRemove(journal);
            assertTrue(many <= 1.2 * few, few + " pages with 1,000 stored, " + many + " with 60,000");
        }
    }

    private long appendAndRemove(Journal journal) throws JournalException {
        long before = files.pages + files.flushes;
        for (int i = 0; i < 200; i++) {
            journal.append(message());
            journal.remove(journal.removedThrough() + 1);
        }
        return files.pages + files.flushes - before;
    }

    @Test
    void openingReadsTheNewestSegmentAndTheHeadsOfTheOthers() throws JournalException {
        Journal.open(DIRECTORY, OPTIONS, files).close();
        try (Journal journal = Journal.open(DIRECTORY, OPTIONS, files)) {
            fill(journal, 60_000);
        }
        files.bytesRead = 0;
        Journal.open(DIRECTORY, OPTIONS, files).close();
        long segments = 60_000L * 320 / OPTIONS.segmentBytes() + 2;
        // The newest is scanned twice, and its last write is read once more to be written again.
        long most = 3L * OPTIONS.segmentBytes() + segments * 2 * SegmentHeader.BYTES;
        assertTrue(files.bytesRead <= most, files.bytesRead + " of " + most);
    }
}
