package ansim.edge.sim;

import ansim.edge.sim.DidLog.Deed;
import ansim.edge.sim.People.Scene;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The load of a rig: people who do one thing after the other at random moments, as fast as the unit confirms it.
 *
 * <p>Guarantee: a thing done is in the record with the moment before it was done and, if the *stored* light answered, the moment
 * after that was seen. The unit's message of it was made and stored in between, so its signed time lies in between. Nothing is
 * done that the unit would confirm without a message of its own (a known card, a second press within a second). What is left
 * without an answer gets none later that could be taken for the next thing's: a level stands until an agent has seen it, and a
 * card is given up only when an agent took it from the line and another has started since.
 *
 * <p>Not guaranteed: that a thing without an answer was not stored. One thread.
 */
final class RushHour {
    /** Between two things at most. */
    static final int PAUSE_MS = 300;
    /** An agent that is dead, or cannot store, for so long is not waited for: the thing gets no answer. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long LOOK_MS = 5;
    private static final long QUIET_MS = 1_500;
    /** The unit takes presses closer than a second for one. */
    private static final long PRESSES_APART_MS = 1_100;
    /** In one of so many rides somebody presses. */
    private static final int PRESS_IN = 3;
    /** One of so many things at a pole is the bell. */
    private static final int BELL_IN = 5;

    private final Bench bench;
    private final Drive drive;
    private final DidLog log;
    private final CountDownLatch stop;
    private final Bench.Kind kind;
    private final RandomGenerator random;
    private final Duration patience;
    private long pressedMonoMs = Long.MIN_VALUE / 2;
    private boolean door;
    private int ride;

    /** Something done. */
    private interface Act {
        void run() throws IOException;
    }

    RushHour(Scene scene, Bench.Kind kind, RandomGenerator random, Duration patience) {
        this.bench = scene.bench();
        this.drive = scene.drive();
        this.log = scene.log();
        this.stop = scene.stop();
        this.kind = kind;
        this.random = random;
        this.patience = patience;
    }

    /** Waits until an agent reads these devices. */
    void agentHere() throws IOException, InterruptedException {
        while (!bench.read()) {
            pause(LOOK_MS);
        }
    }

    /** Does things until then. */
    void work(Instant end) throws IOException, InterruptedException {
        while (Instant.now().isBefore(end)) {
            if (kind == Bench.Kind.TAXI) {
                taxiRide();
            } else {
                pole();
            }
        }
    }

    /** The lamp, one card, now and then a press: each is one message. */
    private void taxiRide() throws IOException, InterruptedException {
        ride++;
        deed("boarded", () -> bench.level("lamp", true));
        byte[] card = Frames.card(String.format("%010X", random.nextLong(1L << 40)));
        deed("named", true, () -> bench.card(card));
        if (random.nextInt(PRESS_IN) == 0) {
            press("panic");
        }
        deed("alighted", () -> bench.level("lamp", false));
    }

    private void pole() throws IOException, InterruptedException {
        if (random.nextInt(BELL_IN) == 0) {
            press("bell");
        } else {
            door = !door;
            deed("contact", () -> bench.level("door", door));
        }
    }

    /** Held until it is confirmed, so that an agent that starts meanwhile finds it pressed. */
    private void press(String line) throws IOException, InterruptedException {
        long sinceMs = Moment.now().monoMs() - pressedMonoMs;
        pause(Math.max(0, PRESSES_APART_MS - sinceMs));
        try {
            deed("press", () -> bench.level(line, true));
        } finally {
            pressedMonoMs = Moment.now().monoMs();
            bench.level(line, false);
        }
    }

    private void deed(String what, Act act) throws IOException, InterruptedException {
        deed(what, false, act);
    }

    private void deed(String what, boolean card, Act act) throws IOException, InterruptedException {
        pause(random.nextInt(PAUSE_MS));
        long before = bench.storedSeen().orElse(0);
        Moment at = Moment.now();
        Optional<Moment> stored = Optional.empty();
        try {
            act.run();
            stored = answer(before, card);
        } finally {
            log.write(new Deed(what, at, drive.place(), ride, 1, stored));
        }
        if (stored.isEmpty()) {
            untilQuiet();
        }
    }

    /** When the light was seen to have shown *stored* once more; empty when it will not for this. */
    private Optional<Moment> answer(long before, boolean card) throws IOException, InterruptedException {
        long giveUpMs = Moment.now().monoMs() + patience.toMillis();
        boolean taken = false;
        Bench.Light last = bench.light();
        while (Moment.now().monoMs() <= giveUpMs) {
            // The line first, then the light, then the clock: who starts after this look cannot have taken the card.
            boolean takenNow = card && bench.cardTaken();
            Bench.Light light = bench.light();
            if (bench.storedSeen().orElse(0) > before) {
                return Optional.of(Moment.now());
            }
            if (taken && light.switchedOffAgain(last)) {
                return Optional.empty();
            }
            taken = takenNow;
            last = light;
            pause(LOOK_MS);
        }
        return Optional.empty();
    }

    private void untilQuiet() throws IOException, InterruptedException {
        long last = -1;
        while (last != bench.storedSeen().orElse(0)) {
            last = bench.storedSeen().orElse(0);
            pause(QUIET_MS);
        }
    }

    /** Waits; throws when the simulation is to stop. */
    private void pause(long ms) throws InterruptedException {
        if (stop.await(ms, TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("stopped");
        }
    }
}
