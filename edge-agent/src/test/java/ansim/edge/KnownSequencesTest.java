package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.profile.CardNumber;
import ansim.wire.Id8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The sequences of a taxi's day that everybody knows, each with its one right answer; the same answer when the agent is killed after
 * any step, and when it is killed after every one. What a restart does: the state comes from the journal, the levels are read again.
 */
class KnownSequencesTest {
    private static final Id8 BOOT = new Id8(7);
    private static final String ANN = "62E3086CED";
    private static final String BEN = "2E00AF0EC9";
    /** An agent is back this soon. */
    private static final long DEAD_MS = 300;

    private static final String OPENED = "BOARDED 1 by METER_LAMP riders 0";
    private static final String NAMED = "UPDATED 1 by CARD riders 1";
    private static final String CLOSED = "ALIGHTED 1 by METER_LAMP riders 1";

    private record Step(long atMs, Kind kind, String word, boolean on) {}

    private enum Kind {
        LAMP,
        TAP,
        SPEED,
        CONTACT,
        NOTHING
    }

    private static Step lamp(double s, boolean hired) {
        return new Step(ms(s), Kind.LAMP, "", hired);
    }

    private static Step tap(double s, String card) {
        return new Step(ms(s), Kind.TAP, card, true);
    }

    private static Step speed(double s, int kmh) {
        return new Step(ms(s), Kind.SPEED, Integer.toString(kmh), true);
    }

    private static Step contact(double s, String name, boolean closed) {
        return new Step(ms(s), Kind.CONTACT, name, closed);
    }

    private static Step time(double s) {
        return new Step(ms(s), Kind.NOTHING, "", false);
    }

    private static long ms(double s) {
        return Math.round(s * 1000);
    }

    /** One agent after the other; what is not in the state is lost with each. */
    private static final class Unit {
        final RideRules rules;
        final SplittableRandom random = new SplittableRandom(1);
        final List<RideEvent> events = new ArrayList<>();
        Ride ride;
        byte[] journal;
        Optional<Step> lamp = Optional.empty();
        final List<Step> contacts = new ArrayList<>();

        Unit(RideRules rules) {
            this.rules = rules;
            ride = new Ride(rules, random, CardSealer.none(), atMs -> Optional.empty());
            journal = ride.state(BOOT);
        }

        /** As the recorder does: whatever is no repetition is on disk. */
        void take(List<RideEvent> some) {
            events.addAll(some);
            if (some.stream().anyMatch(event -> event.kind() != RideEvent.Kind.KNOWN)) {
                journal = ride.state(BOOT);
            }
        }

        void play(Step step) {
            switch (step.kind) {
                case LAMP -> {
                    lamp = Optional.of(step);
                    take(ride.lamp(step.on, step.atMs));
                }
                case TAP -> take(ride.tap(CardNumber.of(step.word), step.atMs));
                case SPEED -> take(ride.speed(Integer.parseInt(step.word), step.atMs));
                case CONTACT -> {
                    contacts.removeIf(known -> known.word.equals(step.word));
                    contacts.add(step);
                    take(ride.contact(step.word, step.on, true, step.atMs));
                }
                case NOTHING -> take(ride.tick(step.atMs));
            }
        }

        void restart(long nowMs) {
            ride = new Ride(rules, random, CardSealer.none(), atMs -> Optional.empty());
            try {
                ride.restore(journal, BOOT, nowMs);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            lamp.ifPresent(step -> take(ride.lamp(step.on, nowMs)));
            contacts.forEach(step -> take(ride.contact(step.word, step.on, false, nowMs)));
        }

        List<String> told() {
            List<Id8> rides = new ArrayList<>();
            List<String> told = new ArrayList<>();
            for (RideEvent event : events) {
                if (event.travels()) {
                    if (!rides.contains(event.ride())) {
                        rides.add(event.ride());
                    }
                    told.add(event.kind() + " " + (rides.indexOf(event.ride()) + 1) + " by " + event.source()
                            + " riders " + event.riders());
                }
            }
            return told;
        }
    }

    private static void gives(List<String> expected, Step... steps) {
        gives(RideRules.standard(), expected, steps);
    }

    private static void gives(RideRules rules, List<String> expected, Step... steps) {
        assertEquals(expected, play(rules, -1, steps), "never killed");
        for (int after = 0; after < steps.length; after++) {
            assertEquals(expected, play(rules, after, steps), "killed after step " + after + ", " + steps[after]);
        }
        assertEquals(expected, play(rules, steps.length, steps), "killed after every step");
    }

    /** @param killedAfter this step, -1 for never, the number of steps for after each */
    private static List<String> play(RideRules rules, int killedAfter, Step... steps) {
        Unit unit = new Unit(rules);
        for (int i = 0; i < steps.length; i++) {
            unit.play(steps[i]);
            if (killedAfter == i || killedAfter == steps.length) {
                unit.restart(steps[i].atMs + DEAD_MS);
            }
        }
        return unit.told();
    }

    @Test
    void payAtTheEnd() {
        gives(
                List.of(OPENED, NAMED, CLOSED),
                lamp(0, false),
                lamp(10, true),
                speed(20, 40),
                speed(590, 0),
                tap(600, ANN),
                lamp(610, false),
                time(613));
    }

    @Test
    void preApproval() {
        gives(
                List.of(OPENED, NAMED, CLOSED),
                lamp(0, false),
                lamp(10, true),
                speed(30, 40),
                tap(30.5, ANN),
                speed(590, 0),
                lamp(600, false),
                time(603));
    }

    @Test
    void tapFirst() {
        gives(
                List.of("BOARDED 1 by CARD riders 1", CLOSED),
                lamp(0, false),
                tap(10, ANN),
                lamp(69, true),
                lamp(600, false),
                time(603));
    }

    @Test
    void tapFirstWhileTheRideBeforeStillHasItsMinute() {
        gives(
                List.of(OPENED, NAMED, CLOSED, "BOARDED 2 by CARD riders 1", "ALIGHTED 2 by METER_LAMP riders 1"),
                lamp(0, true),
                tap(5, ANN),
                lamp(100, false),
                time(103),
                tap(130, BEN),
                lamp(150, true),
                lamp(400, false),
                time(403));
    }

    @Test
    void secondRider() {
        gives(
                List.of(OPENED, NAMED, "UPDATED 1 by CARD riders 2", "ALIGHTED 1 by METER_LAMP riders 2"),
                lamp(0, true),
                tap(5, ANN),
                tap(8, BEN),
                time(69),
                lamp(600, false),
                time(603));
    }

    @Test
    void doubleTapAt1s() {
        gives(List.of(OPENED, NAMED), lamp(0, true), tap(5, ANN), tap(6, ANN), time(200));
    }

    @Test
    void doubleTapAt5s() {
        gives(List.of(OPENED, NAMED), lamp(0, true), tap(5, ANN), tap(10, ANN), time(200));
        gives(List.of("BOARDED 1 by CARD riders 1"), tap(5, ANN), tap(10, ANN), time(200));
    }

    @Test
    void lampChatterAtABump() {
        gives(
                List.of(OPENED, NAMED),
                lamp(0, false),
                lamp(10, true),
                tap(20, ANN),
                lamp(300, false),
                lamp(301.2, true),
                lamp(302, false),
                lamp(303.9, true),
                time(400));
    }

    @Test
    void readerThatRepeats() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            steps.add(tap(i * 0.5, ANN));
        }
        gives(List.of("BOARDED 1 by CARD riders 1"), steps.toArray(Step[]::new));
    }

    @Test
    void agentKilledInMidRide() {
        Unit unit = new Unit(RideRules.standard());
        unit.play(lamp(0, false));
        unit.play(lamp(10, true));
        unit.play(tap(20, ANN));
        unit.restart(ms(300));
        unit.play(tap(320, ANN));
        unit.play(lamp(400, false));
        unit.play(time(403));
        assertEquals(List.of(OPENED, NAMED, CLOSED), unit.told());
    }

    @Test
    void agentKilledInMidRideThatEndedBeforeItCameBack() {
        Unit unit = new Unit(RideRules.standard());
        unit.play(lamp(10, true));
        unit.lamp = Optional.of(lamp(200, false));
        unit.restart(ms(300));
        unit.play(time(303));
        assertEquals(List.of(OPENED, "ALIGHTED 1 by METER_LAMP riders 0"), unit.told());
    }

    @Test
    void noLampAtAll() {
        gives(
                List.of("BOARDED 1 by CARD riders 1", "ALIGHTED 1 by CARD riders 1", "BOARDED 2 by CARD riders 1"),
                tap(10, ANN),
                tap(60, ANN),
                tap(300, ANN),
                tap(330, ANN),
                tap(400, BEN));
    }

    @Test
    void noLampAtAllAndTheIgnitionIsOffFor10Minutes() {
        gives(
                List.of("BOARDED 1 by CARD riders 1", "ALIGHTED 1 by INFERRED riders 1"),
                contact(0, "ignition", true),
                tap(10, ANN),
                contact(100, "ignition", false),
                time(400),
                time(699),
                time(700.5));
    }

    @Test
    void aCardWhileTheIgnitionIsOffGetsItsOwn10Minutes() {
        gives(
                List.of("BOARDED 1 by CARD riders 1", "ALIGHTED 1 by INFERRED riders 1"),
                contact(0, "ignition", false),
                tap(1_000, ANN),
                time(1_599),
                time(1_600.5));
    }

    @Test
    void noReaderAtAll() {
        gives(
                List.of(
                        OPENED,
                        "ALIGHTED 1 by METER_LAMP riders 0",
                        "BOARDED 2 by METER_LAMP riders 0",
                        "ALIGHTED 2 by METER_LAMP riders 0"),
                lamp(0, false),
                lamp(10, true),
                lamp(500, false),
                time(503),
                lamp(700, true),
                lamp(900, false),
                time(903));
    }

    @Test
    void aLampThatIsFoundLitAtTheVeryFirstStartIsARide() {
        gives(List.of(OPENED), lamp(0, true), time(100));
    }

    @Test
    void aDoorThatShutsAndAStartAreABoardingWhereThatMayBeInferred() {
        gives(
                new RideRules(true),
                List.of("BOARDED 1 by INFERRED riders 0"),
                speed(0, 0),
                contact(1, "door", false),
                contact(5, "door", true),
                speed(9, 10),
                speed(10, 16));
    }

    /** An agent that started in a standing taxi took each start from then on for a boarding: its doors were found shut. */
    @Test
    void aDoorThatIsFoundShutWasNotShut() {
        Unit unit = new Unit(new RideRules(true));
        unit.play(speed(0, 40));
        unit.play(contact(1, "door", true));
        unit.restart(ms(10));
        unit.play(speed(20, 0));
        unit.play(speed(30, 40));
        assertEquals(List.of(), unit.told());
    }
}
