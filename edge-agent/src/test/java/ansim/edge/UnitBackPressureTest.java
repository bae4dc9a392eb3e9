package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id16;
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
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub that takes and never receipts, or takes nothing: the unit's disk takes what comes, its memory does not grow, nothing is dropped. */
class UnitBackPressureTest {
    private static final int GROUPS = 100;
    /** Messages of one append: with the state, the journal takes 16 entries. */
    private static final int GROUP = 15;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();

    private static boolean events(TestUnit unit, int from) {
        return unit.lanes.append(
                Lane.EVENT,
                IntStream.range(from, from + GROUP)
                        .mapToObj(i -> List.of(new Draft(new Contact("door-" + i, true, Optional.empty()), unit.nowMs)))
                        .toList());
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

    private void everythingArrivesOnce(TestUnit unit) {
        unit.link.disconnect();
        unit.link.connect();
        unit.exchange();
        assertEquals(
                IntStream.range(0, GROUPS * GROUP).mapToObj(i -> "door-" + i).toList(),
                hub.bodies(Lane.EVENT).stream().map(UnitBackPressureTest::door).toList());
        assertEquals(GROUPS, hub.bodies(Lane.ALARM).size());
        assertEquals(0, hub.duplicates);
        assertEquals(0, unit.waiting(Lane.EVENT));
        assertEquals(0, unit.waiting(Lane.ALARM));
        assertEquals(0, unit.forwarder.inFlight());
    }

    private static String door(Body body) {
        return ((Contact) body).name();
    }

    @Test
    void aHubThatNeverReceiptsGetsEightOfEachChainHoweverLongTheBacklog() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub)) {
            unit.link.connect();
            Set<Id16> sent = new HashSet<>();
            for (int i = 0; i < GROUPS; i++) {
                assertTrue(events(unit, i * GROUP));
                assertTrue(unit.alarm());
                unit.nowMs += 1_000;
                unit.step();
                assertTrue(unit.forwarder.inFlight() <= 2 * Forwarder.WINDOW);
                unit.link.drain().forEach(message -> sent.add(UpMessage.messageHash(message)));
            }
            assertEquals(2 * Forwarder.WINDOW, unit.forwarder.inFlight());
            assertEquals(2 * Forwarder.WINDOW, sent.size());
            assertEquals((long) GROUPS * GROUP, unit.waiting(Lane.EVENT));
            assertEquals(GROUPS, unit.waiting(Lane.ALARM));
            assertEquals(List.of(), unit.receipted);
            everythingArrivesOnce(unit);
        }
    }

    @Test
    void aLinkThatTakesNothingLeavesEverythingOnTheDisk() throws JournalException {
        try (TestUnit unit = new TestUnit(data, hub)) {
            unit.link.connect();
            unit.link.room = 0;
            for (int i = 0; i < GROUPS; i++) {
                assertTrue(events(unit, i * GROUP));
                assertTrue(unit.alarm());
                unit.step();
                assertEquals(0, unit.forwarder.inFlight());
            }
            assertEquals((long) GROUPS * GROUP, unit.waiting(Lane.EVENT));
            unit.link.room = -1;
            everythingArrivesOnce(unit);
        }
    }

    /** Whether what was sent is stored by the hub or lost on the way: without a receipt the unit cannot know. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void atTheQuotaWhatGoesIsExplainedAlsoIfItIsInFlight(boolean taken) throws JournalException {
        Quota quota = new Quota(14L * TestUnit.SEGMENT, 14L * TestUnit.SEGMENT, TestUnit.SEGMENT);
        int tracks = 600;
        try (TestUnit unit = new TestUnit(data, hub, new FailingFiles(), quota)) {
            unit.link.connect();
            for (int i = 0; i < tracks; i++) {
                track(unit, i);
                unit.step();
                assertTrue(unit.forwarder.inFlight() <= 2 * Forwarder.WINDOW, "of tracks, and of the gaps' chain");
                List<byte[]> sent = unit.link.drain();
                if (taken) {
                    sent.forEach(hub::take);
                }
            }
            assertTrue(unit.lanes.figures().bytes() <= 15L * TestUnit.SEGMENT);
            assertTrue(unit.lanes.figures().dropped().get(2) > 0);
            unit.link.disconnect();
            unit.link.connect();
            unit.exchange();
            assertEquals(0, unit.waiting(Lane.TRACK));
            assertEquals(0, unit.waiting(Lane.ALARM));
        }
        Set<Long> accounted = new TreeSet<>();
        hub.stored.stream()
                .filter(message -> message.batch().lane() == Lane.TRACK)
                .forEach(message -> accounted.add(message.batch().n()));
        for (Gap gap : hub.gaps()) {
            LongStream.rangeClosed(gap.first(), gap.last()).forEach(accounted::add);
        }
        assertEquals(LongStream.rangeClosed(1, tracks).boxed().toList(), List.copyOf(accounted));
    }
}
