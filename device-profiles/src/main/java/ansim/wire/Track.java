package ansim.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Kind 2: a run of fixes at an even step, each but the first as its difference to the one before (lane 3).
 *
 * <p>Keeps the fixes themselves: they are worked out once, when it is read, and asked for many times. Immutable.
 */
public final class Track implements Body {
    private final int stepMs;
    private final List<Pos> fixes;
    private final List<Integer> speedsCmS;
    private final Optional<Id8> ride;

    /**
     * From the differences.
     *
     * @param start the first fix, key 1
     * @param stepMs milliseconds from one fix to the next, key 6, not negative
     * @param deltas (latitude, longitude) differences in 1e-7 degree in turn, key 7; an even number of them, and no fix may leave
     *     the globe
     * @param speedsCmS speed over ground in cm/s, key 8; empty when absent. Costs three bytes per moving fix: leave it out where the
     *     differences say it
     * @param ride the ride it belongs to, key 10
     */
    public Track(Pos start, int stepMs, List<Integer> deltas, List<Integer> speedsCmS, Optional<Id8> ride) {
        this(walk(start, deltas.stream().mapToInt(Integer::intValue).toArray()), speedsCmS, stepMs, ride);
    }

    private Track(List<Pos> fixes, List<Integer> speedsCmS, int stepMs, Optional<Id8> ride) {
        Range.check("step", stepMs, 0, Integer.MAX_VALUE);
        for (int speed : speedsCmS) {
            Range.check("speed", speed, 0, Integer.MAX_VALUE);
        }
        this.stepMs = stepMs;
        this.fixes = fixes;
        this.speedsCmS = List.copyOf(speedsCmS);
        this.ride = ride;
    }

    /** The track through {@code fixes}, of which there must be at least one. */
    public static Track through(List<Pos> fixes, int stepMs, List<Integer> speedsCmS, Optional<Id8> ride) {
        return new Track(fixes.get(0), stepMs, differences(fixes), speedsCmS, ride);
    }

    private static List<Integer> differences(List<Pos> fixes) {
        List<Integer> deltas = new ArrayList<>(2 * fixes.size());
        for (int i = 1; i < fixes.size(); i++) {
            deltas.add(Math.subtractExact(fixes.get(i).latE7(), fixes.get(i - 1).latE7()));
            deltas.add(Math.subtractExact(fixes.get(i).lonE7(), fixes.get(i - 1).lonE7()));
        }
        return deltas;
    }

    private static List<Pos> walk(Pos start, int[] deltas) {
        if (deltas.length % 2 != 0) {
            throw new IllegalArgumentException("track differences must come in pairs (got " + deltas.length + ")");
        }
        Pos[] fixes = new Pos[1 + deltas.length / 2];
        fixes[0] = start;
        long latE7 = start.latE7();
        long lonE7 = start.lonE7();
        for (int i = 0; i < deltas.length; i += 2) {
            latE7 += deltas[i];
            lonE7 += deltas[i + 1];
            Range.check("latitude", latE7, -Pos.MAX_LAT_E7, Pos.MAX_LAT_E7);
            Range.check("longitude", lonE7, -Pos.MAX_LON_E7, Pos.MAX_LON_E7);
            fixes[1 + i / 2] = Pos.of((int) latE7, (int) lonE7);
        }
        return List.of(fixes);
    }

    /** The first fix. */
    public Pos start() {
        return fixes.get(0);
    }

    /** Milliseconds from one fix to the next. */
    public int stepMs() {
        return stepMs;
    }

    /** Every fix, the first with its accuracy. */
    public List<Pos> fixes() {
        return fixes;
    }

    /** (Latitude, longitude) differences in 1e-7 degree in turn. */
    public List<Integer> deltas() {
        return differences(fixes);
    }

    /** Speed over ground in cm/s; empty when absent. */
    public List<Integer> speedsCmS() {
        return speedsCmS;
    }

    /** The ride it belongs to. */
    public Optional<Id8> ride() {
        return ride;
    }

    @Override
    public Kind kind() {
        return Kind.TRACK;
    }

    static Track read(Fields in) throws WireException {
        Pos start = Pos.read(in.get(1), in.name(1));
        int stepMs = in.integer(6, 0, Integer.MAX_VALUE);
        int[] deltas = in.get(7).integers(Integer.MIN_VALUE, Integer.MAX_VALUE, in.name(7));
        Optional<Item> speeds = in.find(8);
        List<Integer> speedsCmS = List.of();
        if (speeds.isPresent()) {
            speedsCmS = Arrays.stream(speeds.get().integers(0, Integer.MAX_VALUE, in.name(8)))
                    .boxed()
                    .toList();
        }
        Optional<Id8> ride = in.maybeId8(10);
        try {
            return new Track(walk(start, deltas), speedsCmS, stepMs, ride);
        } catch (IllegalArgumentException leftTheGlobe) {
            throw WireException.content(String.valueOf(leftTheGlobe.getMessage()));
        }
    }

    MapOut fields() {
        return new MapOut()
                .put(1, start()::write)
                .put(6, stepMs)
                .put(7, out -> out.integers(deltas()))
                .putInts(8, speedsCmS)
                .putId8(10, ride);
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof Track that
                && stepMs == that.stepMs
                && fixes.equals(that.fixes)
                && speedsCmS.equals(that.speedsCmS)
                && ride.equals(that.ride);
    }

    @Override
    public int hashCode() {
        return Objects.hash(stepMs, fixes, speedsCmS, ride);
    }

    @Override
    public String toString() {
        return "Track[" + fixes.size() + " fixes, " + stepMs + " ms]";
    }
}
