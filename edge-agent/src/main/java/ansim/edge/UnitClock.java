package ansim.edge;

import ansim.wire.TimeQuality;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The unit's wall clock, kept as the difference between UTC and CLOCK_MONOTONIC, with its quality.
 *
 * <p>Sources, best first: a GNSS fix of the last minute; the system clock while it says that it is synchronised (NTP);
 * whichever of them was last heard on this boot (held over); none (unknown, t = 0). Which fixes are believed is
 * {@link OffsetFilter}'s rule. A receiver whose date was rolled over by 1,024 weeks holds a boot's time over that nothing better
 * has dated.
 *
 * <p>Not guaranteed: better than the receiver's own delay, commonly 0.1 to 0.9 s. Any thread.
 */
final class UnitClock {
    /** A GNSS fix dates messages at quality GNSS for this long; at 50 ppm the oscillator is 3 ms off by then. */
    static final long GNSS_MS = 60_000;
    /** A difference above this since the last anchor is anchored: a drifting oscillator is so far off after hours. */
    static final long STEP_MS = 1_000;
    /** A step above this is a clock that has jumped: neither drift nor the delay of a receiver is as much. */
    static final long JUMP_MS = 2_000;

    private final LongSupplier systemMs;
    private final BooleanSupplier synchronised;
    private final OffsetFilter fixes = new OffsetFilter();
    private final OffsetFilter rolledFixes = new OffsetFilter();

    private OptionalLong offsetMs = OptionalLong.empty();
    private long gnssAtMs = Long.MIN_VALUE / 2;
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

    /**
     * A receiver told this UTC time at this moment.
     *
     * @param rolledOver its date was rolled over by 1,024 weeks: quality held over at best
     */
    synchronized void fix(long utcMs, boolean rolledOver, long monoMs) {
        if (rolledOver) {
            if (anchoredMs.isEmpty()) {
                rolledFixes.take(utcMs, monoMs, offsetMs).ifPresent(offset -> offsetMs = OptionalLong.of(offset));
            }
            return;
        }
        fixes.take(utcMs, monoMs, gnssAtMs < 0 ? anchoredMs : offsetMs).ifPresent(offset -> {
            offsetMs = OptionalLong.of(offset);
            gnssAtMs = monoMs;
        });
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

    /** UTC by the network alone, ms since 1970, whatever a receiver says; empty while the system clock is not synchronised. */
    OptionalLong networkMs() {
        return synchronised.getAsBoolean() ? OptionalLong.of(systemMs.getAsLong()) : OptionalLong.empty();
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
