package ansim.hub.core;

import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.panic;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Anchor;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Late and out of order across lanes, chains and units by up to 72 hours: the same final rides as in order, with the same owner, districts, length and gaps,
 * and the same knowledge at a centre. Within a chain the order is strict by contract; what comes ahead of it is a hole and comes again.
 *
 * <p>The suite runs {@value #USUAL_SHUFFLES} shuffles; the system property {@code ansim.shuffles} asks for more.
 *
 * <p>May differ, since a hub can only say what it knows when a message arrives:
 *
 * <ul>
 *   <li>the arrival and the flag {@code late};
 *   <li>how many corrections there are and what they carry; what is compared is every event with its corrections applied;
 *   <li>place and districts of an event without a position of its own: where the unit was last <i>heard of</i>;
 *   <li>whose a ride was when an event of it was delivered, and whether it was withheld: that stays as it was delivered; the ride's owner in the end is the
 *       same;
 *   <li>which of a ride's boardings is called {@code boarded} when they stand in two chains (an unclean stop): one is, the others are
 *       {@code updated};
 *   <li>the date of a track without UTC (no corrections are sent for tracks) and of a boot that never had an anchor: an interval or a
 *       point, but the truth always lies in it.
 * </ul>
 *
 * <p>Not covered, because a state that holds one mark per ride cannot decide it: a ride over a reboot whose <i>first</i> part had no UTC
 * when the second came.
 */
class LateRidesTest {
    private static final int USUAL_SHUFFLES = 2_000;
    private static final int CITIES = 40;
    private static final int UNITS = 2;
    private static final long SEED = 20261127;
    private static final long HOUR_MS = 3_600_000;
    private static final long MOST_MS = 72 * HOUR_MS;
    private static final long CLOCK_ERROR_MS = 700;

    /** A message, and when it was made. */
    private record Made(UpMessage message, long atMs) {}

    /** A copy of a message reaches the hub. */
    private record Arriving(UpMessage message, long arrivedMs) {}

    /** What a centre knows of an event in the end, without what may differ. */
    private record Known(
            EventType type,
            boolean alarm,
            List<String> districts,
            Optional<Pos> place,
            Optional<When> when,
            Set<Flag> flags,
            Optional<Id8> ride,
            SortedMap<String, String> details) {}

    /** A unit's day, made in order. */
    private static final class Day {
        final TestUnit unit = new TestUnit();
        final List<List<Made>> chains = new ArrayList<>();
        /** When each ride's first boarding and its alighting were. */
        final Map<Id8, Long> boardedMs = new HashMap<>();

        final Map<Id8, Long> alightedMs = new HashMap<>();
        private final Map<TestUnit.Chain, List<Made>> places = new HashMap<>();
        private final Random random;
        private TestUnit.Chain alarms;
        private TestUnit.Chain events;
        private TestUnit.Chain tracks;

        Day(Random random) {
            this.random = random;
            unit.bootedMs = unit.atMs - random.nextInt(30_000);
            alarms = begin(Lane.ALARM);
            events = begin(Lane.EVENT);
            tracks = begin(Lane.TRACK);
            anchor();
            rideAndItsBoardingAgain(id());
            heldOver(alarms, panic(id(), Phase.RAISED, Optional.of(somewhere())));
            Id8 over = id();
            board(over);
            pass(over);
            reboot();
            board(over);
            pass(over);
            alight(over);
            say(alarms, panic(id(), Phase.RAISED, Optional.of(somewhere())));
            Id8 undated = id();
            rideAndItsBoardingAgain(undated);
            say(events, new Contact("door", true, Optional.empty()));
            anchor();
            board(undated);
            rideAndItsBoardingAgain(id());
            reboot();
            say(events, new Contact("door", false, Optional.of(somewhere())));
        }

        private TestUnit.Chain begin(Lane lane) {
            TestUnit.Chain chain = unit.chain(lane);
            places.put(chain, new ArrayList<>());
            chains.add(places.getOrDefault(chain, List.of()));
            return chain;
        }

        /** The monotonic clock begins at 0 and UTC is unknown; after an unclean stop the chains are new, too. */
        private void reboot() {
            unit.boot = id();
            unit.bootedMs = unit.atMs + 1_000 + random.nextInt(100_000);
            unit.atMs = unit.bootedMs;
            unit.quality = TimeQuality.UNKNOWN;
            if (random.nextBoolean()) {
                alarms = begin(Lane.ALARM);
                events = begin(Lane.EVENT);
                tracks = begin(Lane.TRACK);
            }
        }

        private void anchor() {
            unit.quality = TimeQuality.GNSS;
            tick();
            add(events, events.next(new Anchor(unit.boot, unit.atMs - unit.bootedMs, unit.atMs)));
        }

        private void rideAndItsBoardingAgain(Id8 ride) {
            board(ride);
            board(ride);
            for (int i = random.nextInt(3); i > 0; i--) {
                pass(ride);
            }
            alight(ride);
            board(ride);
        }

        private void board(Id8 ride) {
            say(events, boarded(ride, somewhere()));
            boardedMs.putIfAbsent(ride, unit.atMs);
        }

        private void pass(Id8 ride) {
            say(tracks, track(ride, somewhere(), somewhere()));
        }

        private void alight(Id8 ride) {
            say(events, alighted(ride, somewhere()));
            alightedMs.putIfAbsent(ride, unit.atMs);
        }

        private void say(TestUnit.Chain chain, Body body) {
            tick();
            add(chain, chain.next(body));
        }

        /** By a clock that has run on without GNSS: its UTC is a little off, its monotonic time is not. */
        private void heldOver(TestUnit.Chain chain, Body body) {
            tick();
            long rightMs = unit.atMs;
            unit.quality = TimeQuality.HELD_OVER;
            unit.atMs += CLOCK_ERROR_MS;
            unit.bootedMs += CLOCK_ERROR_MS;
            UpMessage message = chain.next(body);
            unit.atMs = rightMs;
            unit.bootedMs -= CLOCK_ERROR_MS;
            unit.quality = TimeQuality.GNSS;
            add(chain, message);
        }

        private void add(TestUnit.Chain chain, UpMessage message) {
            places.getOrDefault(chain, List.of()).add(new Made(message, unit.atMs));
        }

        private void tick() {
            unit.atMs += 1_000 + random.nextInt(600_000);
        }

        private Id8 id() {
            return new Id8(random.nextLong());
        }

        private Pos somewhere() {
            return Pos.of(374_000_000 + random.nextInt(2_000_000), 1_269_000_000 + random.nextInt(2_000_000));
        }
    }

    /** Some units' days, and what they come to in order. */
    private static final class City {
        final List<Day> days = new ArrayList<>();
        final Map<String, Made> made = new HashMap<>();
        /** Rides whose boardings stand in two chains. */
        final Set<Id8> overTwoChains = new HashSet<>();

        private final Map<Id8, Id8> chainOfBoarding = new HashMap<>();

        City(Random random) {
            for (int i = 0; i < UNITS; i++) {
                Day day = new Day(random);
                days.add(day);
                day.chains.forEach(chain -> chain.forEach(this::remember));
            }
        }

        private void remember(Made each) {
            UpMessage message = each.message();
            made.put(Output.idOf(message), each);
            Body body = message.batch().records().get(0).body();
            Following.ride(body)
                    .filter(ride -> body instanceof ansim.wire.Boarded)
                    .filter(ride -> !chainOfBoarding
                            .computeIfAbsent(ride, first -> message.batch().chain())
                            .equals(message.batch().chain()))
                    .ifPresent(overTwoChains::add);
        }

        /** Everything as it was made, a moment after. */
        List<Arriving> inOrder() {
            return made.values().stream()
                    .sorted(Comparator.comparingLong(Made::atMs)
                            .thenComparingLong(each -> each.message().batch().n()))
                    .map(each -> new Arriving(each.message(), each.atMs() + 300))
                    .toList();
        }

        /**
         * Every chain held up in its own way, each message by 72 hours at most; repeats up to 144 hours after, and copies that come ahead
         * of their turn.
         */
        List<Arriving> late(Random random) {
            List<Arriving> all = new ArrayList<>(2 * made.size());
            for (Day day : days) {
                for (List<Made> chain : day.chains) {
                    late(random, chain, all);
                }
            }
            all.sort(Comparator.comparingLong(Arriving::arrivedMs));
            return all;
        }

        private static void late(Random random, List<Made> chain, List<Arriving> all) {
            int kind = random.nextInt(4);
            long mostMs = kind == 0 ? 1_000 : kind == 1 ? HOUR_MS : MOST_MS;
            long notBeforeMs = kind == 3 ? TestHub.NOW_MS + random.nextLong(MOST_MS) : 0;
            long lastMs = 0;
            for (Made each : chain) {
                long ownMs = each.atMs() + (kind == 3 ? 0 : random.nextLong(mostMs));
                lastMs = Math.max(lastMs, Math.min(Math.max(ownMs, notBeforeMs), each.atMs() + MOST_MS));
                all.add(new Arriving(each.message(), lastMs));
                if (random.nextInt(5) == 0) {
                    all.add(new Arriving(each.message(), each.atMs() + random.nextLong(2 * MOST_MS)));
                }
            }
        }
    }

    /** A hub without log or disk. */
    private static final class Hub {
        final HubState state = new HubState(TestMap.QUARTERS);
        private final List<LogEntry> log = new ArrayList<>();
        private final Map<Disposition, Integer> seen = new HashMap<>();

        Hub(City city) throws IOException {
            take(new Input.Founding(TestHub.NOW_MS, TestHub.NOW_MS / 1000));
            for (Day day : city.days) {
                take(new Input.UnitChange(TestHub.NOW_MS, day.unit.record()));
            }
        }

        Hub hear(List<Arriving> all) throws IOException {
            for (Arriving each : all) {
                take(new Input.Arrival(each.arrivedMs(), each.message()));
            }
            return this;
        }

        private void take(Input input) throws IOException {
            Output output = Step.decide(state, input);
            if (output.lookup().isPresent()) {
                Set<Id16> known = output.lookup().get().answer(index -> log.get((int) index - 1));
                output = Step.decide(state, ((Input.Arrival) input).withKnown(known));
            }
            seen.merge(output.disposition(), 1, Integer::sum);
            if (output.disposition().logged()) {
                log.add(new LogEntry(input, output));
                state.apply(log.size(), log.get(log.size() - 1));
            }
        }

        List<LogEntry> messages() {
            return log.stream()
                    .filter(each -> each.type() == Input.Type.MESSAGE)
                    .toList();
        }
    }

    /** What a centre that takes every event and applies every correction knows at last. */
    private static Map<String, Known> known(City city, Hub hub) {
        Map<String, When> better = new HashMap<>();
        for (LogEntry entry : hub.messages()) {
            entry.output()
                    .event()
                    .ifPresent(event -> event.corrections().forEach(each -> better.put(each.id(), each.when())));
        }
        Map<String, Known> known = new HashMap<>();
        Map<Id8, Integer> boardings = new HashMap<>();
        for (LogEntry entry : hub.messages()) {
            Optional<Event> event = entry.output().event();
            if (event.isEmpty() || event.get().type() == EventType.CORRECTION) {
                continue;
            }
            if (event.get().type() == EventType.RIDE_BOARDED) {
                boardings.merge(event.get().ride().orElseThrow(), 1, Integer::sum);
            }
            String id = entry.output().id();
            When when = better.getOrDefault(id, event.get().when());
            known.put(id, known(city, entry.output(), event.get(), when));
        }
        for (Day day : city.days) {
            day.boardedMs.keySet().forEach(ride -> assertEquals(1, boardings.get(ride), "one boarding of each ride"));
        }
        return known;
    }

    private static Known known(City city, Output output, Event event, When when) {
        Made made = city.made.get(output.id());
        assertNotNull(made, output.id());
        assertTrue(
                when.fromMs() <= made.atMs() && made.atMs() <= when.toMs(),
                () -> "the truth " + made.atMs() + " must lie in " + when + " of " + event.type());
        boolean undatedTrack = event.type() == EventType.TRACK && when.quality() == TimeQuality.UNKNOWN;
        boolean neverAnchored = when.source() == When.Source.NEIGHBOURS && event.type() == EventType.CONTACT;
        boolean ownPlace = event.placeSource() == Event.PlaceSource.MESSAGE;
        boolean eitherBoarding = event.type() == EventType.RIDE_UPDATED
                && city.overTwoChains.contains(event.ride().orElseThrow());
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        flags.addAll(output.flags());
        flags.remove(Flag.LATE);
        flags.remove(Flag.WITHHELD);
        SortedMap<String, String> details = new TreeMap<>(event.details());
        details.remove("owner-before");
        return new Known(
                eitherBoarding ? EventType.RIDE_BOARDED : event.type(),
                event.alarm(),
                ownPlace && !event.type().isOfRide() ? event.districts() : List.of(),
                ownPlace ? event.place() : Optional.empty(),
                undatedTrack || neverAnchored ? Optional.empty() : Optional.of(when),
                flags,
                event.ride(),
                details);
    }

    private static Map<Id16, SortedMap<String, String>> rides(City city, Hub hub) {
        Map<Id16, SortedMap<String, String>> rides = new HashMap<>();
        for (Day day : city.days) {
            rides.put(day.unit.id, new TreeMap<>(TestRides.of(hub.state, day.unit)));
        }
        return rides;
    }

    /** Whose each ride is in the end, and how far it went. */
    private static List<String> ends(City city, Hub hub) {
        List<String> ends = new ArrayList<>();
        for (Day day : city.days) {
            day.boardedMs.keySet().forEach(id -> {
                Ride ride = TestRides.ride(hub.state, day.unit, id);
                ends.add(id + " " + ride.owner() + " " + ride.districts() + " "
                        + ride.course().lengthM() + " " + ride.course().gaps(0, TestHub.NOW_MS));
            });
        }
        return ends;
    }

    /** So that the two runs are not equal in the same error. */
    private static void assertRidesAreAsTheyWere(City city, Hub hub) {
        for (Day day : city.days) {
            day.boardedMs.forEach((id, ms) -> {
                Ride ride = TestRides.ride(hub.state, day.unit, id);
                assertTrue(ride.boarded != null && ride.boarded.when().exact());
                assertEquals(ms, ride.boarded.when().ms());
                assertTrue(ride.alighted != null && ride.alighted.when().exact());
                assertEquals(day.alightedMs.get(id), ride.alighted.when().ms());
            });
        }
    }

    private static void assertAllStoredOnce(City city, Hub hub, String which) {
        List<String> ids =
                hub.messages().stream().map(each -> each.output().id()).toList();
        assertEquals(city.made.size(), ids.size(), which);
        assertEquals(city.made.keySet(), new HashSet<>(ids), which);
        assertEquals(ids.size() + 1 + UNITS, hub.seen.get(Disposition.STORED), which);
    }

    @Test
    void lateByUpToSeventyTwoHoursAcrossLanesAndUnitsTheRidesAndWhatACentreKnowsAreTheSame() throws IOException {
        int shuffles = Integer.getInteger("ansim.shuffles", USUAL_SHUFFLES);
        Map<Disposition, Integer> seen = new HashMap<>();
        int done = 0;
        for (int c = 0; c < CITIES; c++) {
            City city = new City(new Random(SEED + c));
            Hub inOrder = new Hub(city).hear(city.inOrder());
            assertAllStoredOnce(city, inOrder, "in order");
            assertRidesAreAsTheyWere(city, inOrder);
            Map<Id16, SortedMap<String, String>> rides = rides(city, inOrder);
            Map<String, Known> known = known(city, inOrder);
            for (; done < (long) shuffles * (c + 1) / CITIES; done++) {
                String which = "seed " + SEED + " city " + c + " shuffle " + done;
                Hub hub = new Hub(city).hear(city.late(new Random(SEED ^ (done * 0x9E3779B97F4A7C15L))));
                assertAllStoredOnce(city, hub, which);
                assertEquals(rides, rides(city, hub), which);
                assertEquals(ends(city, inOrder), ends(city, hub), which);
                assertEquals(known, known(city, hub), which);
                hub.seen.forEach((each, count) -> seen.merge(each, count, Integer::sum));
            }
        }
        assertEquals(
                Set.of(Disposition.STORED, Disposition.DUPLICATE, Disposition.HOLE),
                seen.keySet(),
                "repeats and holes came about, nothing else did");
    }
}
