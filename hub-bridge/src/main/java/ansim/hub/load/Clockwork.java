package ansim.hub.load;

import ansim.wire.UpMessage;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * {@link LoadProfile#SEOUL} by the clock: which unit has what to say when. What a unit says is made when its moment has come. One thread.
 */
final class Clockwork {
    private static final long POSITION_MS = 10_000;
    private static final long TRACK_MS = 30_000;
    private static final long PRESENCE_MS = 60_000;
    private static final long HEALTH_MS = 60_000;
    private static final long RIDE_MS = 600_000;

    /** Messages a second of 112 units, by the periods above. */
    private static final double PER_112 = 36 / 10.0 + 36 / 30.0 + 36 / 60.0 + 40 / 60.0 + 72 / 600.0;

    private enum What {
        BOARD,
        ALIGHT,
        POSITION,
        TRACK,
        PRESENCE,
        HEALTH,
        PANIC
    }

    /** @param ride how many rides the unit had begun: what was meant for an earlier one is dropped */
    private record Due(double atMs, int unit, What what, int ride) {}

    private final LoadUnit[] units;
    private final PriorityQueue<Due> queue = new PriorityQueue<>((a, b) -> Double.compare(a.atMs, b.atMs));
    private final int[] rides;
    /** Those that are hired at the start and have not boarded yet. */
    private final boolean[] hired;

    private final double stretch;
    private final double alarmEveryMs;
    private final SplittableRandom random = new SplittableRandom(7);

    /**
     * From 0 ms on. The taxis that are hired at first board within {@code rampMs}.
     *
     * @param stretch all periods times this
     */
    Clockwork(Fleet fleet, LoadUnit[] units, double stretch, double rampMs, double alarmEveryMs) {
        this.units = units;
        this.rides = new int[units.length];
        this.hired = new boolean[units.length];
        this.stretch = stretch;
        this.alarmEveryMs = alarmEveryMs;
        for (int unit = 0; unit < units.length; unit++) {
            if (!fleet.isTaxi(unit)) {
                add(random.nextDouble(HEALTH_MS * stretch), unit, What.HEALTH);
            } else if (random.nextBoolean()) {
                hired[unit] = true;
                add(random.nextDouble(Math.max(1, rampMs)), unit, What.BOARD);
            } else {
                add(random.nextDouble(PRESENCE_MS * stretch), unit, What.PRESENCE);
                add(random.nextDouble(RIDE_MS * stretch), unit, What.BOARD);
            }
        }
        if (alarmEveryMs > 0) {
            add(rampMs, 0, What.PANIC);
        }
    }

    /** Of so many units by the periods as they are. */
    static double naturalRate(int units) {
        return units * PER_112 / 112;
    }

    private void add(double atMs, int unit, What what) {
        queue.add(new Due(atMs, unit, what, rides[unit]));
    }

    /** When the next is due, ms. */
    double nextMs() {
        Due next = queue.peek();
        return next == null ? Double.MAX_VALUE : next.atMs;
    }

    /** What is due next, if its ride is still on, and signed at a wall time. */
    List<UpMessage> next(long utcMs) {
        Due due = queue.remove();
        int unit = due.unit;
        boolean over = due.ride != rides[unit];
        return switch (due.what) {
            case BOARD -> board(due, utcMs);
            case ALIGHT -> alight(due, utcMs);
            case HEALTH -> {
                add(due.atMs + HEALTH_MS * stretch, unit, What.HEALTH);
                yield List.of(units[unit].health(utcMs));
            }
            case PANIC -> {
                add(due.atMs + alarmEveryMs, 0, What.PANIC);
                yield units[random.nextInt(units.length)].panic(utcMs);
            }
            default -> over ? List.of() : periodic(due, utcMs);
        };
    }

    private List<UpMessage> periodic(Due due, long utcMs) {
        LoadUnit unit = units[due.unit];
        switch (due.what) {
            case POSITION -> {
                add(due.atMs + POSITION_MS * stretch, due.unit, What.POSITION);
                return List.of(unit.position(utcMs));
            }
            case TRACK -> {
                add(due.atMs + TRACK_MS * stretch, due.unit, What.TRACK);
                return List.of(unit.track(utcMs));
            }
            default -> {
                add(due.atMs + PRESENCE_MS * stretch, due.unit, What.PRESENCE);
                return List.of(unit.presence(utcMs));
            }
        }
    }

    private List<UpMessage> board(Due due, long utcMs) {
        int unit = due.unit;
        boolean first = hired[unit];
        hired[unit] = false;
        rides[unit]++;
        add(due.atMs + random.nextDouble(POSITION_MS * stretch), unit, What.POSITION);
        add(due.atMs + random.nextDouble(TRACK_MS * stretch), unit, What.TRACK);
        // Those that were hired at the start are anywhere in their ride.
        add(due.atMs + (first ? random.nextDouble(RIDE_MS * stretch) : RIDE_MS * stretch), unit, What.ALIGHT);
        return List.of(units[unit].board(utcMs));
    }

    private List<UpMessage> alight(Due due, long utcMs) {
        int unit = due.unit;
        rides[unit]++;
        add(due.atMs + random.nextDouble(PRESENCE_MS * stretch), unit, What.PRESENCE);
        add(due.atMs + RIDE_MS * stretch, unit, What.BOARD);
        return List.of(units[unit].alight(utcMs));
    }
}
