package ansim.hub.core;

import ansim.wire.Pos;

/**
 * Distances on the ground, for the few kilometres between two fixes: on the plane that touches WGS 84's ellipsoid there. The same on every machine, so
 * that a replay comes to the same length. Pure.
 */
final class Ground {
    private static final double EQUATORIAL_M = 6_378_137.0;
    private static final double E2 = 6.694379990141e-3;
    private static final double E7 = 1e7;

    private Ground() {}

    /** Metres between two places. */
    static double metres(Pos a, Pos b) {
        return metres(a.latE7(), a.lonE7(), b.latE7(), b.lonE7());
    }

    static double metres(int latA, int lonA, int latB, int lonB) {
        double lat = StrictMath.toRadians(((long) latA + latB) / 2 / E7);
        double sin = StrictMath.sin(lat);
        double w2 = 1 - E2 * sin * sin;
        double n = EQUATORIAL_M / StrictMath.sqrt(w2);
        double north = StrictMath.toRadians((latB - latA) / E7) * n * (1 - E2) / w2;
        double east = StrictMath.toRadians(((long) lonB - lonA) / E7) * n * StrictMath.cos(lat);
        return StrictMath.sqrt(north * north + east * east);
    }
}
