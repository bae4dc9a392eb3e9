package ansim.hub.core;

import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.wire.Anchor;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Whatever a link does to the messages of a unit (repeats, reorders, holds back), as long as the unit sends again what is not receipted
 * they end up stored once each, and the rides are the same as in order.
 */
class SchedulesTest {
    private static final int SCHEDULES = 300;
    private static final int STORIES = 6;
    private static final long SEED = 20261123;

    private final Random random = new Random(SEED);

    /** A unit's day: rides with tracks, an alarm, an unclean stop with new chains, and a boot without a clock until its anchor. */
    private static final class Story {
        final TestUnit unit = new TestUnit();
        final List<TestUnit.Chain> chains = new ArrayList<>();
        private final Random random;
        private TestUnit.Chain alarms;
        private TestUnit.Chain events;
        private TestUnit.Chain tracks;

        Story(Random random) {
            this.random = random;
            alarms = unit.chain(Lane.ALARM);
            events = unit.chain(Lane.EVENT);
            tracks = unit.chain(Lane.TRACK);
            begin();
            ride(true);
            alarms.next(panic(id(), Phase.RAISED, Optional.of(somewhere())));
            ride(true);
            unit.boot = id();
            unit.bootedMs = unit.atMs + 5_000;
            unit.atMs += 10_000;
            alarms = unit.chain(Lane.ALARM);
            events = unit.chain(Lane.EVENT);
            tracks = unit.chain(Lane.TRACK);
            begin();
            unit.quality = TimeQuality.UNKNOWN;
            ride(false);
            alarms.next(panic(id(), Phase.RAISED, Optional.of(somewhere())));
            events.next(new Anchor(unit.boot, unit.atMs - unit.bootedMs, unit.atMs));
            ride(true);
        }

        private void begin() {
            chains.addAll(List.of(alarms, events, tracks));
        }

        private void ride(boolean track) {
            Id8 ride = id();
            tick();
            events.next(boarded(ride, somewhere()));
            tick();
            events.next(boarded(ride, somewhere()));
            for (int i = random.nextInt(6); track && i > 0; i--) {
                tick();
                tracks.next(track(ride, somewhere(), somewhere()));
            }
            tick();
            events.next(alighted(ride, somewhere()));
        }

        private void tick() {
            unit.atMs += 1_000 + random.nextInt(60_000);
        }

        private Id8 id() {
            return new Id8(random.nextLong());
        }

        private Pos somewhere() {
            return Pos.of(374_000_000 + random.nextInt(2_000_000), 1_269_000_000 + random.nextInt(2_000_000));
        }

        List<UpMessage> all() {
            return chains.stream().flatMap(chain -> chain.sent.stream()).toList();
        }
    }

    @Test
    void anyScheduleOfResendingReorderingAndRepeatingEndsWithEveryMessageStoredOnceAndTheSameRides()
            throws IOException {
        for (int i = 0; i < STORIES; i++) {
            Story story = new Story(random);
            TestHub inOrder = TestHub.with(story.unit);
            story.all().forEach(inOrder::send);
            SortedMap<String, String> rides = TestRides.of(inOrder.state, story.unit);
            assertEquals(4, rides.size());
            for (int j = 0; j < SCHEDULES / STORIES; j++) {
                TestHub hub = TestHub.with(story.unit);
                String schedule = "story " + i + " schedule " + j;
                run(story, hub);
                assertStoredOnce(story, hub, schedule);
                assertEquals(rides, TestRides.of(hub.state, story.unit), schedule);
                hub.assertReplaysToTheSame();
            }
        }
    }

    /** Sends from every chain in any order, any message again at any time, until everything is stored. */
    private void run(Story story, TestHub hub) {
        List<UpMessage> waiting = new ArrayList<>(story.all());
        boolean shuffled = random.nextBoolean();
        if (shuffled) {
            Collections.shuffle(waiting, random);
        }
        hub.nowMs = story.unit.atMs;
        List<UpMessage> all = story.all();
        while (!waiting.isEmpty()) {
            hub.nowMs += random.nextInt(100_000);
            int at = shuffled ? random.nextInt(waiting.size()) : random.nextInt(Math.min(3, waiting.size()));
            Output output = hub.send(waiting.get(at));
            if (output.disposition() != Disposition.HOLE) {
                waiting.remove(at);
            }
            if (random.nextInt(4) == 0) {
                hub.send(all.get(random.nextInt(all.size())));
            }
        }
    }

    private static void assertStoredOnce(Story story, TestHub hub, String schedule) {
        List<String> ids = hub.outputs.stream()
                .filter(output -> !output.id().isEmpty())
                .map(Output::id)
                .toList();
        assertEquals(story.all().size(), ids.size(), schedule);
        assertEquals(new HashSet<>(ids).size(), ids.size(), schedule);
        Set<Disposition> dispositions = new HashSet<>();
        hub.outputs.forEach(output -> dispositions.add(output.disposition()));
        assertEquals(Set.of(Disposition.STORED), dispositions, schedule);
    }

    @Test
    void evictionWithGapRecordsLosesNothingThatIsStillSent() throws IOException {
        for (int i = 0; i < SCHEDULES; i++) {
            TestUnit unit = new TestUnit();
            TestHub hub = TestHub.with(unit);
            TestUnit.Chain alarms = unit.chain(Lane.ALARM);
            TestUnit.Chain tracks = unit.chain(Lane.TRACK);
            Id8 ride = new Id8(random.nextLong());
            for (int k = 0; k < 20; k++) {
                unit.atMs += 1_000;
                tracks.next(track(ride, TestMap.IN_A, TestMap.IN_B));
            }
            int first = 1 + random.nextInt(20);
            int last = first + random.nextInt(21 - first);
            UpMessage gap = alarms.next(TestUnit.gap(tracks, first, last));
            Set<Long> stored = new HashSet<>();
            boolean told = false;
            List<UpMessage> left = new ArrayList<>(tracks.sent);
            // On its way when the unit evicted: may come at any time, or never.
            List<UpMessage> evicted = List.copyOf(left.subList(first - 1, last));
            left.removeAll(evicted);
            while (!left.isEmpty() || !told) {
                if (!told && random.nextInt(5) == 0) {
                    told = hub.send(gap).disposition() == Disposition.STORED;
                }
                UpMessage next = left.isEmpty() || random.nextInt(4) == 0
                        ? evicted.get(random.nextInt(evicted.size()))
                        : left.get(0);
                Disposition disposition = hub.send(next).disposition();
                if (disposition == Disposition.STORED) {
                    assertEquals(true, stored.add(next.batch().n()), "stored twice");
                }
                if (disposition != Disposition.HOLE) {
                    left.remove(next);
                }
            }
            for (UpMessage each : tracks.sent) {
                if (each.batch().n() < first || each.batch().n() > last) {
                    assertEquals(true, stored.contains(each.batch().n()));
                }
            }
            hub.assertReplaysToTheSame();
        }
    }

    @Test
    void threeUnitsAtOnceDoNotMixTheirRides() throws IOException {
        List<Story> stories = List.of(new Story(random), new Story(random), new Story(random));
        TestHub hub = TestHub.with(stories.stream().map(story -> story.unit).toArray(TestUnit[]::new));
        List<UpMessage> all = new ArrayList<>(
                stories.stream().flatMap(story -> story.all().stream()).toList());
        while (!all.isEmpty()) {
            Collections.shuffle(all, random);
            all.removeIf(each -> hub.send(each).disposition() != Disposition.HOLE);
        }
        for (Story story : stories) {
            TestHub alone = TestHub.with(story.unit);
            story.all().forEach(alone::send);
            assertEquals(new TreeMap<>(TestRides.of(alone.state, story.unit)), TestRides.of(hub.state, story.unit));
        }
        hub.assertReplaysToTheSame();
    }

    /** The hub comes back from a backup with a raised generation; the unit sends all it still has and explains the rest. */
    @Test
    void aHubRestoredFromABackupGetsAgainWhatTheUnitStillHas() throws IOException {
        for (int i = 0; i < 100; i++) {
            Story story = new Story(random);
            TestHub before = TestHub.with(story.unit);
            story.all().forEach(before::send);
            int kept = 2 + random.nextInt(before.log.size() - 2);
            TestHub restored = TestHub.restored(before, kept);
            TestUnit.Chain explain = story.unit.chain(Lane.ALARM);
            List<Long> gone = new ArrayList<>();
            for (TestUnit.Chain chain : story.chains) {
                int freed = random.nextInt(chain.sent.size() + 1);
                if (freed > 0) {
                    restored.send(
                            explain.next(new Gap(chain.lane, chain.chain, 1, freed, Gap.Reason.RECEIPTED_EARLIER)));
                }
                gone.add((long) freed);
                for (UpMessage each : chain.sent.subList(freed, chain.sent.size())) {
                    Disposition disposition = restored.send(each).disposition();
                    assertEquals(
                            true,
                            disposition == Disposition.STORED || disposition == Disposition.DUPLICATE,
                            each + " " + disposition);
                }
            }
            Set<String> ids = new HashSet<>();
            restored.outputs.stream()
                    .map(Output::id)
                    .filter(id -> !id.isEmpty())
                    .forEach(id -> assertEquals(true, ids.add(id), "stored twice"));
            for (int c = 0; c < story.chains.size(); c++) {
                for (UpMessage each : story.chains.get(c).sent) {
                    if (each.batch().n() > gone.get(c)) {
                        assertEquals(true, ids.contains(Output.idOf(each)));
                    }
                }
            }
            restored.assertReplaysToTheSame();
        }
    }
}
