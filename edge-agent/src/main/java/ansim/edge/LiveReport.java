package ansim.edge;

import ansim.profile.Reading.Fix;
import ansim.wire.Health;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * What lane 4 tells of now, each as often as {@link Recorder.Pace} says: where the unit is, and how it is. Positions are precise only while
 * a ride is on or an alarm is open; otherwise a presence of 0.01 degree. The recorder's thread only.
 */
final class LiveReport {
    private final Lanes lanes;
    private final Whereabouts whereabouts;
    private final Recorder.Pace pace;
    private final LongFunction<Health> health;
    private long liveAtMs = Long.MIN_VALUE / 2;
    private long presenceAtMs = Long.MIN_VALUE / 2;
    private long healthAtMs = Long.MIN_VALUE / 2;

    /** @param health makes the health record for a CLOCK_MONOTONIC time */
    LiveReport(Lanes lanes, Whereabouts whereabouts, Recorder.Pace pace, LongFunction<Health> health) {
        this.lanes = lanes;
        this.whereabouts = whereabouts;
        this.pace = pace;
        this.health = health;
    }

    /** Tells what is due by the clock. */
    void tick(long nowMs, Optional<Id8> ride, boolean emergency) {
        if (ride.isPresent() || emergency) {
            live(nowMs, ride, emergency ? pace.emergencyMs() : pace.rideMs());
        } else if (nowMs - presenceAtMs >= pace.presenceMs()) {
            presence(nowMs);
        }
        if (nowMs - healthAtMs >= pace.healthMs()) {
            healthAtMs = nowMs;
            lanes.status(new Draft(health.apply(nowMs), nowMs));
        }
    }

    private void live(long nowMs, Optional<Id8> ride, long everyMs) {
        Optional<Fix> fix = whereabouts.fix(nowMs, everyMs);
        if (fix.isPresent() && nowMs - liveAtMs >= everyMs) {
            liveAtMs = nowMs;
            lanes.status(new Draft(position(fix.get(), ride), whereabouts.fixMs()));
        }
    }

    private void presence(long nowMs) {
        Optional<Pos> pos = whereabouts.fresh(nowMs);
        if (pos.isPresent()) {
            presenceAtMs = nowMs;
            lanes.status(new Draft(Presence.near(pos.get(), true), nowMs));
        }
    }

    private static Position position(Fix fix, Optional<Id8> ride) {
        return new Position(
                Whereabouts.pos(fix),
                fix.speedCms(),
                fix.courseCdeg(),
                fix.quality().mode(),
                fix.quality().altitudeDm(),
                ride);
    }
}
