package ansim.edge;

import ansim.wire.CommissioningOrder;
import java.time.Duration;

/**
 * A fitter tries the unit: everything is stored, signed and receipted as ever and carries the test mark (CONTRACT, key 13 of a
 * batch), so that nobody is sent.
 *
 * <p>Guarantees that a real call is not masked: commissioning does not begin while a ride is on or an alarm is open, a ride that
 * starts ends it, and so does a press within {@link #PRESS_AGAIN} of a press that was taken for a test: that press is real. It ends by
 * itself, and with the program: after a restart whatever is pressed is real.
 *
 * <p>Times are CLOCK_MONOTONIC ms. Any thread.
 */
final class Commissioning {
    /** As long as it lasts at most; verb 10 may name less. */
    static final Duration LONGEST = Duration.ofSeconds(CommissioningOrder.LONGEST_S);

    /** Who presses again within this time means it. */
    static final Duration PRESS_AGAIN = Duration.ofSeconds(60);

    /** A test press at the very end still gets its mark, though the disk is slow: what the unit takes for a test is one at the hub too. */
    static final Duration SEALED_WITHIN = Duration.ofSeconds(10);

    private static final long NEVER = Long.MIN_VALUE / 2;

    private long endsMs = NEVER;
    private long testPressMs = NEVER;
    private boolean busy;

    /**
     * Begins, goes on for another time, or, with zero, ends.
     *
     * @return false when a ride is on or an alarm is open; nothing changes then
     */
    synchronized boolean begin(Duration time, long nowMs) {
        if (time.isNegative() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "commissioning must last 0 to " + LONGEST.toSeconds() + " s (got " + time.toSeconds() + ")");
        }
        if (time.isZero()) {
            endsMs = NEVER;
            return true;
        }
        if (busy) {
            return false;
        }
        // That somebody has pressed stays known: who begins again and presses again may mean it.
        endsMs = nowMs + time.toMillis();
        return true;
    }

    /** Whether what is sealed now carries the test mark. */
    synchronized boolean active(long nowMs) {
        return nowMs < endsMs;
    }

    /** Left of it, for the status. */
    synchronized Duration left(long nowMs) {
        return nowMs < endsMs ? Duration.ofMillis(endsMs - nowMs) : Duration.ZERO;
    }

    /**
     * Whether a ride is on or an alarm is open, now and until the next call. Told before what starts it is sealed.
     *
     * @return whether that has just ended it
     */
    synchronized boolean busy(boolean rideOrAlarm, long nowMs) {
        busy = rideOrAlarm;
        boolean ended = busy && nowMs < endsMs;
        if (ended) {
            endsMs = NEVER;
        }
        return ended;
    }

    /**
     * Somebody calls for help.
     *
     * @return whether it is a test; otherwise it is meant, and no mark will be on what is sealed from now on
     */
    synchronized boolean testPress(long nowMs) {
        boolean again = nowMs - testPressMs <= PRESS_AGAIN.toMillis();
        if (nowMs >= endsMs || again) {
            endsMs = NEVER;
            busy = true;
            return false;
        }
        testPressMs = nowMs;
        endsMs = Math.max(endsMs, nowMs + SEALED_WITHIN.toMillis());
        return true;
    }
}
