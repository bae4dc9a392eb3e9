package ansim.profile;

/**
 * Earth-centred coordinates in metre to latitude and longitude on WGS 84. Bowring's closed form: off by less than 1e-9 degree
 * from 10 km below the surface to 100 km above it.
 */
final class Wgs84 {
    private static final double A = 6_378_137.0;
    private static final double F = 1 / 298.257223563;
    private static final double B = A * (1 - F);
    private static final double E2 = F * (2 - F);
    private static final double SECOND_E2 = E2 / (1 - E2);
    private static final double LOWEST_M = 6_340_000;
    private static final double HIGHEST_M = 6_480_000;

    private Wgs84() {}

    /** Is it from 10 km below to 100 km above the surface, roughly? */
    static boolean nearEarth(double x, double y, double z) {
        double radius = Math.sqrt(x * x + y * y + z * z);
        return radius >= LOWEST_M && radius <= HIGHEST_M;
    }

    static int latE7(double x, double y, double z) {
        double p = Math.hypot(x, y);
        double theta = Math.atan2(z * A, p * B);
        double sin = Math.sin(theta);
        double cos = Math.cos(theta);
        double lat = Math.atan2(z + SECOND_E2 * B * sin * sin * sin, p - E2 * A * cos * cos * cos);
        return (int) Math.round(Math.toDegrees(lat) * 1e7);
    }

    static int lonE7(double x, double y) {
        return (int) Math.round(Math.toDegrees(Math.atan2(y, x)) * 1e7);
    }
}
