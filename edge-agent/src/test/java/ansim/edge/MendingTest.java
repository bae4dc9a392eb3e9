package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.ForwardingFiles;
import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.journal.MemoryFiles.PowerCut;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Refused;
import ansim.wire.Tamper;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails and comes back, wherever the power goes meanwhile. */
class MendingTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final Quota SMALL = new Quota(12L * SEGMENT, 12L * SEGMENT, SEGMENT);
    private static final byte[] STATE = {7};
    private static final Contact MARK = new Contact("the state tells of this", true, Optional.empty());

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final FailingFiles files = new FailingFiles();
    private Optional<TestUnit> open = Optional.empty();

    private TestUnit unit() throws JournalException {
        return unit(TestUnit.QUOTA);
    }

    private TestUnit unit(Quota quota) throws JournalException {
        TestUnit unit = new TestUnit(data, hub, files, quota);
        open = Optional.of(unit);
        return unit;
    }

    @AfterEach
    void close() {
        open.ifPresent(TestUnit::close);
    }

    private static boolean mark(TestUnit unit, Lane lane) {
        return unit.lanes.append(lane, List.of(new Draft(MARK, unit.nowMs)), Lanes.RIDE, STATE);
    }

    private static boolean isMarked(TestUnit unit, Lane lane) {
        return unit.lanes.state(lane, Lanes.RIDE).isPresent();
    }

    private static Set<Long> through(long last) {
        Set<Long> numbers = new TreeSet<>();
        LongStream.rangeClosed(1, last).forEach(numbers::add);
        return numbers;
    }

    /** Fills a unit with track while lane 1 cannot be written; returns how many messages of it are stored. */
    private int fillWithoutLane1(TestUnit unit) {
        assertTrue(unit.bulky(Lane.TRACK, 0));
        files.fail("lane-1");
        assertFalse(unit.alarm());
        int stored = 1;
        while (unit.bulky(Lane.TRACK, stored)) {
            stored++;
        }
        assertTrue(stored > 20, stored + " messages");
        return stored;
    }

    // ---- what is given up, and what lane 1 can tell of it

    /** Its record went into memory, the segment stayed, and the table had its numbers as gone: they were never sent. */
    @Test
    void nothingIsGivenUpWhileLane1CannotBeWritten() throws JournalException {
        TestUnit unit = unit(SMALL);
        int stored = fillWithoutLane1(unit);
        Id8 chain = unit.chain(Lane.TRACK);
        files.failing = false;
        unit.link.connect();
        unit.exchange();
        assertEquals(through(stored), EvictionTest.stored(hub, chain));
        assertEquals(0, unit.waiting(Lane.TRACK));
    }

    /** Lane 1 waited for room in lane 2, for which lane 1 would have had to take a record. */
    @Test
    void aFullUnitWhoseLane1IsInMemoryMendsWithoutAReceipt() throws JournalException {
        TestUnit unit = unit(SMALL);
        int stored = fillWithoutLane1(unit);
        Id8 chain = unit.chain(Lane.TRACK);
        long inMemory = unit.waiting(Lane.ALARM);
        IntStream.range(0, 20).forEach(i -> unit.retry());
        assertEquals(inMemory, unit.waiting(Lane.ALARM), "a try costs no memory");
        files.failing = false;
        unit.retry();
        assertEquals(Optional.empty(), unit.lanes.figures().failure());
        assertTrue(unit.alarm());
        assertTrue(unit.bulky(Lane.TRACK, stored));
        unit.link.connect();
        unit.exchange();
        Set<Long> all = EvictionTest.stored(hub, chain);
        all.addAll(EvictionTest.named(hub.gaps().stream()
                .filter(gap -> gap.chain().equals(chain) && gap.reason() == Gap.Reason.EVICTED)
                .toList()));
        assertTrue(all.containsAll(through(stored)), all.toString());
        assertEquals(0, unit.waiting(Lane.TRACK));
        assertEquals(0, hub.holes);
    }

    // ---- each lane for itself

    @Test
    void aLaneThatDoesNotMendKeepsNoOtherInMemory() throws JournalException {
        TestUnit unit = unit();
        files.fail("lane-3");
        assertFalse(unit.bulky(Lane.TRACK, 0));
        files.only = "lane-2";
        assertFalse(unit.event(0));
        files.only = "lane-3";
        assertFalse(unit.event(1), "lane 2 is in memory");
        unit.retry();
        assertTrue(unit.event(2));
        assertTrue(unit.lanes.figures().failure().orElseThrow().contains("lane 3"));
        files.failing = false;
        unit.retry();
        assertEquals(Optional.empty(), unit.lanes.figures().failure());
        unit.link.connect();
        unit.exchange();
        assertEquals(
                3,
                hub.bodies(Lane.EVENT).stream()
                        .filter(body -> body.kind() == Kind.CONTACT)
                        .count());
        assertEquals(
                List.of(
                        Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.RAISED),
                        Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.CANCELLED)),
                hub.tampers());
    }

    // ---- a message and the state that tells of it

    @Test
    void aWriteThatFailsOnceGoesToTheDiskAllTheSame() throws JournalException {
        TestUnit unit = unit();
        assertTrue(unit.alarm());
        files.only = "lane-1";
        files.passing = 1;
        assertTrue(unit.alarm());
        assertEquals(0, files.passing);
        assertEquals(Optional.empty(), unit.lanes.figures().failure());
        unit.link.connect();
        unit.exchange();
        assertEquals(2, hub.bodies(Lane.ALARM).size());
    }

    /** The tamper that tells of the failure took the disk first, and with it the state of an alarm that memory held. */
    @Test
    void howeverManyWritesFailNoStateTellsOfAnAlarmThatIsNotThere() throws JournalException {
        for (int failing = 1; failing < 12; failing++) {
            MemoryFiles disk = new MemoryFiles(failing);
            TestHub heard = TestUnit.hub();
            try (TestUnit unit = new TestUnit(data.resolve("" + failing), heard, new Passing(disk, failing))) {
                boolean stored = mark(unit, Lane.ALARM);
                assertTrue(!stored || isMarked(unit, Lane.ALARM));
            }
            try (TestUnit unit = new TestUnit(data.resolve("" + failing), heard, disk.copy())) {
                boolean known = isMarked(unit, Lane.ALARM);
                unit.link.connect();
                unit.exchange();
                assertEquals(known, heard.bodies(Lane.ALARM).contains(MARK), failing + " failing writes");
            }
        }
    }

    /** A disk whose first writes into lane 1 fail. */
    private static final class Passing extends ForwardingFiles {
        private int left;

        Passing(MemoryFiles disk, int failing) {
            super(disk);
            this.left = failing;
        }

        @Override
        public OpenFile open(Path file, boolean write) throws IOException {
            return new File(super.open(file, write)) {
                @Override
                public void force(boolean metadata) throws IOException {
                    if (file.toString().contains("lane-1") && left > 0) {
                        left--;
                        throw new IOException("Input/output error");
                    }
                    super.force(metadata);
                }
            };
        }
    }

    /** The record that makes room stored the state of the alarm for which it was made. */
    @Test
    void cutAnywhereWhileRoomIsMadeForAnAlarmItsStateIsNotStoredWithoutIt() throws JournalException {
        MemoryFiles full = new MemoryFiles(3);
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), full)) {
            IntStream.range(0, 40).forEach(i -> unit.bulky(Lane.TRACK, i));
        }
        Quota less = new Quota(64L * SEGMENT, 4L * SEGMENT, SEGMENT);
        int operations = 0;
        boolean cut = true;
        for (; cut; operations++) {
            MemoryFiles disk = full.copy();
            TestUnit unit = new TestUnit(data, TestUnit.hub(), disk, less);
            cut = false;
            disk.cutAfter(operations);
            try {
                mark(unit, Lane.ALARM);
                assertTrue(unit.lanes.figures().dropped().get(2) > 0, "room was made");
            } catch (PowerCut gone) {
                cut = true;
            }
            TestHub heard = TestUnit.hub();
            try (TestUnit after = new TestUnit(data, heard, disk.powerCut(), less)) {
                boolean known = isMarked(after, Lane.ALARM);
                after.link.connect();
                after.exchange();
                assertEquals(known, heard.bodies(Lane.ALARM).contains(MARK), "operation " + operations);
            }
        }
        assertTrue(operations > 4, operations + " operations");
    }

    /** What was displaced was told after the messages behind it: a stop in between left a chain that begins with a hole. */
    @Test
    void cutAnywhereWhileMemoryComesBackToTheDiskTheHubTakesEveryChain() throws JournalException {
        int operations = 0;
        boolean cut = true;
        for (; cut; operations++) {
            MemoryFiles disk = new MemoryFiles(operations);
            TestUnit unit = new TestUnit(data, TestUnit.hub(), disk);
            assertTrue(unit.event(0));
            disk.failWrites(true);
            for (int i = 1; i <= MemoryLanes.NEWEST; i++) {
                assertFalse(unit.event(i));
            }
            assertFalse(unit.alarm());
            assertFalse(mark(unit, Lane.EVENT));
            disk.failWrites(false);
            disk.cutAfter(operations);
            cut = false;
            try {
                unit.retry();
                assertEquals(Optional.empty(), unit.lanes.figures().failure());
                disk.cutAfter(-1);
            } catch (PowerCut gone) {
                cut = true;
            }
            expectWhole(cut ? disk.powerCut() : disk.copy(), !cut, "operation " + operations);
        }
        assertTrue(operations > 20, operations + " operations");
    }

    private void expectWhole(MemoryFiles disk, boolean all, String when) throws JournalException {
        TestHub heard = TestUnit.hub();
        try (TestUnit unit = new TestUnit(data, heard, disk)) {
            boolean known = isMarked(unit, Lane.EVENT);
            unit.link.connect();
            // What a torn write has cost shows when it is read, after lane 1 has had its turn.
            IntStream.range(0, 4).forEach(i -> unit.exchange());
            assertEquals(0, heard.holes, when);
            for (Lane lane : Lanes.DURABLE) {
                assertEquals(0, unit.waiting(lane), when);
            }
            assertTrue(!known || heard.bodies(Lane.EVENT).contains(MARK), () -> when + ": a state without its message");
            assertTrue(!all || known, when);
        }
    }

    // ---- refused

    /** Only a message behind it was a reason to look at the gap that covers it. */
    @Test
    void aRefusedMessageThatIsTheLastOfAMemoryOnlyChainIsNotSentAgain() throws JournalException {
        TestUnit unit = unit();
        files.fail("lane-");
        assertFalse(unit.event(0));
        unit.link.connect();
        unit.step();
        List<byte[]> sent = unit.link.drain();
        sent.stream().filter(message -> !isEvent(message)).forEach(hub::take);
        byte[] refused = sent.stream().filter(MendingTest::isEvent).findFirst().orElseThrow();
        unit.link.down(hub.sign(
                new Refused(Map.of(
                        Lane.EVENT, new Refused.Refusal(UpMessage.messageHash(refused), Refused.Reason.SIGNATURE))),
                0));
        for (int i = 0; i < 20; i++) {
            unit.step();
            unit.link.drain().stream().filter(message -> !isEvent(message)).forEach(hub::take);
            unit.link.down(hub.receipt());
        }
        unit.nowMs += 2 * Forwarder.RESEND_FIRST_MS;
        unit.step();
        assertEquals(List.of(), unit.link.drain());
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertArrayEquals(
                new long[] {1, 1},
                hub.gaps().stream()
                        .flatMapToLong(gap -> LongStream.of(gap.first(), gap.last()))
                        .toArray());
    }

    private static boolean isEvent(byte[] message) {
        try {
            return UpMessage.parse(message).batch().lane() == Lane.EVENT;
        } catch (WireException e) {
            throw new AssertionError("a unit must send messages of the contract", e);
        }
    }
}
