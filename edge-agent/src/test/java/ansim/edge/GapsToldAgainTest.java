package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.journal.MemoryFiles.PowerCut;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When lane 1 loses numbers, the gaps that they told of are told again: what the hub does not know of a gap holds up all that lies
 * behind it, for good. The first and the second story were found by the protocol's model.
 */
class GapsToldAgainTest {
    private static final int EVENTS = 10;
    /** Of {@link TestUnit#bulky} messages: more than a segment. */
    private static final int SEGMENTFUL = 12;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final MemoryFiles disk = new MemoryFiles(1);

    private static Chain alarms(TestUnit unit) {
        return unit.lanes.store(Lane.ALARM).chains().get(0);
    }

    /** The number of an event will not come. */
    private static void gap(TestUnit unit, long n) {
        assertTrue(
                unit.lanes.gapWriter().tell(Lane.EVENT, new Damage(unit.chain(Lane.EVENT), n, n), Gap.Reason.EVICTED));
    }

    private static void fillASegment(TestUnit unit) {
        for (int i = 0; i < SEGMENTFUL; i++) {
            assertTrue(unit.bulky(Lane.ALARM, i));
        }
    }

    /** All of lane 1 reaches the hub and is receipted, nothing of the others. */
    private static void exchangeAlarms(TestUnit unit, TestHub hub) {
        unit.link.connect();
        unit.step();
        for (List<byte[]> sent = unit.link.drain(); sent.stream().anyMatch(GapsToldAgainTest::isAlarm); ) {
            sent.stream().filter(GapsToldAgainTest::isAlarm).forEach(hub::take);
            unit.link.down(hub.receipt());
            unit.step();
            sent = unit.link.drain();
        }
        unit.link.disconnect();
        assertEquals(0, unit.waiting(Lane.ALARM));
    }

    private static boolean isAlarm(byte[] message) {
        try {
            return UpMessage.parse(message).batch().lane() == Lane.ALARM;
        } catch (WireException e) {
            throw new AssertionError("a unit must send messages of the contract", e);
        }
    }

    private static void dropOldestAlarms(TestUnit unit) throws JournalException {
        LaneStore store = unit.lanes.store(Lane.ALARM);
        assertTrue(store.oldestIsReceipted());
        store.dropOldest();
        assertTrue(store.firstHeld(alarms(unit)) > 1, "the first record is gone");
    }

    /** A new event gives a restored hub something to name, and with it its generation. */
    private static void connect(TestUnit unit, TestHub hub) {
        unit.link.connect();
        assertTrue(unit.event(EVENTS));
        unit.exchange();
        unit.link.down(hub.receipt());
        unit.exchange();
    }

    /** Every event but those of the gaps is there once, the gaps are told, and both come to rest. */
    private static void assertWhole(TestUnit unit, TestHub hub, String when, long... gaps) {
        List<String> doors = hub.doors();
        Set<String> expected = new HashSet<>();
        IntStream.rangeClosed(0, EVENTS).forEach(i -> expected.add("door-" + i));
        LongStream.of(gaps).forEach(n -> expected.remove("door-" + (n - 1)));
        assertEquals(expected, new HashSet<>(doors), when);
        assertEquals(expected.size(), doors.size(), when + ": each once");
        Set<Long> told = new TreeSet<>();
        for (Gap gap : hub.gaps()) {
            if (gap.lane() == Lane.EVENT) {
                LongStream.rangeClosed(gap.first(), gap.last()).forEach(told::add);
            }
        }
        Set<Long> missing = new TreeSet<>();
        LongStream.of(gaps).forEach(missing::add);
        missing.removeAll(told);
        assertEquals(Set.of(), missing, when + ": gaps that nobody tells");
        assertEquals(0, unit.waiting(Lane.ALARM), when);
        assertEquals(0, unit.waiting(Lane.EVENT), when);
    }

    private TestUnit unitWithEvents(TestHub with, MemoryFiles on) throws JournalException {
        TestUnit unit = new TestUnit(data, with, on);
        IntStream.range(0, EVENTS).forEach(unit::event);
        return unit;
    }

    /** Two neighbours are one gap, told by the later record; the earlier one's was dropped. */
    @Test
    void aRestoredHubIsToldOfEveryGapAgainAlsoOfNeighboursWhoseRecordIsGone() throws JournalException {
        try (TestUnit unit = unitWithEvents(hub, disk)) {
            gap(unit, 5);
            fillASegment(unit);
            gap(unit, 6);
            gap(unit, 8);
            exchangeAlarms(unit, hub);
            dropOldestAlarms(unit);
            hub.restore(0);
            assertEquals(List.of(), hub.gaps());
            connect(unit, hub);
            assertWhole(unit, hub, "restored", 5, 6, 8);
        }
    }

    /** The record was dropped on its receipt, which goes with it into the stored state; then a crash, and the hub was restored. */
    @Test
    void aRecordThatWasDroppedBeforeACrashIsToldToARestoredHubAgain() throws JournalException {
        try (TestUnit unit = unitWithEvents(hub, disk)) {
            gap(unit, 5);
            fillASegment(unit);
            unit.lanes.keep(Lane.ALARM);
            exchangeAlarms(unit, hub);
            dropOldestAlarms(unit);
        }
        hub.restore(0);
        try (TestUnit unit = new TestUnit(data, hub, disk.copy())) {
            assertEquals(alarms(unit).lastN, alarms(unit).receiptedN, "the receipt is not forgotten");
            connect(unit, hub);
            assertWhole(unit, hub, "crashed", 5);
        }
    }

    /** Two chains of lane 1 tell of two neighbours: the newer chain's receipt says nothing of the older. */
    @Test
    void damageToOneOfTwoNeighboursRecordsIsMadeUpFor() throws JournalException {
        try (TestUnit unit = unitWithEvents(hub, disk)) {
            gap(unit, 5);
            Id8 older = alarms(unit).id;
            unit.lanes.store(Lane.ALARM).closeCurrent();
            gap(unit, 6);
            unit.lanes.gapWriter().damaged(Lane.ALARM, new Damage(older, 1, 1));
            connect(unit, hub);
            assertWhole(unit, hub, "damaged", 5, 6);
        }
    }

    /** A closed lane-1 chain that is receipted and dropped is forgotten, and with it that the restored hub lacks it. */
    @Test
    void aGapWhoseLane1ChainIsForgottenIsToldToARestoredHub() throws JournalException {
        try (TestUnit unit = unitWithEvents(hub, disk)) {
            gap(unit, 5);
            fillASegment(unit);
            unit.lanes.store(Lane.ALARM).closeCurrent();
            Id8 older = alarms(unit).id;
            fillASegment(unit);
            exchangeAlarms(unit, hub);
            while (unit.lanes.store(Lane.ALARM).oldestIsReceipted()) {
                unit.lanes.store(Lane.ALARM).dropOldest();
            }
            unit.alarm();
            exchangeAlarms(unit, hub);
            assertTrue(unit.lanes.store(Lane.ALARM).chain(older).isEmpty(), "the chain is forgotten");
            hub.restore(0);
            connect(unit, hub);
            assertWhole(unit, hub, "forgotten", 5);
        }
    }

    /** Memory tells the one; the other's record, on disk, must not wait for the number that the disk did not take. */
    @Test
    void aNeighbourWhoseRecordTheDiskDidNotTakeIsToldFromMemory() throws JournalException {
        FailingFiles files = new FailingFiles();
        try (TestUnit unit = new TestUnit(data, hub, files)) {
            IntStream.range(0, EVENTS).forEach(unit::event);
            gap(unit, 5);
            files.failing = true;
            assertFalse(unit.lanes
                    .gapWriter()
                    .tell(Lane.EVENT, new Damage(unit.chain(Lane.EVENT), 6, 6), Gap.Reason.EVICTED));
            files.failing = false;
            connect(unit, hub);
            assertWhole(unit, hub, "failed", 5, 6);
        }
    }

    /** What memory had told meanwhile took the place of the whole stored table. */
    @Test
    void aTableThatIsReadLateIsTakenUpBesideWhatMemoryHasToldMeanwhile() throws JournalException {
        FailingFiles files = new FailingFiles();
        TestUnit unit = new TestUnit(data, hub, files);
        IntStream.range(0, EVENTS).forEach(unit::event);
        gap(unit, 5);
        files.only = "lane-1";
        files.failingOpens = true;
        unit = unit.restart();
        assertFalse(
                unit.lanes.gapWriter().tell(Lane.EVENT, new Damage(unit.chain(Lane.EVENT), 8, 8), Gap.Reason.EVICTED));
        files.failingOpens = false;
        unit.retry();
        unit = unit.restart();
        connect(unit, hub);
        assertWhole(unit, hub, "late", 5, 8);
        unit.close();
    }

    /** The table was stored with another record; the one that only memory held died with it, and counted as told. */
    @Test
    void aGapThatOnlyMemoryToldIsToldAgainAtTheNextStart() throws JournalException {
        FailingFiles files = new FailingFiles();
        TestUnit unit = new TestUnit(data, hub, files);
        IntStream.range(0, EVENTS).forEach(unit::event);
        files.fail("lane-1");
        assertFalse(
                unit.lanes.gapWriter().tell(Lane.EVENT, new Damage(unit.chain(Lane.EVENT), 5, 5), Gap.Reason.EVICTED));
        files.failing = false;
        assertTrue(unit.lanes
                .gapWriter()
                .tellOnDisk(Lane.EVENT, new Damage(unit.chain(Lane.EVENT), 8, 8), Gap.Reason.EVICTED));
        unit = unit.restart();
        connect(unit, hub);
        assertWhole(unit, hub, "died", 5, 8);
        unit.close();
    }

    /** The generation was stored with the first of two chains that the unit went back in: a stop behind that left the second. */
    @Test
    void cutAnywhereWhileARestoredHubIsAnsweredNothingIsLeftUndone() throws JournalException {
        int operations = 0;
        boolean cut = true;
        for (; cut; operations++) {
            TestHub restored = TestUnit.hub();
            MemoryFiles on = new MemoryFiles(operations);
            cut = false;
            try {
                TestUnit unit = unitWithEvents(restored, on);
                gap(unit, 5);
                fillASegment(unit);
                gap(unit, 6);
                unit.lanes.store(Lane.ALARM).closeCurrent();
                gap(unit, 8);
                exchangeAlarms(unit, restored);
                dropOldestAlarms(unit);
                unit.lanes.keep(Lane.ALARM);
                unit.lanes.keep(Lane.EVENT);
                restored.restore(0);
                unit.link.connect();
                assertTrue(unit.event(EVENTS));
                on.cutAfter(operations);
                unit.exchange();
                unit.link.down(restored.receipt());
                unit.exchange();
                on.cutAfter(-1);
                unit.close();
            } catch (PowerCut gone) {
                cut = true;
            }
            try (TestUnit unit = new TestUnit(data, restored, on.powerCut())) {
                unit.link.connect();
                unit.alarm();
                unit.exchange();
                unit.link.down(restored.receipt());
                unit.exchange();
                assertWhole(unit, restored, "operation " + operations, 5, 6, 8);
            }
        }
        assertTrue(operations > 6, operations + " operations");
    }
}
