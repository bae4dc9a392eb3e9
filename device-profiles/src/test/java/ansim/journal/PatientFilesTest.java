package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a read that fails is believed. */
class PatientFilesTest {
    private static final Path FILE = Path.of("journal/000000000001.seg");
    private static final int PAGE = 4096;
    private static final long STEP_MS = PatientFiles.PATIENCE_MS / PatientFiles.TRIES_LEAST;

    private final MemoryFiles disk = new MemoryFiles(3);
    private final JournalFiles files = JournalFiles.patient(disk, this::nowMs);
    private long nowMs = 1_000;

    private long nowMs() {
        return nowMs;
    }

    @BeforeEach
    void fill() {
        disk.replace(FILE, new byte[4 * PAGE]);
        disk.failRead = true;
    }

    /** The second page is the bad one. */
    private int read(int firstPage, int pages) throws IOException {
        try (JournalFiles.OpenFile file = files.open(FILE, false)) {
            return file.read(ByteBuffer.allocate(pages * PAGE), (long) firstPage * PAGE);
        }
    }

    private void failsNow(int firstPage, int pages) {
        assertThrows(NotNowException.class, () -> read(firstPage, pages));
    }

    private void isBad(int firstPage, int pages) {
        assertEquals(
                IOException.class,
                assertThrows(IOException.class, () -> read(firstPage, pages)).getClass());
    }

    private void failForLong() {
        for (int i = 0; i < PatientFiles.TRIES_LEAST; i++) {
            failsNow(1, 1);
            nowMs += STEP_MS;
        }
    }

    @Test
    void aPageIsBadWhenItHasFailedOftenAndForLong() throws IOException {
        failForLong();
        isBad(1, 1);
        isBad(0, 4);
        assertEquals(PAGE, read(2, 1), "its neighbours are as they were");
    }

    @Test
    void manyTriesInAShortTimeProveNothing() {
        for (int i = 0; i < 1_000; i++) {
            failsNow(1, 1);
        }
    }

    @Test
    void aReadThatWorksBeginsAnew() throws IOException {
        failForLong();
        disk.failRead = false;
        assertEquals(4 * PAGE, read(0, 4));
        disk.failRead = true;
        failsNow(1, 1);
    }

    @Test
    void failuresFarApartHaveNothingToDoWithEachOther() {
        for (int i = 0; i < 10; i++) {
            failsNow(1, 1);
            nowMs += PatientFiles.FORGOTTEN_MS + 1;
        }
    }

    @Test
    void aNeighbourThatFailedInTheSameReadIsNotBadForThat() throws IOException {
        for (int i = 0; i < PatientFiles.TRIES_LEAST; i++) {
            failsNow(0, 4);
            nowMs += STEP_MS;
        }
        isBad(0, 4);
        assertEquals(PAGE, read(0, 1));
        isBad(1, 1);
    }

    /** As of a disk that has been taken out. */
    @Test
    void aFileThatIsNotThereIsGoneOnlyAfterTheSameTime() {
        JournalFiles none = JournalFiles.patient(
                new ForwardingFiles(disk) {
                    @Override
                    public OpenFile open(Path file, boolean write) throws IOException {
                        throw new NoSuchFileException(file.toString());
                    }
                },
                this::nowMs);
        for (int i = 0; i < PatientFiles.TRIES_LEAST; i++) {
            assertThrows(NotNowException.class, () -> none.open(FILE, false));
            nowMs += STEP_MS;
        }
        assertThrows(NoSuchFileException.class, () -> none.open(FILE, false));
    }
}
