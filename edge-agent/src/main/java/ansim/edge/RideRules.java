package ansim.edge;

import ansim.settings.Default;

/**
 * What of the ride's rules a unit may choose.
 *
 * @param infer whether a closed door and a start from standstill board a ride where there is neither lamp nor reader
 */
record RideRules(@Default("false") boolean infer) {
    /** A tap and a lamp edge closer than this are one boarding; a tap this long after the end still names the ride. */
    static final long WINDOW_MS = 60_000;
    /** The same card within this is one tap. */
    static final long REPEAT_MS = 2_000;
    /** The lamp must stay vacant this long before the ride is over; shorter is a bump. */
    static final long VACANT_MS = 2_000;
    /** Ignition off this long ends a ride that no lamp ends. */
    static final long IGNITION_MS = 600_000;
    /** Faster than this a taxi drives: a start that infers a boarding, a tap that is flagged. */
    static final double DRIVING_KMH = 15.0;
    /** Slower than this a taxi stands. */
    static final double STANDING_KMH = 1.0;
    /** Cards known again within one ride; further ones are counted but not known again. */
    static final int RIDERS_MAX = 8;

    /** The rules that need no setting. */
    static RideRules standard() {
        return new RideRules(false);
    }
}
