package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The rule of one output: a siren, a beacon, a buzzer, a light. Off at first, and never on for longer than {@code longest-on}
 * without a break, however often it is ordered on: who orders it may lose the line. Pure: time comes in, and whoever has the line
 * sets it to {@link #on}. One thread at a time.
 */
public final class Relay {
    /**
     * Options.
     *
     * @param active the level that is on
     * @param longestOn it goes off by itself after this
     */
    record Options(
            @Default("high") LineReader.Active active,

            @Default("60s") @Range(min = 100, max = 86_400_000)
            Duration longestOn) {}

    private final boolean activeHigh;
    private final long longestOnMs;
    private boolean on;
    private long sinceMs;
    private long untilMs;

    Relay(Options options) {
        activeHigh = options.active() == LineReader.Active.HIGH;
        longestOnMs = options.longestOn().toMillis();
    }

    /** Whether the line is high while the output is on. */
    public boolean activeHigh() {
        return activeHigh;
    }

    /** Whether it is on, as of the last call. */
    public boolean on() {
        return on;
    }

    /** Switches it on, for at most this long; what was ordered before no longer holds. */
    public void on(long monoMs, OptionalLong atMostMs) {
        tick(monoMs);
        if (!on) {
            on = true;
            sinceMs = monoMs;
        }
        long limitMs = sinceMs + longestOnMs;
        long wantedMs = atMostMs.orElse(longestOnMs);
        untilMs = wantedMs >= limitMs - monoMs ? limitMs : monoMs + wantedMs;
        tick(monoMs);
    }

    /** Switches it off. */
    public void off() {
        on = false;
    }

    /** Lets time pass: off, when it was on for long enough. */
    public void tick(long monoMs) {
        if (on && monoMs >= untilMs) {
            on = false;
        }
    }
}
