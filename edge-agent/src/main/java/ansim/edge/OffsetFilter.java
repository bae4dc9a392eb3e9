package ansim.edge;

import java.util.OptionalLong;

/**
 * Which of the times that a receiver tells are believed, as the difference between UTC and CLOCK_MONOTONIC. A fix is late, never
 * early: of those that agree the one with the largest difference is the least delayed.
 *
 * <p>Guarantee: a first time, or one that is {@link #AGREES_MS} or more from what is known, is believed only after
 * {@value #FIXES} fixes over {@value #SPAN_MS} ms during which the receiver's time passed as CLOCK_MONOTONIC did. A port that was
 * stopped and delivers old sentences in a burst, at whatever rate, neither sets nor moves a clock.
 *
 * <p>Not guaranteed: that a receiver which is late by the same time throughout is found out. Pure; not thread-safe.
 */
final class OffsetFilter {
    /** Fixes in agreement that make a time believed. */
    static final int FIXES = 3;
    /** They must span this much of CLOCK_MONOTONIC: three fixes of a receiver that tells the time once a second. */
    static final long SPAN_MS = 1_500;
    /** A fix that differs from what is known by up to this agrees with it: receivers are up to so late. */
    static final long AGREES_MS = UnitClock.STEP_MS;
    /** A fix that is so much less delayed than the first of its run says that this one was old. */
    static final long RISE_MS = 500;
    /** A drifting oscillator is followed by so much per fix. */
    private static final long LEAK_MS = 1;

    private int run;
    private long firstMonoMs;
    private long firstOffsetMs;
    private long bestOffsetMs;

    /**
     * Takes a fix.
     *
     * @param utcMs the time that it told
     * @param monoMs when it told so, CLOCK_MONOTONIC
     * @param knownMs the difference that is known by now, if one is
     * @return the difference that is known from now on; empty when nothing new is
     */
    OptionalLong take(long utcMs, long monoMs, OptionalLong knownMs) {
        long offsetMs = utcMs - monoMs;
        if (knownMs.isPresent() && Math.abs(offsetMs - knownMs.getAsLong()) <= AGREES_MS) {
            run = 0;
            return OptionalLong.of(Math.max(offsetMs, knownMs.getAsLong() - LEAK_MS));
        }
        boolean goesOn = run > 0 && offsetMs >= firstOffsetMs - AGREES_MS && offsetMs <= firstOffsetMs + RISE_MS;
        if (!goesOn) {
            run = 0;
            firstMonoMs = monoMs;
            firstOffsetMs = offsetMs;
            bestOffsetMs = offsetMs;
        }
        run++;
        bestOffsetMs = Math.max(bestOffsetMs, offsetMs);
        if (run < FIXES || monoMs - firstMonoMs < SPAN_MS) {
            return OptionalLong.empty();
        }
        run = 0;
        return OptionalLong.of(bestOffsetMs);
    }
}
