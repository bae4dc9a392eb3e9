package ansim.hub.deliver;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far one sink has got in one class of events. All counts are of log entries, and go on over restarts; one entry may hold two events.
 * {@code routed = delivered + waiting + refused + dropped + skipped + erased}, or {@code reconciles} is false.
 *
 * @param district as configured
 * @param sink its kind, and the address without passwords
 * @param alarm whether this is the cursor of alarms
 * @param routed entries that were put before this cursor
 * @param waiting entries stored for it and not delivered yet
 * @param delivered entries that the centre took
 * @param refused entries that the centre refused for good; they are in the dead-letter file
 * @param dropped entries that were dropped at the limit; they are ranges in the dead-letter file
 * @param skipped entries that an operator skipped; they are in the dead-letter file
 * @param erased entries that were erased before their turn came
 * @param repeated events delivered again because somebody asked for it, since the hub started; in none of the other counts
 * @param again entries that are still to be delivered again
 * @param reconciles whether it adds up: the index, made from the log, has as many entries before the cursor as are accounted for
 * @param lastDeliveredMs when the last one was delivered since the hub started, ms since 1970 UTC
 * @param oldestWaitingMs when the oldest waiting one reached the hub, ms since 1970 UTC
 * @param lastError why it is failing now; empty once a delivery has succeeded
 * @param next id of the event that is tried now or next; empty when that is not known
 */
public record CursorStatus(
        String district,
        String sink,
        boolean alarm,
        long routed,
        long waiting,
        long delivered,
        long refused,
        long dropped,
        long skipped,
        long erased,
        long repeated,
        long again,
        boolean reconciles,
        OptionalLong lastDeliveredMs,
        OptionalLong oldestWaitingMs,
        Optional<String> lastError,
        Optional<String> next) {
    /** Entries in the dead-letter file. */
    public long deadLettered() {
        return refused + dropped;
    }
}
