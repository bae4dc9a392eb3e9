package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.wire.Gap;
import ansim.wire.Lane;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that others fill, and what the unit still knows of a segment that went. */
class RoomTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final int TRACKS = 200;
    private static final int MORE = 100;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();

    /** Room was looked for at the quota alone: with old track on the disk, everything went on in memory. */
    @Test
    void aDiskThatOthersHaveFilledCostsTheOldestTrackAndNothingElse() throws JournalException {
        MemoryFiles disk = new MemoryFiles(5);
        try (TestUnit unit = new TestUnit(data, hub, disk)) {
            for (int i = 0; i < TRACKS; i++) {
                assertTrue(unit.bulky(Lane.TRACK, i));
            }
            assertTrue(unit.bulky(Lane.EVENT, 0));
            assertTrue(unit.alarm());
            disk.leave(SEGMENT / 2);
            for (int i = 1; i < MORE; i++) {
                assertTrue(unit.bulky(Lane.EVENT, i), "event " + i);
                assertTrue(unit.alarm());
            }
            for (int i = 0; i < MORE; i++) {
                assertTrue(unit.bulky(Lane.TRACK, TRACKS + i), "track " + i);
            }
            assertEquals(Optional.empty(), unit.lanes.figures().failure());
            assertTrue(unit.lanes.figures().dropped().get(2) < TRACKS + MORE / 2, "the newest stay");
            assertEquals(List.of(0L, 0L), unit.lanes.figures().dropped().subList(0, 2));
            unit.link.connect();
            unit.exchange();
            Set<Long> told = new TreeSet<>(EvictionTest.stored(hub, unit.chain(Lane.TRACK)));
            told.addAll(EvictionTest.named(hub.gaps().stream()
                    .filter(gap -> gap.lane() == Lane.TRACK && gap.reason() == Gap.Reason.EVICTED)
                    .toList()));
            Set<Long> all = new TreeSet<>();
            LongStream.rangeClosed(1, TRACKS).forEach(all::add);
            assertTrue(told.containsAll(all), told.toString());
            long events = hub.stored.stream()
                    .filter(message -> message.batch().lane() == Lane.EVENT)
                    .count();
            assertEquals(MORE, events);
            assertEquals(0, hub.holes);
        }
    }

    @Test
    void onAFullDiskWhatIsReceiptedGoesBeforeAnythingElse() throws JournalException {
        MemoryFiles disk = new MemoryFiles(6);
        try (TestUnit unit = new TestUnit(data, hub, disk)) {
            unit.link.connect();
            for (int i = 0; i < TRACKS; i++) {
                assertTrue(unit.bulky(Lane.TRACK, i));
            }
            unit.exchange();
            unit.link.disconnect();
            disk.leave(0);
            for (int i = 0; i < MORE; i++) {
                assertTrue(unit.bulky(Lane.EVENT, i), "event " + i);
            }
            assertEquals(Optional.empty(), unit.lanes.figures().failure());
            assertEquals(0, unit.lanes.figures().dropped().get(2));
        }
    }

    /** The state from before the receipts stayed the newest on disk: the next start missed what the hub holds. */
    @Test
    void segmentsThatGoWhileNothingIsAppendedLeaveNoOlderReceiptBehind() throws JournalException {
        MemoryFiles disk = new MemoryFiles(7);
        try (TestUnit unit = new TestUnit(data, hub, disk)) {
            for (int i = 0; i < TRACKS; i++) {
                assertTrue(unit.bulky(Lane.TRACK, i));
            }
            unit.lanes.keep(Lane.TRACK);
            unit.link.connect();
            unit.exchange();
            for (int i = 0; i < 10; i++) {
                assertTrue(unit.lanes.store(Lane.TRACK).oldestIsReceipted());
                unit.lanes.store(Lane.TRACK).dropOldest();
            }
        }
        try (TestUnit unit = new TestUnit(data, hub, disk.powerCut())) {
            unit.link.connect();
            unit.exchange();
            assertEquals(List.of(), hub.bodies(Lane.ALARM), "neither a gap nor a tamper");
            assertEquals(0, unit.waiting(Lane.TRACK));
        }
    }
}
