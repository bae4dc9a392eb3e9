package ansim.edge.sim;

import ansim.edge.sim.Route.Point;
import java.util.List;

/**
 * A taxi's motion along a route, to and fro for ever, at one speed or standing. Pure: time comes in as the seconds that passed.
 * Thread-safe, because the receiver tells the position while the people decide on the motion.
 */
final class Drive {
    private static final double EARTH_M = 6_371_008.8;

    private final List<Point> points;
    private final double speedMs;
    private int from;
    private int step = 1;
    private double doneM;
    private boolean moving;

    /**
     * Where a taxi is.
     *
     * @param lat degrees
     * @param lon degrees
     * @param speedMs over ground, m/s
     * @param courseDeg true, [0, 360)
     */
    record Place(double lat, double lon, double speedMs, double courseDeg) {}

    Drive(Route route, double speedMs) {
        if (!(speedMs > 0 && speedMs <= 100)) {
            throw new IllegalArgumentException("speed must be in (0, 100] m/s (got " + speedMs + ")");
        }
        this.points = route.points();
        this.speedMs = speedMs;
    }

    synchronized void go() {
        moving = true;
    }

    synchronized void stop() {
        moving = false;
    }

    synchronized void advance(double seconds) {
        doneM += moving ? speedMs * seconds : 0;
        double legM = legM();
        while (doneM >= legM) {
            doneM -= legM;
            from += step;
            if (from + step < 0 || from + step >= points.size()) {
                step = -step;
            }
            legM = legM();
        }
    }

    synchronized Place place() {
        Point a = points.get(from);
        Point b = points.get(from + step);
        double share = doneM / legM();
        double lat = a.lat() + (b.lat() - a.lat()) * share;
        double lon = a.lon() + (b.lon() - a.lon()) * share;
        double north = b.lat() - a.lat();
        double east = (b.lon() - a.lon()) * Math.cos(Math.toRadians(a.lat()));
        double course = (Math.toDegrees(Math.atan2(east, north)) + 360) % 360;
        return new Place(lat, lon, moving ? speedMs : 0, course);
    }

    private double legM() {
        Point a = points.get(from);
        Point b = points.get(from + step);
        double north = Math.toRadians(b.lat() - a.lat()) * EARTH_M;
        double east = Math.toRadians(b.lon() - a.lon()) * Math.cos(Math.toRadians((a.lat() + b.lat()) / 2)) * EARTH_M;
        return Math.max(1, Math.hypot(north, east));
    }
}
