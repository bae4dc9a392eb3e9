package ansim.edge.sim;

import ansim.edge.sim.DidLog.Deed;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The driver, the riders and the passers-by. They do what people do: look at the *stored* light, and tap or press again when it
 * stays dark. The lamp is the meter's and cannot be repeated: they wait for it, with the taxi standing.
 *
 * <p>Three ways of paying take turns: at the end, by pre-approval on the way, and tap first. In the second ride of each run a
 * rider calls for help. One thread.
 */
final class People {
    /** Longer than a reader's two seconds in which the same card is one tap. */
    private static final long PATIENCE_MS = 3_000;

    private static final int TRIES = 20;
    private static final long LAMP_PATIENCE_MS = 30_000;
    private static final long LOOK_MS = 20;
    private static final long PRESS_MS = 1_300;
    private static final int HELP_IN_RIDE = 2;
    /** After repeated tries: answers to earlier ones may still come. */
    private static final long QUIET_MS = 600;
    /** So long after the last press the unit takes a call for the same one. */
    private static final Duration SAME_CALL = Duration.ofMinutes(10);
    /** So long after a ride the unit keeps a card until the lamp tells whose ride it is: only then somebody has boarded. */
    private static final Duration CARD_IS_KEPT = Duration.ofMinutes(1);

    private final Bench bench;
    private final Drive drive;
    private final DidLog log;
    private final Supplier<String> cards;
    private final CountDownLatch stop;
    private final Pace pace;
    private int ride;
    private Optional<Instant> calledAt = Optional.empty();
    private Optional<Instant> alightedAt = Optional.empty();

    /** What the people work with. */
    record Scene(Bench bench, Drive drive, DidLog log, CountDownLatch stop) {}

    /**
     * How long people take where they wait for nothing.
     *
     * @param settleMs until an agent that has just started has seen all levels and a fix
     * @param tapToLampMs from the rider's tap to the driver's hand on the meter
     * @param lampToTapMs from the lamp to the rider's card
     */
    record Pace(long settleMs, long tapToLampMs, long lampToTapMs) {
        static final Pace USUAL = new Pace(3_000, 1_000, 1_500);
    }

    /** Something a person can do again. */
    private interface Act {
        void run() throws IOException, InterruptedException;
    }

    /** Riders of whom each has a card that nobody has seen before. */
    People(Scene scene, RandomGenerator random, Pace pace) {
        this(scene, () -> String.format("%010X", random.nextLong(1L << 40)), pace);
    }

    /** @param cards the number of the next rider's card, ten hex digits */
    People(Scene scene, Supplier<String> cards, Pace pace) {
        this.pace = pace;
        this.cards = cards;
        this.bench = scene.bench();
        this.drive = scene.drive();
        this.log = scene.log();
        this.stop = scene.stop();
    }

    /** Waits until an agent reads these devices. */
    void agentHere() throws IOException, InterruptedException {
        do {
            while (!bench.read()) {
                pause(200);
            }
            pause(pace.settleMs());
        } while (!bench.read());
    }

    /**
     * One ride, from the kerb to the kerb.
     *
     * @param rideMs how long the taxi drives with the rider
     */
    void ride(long rideMs) throws IOException, InterruptedException {
        ride++;
        String card = cards.get();
        int paying = (ride + 1) % 3;
        if (paying == 2) {
            boardByCard(card);
        } else {
            lamp("boarded", true);
        }
        drive.go();
        if (paying == 1) {
            pause(pace.lampToTapMs());
            again("named", PATIENCE_MS, () -> tap(card));
        }
        pause(rideMs / 2);
        if (ride == HELP_IN_RIDE) {
            drive.stop();
            callForHelp("panic");
            drive.go();
        }
        pause(rideMs / 2);
        drive.stop();
        if (paying == 0) {
            again("named", PATIENCE_MS, () -> tap(card));
        }
        lamp("alighted", false);
        alightedAt = Optional.of(Instant.now());
    }

    /**
     * The card first, then the lamp. The light answers the card, but boarded is only who has a lit lamp too; soon after another ride it
     * is the lamp's own answer that says so.
     */
    private void boardByCard(String card) throws IOException, InterruptedException {
        long before = seen();
        Moment at = Moment.now();
        int tries = 0;
        boolean lit = false;
        try {
            do {
                tries++;
                at = Moment.now();
                tap(card);
            } while (!look(before, PATIENCE_MS) && tries < TRIES);
            if (tries > 1) {
                untilQuiet();
            }
            pause(pace.tapToLampMs());
            if (cardIsKept()) {
                before = seen();
                at = Moment.now();
            }
            bench.level("lamp", true);
            lit = true;
            look(before, LAMP_PATIENCE_MS);
        } finally {
            write("boarded", at, tries, lit && seen() > before);
        }
    }

    private boolean cardIsKept() {
        return alightedAt.isPresent()
                && Duration.between(alightedAt.get(), Instant.now()).compareTo(CARD_IS_KEPT) < 0;
    }

    /** Drives on with nobody. */
    void vacant(long ms) throws InterruptedException {
        drive.go();
        pause(ms);
        drive.stop();
    }

    /** Somebody at a pole opens the door of the cabinet, closes it, and later pulls the bell. */
    void visitPole(long ms) throws IOException, InterruptedException {
        again("contact", LAMP_PATIENCE_MS, () -> bench.level("door", true));
        pause(1_000);
        again("contact", LAMP_PATIENCE_MS, () -> bench.level("door", false));
        pause(ms);
        callForHelp("bell");
    }

    private void callForHelp(String line) throws IOException, InterruptedException {
        boolean same = calledAt.isPresent()
                && Duration.between(calledAt.get(), Instant.now()).compareTo(SAME_CALL) < 0;
        String what = same ? "panic-again" : "panic";
        again(what, PATIENCE_MS, () -> {
            bench.level(line, true);
            try {
                pause(PRESS_MS);
            } finally {
                bench.level(line, false);
            }
        });
        calledAt = Optional.of(Instant.now());
    }

    private void tap(String card) throws IOException {
        bench.card(Frames.card(card));
    }

    private void lamp(String what, boolean lit) throws IOException, InterruptedException {
        long before = seen();
        Moment at = Moment.now();
        try {
            bench.level("lamp", lit);
            look(before, LAMP_PATIENCE_MS);
        } finally {
            write(what, at, 1, seen() > before);
        }
    }

    private void again(String what, long patienceMs, Act act) throws IOException, InterruptedException {
        long before = seen();
        Moment at = Moment.now();
        int tries = 0;
        try {
            do {
                tries++;
                at = Moment.now();
                act.run();
            } while (!look(before, patienceMs) && tries < TRIES);
        } finally {
            write(what, at, tries, seen() > before);
        }
        if (tries > 1) {
            untilQuiet();
        }
    }

    /** So that a late answer to one thing is not taken for the answer to the next. */
    private void untilQuiet() throws IOException, InterruptedException {
        long last = -1;
        while (last != seen()) {
            last = seen();
            pause(QUIET_MS);
        }
    }

    private void write(String what, Moment at, int tries, boolean stored) throws IOException {
        Optional<Moment> storedAt = stored ? Optional.of(Moment.now()) : Optional.empty();
        log.write(new Deed(what, at, drive.place(), ride, tries, storedAt));
    }

    private long seen() throws IOException {
        OptionalLong seen = bench.storedSeen();
        return seen.orElse(0);
    }

    /** Looks at the light until it has shown *stored* once more. */
    private boolean look(long before, long patienceMs) throws IOException, InterruptedException {
        for (long waited = 0; waited < patienceMs; waited += LOOK_MS) {
            if (seen() > before) {
                return true;
            }
            pause(LOOK_MS);
        }
        return seen() > before;
    }

    /** Waits; throws when the simulation is to stop: people drop what they do, and what was begun is in the log. */
    private void pause(long ms) throws InterruptedException {
        if (stop.await(ms, TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("stopped");
        }
    }
}
