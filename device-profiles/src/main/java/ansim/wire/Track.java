package ansim.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Kind 2: a run of fixes at an even step, each but the first as its difference to the one before (lane 3).
 *
 * @param start the first fix, key 1
 * @param stepMs milliseconds from one fix to the next, key 6, not negative
 * @param deltas (latitude, longitude) differences in 1e-7 degree in turn, key 7; an even number of them, and no fix may leave
 *     the globe
 * @param speedsCmS speed over ground in cm/s, key 8; empty when absent. Costs three bytes per moving fix: leave it out where the
 *     differences say it
 * @param ride the ride it belongs to, key 10
 */
public record Track(Pos start, int stepMs, List<Integer> deltas, List<Integer> speedsCmS, Optional<Id8> ride)
        implements Body {
    public Track {
        Range.check("step", stepMs, 0, Integer.MAX_VALUE);
        deltas = List.copyOf(deltas);
        speedsCmS = List.copyOf(speedsCmS);
        speedsCmS.forEach(speed -> Range.check("speed", speed, 0, Integer.MAX_VALUE));
        walk(start, deltas);
    }

    /** The track through {@code fixes}, of which there must be at least one. */
    public static Track through(List<Pos> fixes, int stepMs, List<Integer> speedsCmS, Optional<Id8> ride) {
        List<Integer> deltas = new ArrayList<>(2 * fixes.size());
        for (int i = 1; i < fixes.size(); i++) {
            deltas.add(Math.subtractExact(fixes.get(i).latE7(), fixes.get(i - 1).latE7()));
            deltas.add(Math.subtractExact(fixes.get(i).lonE7(), fixes.get(i - 1).lonE7()));
        }
        return new Track(fixes.get(0), stepMs, deltas, speedsCmS, ride);
    }

    /** Every fix, the first with its accuracy. */
    public List<Pos> fixes() {
        return walk(start, deltas);
    }

    private static List<Pos> walk(Pos start, List<Integer> deltas) {
        if (deltas.size() % 2 != 0) {
            throw new IllegalArgumentException("track differences must come in pairs (got " + deltas.size() + ")");
        }
        List<Pos> fixes = new ArrayList<>(1 + deltas.size() / 2);
        fixes.add(start);
        long latE7 = start.latE7();
        long lonE7 = start.lonE7();
        for (int i = 0; i < deltas.size(); i += 2) {
            latE7 += deltas.get(i);
            lonE7 += deltas.get(i + 1);
            Range.check("latitude", latE7, -Pos.MAX_LAT_E7, Pos.MAX_LAT_E7);
            Range.check("longitude", lonE7, -Pos.MAX_LON_E7, Pos.MAX_LON_E7);
            fixes.add(Pos.of((int) latE7, (int) lonE7));
        }
        return fixes;
    }

    @Override
    public Kind kind() {
        return Kind.TRACK;
    }

    static Track read(Fields in) throws WireException {
        Pos start = Pos.read(in.get(1), in.name(1));
        int stepMs = in.integer(6, 0, Integer.MAX_VALUE);
        List<Integer> deltas = ints(in.get(7), Integer.MIN_VALUE, in.name(7));
        Optional<Item> speeds = in.find(8);
        List<Integer> speedsCmS = speeds.isPresent() ? ints(speeds.get(), 0, in.name(8)) : List.of();
        try {
            return new Track(start, stepMs, deltas, speedsCmS, in.maybeId8(10));
        } catch (IllegalArgumentException leftTheGlobe) {
            throw WireException.content(String.valueOf(leftTheGlobe.getMessage()));
        }
    }

    private static List<Integer> ints(Item list, int least, String what) throws WireException {
        List<Integer> values = new ArrayList<>();
        for (Item item : list.array(0, Integer.MAX_VALUE, what)) {
            values.add((int) item.integer(least, Integer.MAX_VALUE, what));
        }
        return values;
    }

    MapOut fields() {
        return new MapOut()
                .put(1, start::write)
                .put(6, stepMs)
                .put(7, out -> out.integers(deltas))
                .putInts(8, speedsCmS)
                .putId8(10, ride);
    }
}
