package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException.Reason;
import ansim.journal.JournalOptions.TornTail;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A disk that is full, read-only or failing, and what an append costs a healthy one. */
class JournalFaultTest {
    private static final Path DIRECTORY = Path.of("journal");
    private static final JournalOptions SMALL = JournalOptions.unit(4096);

    private final MemoryFiles disk = new MemoryFiles(11);

    private Journal open(JournalOptions options) throws JournalException {
        return Journal.open(DIRECTORY, options, disk);
    }

    private static Entry message(int i) {
        return Entry.message(new byte[] {(byte) (i >> 8), (byte) i, 0, 0, 0, 0, 0, 0});
    }

    private static List<Integer> read(Journal journal) throws JournalException {
        List<Integer> found = new ArrayList<>();
        try (JournalReader reader = journal.reader(1)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                byte[] payload = next.get().payload();
                found.add((payload[0] & 0xff) << 8 | (payload[1] & 0xff));
            }
        }
        return found;
    }

    private long segments() {
        return disk.names.keySet().stream()
                .filter(p -> p.toString().endsWith(Segments.SEGMENT_SUFFIX))
                .count();
    }

    @Test
    void afterAFailedFsyncTheSegmentIsSealedAndANewOneBegun() throws JournalException {
        try (Journal journal = open(SMALL)) {
            journal.append(message(1));
            disk.failForce = true;
            JournalException e = assertThrows(JournalException.class, () -> journal.append(message(2)));
            assertEquals(Reason.IO, e.reason());
            assertEquals(1, journal.durableIndex());
            disk.failForce = false;
            assertEquals(2, journal.append(message(3)), "the failed one takes no index");
            assertEquals(2, segments());
            assertEquals(List.of(1, 3), read(journal));
        }
        try (Journal journal = open(SMALL)) {
            assertEquals(List.of(1, 3), read(journal));
            assertTrue(journal.recovery().nothingLost());
        }
    }

    @Test
    void aFullDiskFailsAppendsUntilThereIsSpaceAgain() throws JournalException {
        try (Journal journal = open(SMALL)) {
            journal.append(message(1));
            disk.capacity = 0;
            int stored = 1;
            JournalException full = null;
            while (full == null) {
                try {
                    journal.append(message(stored + 1));
                    stored++;
                } catch (JournalException e) {
                    full = e;
                }
            }
            assertEquals(Reason.NO_SPACE, full.reason());
            assertTrue(stored > 100, "what was preallocated is used up first: " + stored);
            assertEquals(stored, journal.durableIndex());
            disk.capacity = Long.MAX_VALUE;
            assertEquals(stored + 1, journal.append(message(stored + 1)));
            assertEquals(IntStream.rangeClosed(1, stored + 1).boxed().toList(), read(journal));
        }
    }

    @Test
    void aFullDiskStillOpensAndReads() throws JournalException {
        try (Journal journal = open(SMALL)) {
            journal.append(message(1), Entry.state(new byte[] {9}));
        }
        disk.capacity = 0;
        try (Journal journal = open(SMALL)) {
            assertEquals(List.of(1), read(journal));
            assertArrayEquals(new byte[] {9}, journal.state().orElseThrow());
        }
    }

    @Test
    void onAFullDiskDroppingTheOldestSegmentMakesRoom() throws JournalException {
        try (Journal journal = open(SMALL)) {
            for (int i = 1; i <= 1200; i++) {
                journal.append(message(i));
            }
            disk.capacity = 0;
            for (int i = 0; i < 5; i++) {
                journal.dropOldestSegment();
                for (int k = 0; k < 60; k++) {
                    journal.append(message(7));
                }
                assertTrue(journal.oldestSegmentLastIndex().isPresent());
            }
        }
    }

    @Test
    void aReadOnlyDiskFailsAppendsAndRecovers() throws JournalException {
        try (Journal journal = open(SMALL)) {
            journal.append(message(1));
            disk.readOnly = true;
            JournalException e = assertThrows(JournalException.class, () -> journal.append(message(2)));
            assertEquals(Reason.READ_ONLY, e.reason());
            assertThrows(JournalException.class, () -> journal.append(message(2)));
            assertEquals(List.of(1), read(journal));
            disk.readOnly = false;
            assertEquals(2, journal.append(message(2)));
            assertEquals(List.of(1, 2), read(journal));
        }
    }

    @Test
    void aReadOnlyDiskOpensForReading() throws JournalException {
        try (Journal journal = open(SMALL)) {
            journal.append(message(1));
        }
        disk.readOnly = true;
        try (Journal journal = open(SMALL)) {
            assertEquals(List.of(1), read(journal));
            assertThrows(JournalException.class, () -> journal.append(message(2)));
        }
    }

    @Test
    void aFailedWriteOfManyLosesThemAllAndTheirIndexesAreGivenAgain() throws JournalException {
        try (Journal journal = open(SMALL)) {
            journal.append(message(1));
            for (int i = 2; i <= 10; i++) {
                journal.write(message(i));
            }
            disk.failWrite = true;
            assertThrows(JournalException.class, journal::force);
            disk.failWrite = false;
            journal.force();
            assertEquals(1, journal.durableIndex());
            assertEquals(2, journal.append(message(20)));
            assertEquals(List.of(1, 20), read(journal));
        }
    }

    @Test
    void whoSharesAFailedFsyncHearsOfIt() throws Exception {
        try (Journal journal = open(JournalOptions.unit(64 * 1024))) {
            journal.append(message(1));
            disk.failForce = true;
            List<CompletableFuture<Boolean>> appenders = IntStream.range(0, 8)
                    .mapToObj(i ->
                            CompletableFuture.supplyAsync(() -> refused(journal, i), task -> new Thread(task).start()))
                    .toList();
            for (var appender : appenders) {
                assertTrue(appender.get());
            }
            disk.failForce = false;
            assertEquals(2, journal.append(message(2)));
            assertEquals(List.of(1, 2), read(journal));
        }
    }

    private static boolean refused(Journal journal, int i) {
        try {
            journal.append(message(i));
            return false;
        } catch (JournalException e) {
            return e.reason() == Reason.IO;
        }
    }

    @Test
    void aLoneMessageCostsOneFlushAndAtMost4800DeviceBytes() throws JournalException {
        try (Journal journal = open(new JournalOptions(1024 * 1024, false, TornTail.SALVAGE))) {
            byte[] payload = new byte[300];
            journal.append(Entry.message(payload));
            disk.deviceBytes = 0;
            disk.flushes = 0;
            int messages = 1000;
            for (int i = 0; i < messages; i++) {
                journal.remove(journal.durableIndex());
                journal.append(Entry.message(payload));
            }
            assertEquals(messages, disk.flushes);
            assertTrue(disk.deviceBytes / messages <= 4800, disk.deviceBytes / messages + " bytes");
        }
    }

    @Test
    void inGroupsOf16AMessageCostsAtMost900DeviceBytes() throws JournalException {
        try (Journal journal = open(new JournalOptions(1024 * 1024, false, TornTail.SALVAGE))) {
            byte[] payload = new byte[300];
            int groups = 2000;
            for (int i = 0; i < groups; i++) {
                for (int k = 0; k < 16; k++) {
                    journal.write(Entry.message(payload));
                }
                journal.force();
                journal.remove(journal.durableIndex());
            }
            // All that was ever written, preallocation included: removed segments are used again.
            long each = disk.deviceBytes / (groups * 16L);
            assertTrue(each <= 900, each + " bytes");
        }
    }

    @Test
    void segmentsThatAreUsedAgainShowNothingOfTheirEarlierLife() throws JournalException {
        JournalOptions reusing = new JournalOptions(4096, false, TornTail.SALVAGE);
        try (Journal journal = open(reusing)) {
            for (int i = 1; i <= 2000; i++) {
                journal.append(message(i));
                journal.remove(journal.durableIndex() - 1);
            }
            assertTrue(segments() <= 2, segments() + " segments");
        }
        try (Journal journal = open(reusing)) {
            assertTrue(journal.recovery().nothingLost(), journal.recovery().toString());
            assertEquals(2000, journal.durableIndex());
            assertFalse(journal.peek().isEmpty());
        }
    }

    /** The roll within a batch had forced its first part; the disk was full, and readers saw what the mirror did not have. */
    @Test
    void whatAFailedWriteLeftDurableIsNotSeenWhereReadersWaitForAMirror() throws Exception {
        Journal seen;
        try (Journal journal = open(SMALL)) {
            seen = journal;
            journal.write(message(1));
            journal.force(() -> {});
            disk.capacity = 0;
            assertThrows(JournalException.class, () -> {
                for (int i = 2; i < 1_000; i++) {
                    journal.write(message(i));
                }
            });
            assertEquals(1, journal.durableIndex());
            assertEquals(List.of(1), read(journal));
        }
        assertEquals(1, seen.durableIndex());
        disk.capacity = Long.MAX_VALUE;
        try (Journal again = open(SMALL)) {
            assertTrue(again.durableIndex() > 1, "it stays here");
        }
    }
}
