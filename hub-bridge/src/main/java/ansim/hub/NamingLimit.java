package ansim.hub;

import ansim.wire.Id16;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * How many riders one unit can have named within an hour. A taxi carries a dozen; a stolen box that counts through card numbers would have the
 * guardians of a whole city told that somebody boarded.
 *
 * <p>The hour is the hub's, which the unit does not choose; it begins with the first name. What is late counts by itself: after an outage of three
 * days it all comes at once, and guardians are told nothing of it. In memory: a restart begins anew. At most two entries a unit, gone with their
 * hour. One thread.
 */
final class NamingLimit {
    /** Riders of one unit within an hour. */
    static final int MOST = 30;

    /** The same of what comes late. */
    static final int MOST_LATE = 150;

    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);

    /** Named since a moment: handles, of which two rides of one rider have two. */
    private record Named(long sinceMs, Set<String> handles) {}

    private record Of(Id16 unit, boolean late) {}

    private final Map<Of, Named> named = new HashMap<>();
    private long sweptMs;

    /** Whether nobody else of this unit is to be named now. */
    boolean isReached(Id16 unit, boolean late, long nowMs) {
        return named(new Of(unit, late), nowMs).handles.size() >= (late ? MOST_LATE : MOST);
    }

    /** A rider of the unit was named. */
    void named(Id16 unit, boolean late, String handle, long nowMs) {
        sweep(nowMs);
        Of of = new Of(unit, late);
        Named known = named(of, nowMs);
        known.handles.add(handle);
        named.put(of, known);
    }

    private Named named(Of of, long nowMs) {
        Named known = named.get(of);
        return known == null || isOver(known, nowMs) ? new Named(nowMs, new HashSet<>()) : known;
    }

    /** Also after a clock that was put back. */
    private static boolean isOver(Named known, long nowMs) {
        return nowMs - known.sinceMs >= HOUR_MS || nowMs < known.sinceMs;
    }

    private void sweep(long nowMs) {
        if (Math.abs(nowMs - sweptMs) >= HOUR_MS) {
            sweptMs = nowMs;
            named.values().removeIf(each -> isOver(each, nowMs));
        }
    }
}
