package ansim.edge;

import java.util.function.Consumer;

/**
 * The two signals to people: *stored* after the fsync, and *the hub has it* after the receipt. Each is a pulse of
 * {@value #PULSE_MS} ms with exactly one rising edge per call, also when the line is still on from the last. A silent panic
 * gives neither: that is the caller's duty; and while a silent alarm is open nothing else gives one either. A pulse that has begun
 * ends in its time. Any thread.
 */
final class Signals {
    static final long PULSE_MS = 200;

    private final Line stored;
    private final Line hub;
    private boolean silent;

    private static final class Line {
        private final Consumer<Boolean> output;
        private boolean on;
        private long offAtMs;

        Line(Consumer<Boolean> output) {
            this.output = output;
        }

        void pulse(long nowMs) {
            if (on) {
                output.accept(false);
            }
            output.accept(true);
            on = true;
            offAtMs = nowMs + PULSE_MS;
        }

        void tick(long nowMs) {
            if (on && nowMs >= offAtMs) {
                output.accept(false);
                on = false;
            }
        }
    }

    Signals(Consumer<Boolean> stored, Consumer<Boolean> hub) {
        this.stored = new Line(stored);
        this.hub = new Line(hub);
    }

    /** Whether a silent alarm is open: then nothing on the unit may move. */
    synchronized void silence(boolean open) {
        silent = open;
    }

    /** What {@link #silence} was told last. */
    synchronized boolean silent() {
        return silent;
    }

    /** A message of a person is on disk. */
    synchronized void stored(long nowMs) {
        if (!silent) {
            stored.pulse(nowMs);
        }
    }

    /** The hub's receipt for a message of a person has come. */
    synchronized void hub(long nowMs) {
        if (!silent) {
            hub.pulse(nowMs);
        }
    }

    synchronized void tick(long nowMs) {
        stored.tick(nowMs);
        hub.tick(nowMs);
    }
}
