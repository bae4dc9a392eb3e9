package ansim.hub.deliver;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far one sink has got in one class of events.
 *
 * @param district as configured
 * @param sink webhook or mqtt, and the address
 * @param alarm whether this is the cursor of alarms
 * @param waiting events stored for it and not delivered yet
 * @param delivered events delivered since the hub started; repeats count again
 * @param refused events that the centre refused for good since the hub started; they are in the dead-letter file
 * @param erased events that were erased before their turn came since the hub started
 * @param lastDeliveredMs when the last one was, ms since 1970 UTC
 * @param oldestWaitingMs when the oldest waiting one reached the hub, ms since 1970 UTC
 * @param lastError why it is failing now; empty once a delivery has succeeded
 */
public record CursorStatus(
        String district,
        String sink,
        boolean alarm,
        long waiting,
        long delivered,
        long refused,
        long erased,
        OptionalLong lastDeliveredMs,
        OptionalLong oldestWaitingMs,
        Optional<String> lastError) {}
