package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.HubTrust;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.wire.Batch;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Presence;
import ansim.wire.Tamper;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the lanes keep, give up and say about it. */
class LanesTest {
    private static final int SEGMENT = TestUnit.SEGMENT;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final FailingFiles files = new FailingFiles();
    private Optional<TestUnit> open = Optional.empty();

    private TestUnit unit(Quota quota) throws JournalException {
        TestUnit unit = new TestUnit(data, hub, files, quota);
        open = Optional.of(unit);
        return unit;
    }

    private TestUnit unit() throws JournalException {
        return unit(TestUnit.QUOTA);
    }

    @AfterEach
    void close() {
        open.ifPresent(TestUnit::close);
    }

    private TestUnit restart(TestUnit unit) throws JournalException {
        TestUnit next = unit.restart();
        open = Optional.of(next);
        return next;
    }

    private static void track(TestUnit unit, int salt) {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            fixes.add(Pos.of(375_000_000 + i * 1_000_003 % 99_991 + salt, 1_270_000_000 + i * 7_919 % 99_991));
        }
        unit.lanes.append(
                Lane.TRACK,
                List.of(List.of(new Draft(Track.through(fixes, 1_000, List.of(), Optional.empty()), unit.nowMs))));
    }

    @Test
    void numbersGoOnAcrossCleanRestarts() throws JournalException {
        TestUnit unit = unit();
        for (int i = 0; i < 10; i++) {
            assertTrue(unit.event(i));
            unit = restart(unit);
        }
        unit.link.connect();
        unit.exchange();
        assertEquals(TestUnit.doors(0, 10), hub.doors());
        assertEquals(1, hub.chains(Lane.EVENT));
        assertEquals(0, hub.bodies(Lane.ALARM).size());
    }

    @Test
    void aStateIsStoredWithItsMessage() throws JournalException {
        TestUnit unit = unit();
        unit.lanes.append(
                Lane.EVENT, List.of(new Draft(new Contact("door", true, Optional.empty()), 1)), Lanes.RIDE, new byte[] {
                    1, 2, 3
                });
        unit.lanes.keep(Lane.EVENT, Lanes.COMMANDS, new byte[] {4});
        unit = restart(unit);
        assertEquals(3, unit.lanes.state(Lane.EVENT, Lanes.RIDE).orElseThrow().length);
        assertEquals(1, unit.lanes.state(Lane.EVENT, Lanes.COMMANDS).orElseThrow().length);
        assertTrue(unit.lanes.state(Lane.EVENT, Lanes.ANCHOR).isEmpty());
    }

    @Test
    void aSecondProcessOnTheSameFolderIsRefused() throws JournalException {
        unit();
        JournalException refused = assertThrows(JournalException.class, () -> new TestUnit(data, hub));
        assertEquals(JournalException.Reason.LOCKED, refused.reason());
    }

    @Test
    void atTheQuotaTheOldestTrackGoesFirstAndIsExplained() throws JournalException {
        TestUnit unit = unit(new Quota(14L * SEGMENT, 14L * SEGMENT, SEGMENT));
        unit.event(0);
        unit.alarm();
        for (int i = 0; i < 600; i++) {
            track(unit, i);
        }
        assertTrue(
                unit.lanes.figures().bytes() <= 15L * SEGMENT,
                unit.lanes.figures().toString());
        long dropped = unit.lanes.figures().dropped().get(2);
        assertTrue(dropped > 0);
        unit.link.connect();
        unit.exchange();
        assertEquals(TestUnit.doors(0, 1), hub.doors());
        assertEquals(600 - dropped, hub.bodies(Lane.TRACK).size());
        long explained = hub.gaps().stream()
                .filter(gap -> gap.reason() == Gap.Reason.EVICTED && gap.lane() == Lane.TRACK)
                .mapToLong(gap -> gap.last() - gap.first() + 1)
                .sum();
        assertEquals(dropped, explained);
        assertEquals(0, unit.waiting(Lane.TRACK));
    }

    /** Letting a segment go marked a state as stored that was still to go with the next message, which then left it out. */
    @Test
    void aStateIsThereAlsoWhenRoomWasMadeBeforeItsMessage() throws JournalException {
        TestUnit unit = unit();
        for (int i = 0; i < 20; i++) {
            assertTrue(unit.bulky(Lane.EVENT, i));
        }
        byte[] state = {42};
        unit.lanes.store(Lane.EVENT).slot(Lanes.RIDE, state);
        unit.lanes.store(Lane.EVENT).dropOldest();
        assertTrue(unit.bulky(Lane.EVENT, 20));
        unit = unit.restart();
        assertArrayEquals(state, unit.lanes.state(Lane.EVENT, Lanes.RIDE).orElseThrow());
        unit.close();
    }

    @Test
    void whatIsReceiptedGoesBeforeWhatIsNot() throws JournalException {
        TestUnit unit = unit(new Quota(14L * SEGMENT, 14L * SEGMENT, SEGMENT));
        unit.link.connect();
        for (int i = 0; i < 600; i++) {
            track(unit, i);
            unit.exchange();
        }
        assertEquals(600, hub.bodies(Lane.TRACK).size());
        assertEquals(0, unit.lanes.figures().dropped().get(2));
        assertTrue(unit.lanes.figures().bytes() <= 15L * SEGMENT);
    }

    @Test
    void aBacklogInGapsWaitsForTheirReceiptAlsoAcrossARestart() throws JournalException {
        TestUnit unit = unit(new Quota(14L * SEGMENT, 14L * SEGMENT, SEGMENT));
        for (int i = 0; i < 600; i++) {
            track(unit, i);
        }
        unit.close();
        unit = unit(new Quota(14L * SEGMENT, 14L * SEGMENT, SEGMENT));
        unit.link.connect();
        unit.step();
        assertFalse(unit.link.lanes.contains(Lane.TRACK), "nothing behind the gap before its receipt");
        unit.exchange();
        assertEquals(0, hub.holes);
        assertEquals(0, unit.waiting(Lane.TRACK));
    }

    /** The tamper was durable in lane 1 while lane 2 failed; the process that could have cancelled it was gone. */
    @Test
    void aDiskThatFailedBeforeARestartAndWorksAfterItEndsItsTamperOnce() throws JournalException {
        TestUnit unit = unit();
        files.fail("lane-2");
        assertFalse(unit.event(0));
        unit = unit.restart();
        unit.lanes.tick();
        assertFalse(unit.event(1), "still failing: known, so not raised again");
        files.failing = false;
        unit = unit.restart();
        unit.lanes.tick();
        assertFalse(unit.lanes.figures().failure().isPresent());
        assertTrue(unit.event(2));
        unit = restart(unit);
        unit.link.connect();
        unit.exchange();
        assertEquals(
                List.of(
                        Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.RAISED),
                        Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.CANCELLED)),
                hub.tampers());
    }

    @Test
    void aFailedDiskGoesOnInMemoryWithoutTheSignalStoredAndComesBack() throws JournalException {
        TestUnit unit = unit();
        assertTrue(unit.event(0));
        files.failing = true;
        assertFalse(unit.event(1));
        assertFalse(unit.event(2));
        assertFalse(unit.alarm());
        assertTrue(unit.lanes.figures().failure().isPresent());
        unit.link.connect();
        unit.exchange();
        assertEquals(TestUnit.doors(0, 3), hub.doors(), "alarms and events go on");
        assertEquals(
                Tamper.What.STORE_IN_MEMORY.code(),
                ((Tamper) hub.bodies(Lane.ALARM).get(0)).what());
        assertTrue(hub.stored.stream().anyMatch(message -> message.batch().memoryOnly()));

        unit.link.disconnect();
        unit.event(3);
        files.failing = false;
        unit.retry();
        assertFalse(unit.lanes.figures().failure().isPresent());
        assertTrue(unit.event(4));
        unit = restart(unit);
        unit.link.connect();
        unit.exchange();
        assertEquals(Set.copyOf(TestUnit.doors(0, 5)), new HashSet<>(hub.doors()));
        assertEquals(5, hub.doors().size());
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(0, unit.waiting(Lane.ALARM));
        assertTrue(hub.gaps().stream().anyMatch(gap -> gap.reason() == Gap.Reason.CHAIN_CLOSED));
        assertTrue(hub.bodies(Lane.ALARM).contains(Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.CANCELLED)));
        assertEquals(0, hub.forks);
    }

    @Test
    void healthSaysWhetherTheStoreIsDiskOrMemory() throws JournalException {
        TestUnit unit = unit();
        StatusReport report = new StatusReport(new StatusReport.Sources(
                new Agent.Setup(
                        TestUnit.ID,
                        new Id8(77),
                        TestUnit.KEY,
                        HubTrust.fixed(hub.key.verifyKey()),
                        OptionalLong::empty,
                        CardSealer.none(),
                        data,
                        TestUnit.QUOTA,
                        Optional.empty(),
                        RideRules.standard(),
                        TestUnit.PACE),
                unit.lanes,
                unit.forwarder,
                unit.clock,
                new Whereabouts(Optional.empty()),
                new Measures(),
                new ReadingQueue(),
                Map::of));
        unit.event(0);
        assertEquals("disk", report.health(SystemClock.monoMs()).versions().get("store"));
        files.failing = true;
        unit.event(1);
        assertEquals("memory", report.health(SystemClock.monoMs()).versions().get("store"));
        files.failing = false;
        unit.retry();
        assertEquals("disk", report.health(SystemClock.monoMs()).versions().get("store"));
    }

    /** A unit has no clock of its own at its start: its messages say so, and one with a date tells when they were made. */
    @Test
    void aBootWithoutAnyFixIsUndatedAndALaterDateOfTheSameBootDatesIt() throws JournalException {
        TestUnit unit = unit();
        unit.event(0);
        unit = restart(unit);
        unit.nowMs += 60_000;
        TestUnit.tellTime(unit.clock, 1_800_000_000_000L + unit.nowMs, unit.nowMs);
        assertTrue(unit.clock.anchorDue(unit.nowMs), "the recorder writes an anchor now");
        unit.event(1);
        unit.link.connect();
        unit.exchange();
        Batch undated = hub.stored.get(0).batch();
        Batch dated = hub.stored.get(1).batch();
        assertEquals(TimeQuality.UNKNOWN, undated.quality());
        assertEquals(0, undated.t0Ms());
        assertEquals(TimeQuality.GNSS, dated.quality());
        assertEquals(undated.boot(), dated.boot());
        assertEquals(60_000, dated.m0Ms() - undated.m0Ms());
        assertEquals(1_800_000_000_000L, dated.t0Ms() - dated.m0Ms());
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void memoryKeepsTheNewest256AndDisplacesEventsBeforeAlarms() throws JournalException {
        TestUnit unit = unit();
        files.failing = true;
        unit.alarm();
        IntStream.range(0, 400).forEach(unit::event);
        assertEquals(MemoryLanes.NEWEST, unit.waiting(Lane.ALARM) + unit.waiting(Lane.EVENT));
        long displaced = unit.lanes.figures().dropped().get(1);
        unit.link.connect();
        unit.exchange();
        assertEquals(2, hub.tampers().size());
        assertTrue(hub.doors().size() == 400 - displaced);
        assertEquals("door-399", hub.doors().get(hub.doors().size() - 1));
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void aDiskThatFailsFromTheStartIsRetried() throws JournalException {
        files.failing = true;
        TestUnit unit = unit();
        assertFalse(unit.alarm());
        files.failing = false;
        unit.retry();
        assertTrue(unit.alarm());
        unit.link.connect();
        unit.exchange();
        assertEquals(0, unit.waiting(Lane.ALARM));
    }

    @Test
    void aDamagedMessageIsAGapAndEverythingElseArrives() throws IOException {
        TestUnit unit = unit();
        IntStream.range(0, 40).forEach(unit::event);
        byte[] damaged = unit.outgoing
                .next(Lane.EVENT, unit.outgoing.offers().get(0).chain(), 19)
                .orElseThrow()
                .bytes();
        unit.close();
        overwrite(data.resolve("lane-2"), damaged);
        unit = unit();
        unit.link.connect();
        unit.exchange();
        List<String> rest = new ArrayList<>(TestUnit.doors(0, 40));
        rest.remove("door-19");
        assertEquals(rest, hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
        Gap gap = hub.gaps().get(0);
        assertEquals(Gap.Reason.DAMAGED, gap.reason());
        assertEquals(20, gap.first());
        assertEquals(20, gap.last());
        assertTrue(unit.event(40));
        unit.exchange();
        assertTrue(hub.doors().contains("door-40"));
    }

    @Test
    void aDamagedAlarmBeginsANewLane1ChainWhoseFirstMessageSaysSo() throws IOException {
        TestUnit unit = unit();
        IntStream.range(0, 20).forEach(i -> unit.alarm());
        byte[] damaged = unit.outgoing
                .next(Lane.ALARM, unit.outgoing.offers().get(0).chain(), 9)
                .orElseThrow()
                .bytes();
        unit.close();
        overwrite(data.resolve("lane-1"), damaged);
        TestUnit next = unit();
        next.link.connect();
        next.exchange();
        assertEquals(2, hub.chains(Lane.ALARM));
        assertEquals(0, next.waiting(Lane.ALARM));
        UpMessage first = hub.stored.stream()
                .filter(message -> message.batch().lane() == Lane.ALARM)
                .findFirst()
                .orElseThrow();
        assertEquals(1, first.batch().n());
        assertEquals(Kind.GAP, first.batch().records().get(0).body().kind());
        assertEquals(0, hub.holes);
    }

    private static void overwrite(Path lane, byte[] message) throws IOException {
        try (Stream<Path> segments = Files.list(lane)) {
            for (Path file :
                    segments.filter(each -> each.toString().endsWith(".seg")).toList()) {
                byte[] content = Files.readAllBytes(file);
                for (int i = 0; i + message.length <= content.length; i++) {
                    if (Arrays.equals(content, i, i + message.length, message, 0, message.length)) {
                        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                            out.seek(i + 50);
                            out.write(~content[i + 50]);
                        }
                        return;
                    }
                }
            }
        }
        throw new AssertionError("the message must be in a segment");
    }

    @Test
    void fullWithAlarmsAloneItGoesOnInMemoryAndComesBackWithTheReceipts() throws JournalException {
        TestUnit unit = unit(new Quota(12L * SEGMENT, 12L * SEGMENT, SEGMENT));
        int alarms = 0;
        while (unit.alarm()) {
            alarms++;
            assertTrue(alarms < 10_000, "the quota is never full");
        }
        assertTrue(unit.lanes.figures().bytes() <= 13L * SEGMENT);
        assertTrue(unit.lanes.figures().failure().isPresent());
        unit.link.connect();
        unit.exchange();
        unit.retry();
        assertTrue(unit.alarm());
        unit.exchange();
        assertEquals(0, unit.waiting(Lane.ALARM));
        long enclosures = hub.bodies(Lane.ALARM).stream()
                .filter(body -> body.equals(Tamper.of(Tamper.What.ENCLOSURE, Phase.RAISED)))
                .count();
        assertEquals(alarms + 2, enclosures);
    }

    @Test
    void lane4KeepsTheNewest16UnderTheStartCounter() throws JournalException {
        TestUnit unit = unit();
        for (int i = 0; i < 20; i++) {
            unit.lanes.status(new Draft(new Presence(375_000_000, 1_270_000_000, true), unit.nowMs));
        }
        assertEquals(4, unit.lanes.figures().dropped().get(3));
        unit.link.connect();
        unit.exchange();
        assertEquals(16, hub.bodies(Lane.STATUS).size());
        assertEquals(1, hub.stored.get(0).batch().chain().bits());
        assertEquals(5, hub.stored.get(0).batch().n());
        unit = restart(unit);
        unit.lanes.status(new Draft(new Presence(375_000_000, 1_270_000_000, true), unit.nowMs));
        unit.link.connect();
        unit.exchange();
        assertEquals(2, hub.stored.get(16).batch().chain().bits());
    }

    @Test
    void filesAreRealByDefault() throws JournalException {
        try (TestUnit real = new TestUnit(
                data.resolve("real"), hub, JournalFiles.real(), new Quota(12L * SEGMENT, SEGMENT, SEGMENT))) {
            assertTrue(real.event(0));
        }
        assertThrows(IllegalArgumentException.class, () -> new Quota(11L * SEGMENT, SEGMENT, SEGMENT));
    }

    /** Found by scripts/rig/mutate: the event lane offered track messages for ever, for their receipts name another lane. */
    @Test
    void anotherLanesSegmentOverTheOnlyOneIsNeverSentAsThisLanes() throws IOException {
        TestUnit unit = unit();
        unit.event(1);
        track(unit, 1);
        unit.close();
        Files.copy(
                data.resolve("lane-3/000000000001.seg"),
                data.resolve("lane-2/000000000001.seg"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        unit = unit();
        assertTrue(unit.event(2));
        unit.link.connect();
        unit.exchange();
        assertEquals(List.of("door-2"), hub.doors());
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(0, unit.waiting(Lane.TRACK));
    }
}
