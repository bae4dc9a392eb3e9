package ansim.wire;

import java.util.List;
import java.util.OptionalInt;

/**
 * A place on the ground, WGS 84.
 *
 * @param latE7 latitude in 1e-7 degree, [-900000000, 900000000]
 * @param lonE7 longitude in 1e-7 degree, [-1800000000, 1800000000]
 * @param haccDm horizontal accuracy in decimetres, not negative
 */
public record Pos(int latE7, int lonE7, OptionalInt haccDm) {
    /** The north pole. */
    public static final int MAX_LAT_E7 = 900_000_000;

    /** The antimeridian. */
    public static final int MAX_LON_E7 = 1_800_000_000;

    public Pos {
        Range.check("latitude", latE7, -MAX_LAT_E7, MAX_LAT_E7);
        Range.check("longitude", lonE7, -MAX_LON_E7, MAX_LON_E7);
        Range.check("accuracy", haccDm.orElse(0), 0, Integer.MAX_VALUE);
    }

    public static Pos of(int latE7, int lonE7) {
        return new Pos(latE7, lonE7, OptionalInt.empty());
    }

    static Pos read(Item item, Object what) throws WireException {
        List<Item> parts = item.array(2, 3, what);
        int latE7 = (int) parts.get(0).integer(-MAX_LAT_E7, MAX_LAT_E7, new Name(what, " ", "latitude"));
        int lonE7 = (int) parts.get(1).integer(-MAX_LON_E7, MAX_LON_E7, new Name(what, " ", "longitude"));
        OptionalInt haccDm = parts.size() == 3
                ? OptionalInt.of((int) parts.get(2).integer(0, Integer.MAX_VALUE, new Name(what, " ", "accuracy")))
                : OptionalInt.empty();
        return new Pos(latE7, lonE7, haccDm);
    }

    void write(CborOut out) {
        out.array(haccDm.isPresent() ? 3 : 2);
        out.integer(latE7);
        out.integer(lonE7);
        if (haccDm.isPresent()) {
            out.integer(haccDm.getAsInt());
        }
    }
}
