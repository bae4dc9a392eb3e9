package ansim.wire;

import java.util.List;

/**
 * Kind 12: roughly where a unit is while no ride and no alarm is on (lane 4). Make it with {@link #near}: a precise position
 * must not leave the unit in a presence.
 *
 * @param latE7 latitude in 1e-7 degree, rounded to {@link #CELL_E7}, key 1
 * @param lonE7 longitude likewise
 * @param onDuty key 46
 */
public record Presence(int latE7, int lonE7, boolean onDuty) implements Body {
    /** 0.01 degree. */
    public static final int CELL_E7 = 100_000;

    public Presence {
        Range.check("latitude", latE7, -Pos.MAX_LAT_E7, Pos.MAX_LAT_E7);
        Range.check("longitude", lonE7, -Pos.MAX_LON_E7, Pos.MAX_LON_E7);
    }

    /** The cell around a position. */
    public static Presence near(Pos pos, boolean onDuty) {
        return new Presence(rounded(pos.latE7()), rounded(pos.lonE7()), onDuty);
    }

    private static int rounded(int degreesE7) {
        return Math.floorDiv(degreesE7 + CELL_E7 / 2, CELL_E7) * CELL_E7;
    }

    @Override
    public Kind kind() {
        return Kind.PRESENCE;
    }

    static Presence read(Fields in) throws WireException {
        List<Item> cell = in.get(1).array(2, 2, in.name(1));
        return new Presence(
                (int) cell.get(0).integer(-Pos.MAX_LAT_E7, Pos.MAX_LAT_E7, new Name(in.name(1), " ", "latitude")),
                (int) cell.get(1).integer(-Pos.MAX_LON_E7, Pos.MAX_LON_E7, new Name(in.name(1), " ", "longitude")),
                in.get(46).bool(in.name(46)));
    }

    MapOut fields() {
        return new MapOut().put(1, out -> out.integers(List.of(latE7, lonE7))).put(46, onDuty);
    }
}
