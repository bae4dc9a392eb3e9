package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which rides need attention, and when to look at which. A ride that is heard of puts its time off without a word here; it is only looked at again when its
 * earlier time has come, so that a message costs nothing and a moment without anything due neither. Follows from the state, is not kept. One thread.
 *
 * <p>Silence counts from when the hub listens. A ride that came late, from a backlog, has {@value #GRACE_MS} ms to end before its age is told.
 */
final class Watch {
    static final long GRACE_MS = 300_000;

    private record Due(long atMs, Id16 unit, Id8 ride) {}

    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::atMs));

    /** Since when the hub listens, ms since 1970 UTC. */
    long listeningMs;

    /** What is to be told of a ride at a moment. */
    int needs(Policy.Attention policy, UnitState unit, Ride ride, long nowMs) {
        if (!isOn(ride)) {
            return 0;
        }
        boolean lost = isDue(policy.lostMs(), heardMs(unit), nowMs);
        int needs = lost ? Concern.LOST.bit() : 0;
        Mark boarded = ride.boarded;
        boolean mayBeOver = nowMs < ride.heardMs + GRACE_MS;
        if (boarded != null
                && !mayBeOver
                && isDue(policy.endlessMs(), boarded.when().ms(), nowMs)) {
            needs |= Concern.ENDLESS.bit();
        }
        if (!lost && !mayBeOver && isDue(policy.noPositionMs(), placedMs(ride), nowMs)) {
            needs |= Concern.NO_POSITION.bit();
        }
        Live live = ride.live;
        if (live != null && policy.longStopMs() > 0 && live.standingMs() >= policy.longStopMs()) {
            needs |= Concern.LONG_STOP.bit();
        }
        if (live != null && movesAway(policy, ride, live)) {
            needs |= Concern.MOVING_AWAY.bit();
        }
        return needs;
    }

    /** Once told it ends half way back: a taxi at the limit is not told of again and again. */
    private static boolean movesAway(Policy.Attention policy, Ride ride, Live live) {
        boolean told = (ride.told & Concern.MOVING_AWAY.bit()) != 0;
        long limitM = told ? policy.movingAwayM() / 2 : policy.movingAwayM();
        return policy.movingAwayM() > 0 && live.awayM(ride.goalPos()) > limitM;
    }

    /** A ride that is forgotten and only shows again by what came late is over. */
    private static boolean isOn(Ride ride) {
        return ride.boarded != null && !ride.closed() && ride.heardMs != Ride.LONG_AGO;
    }

    private static boolean isDue(long afterMs, long sinceMs, long nowMs) {
        return afterMs > 0 && nowMs >= sinceMs + afterMs;
    }

    long heardMs(UnitState unit) {
        return Math.max(unit.heardMs, listeningMs);
    }

    /** When it was last known where it is, not before the hub listened. */
    private long placedMs(Ride ride) {
        Mark boarded = ride.boarded;
        long since = boarded == null
                ? listeningMs
                : Math.max(listeningMs, boarded.when().ms());
        return ride.latest.isSet() ? Math.max(since, ride.latest.ms()) : since;
    }

    private long nextMs(Policy.Attention policy, UnitState unit, Ride ride, long nowMs) {
        if (needs(policy, unit, ride, nowMs) != ride.told) {
            return nowMs;
        }
        if (!isOn(ride)) {
            return Long.MAX_VALUE;
        }
        Mark boarded = ride.boarded;
        long next = after(nowMs, policy.lostMs(), heardMs(unit));
        if (boarded != null) {
            next = Math.min(
                    next,
                    after(nowMs, policy.endlessMs(), graced(ride, boarded.when().ms(), policy.endlessMs())));
        }
        return Math.min(next, after(nowMs, policy.noPositionMs(), graced(ride, placedMs(ride), policy.noPositionMs())));
    }

    private static long graced(Ride ride, long sinceMs, long afterMs) {
        return Math.max(sinceMs, ride.heardMs + GRACE_MS - afterMs);
    }

    private static long after(long nowMs, long afterMs, long sinceMs) {
        return afterMs > 0 && sinceMs + afterMs > nowMs ? sinceMs + afterMs : Long.MAX_VALUE;
    }

    /** Something is known anew of a unit's rides. */
    void look(Policy policy, UnitState unit, long nowMs) {
        for (Ride ride : unit.rides()) {
            look(policy, unit, ride, nowMs);
        }
    }

    void look(Policy policy, UnitState unit, Ride ride, long nowMs) {
        if (!isOn(ride) && ride.told == 0) {
            return;
        }
        long next = nextMs(policy.attention(), unit, ride, nowMs);
        if (next < ride.dueMs) {
            ride.dueMs = next;
            queue.add(new Due(next, unit.registered.unit(), ride.id));
        }
    }

    /** The next ride of which something is to be told by then. */
    Optional<Input.Tick> due(Policy policy, Units units, long nowMs) {
        while (!queue.isEmpty() && queue.element().atMs() <= nowMs) {
            Due due = queue.remove();
            UnitState unit = units.find(due.unit());
            Ride ride = unit == null ? null : unit.ride(due.ride()).orElse(null);
            if (unit == null || ride == null || ride.dueMs != due.atMs()) {
                continue;
            }
            ride.dueMs = Long.MAX_VALUE;
            if (needs(policy.attention(), unit, ride, nowMs) != ride.told) {
                return Optional.of(new Input.Tick(nowMs, new UnitRide(due.unit(), due.ride())));
            }
            look(policy, unit, ride, nowMs);
        }
        return Optional.empty();
    }

    /** Finds units. */
    interface Units {
        @Nullable
        UnitState find(Id16 id);
    }

    /** How many wait. */
    int waiting() {
        return queue.size();
    }
}
