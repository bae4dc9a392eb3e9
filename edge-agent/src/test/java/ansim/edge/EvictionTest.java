package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.journal.MemoryFiles.PowerCut;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes at the quota, in which order, and that a crash anywhere in it loses no number without a word. */
class EvictionTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final Quota QUOTA = new Quota(12L * SEGMENT, 12L * SEGMENT, SEGMENT);
    private static final int EVENTS = 3;
    private static final int ALARMS = 2;
    /** The same cut leaves different pages; the last of them is the death of the process alone, which leaves all. */
    private static final int ENDS = 4;

    @TempDir
    private Path data;

    /** About a quarter of a segment. */
    private static boolean track(TestUnit unit) {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            fixes.add(Pos.of(375_000_000 + i * 1_000_003 % 99_991, 1_270_000_000 + i * 7_919 % 99_991));
        }
        return unit.lanes.append(
                Lane.TRACK,
                List.of(List.of(new Draft(Track.through(fixes, 1_000, List.of(), Optional.empty()), unit.nowMs))));
    }

    private static long lastN(TestUnit unit, Lane lane) {
        return unit.lanes.store(lane).chains().get(0).lastN;
    }

    private static List<Gap> evicted(TestHub hub, Id8 chain) {
        return hub.gaps().stream()
                .filter(gap -> gap.reason() == Gap.Reason.EVICTED && gap.chain().equals(chain))
                .toList();
    }

    static Set<Long> stored(TestHub hub, Id8 chain) {
        Set<Long> numbers = new TreeSet<>();
        for (UpMessage message : hub.stored) {
            if (message.batch().chain().equals(chain)) {
                assertTrue(numbers.add(message.batch().n()), "stored once");
            }
        }
        return numbers;
    }

    static Set<Long> named(List<Gap> gaps) {
        Set<Long> numbers = new TreeSet<>();
        for (Gap gap : gaps) {
            for (long n = gap.first(); n <= gap.last(); n++) {
                assertTrue(numbers.add(n), () -> "number told twice: " + gaps);
            }
        }
        return numbers;
    }

    /** A disk on which one of the next messages of track must evict. */
    private MemoryFiles onTheBrink() throws JournalException {
        MemoryFiles disk = new MemoryFiles(7);
        MemoryFiles before = disk;
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk, QUOTA)) {
            for (int i = 0; i < EVENTS; i++) {
                unit.event(i);
            }
            for (int i = 0; i < ALARMS; i++) {
                unit.alarm();
            }
            while (unit.lanes.figures().dropped().get(2) == 0) {
                before = disk.copy();
                track(unit);
            }
        }
        return before;
    }

    private static int segments(MemoryFiles disk) {
        return (int) disk.paths().stream()
                .filter(path ->
                        path.toString().contains("lane-3") && path.toString().endsWith(".seg"))
                .count();
    }

    /**
     * A gap record and its table were two appends: a stop in between told the same eviction twice. The record is durable before
     * the segment goes, so a stop behind it leaves the segment: then it goes at the next start.
     */
    @Test
    void cutAnywhereInAnEvictionEveryNumberArrivesOrIsToldOnce() throws JournalException {
        MemoryFiles full = onTheBrink();
        int finishedAtStart = 0;
        int operations = 0;
        boolean cut = true;
        for (; cut; operations++) {
            for (int end = 0; end < ENDS; end++) {
                MemoryFiles disk = full.copy();
                TestUnit unit = new TestUnit(data, TestUnit.hub(), disk, QUOTA);
                Id8 chain = unit.chain(Lane.TRACK);
                long acknowledged = lastN(unit, Lane.TRACK);
                cut = false;
                disk.cutAfter(operations);
                try {
                    while (unit.lanes.figures().dropped().get(2) == 0) {
                        acknowledged += track(unit) ? 1 : 0;
                    }
                } catch (PowerCut gone) {
                    cut = true;
                }
                MemoryFiles after = end == ENDS - 1 ? disk.copy() : disk.powerCut();
                finishedAtStart += check(after, chain, acknowledged, "operation " + operations) ? 1 : 0;
            }
        }
        assertTrue(operations > 6, operations + " operations");
        assertTrue(finishedAtStart > 0, "an eviction must have been finished at a start");
    }

    /** Starts on what is left. Returns whether a segment went with that. */
    private boolean check(MemoryFiles disk, Id8 chain, long acknowledged, String when) throws JournalException {
        int before = segments(disk);
        TestHub hub = TestUnit.hub();
        try (TestUnit unit = new TestUnit(data, hub, disk, QUOTA)) {
            boolean went = segments(disk) < before;
            for (Gaps.Hole hole : unit.lanes.gaps().all()) {
                Chain told = unit.lanes.store(Lane.TRACK).chain(hole.chain()).orElseThrow();
                assertTrue(
                        unit.lanes.store(Lane.TRACK).firstHeld(told) > hole.last(), () -> when + ": finished at start");
            }
            unit.link.connect();
            unit.exchange();
            Set<Long> stored = stored(hub, chain);
            Set<Long> named = named(evicted(hub, chain));
            for (long n = 1; n <= acknowledged; n++) {
                assertTrue(stored.contains(n) != named.contains(n), when + ": number " + n + ": one or the other");
            }
            assertEquals(EVENTS, hub.bodies(Lane.EVENT).size(), when);
            assertTrue(hub.bodies(Lane.ALARM).size() >= ALARMS, when);
            assertEquals(0, hub.holes, when);
            assertEquals(0, unit.waiting(Lane.TRACK), when);
            assertEquals(0, unit.waiting(Lane.ALARM), when);
            return went;
        }
    }

    @Test
    void theOldestTrackGoesFirstThenTheOldestEventsAndAlarmsNever() throws JournalException {
        TestHub hub = TestUnit.hub();
        try (TestUnit unit = new TestUnit(data, hub, new MemoryFiles(8), QUOTA)) {
            int alarms = 0;
            int tracks = 0;
            int events = 0;
            for (; unit.lanes.figures().dropped().get(2) == 0; tracks++) {
                alarms += tracks % 3 == 0 && unit.alarm() ? 1 : 0;
                assertTrue(track(unit));
            }
            while (unit.lanes.figures().dropped().get(1) == 0) {
                boolean trackLeft = !unit.lanes.store(Lane.TRACK).oldest().isEmpty();
                assertTrue(unit.bulky(Lane.EVENT, events++));
                assertTrue(
                        !trackLeft || unit.lanes.figures().dropped().get(1) == 0,
                        "events go only when no track is left");
            }
            for (int i = 0; i < 20; i++) {
                assertTrue(unit.bulky(Lane.EVENT, events++));
            }
            List<Long> dropped = unit.lanes.figures().dropped();
            assertEquals(0, dropped.get(0));
            unit.link.connect();
            unit.exchange();
            assertOldestWent(unit, hub, Lane.TRACK, tracks, dropped.get(2));
            assertOldestWent(unit, hub, Lane.EVENT, events, dropped.get(1));
            long enclosures = hub.tampers().size();
            assertEquals(alarms, enclosures);
        }
    }

    private static void assertOldestWent(TestUnit unit, TestHub hub, Lane lane, long made, long dropped) {
        Id8 chain = unit.chain(lane);
        Set<Long> expectedGone = new HashSet<>();
        Set<Long> expectedThere = new HashSet<>();
        for (long n = 1; n <= made; n++) {
            (n <= dropped ? expectedGone : expectedThere).add(n);
        }
        assertEquals(expectedGone, named(evicted(hub, chain)));
        assertEquals(expectedThere, stored(hub, chain));
        assertEquals(0, unit.waiting(lane));
    }
}
