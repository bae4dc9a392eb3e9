package ansim.wire;

import java.util.List;
import java.util.OptionalInt;

/** A place on the ground, WGS 84. Immutable. */
public final class Pos {
    /** The north pole. */
    public static final int MAX_LAT_E7 = 900_000_000;

    /** The antimeridian. */
    public static final int MAX_LON_E7 = 1_800_000_000;

    private static final int NOT_SAID = -1;

    // Not a record: whoever keeps the places of a city keeps one object for each.
    private final int latE7;
    private final int lonE7;
    private final int haccDm;

    /**
     * A place with what is known of its accuracy.
     *
     * @param latE7 latitude in 1e-7 degree, [-900000000, 900000000]
     * @param lonE7 longitude in 1e-7 degree, [-1800000000, 1800000000]
     * @param haccDm horizontal accuracy in decimetres, not negative
     */
    public Pos(int latE7, int lonE7, OptionalInt haccDm) {
        Range.check("latitude", latE7, -MAX_LAT_E7, MAX_LAT_E7);
        Range.check("longitude", lonE7, -MAX_LON_E7, MAX_LON_E7);
        Range.check("accuracy", haccDm.orElse(0), 0, Integer.MAX_VALUE);
        this.latE7 = latE7;
        this.lonE7 = lonE7;
        this.haccDm = haccDm.orElse(NOT_SAID);
    }

    public static Pos of(int latE7, int lonE7) {
        return new Pos(latE7, lonE7, OptionalInt.empty());
    }

    /** Latitude in 1e-7 degree. */
    public int latE7() {
        return latE7;
    }

    /** Longitude in 1e-7 degree. */
    public int lonE7() {
        return lonE7;
    }

    /** Horizontal accuracy in decimetres, if known. */
    public OptionalInt haccDm() {
        return haccDm == NOT_SAID ? OptionalInt.empty() : OptionalInt.of(haccDm);
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
        out.array(haccDm == NOT_SAID ? 2 : 3);
        out.integer(latE7);
        out.integer(lonE7);
        if (haccDm != NOT_SAID) {
            out.integer(haccDm);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Pos that && latE7 == that.latE7 && lonE7 == that.lonE7 && haccDm == that.haccDm;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * latE7 + lonE7) + haccDm;
    }

    @Override
    public String toString() {
        return latE7 / 1e7 + "," + lonE7 / 1e7 + (haccDm == NOT_SAID ? "" : " +-" + haccDm / 10.0 + " m");
    }
}
