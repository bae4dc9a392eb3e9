package ansim.edge;

import ansim.wire.TimeQuality;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The unit's wall clock, kept as the difference between UTC and CLOCK_MONOTONIC, with its quality.
 *
 * <p>Sources, best first: a GNSS fix of the last minute; the system clock while it says that it is synchronised (NTP);
 * whichever of them was last heard on this boot (held over); none (unknown, t = 0). A reading is late, never early, so of
 * fixes that agree within a second the earliest counts, leaking 1 ms per fix so that a drifting oscillator is followed. A
 * difference of more than a second is a step, believed after three fixes that agree with each other, and so is the first time
 * of a boot: a port that was stopped and delivers old sentences in a burst neither sets nor moves the clock.
 *
 * <p>Not guaranteed: better than the receiver's own delay, commonly 0.1 to 0.9 s. Any thread.
 */
final class UnitClock {
    /** A GNSS fix dates messages at quality GNSS for this long; at 50 ppm the oscillator is 3 ms off by then. */
    static final long GNSS_MS = 60_000;
    /** A difference above this is a step: it is anchored and reported. */
    static final long STEP_MS = 1_000;
    /** Fixes in agreement that make a step believed. */
    static final int STEP_FIXES = 3;

    private final LongSupplier systemMs;
    private final BooleanSupplier synchronised;

    private OptionalLong offsetMs = OptionalLong.empty();
    private long gnssAtMs = Long.MIN_VALUE / 2;
    private long candidateMs;
    private int candidates;
    private OptionalLong anchoredMs = OptionalLong.empty();
    private long lastStepMs;

    /**
     * What time it is.
     *
     * @param quality how far to trust it
     * @param utcMs ms since 1970, 0 when unknown
     * @param monoMs CLOCK_MONOTONIC ms
     */
    record Stamp(TimeQuality quality, long utcMs, long monoMs) {}

    UnitClock(LongSupplier systemMs, BooleanSupplier synchronised) {
        this.systemMs = systemMs;
        this.synchronised = synchronised;
    }

    /** A fix of this UTC time was read at this moment. A date that was rolled over by 1,024 weeks is only held over. */
    synchronized void fix(long utcMs, boolean rolledOver, long monoMs) {
        if (rolledOver) {
            if (offsetMs.isEmpty()) {
                offsetMs = OptionalLong.of(utcMs - monoMs);
            }
            return;
        }
        long offset = utcMs - monoMs;
        OptionalLong known = gnssAtMs < 0 ? anchoredMs : offsetMs;
        if (known.isPresent() && Math.abs(offset - known.getAsLong()) <= STEP_MS) {
            follow(Math.max(offset, known.getAsLong() - 1), monoMs);
            return;
        }
        boolean agrees = candidates > 0 && Math.abs(offset - candidateMs) <= STEP_MS;
        candidateMs = agrees ? Math.max(candidateMs, offset) : offset;
        candidates = agrees ? candidates + 1 : 1;
        if (candidates >= STEP_FIXES) {
            follow(candidateMs, monoMs);
        }
    }

    private void follow(long offset, long monoMs) {
        offsetMs = OptionalLong.of(offset);
        gnssAtMs = monoMs;
        candidates = 0;
    }

    /** Dates a moment of this boot. */
    synchronized Stamp at(long monoMs, long nowMs) {
        TimeQuality quality = quality(nowMs);
        return quality == TimeQuality.UNKNOWN
                ? new Stamp(quality, 0, monoMs)
                : new Stamp(quality, offsetMs.orElse(0) + monoMs, monoMs);
    }

    private TimeQuality quality(long nowMs) {
        if (nowMs - gnssAtMs <= GNSS_MS) {
            return TimeQuality.GNSS;
        }
        if (synchronised.getAsBoolean()) {
            offsetMs = OptionalLong.of(systemMs.getAsLong() - nowMs);
            return TimeQuality.NTP;
        }
        return offsetMs.isPresent() ? TimeQuality.HELD_OVER : TimeQuality.UNKNOWN;
    }

    /** Whether an anchor is due: the first good time of this boot, or a step of more than a second since the last one. */
    synchronized boolean anchorDue(long nowMs) {
        if (quality(nowMs).code() > TimeQuality.NTP.code()) {
            return false;
        }
        return anchoredMs.isEmpty() || Math.abs(offsetMs.orElse(0) - anchoredMs.getAsLong()) > STEP_MS;
    }

    /** An anchor for the present offset is being written. Returns the step since the last one, 0 for the first of a boot. */
    synchronized long anchored() {
        lastStepMs = anchoredMs.isEmpty() ? 0 : offsetMs.orElse(0) - anchoredMs.getAsLong();
        anchoredMs = offsetMs;
        return lastStepMs;
    }

    /** The last step, ms. */
    synchronized long lastStepMs() {
        return lastStepMs;
    }

    /** Seconds since a fix dated anything; empty when none did on this boot. */
    synchronized OptionalLong fixAgeS(long nowMs) {
        return gnssAtMs < 0 ? OptionalLong.empty() : OptionalLong.of((nowMs - gnssAtMs) / 1000);
    }

    /** UTC minus CLOCK_MONOTONIC as last anchored, ms; empty before the first anchor of this boot. */
    synchronized OptionalLong anchoredOffsetMs() {
        return anchoredMs;
    }

    /** An earlier run of the agent has anchored this boot at this offset: held over until a source is heard again. */
    synchronized void alreadyAnchored(long offset) {
        anchoredMs = OptionalLong.of(offset);
        if (offsetMs.isEmpty()) {
            offsetMs = anchoredMs;
        }
    }
}
