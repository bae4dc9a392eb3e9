package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.wire.Contact;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that cannot be read for a while. A read that failed once was told to the hub as damage, and when the hub had receipted that, the
 * intact messages went with their segment.
 */
class ReadErrorsTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final long LAST = 26;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final FailingFiles disk = new FailingFiles();
    private TestUnit unit;

    @BeforeEach
    void open() throws JournalException {
        start(SEGMENT);
    }

    private void start(int segmentBytes) throws JournalException {
        unit = new TestUnit(data, hub, disk, new Quota(64L * segmentBytes, 64L * segmentBytes, segmentBytes));
    }

    @AfterEach
    void close() {
        unit.close();
    }

    private void fill(Lane lane) {
        for (int i = 0; i < LAST; i++) {
            assertTrue(unit.bulky(lane, i));
        }
    }

    private static Set<Long> through(long last) {
        return LongStream.rangeClosed(1, last).boxed().collect(Collectors.toSet());
    }

    /** Lets time pass in small steps, with what goes on meanwhile. */
    private void pass(long ms) {
        for (long end = unit.nowMs + ms; unit.nowMs < end; unit.nowMs += 500) {
            unit.lanes.tick();
            unit.exchange();
        }
    }

    private void assertAllArrived(Lane lane, Id8 chain) {
        assertEquals(through(LAST), EvictionTest.stored(hub, chain));
        assertEquals(List.of(), hub.gaps());
        assertEquals(0, unit.waiting(lane));
    }

    @Test
    void readsThatFailForAMinuteLoseNothing() {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        disk.only = "lane-2";
        disk.failingReads = true;
        unit.link.connect();
        pass(60_000);
        assertEquals(Set.of(), EvictionTest.stored(hub, chain));
        disk.failingReads = false;
        pass(60_000);
        assertAllArrived(Lane.EVENT, chain);
    }

    /** However long there is no descriptor: the file is there. */
    @Test
    void filesThatCannotBeOpenedForHoursLoseNothing() {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        disk.only = "lane-2";
        disk.failingOpens = true;
        unit.link.connect();
        pass(7_200_000);
        disk.failingOpens = false;
        pass(60_000);
        assertAllArrived(Lane.EVENT, chain);
    }

    @Test
    void alarmsOfAnotherLaneDoNotWait() {
        fill(Lane.EVENT);
        disk.only = "lane-2";
        disk.failingReads = true;
        unit.link.connect();
        pass(5_000);
        assertTrue(unit.alarm());
        unit.exchange();
        assertEquals(1, hub.bodies(Lane.ALARM).size());
    }

    @Test
    void newAlarmsDoNotWaitBehindOneThatCannotBeRead() throws IOException {
        fill(Lane.ALARM);
        Id8 old = unit.chain(Lane.ALARM);
        disk.only = segments("lane-1").get(0).getFileName().toString();
        disk.failingReads = true;
        unit.link.connect();
        pass(10_000);
        assertTrue(unit.alarm());
        unit.exchange();
        assertEquals(1, hub.bodies(Lane.ALARM).size(), "of a new chain");
        disk.failingReads = false;
        pass(60_000);
        assertAllArrived(Lane.ALARM, old);
    }

    @Test
    void whatCannotBeReadForMinutesIsToldAsDamagedAndTheRestGoesOn() throws IOException {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        disk.only = segments("lane-2").get(1).getFileName().toString();
        disk.failingReads = true;
        unit.link.connect();
        pass(900_000);
        Set<Long> lost = EvictionTest.named(hub.gaps());
        assertTrue(!lost.isEmpty() && lost.size() < 10, lost.toString());
        Set<Long> there = through(LAST);
        there.removeAll(lost);
        assertEquals(there, EvictionTest.stored(hub, chain));
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    /** The last chance before the receipt counts for what was told as damaged. */
    @Test
    void whatReadsAgainWhenTheGapIsReceiptedIsSentAllTheSame() {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        unit.lanes.gapWriter().damaged(Lane.EVENT, new Damage(chain, 3, 9));
        unit.link.connect();
        pass(10_000);
        assertEquals(through(LAST), EvictionTest.stored(hub, chain));
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void aStartWhileReadsFailForAMomentLosesNothingAndKnowsItsStates() throws JournalException {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        assertTrue(unit.lanes.keep(Lane.EVENT, Lanes.RIDE, new byte[] {7}));
        int opens = 0;
        boolean reached = true;
        while (reached) {
            disk.goodOpens = opens++;
            unit = unit.restart();
            reached = disk.goodOpens < 0;
            disk.goodOpens = -1;
            assertArrayEquals(
                    new byte[] {7}, unit.lanes.state(Lane.EVENT, Lanes.RIDE).orElseThrow());
            assertEquals(LAST, unit.waiting(Lane.EVENT), "open " + opens);
        }
        assertTrue(opens > 5, "opens " + opens);
        unit.link.connect();
        unit.exchange();
        assertAllArrived(Lane.EVENT, chain);
    }

    @Test
    void aStartWhileReadsFailForAMinuteLosesNothing() throws JournalException {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        disk.only = "lane-2";
        disk.failingReads = true;
        unit = unit.restart();
        unit.link.connect();
        pass(60_000);
        disk.failingReads = false;
        pass(60_000);
        assertEquals(through(LAST), EvictionTest.stored(hub, chain));
        assertEquals(
                0,
                hub.bodies(Lane.ALARM).stream()
                        .filter(body -> body.kind() == Kind.GAP)
                        .count());
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void aStartOnABadSectorGoesOnWithoutItInTheEnd() throws IOException {
        fill(Lane.EVENT);
        Id8 chain = unit.chain(Lane.EVENT);
        List<Path> segments = segments("lane-2");
        disk.only = segments.get(segments.size() - 1).getFileName().toString();
        disk.failingFrom = 4_096;
        disk.failingTo = 4_608;
        disk.failingReads = true;
        unit = unit.restart();
        unit.link.connect();
        pass(300_000);
        assertTrue(unit.event(99));
        pass(10_000);
        Set<Long> lost = EvictionTest.named(
                hub.gaps().stream().filter(gap -> gap.chain().equals(chain)).toList());
        assertTrue(!lost.isEmpty() && lost.size() <= 2, lost.toString());
        Set<Long> there = through(LAST);
        there.removeAll(lost);
        assertEquals(there, EvictionTest.stored(hub, chain));
    }

    /** Each of more than a thousand messages was looked for from the zeroed segment's beginning, while alarms waited. */
    @Test
    void aDamagedSegmentIsReadAFewTimesHoweverManyMessagesWereInIt() throws IOException {
        unit.close();
        start(Quota.SEGMENT_BYTES_MIN * 8);
        int events = 0;
        while (segments("lane-2").size() < 2) {
            assertTrue(unit.event(events++));
        }
        assertTrue(events > 300, "events " + events);
        Path segment = segments("lane-2").get(0);
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(128);
            file.write(new byte[(int) file.length() - 256]);
        }
        disk.bytesRead = 0;
        unit.link.connect();
        pass(2_000);
        assertEquals(events - 1, EvictionTest.named(hub.gaps()).size());
        assertEquals(0, unit.waiting(Lane.EVENT));
        long segmentBytes = Files.size(segment);
        assertTrue(disk.bytesRead < 12 * segmentBytes, disk.bytesRead + " bytes of " + segmentBytes);
        assertEquals("door-" + (events - 1), ((Contact) hub.bodies(Lane.EVENT).get(0)).name());
    }

    private List<Path> segments(String lane) throws IOException {
        try (var files = Files.list(data.resolve(lane))) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .sorted()
                    .toList();
        }
    }
}
