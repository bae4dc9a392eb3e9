package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.ForwardingFiles;
import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.wire.Gap;
import ansim.wire.Lane;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The room that is held back for lane 1 on a disk that others fill. */
class ReserveTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final Quota QUOTA = new Quota(64L * SEGMENT, 64L * SEGMENT, SEGMENT);
    private static final int TRACKS = 100;
    /** More than any disk of these tests holds. */
    private static final int ALARMS_MAX = 20_000;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final MemoryFiles disk = new MemoryFiles(8);

    private boolean isThere(MemoryFiles on) {
        return on.paths().contains(data.resolve(Reserve.NAME));
    }

    /** Alarms until lane 1 asks for the reserve. */
    private void fillLaneOne(TestUnit unit) {
        for (int i = 0; isThere(disk) && i < ALARMS_MAX; i++) {
            assertTrue(unit.alarm(), "alarm " + i);
        }
        assertFalse(isThere(disk));
    }

    @Test
    void theReserveHasAllItsBytesAndIsMadeForAStoreWithoutOne() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            assertEquals(Reserve.LEAST_BYTES, disk.content(data.resolve(Reserve.NAME)).length);
            assertTrue(unit.alarm());
        }
        disk.lose(data.resolve(Reserve.NAME));
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            assertTrue(isThere(disk));
            assertEquals(1, unit.waiting(Lane.ALARM));
        }
    }

    /** With lane 1's segment full the gap record had no place: old track stayed, and the next emergency was in memory only. */
    @Test
    void withLaneOneFullTheReserveTakesTheRecordSoThatTrackCanGo() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            for (int i = 0; i < TRACKS; i++) {
                assertTrue(unit.bulky(Lane.TRACK, i));
            }
            disk.leave(0);
            fillLaneOne(unit);
            assertTrue(unit.alarm());
            assertEquals(Optional.empty(), unit.lanes.figures().failure());
            assertTrue(unit.lanes.figures().dropped().get(2) > 0, "track went");
            unit.link.connect();
            unit.exchange();
            assertTrue(hub.gaps().stream()
                    .anyMatch(gap -> gap.lane() == Lane.TRACK && gap.reason() == Gap.Reason.EVICTED));
            assertEquals(0, hub.holes);
        }
    }

    @Test
    void whenEvenTheReserveIsUsedUpAlarmsGoOnInMemoryUntilThereIsRoom() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            assertTrue(unit.alarm());
            disk.leave(0);
            fillLaneOne(unit);
            int stored = 0;
            while (unit.alarm() && stored < ALARMS_MAX) {
                stored++;
            }
            assertTrue(stored > 0, "the reserve took alarms");
            String failure = unit.lanes.figures().failure().orElseThrow();
            assertTrue(failure.endsWith("the reserve is in use"), failure);
            disk.leave(16L * SEGMENT);
            unit.nowMs += Reserve.RETRY_MS;
            unit.lanes.tick();
            assertEquals(Optional.empty(), unit.lanes.figures().failure());
            assertTrue(isThere(disk), "made again");
            assertTrue(unit.alarm());
        }
    }

    @Test
    void aReserveThatWasGivenUpIsNotTriedBeforeItsTime() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            disk.leave(0);
            fillLaneOne(unit);
            unit.lanes.tick();
            long before = unit.nowMs;
            unit.nowMs = before + Reserve.RETRY_MS;
            unit.lanes.tick();
            disk.leave(16L * SEGMENT);
            unit.nowMs += Reserve.RETRY_MS - 1;
            unit.lanes.tick();
            assertFalse(isThere(disk));
            unit.nowMs++;
            unit.lanes.tick();
            assertTrue(isThere(disk));
        }
    }

    /** The directory may or may not say that the file went: either way the next start holds the room and takes an alarm. */
    @Test
    void aPowerCutAroundTheGivingUpLeavesAStoreThatStartsAndTakesAnAlarm() throws JournalException {
        long giveUpAfter = alarmsBeforeTheReserve() - 1;
        for (int operations = 0; operations < 12; operations++) {
            MemoryFiles cut = new MemoryFiles(100 + operations);
            TestUnit unit = new TestUnit(data, hub, cut, QUOTA);
            cut.leave(0);
            long stored = 0;
            for (long left = giveUpAfter; stored < left; stored++) {
                assertTrue(unit.alarm());
            }
            cut.cutAfter(operations);
            assertThrows(MemoryFiles.PowerCut.class, () -> alarms(unit));
            MemoryFiles after = cut.powerCut();
            after.leave(isThere(after) ? 0 : Reserve.LEAST_BYTES);
            try (TestUnit next = new TestUnit(data, hub, after, QUOTA)) {
                assertTrue(isThere(after), "after " + operations);
                assertTrue(next.waiting(Lane.ALARM) >= stored);
                assertTrue(next.alarm());
            }
        }
    }

    private long alarmsBeforeTheReserve() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            disk.leave(0);
            fillLaneOne(unit);
            return unit.waiting(Lane.ALARM);
        }
    }

    private static void alarms(TestUnit unit) {
        for (int i = 0; i < ALARMS_MAX; i++) {
            assertTrue(unit.alarm());
        }
    }

    @Test
    void aReadOnlyDiskStartsWithoutAReserveAndGivesNothingUpForIt() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            assertTrue(unit.bulky(Lane.TRACK, 0));
        }
        disk.lose(data.resolve(Reserve.NAME));
        ForwardingFiles readOnly = new ForwardingFiles(disk) {
            @Override
            public OpenFile open(Path file, boolean write) throws IOException {
                if (write) {
                    throw new IOException("Read-only file system");
                }
                return super.open(file, false);
            }
        };
        try (TestUnit unit = new TestUnit(data, hub, readOnly, QUOTA)) {
            assertFalse(isThere(disk));
            assertEquals(1, unit.waiting(Lane.TRACK));
            assertEquals(Optional.empty(), unit.lanes.figures().failure());
        }
    }
}
