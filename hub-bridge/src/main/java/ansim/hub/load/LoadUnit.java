package ansim.hub.load;

import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Health;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One unit: where it is, its ride, its chains, and what it signs. A new boot and new chains in each run. One thread at a time.
 */
final class LoadUnit {
    static final int TRACK_FIXES = 30;
    private static final int STEP_MS = 1000;
    /** 14 m/s, 50 km/h, in 1e-7 degree of latitude each second. */
    private static final int SPEED_E7 = 1_260;

    private static final int FAR_E7 = 250_000;
    private static final long BOOT_AGE_MS = 3_600_000;
    private static final long COUNTERS_SINCE_S = 1_700_000_000L;

    final int number;
    final Id16 id;
    private final SigningKey key;
    private final SplittableRandom random;
    private final long startMs;
    private final Id8 boot;
    private final Id8[] chains = new Id8[Lane.values().length];
    private final long[] n = new long[Lane.values().length];
    private final @Nullable Id16[] previous = new Id16[Lane.values().length];
    private final Pos home;
    private int latE7;
    private int lonE7;
    private double heading;
    private Optional<Id8> ride = Optional.empty();

    /**
     * A unit that was started an hour ago.
     *
     * @param startMs of this run, ms since 1970 UTC
     */
    LoadUnit(Fleet fleet, int number, long startMs) {
        this.number = number;
        this.id = fleet.id(number);
        this.key = fleet.key(number);
        this.startMs = startMs;
        this.random = new SplittableRandom(startMs * 1_000_003 + number);
        this.boot = new Id8(random.nextLong());
        for (Lane lane : Lane.values()) {
            // Lane 4: the agent's start counter, of which only the highest counts.
            chains[lane.number() - 1] =
                    new Id8(lane == Lane.STATUS ? startMs / 1000 - COUNTERS_SINCE_S : random.nextLong());
        }
        this.home = fleet.home(number);
        this.latE7 = home.latE7();
        this.lonE7 = home.lonE7();
        this.heading = random.nextDouble(2 * Math.PI);
    }

    /** Of the ride that is on. */
    Optional<Id8> ride() {
        return ride;
    }

    UpMessage board(long ms) {
        ride = Optional.of(new Id8(random.nextLong()));
        return event(ms, new Boarded(change()));
    }

    UpMessage alight(long ms) {
        UpMessage message = event(ms, new Alighted(change()));
        ride = Optional.empty();
        return message;
    }

    private RideChange change() {
        return RideChange.of(ride.orElseThrow(), Optional.of(here()), RideChange.Source.METER_LAMP);
    }

    private UpMessage event(long ms, Body body) {
        return sign(Lane.EVENT, ms, body);
    }

    /** The live position. */
    UpMessage position(long ms) {
        drive(10);
        return sign(
                Lane.STATUS,
                ms,
                new Position(
                        here(),
                        OptionalInt.of(1_400),
                        OptionalInt.of(Math.floorMod((int) (heading * 18_000 / Math.PI), 36_000)),
                        OptionalInt.of(1),
                        OptionalInt.empty(),
                        ride));
    }

    /** Half a minute that ends now. */
    UpMessage track(long ms) {
        List<Pos> fixes = new ArrayList<>(TRACK_FIXES);
        for (int i = 0; i < TRACK_FIXES; i++) {
            fixes.add(here());
            drive(1);
        }
        long beganMs = ms - (long) (TRACK_FIXES - 1) * STEP_MS;
        return sign(Lane.TRACK, beganMs, Track.through(fixes, STEP_MS, List.of(), ride));
    }

    UpMessage presence(long ms) {
        return sign(Lane.STATUS, ms, Presence.near(here(), true));
    }

    UpMessage health(long ms) {
        return sign(
                Lane.STATUS,
                ms,
                new Health(
                        (ms - startMs + BOOT_AGE_MS) / 1000,
                        OptionalLong.of(20_000),
                        OptionalInt.of(41),
                        List.of(0L, 0L, 0L, 0L),
                        List.of(0L, 0L, 0L, 0L),
                        OptionalInt.of(-71),
                        Map.of("camera", 1L, "bell", 1L),
                        OptionalLong.of(12_100),
                        List.of(),
                        Map.of("agent", "0.1.0"),
                        OptionalLong.of(300),
                        OptionalInt.of(1),
                        OptionalLong.empty(),
                        OptionalLong.of(4_000)));
    }

    /** A rider calls for help, and is helped at once: no alarm is left open. */
    List<UpMessage> panic(long ms) {
        Id8 alarm = new Id8(random.nextLong());
        return List.of(panic(ms, alarm, Phase.RAISED), panic(ms, alarm, Phase.CANCELLED));
    }

    private UpMessage panic(long ms, Id8 alarm, Phase phase) {
        return sign(
                Lane.ALARM,
                ms,
                new Panic(
                        Optional.of(here()),
                        ride,
                        Panic.Origin.RIDER,
                        Panic.Pattern.LONG,
                        alarm,
                        phase,
                        OptionalLong.empty()));
    }

    private Pos here() {
        return new Pos(latE7, lonE7, OptionalInt.of(40));
    }

    /** Straight on with a little noise; home again when it is far. */
    private void drive(int seconds) {
        heading += random.nextDouble(-0.2, 0.2);
        boolean far = Math.abs(latE7 - home.latE7()) > FAR_E7 || Math.abs(lonE7 - home.lonE7()) > FAR_E7;
        if (far) {
            heading = Math.atan2(home.lonE7() - lonE7, home.latE7() - latE7);
        }
        latE7 += (int) (SPEED_E7 * seconds * Math.cos(heading));
        lonE7 += (int) (SPEED_E7 * seconds * Math.sin(heading));
    }

    private UpMessage sign(Lane lane, long ms, Body body) {
        int place = lane.number() - 1;
        n[place]++;
        Batch batch = new Batch(
                id,
                boot,
                lane,
                chains[place],
                n[place],
                Optional.ofNullable(previous[place]),
                TimeQuality.GNSS,
                ms,
                Math.max(0, ms - startMs + BOOT_AGE_MS),
                List.of(new UpRecord(0, body)),
                OptionalLong.empty(),
                false,
                false);
        UpMessage message = UpMessage.sign(batch, key);
        if (lane != Lane.STATUS) {
            previous[place] = message.payloadHash();
        }
        return message;
    }
}
