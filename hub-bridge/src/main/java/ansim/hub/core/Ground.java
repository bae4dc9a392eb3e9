package ansim.hub.core;

import ansim.wire.Pos;

/**
 * Distances on the ground, for the few kilometres between two fixes: on the plane that touches WGS 84's ellipsoid at a latitude. The same on every machine, so
 * that a replay comes to the same length. Immutable.
 */
final class Ground {
    private static final double EQUATORIAL_M = 6_378_137.0;
    private static final double E2 = 6.694379990141e-3;
    private static final double E7 = 1e7;

    private final double northM;
    private final double eastM;

    /** @param latE7 where the plane touches, 1e-7 degree */
    Ground(int latE7) {
        double lat = StrictMath.toRadians(latE7 / E7);
        double sin = StrictMath.sin(lat);
        double w2 = 1 - E2 * sin * sin;
        double perRadian = EQUATORIAL_M / StrictMath.sqrt(w2);
        northM = StrictMath.toRadians(perRadian * (1 - E2) / w2 / E7);
        eastM = StrictMath.toRadians(perRadian * StrictMath.cos(lat) / E7);
    }

    /** Metres between two places near that latitude. */
    double from(Pos a, Pos b) {
        double north = ((long) b.latE7() - a.latE7()) * northM;
        double east = ((long) b.lonE7() - a.lonE7()) * eastM;
        return Math.sqrt(north * north + east * east);
    }

    /** Metres between two places. */
    static double metres(Pos a, Pos b) {
        return new Ground((int) (((long) a.latE7() + b.latE7()) / 2)).from(a, b);
    }
}
