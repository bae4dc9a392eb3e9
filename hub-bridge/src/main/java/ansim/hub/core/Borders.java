package ansim.hub.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Envelope;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.LineString;
import org.locationtech.jts.geom.util.LinearComponentExtracter;
import org.locationtech.jts.index.strtree.STRtree;

/** Every border of a map, segment by segment, to find the districts near a point. Immutable; any thread. */
final class Borders {
    /** Distances beyond this are not asked for here: the tangent plane would no longer do. */
    static final double MAX_METRES = 10_000;

    private static final double EQUATORIAL_M = 6_378_137.0;
    private static final double E2 = 6.694379990141e-3;

    /** Segments of one leaf: they are mostly neighbours, and a leaf per segment would cost three times the memory. */
    private static final int RUN = 8;

    /** Up to {@link #RUN} consecutive segments: {@code RUN + 1} points as x, y in degrees. */
    private record Run(District district, double[] xy) {}

    private record Distance(District district, double squareM) {}

    private final STRtree tree = new STRtree();

    /** Takes a segment, longitude first, in degrees. */
    interface Segments {
        void take(double ax, double ay, double bx, double by);
    }

    /** Every segment of every ring of a district's ground. */
    static void segments(Geometry ground, Segments taker) {
        for (Object line : LinearComponentExtracter.getLines(ground)) {
            Coordinate[] ring = ((LineString) line).getCoordinates();
            for (int i = 0; i + 1 < ring.length; i++) {
                taker.take(ring[i].x, ring[i].y, ring[i + 1].x, ring[i + 1].y);
            }
        }
    }

    /**
     * Where a segment meets borders: how far along it, 0 to 1, ascending; empty when it meets none. Borders that lie in it do not count: what is on
     * either side of them does.
     */
    double[] crossings(double ax, double ay, double bx, double by) {
        double[] found = new double[0];
        for (Object each : tree.query(new Envelope(ax, bx, ay, by))) {
            double[] xy = ((Run) each).xy;
            for (int i = 0; i + 3 < xy.length; i += 2) {
                double along = crossing(ax, ay, bx, by, xy[i], xy[i + 1], xy[i + 2], xy[i + 3]);
                if (along >= 0) {
                    found = Arrays.copyOf(found, found.length + 1);
                    found[found.length - 1] = along;
                }
            }
        }
        Arrays.sort(found);
        return found;
    }

    private static double crossing(
            double ax, double ay, double bx, double by, double cx, double cy, double dx, double dy) {
        double cross = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
        if (cross == 0) {
            return -1;
        }
        double along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / cross;
        double border = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / cross;
        return along >= 0 && along <= 1 && border >= 0 && border <= 1 ? along : -1;
    }

    Borders(List<DistrictMap.Area> areas) {
        for (DistrictMap.Area area : areas) {
            for (Object line : LinearComponentExtracter.getLines(area.ground())) {
                addRing(area.district(), ((LineString) line).getCoordinates());
            }
        }
        tree.build();
    }

    private void addRing(District district, Coordinate[] ring) {
        for (int from = 0; from + 1 < ring.length; from += RUN) {
            int to = Math.min(from + RUN, ring.length - 1);
            double[] xy = new double[2 * (to - from + 1)];
            Envelope box = new Envelope();
            for (int i = from; i <= to; i++) {
                xy[2 * (i - from)] = ring[i].x;
                xy[2 * (i - from) + 1] = ring[i].y;
                box.expandToInclude(ring[i]);
            }
            tree.insert(box, new Run(district, xy));
        }
    }

    /** Districts with a border within {@code metres}, nearest first, then by code. */
    List<District> within(double lat, double lon, double metres) {
        if (!(metres >= 0 && metres <= MAX_METRES)) {
            throw new IllegalArgumentException("metres must be in [0, " + MAX_METRES + "] (got " + metres + ")");
        }
        double sin = Math.sin(Math.toRadians(lat));
        double w2 = 1 - E2 * sin * sin;
        double perLat = Math.toRadians(EQUATORIAL_M * (1 - E2) / (w2 * Math.sqrt(w2)));
        double perLon = Math.toRadians(EQUATORIAL_M / Math.sqrt(w2) * Math.cos(Math.toRadians(lat)));
        Envelope box = new Envelope(lon, lon, lat, lat);
        // A thousandth more: the box only chooses candidates.
        box.expandBy(1.001 * metres / Math.max(perLon, 1), 1.001 * metres / perLat);
        Map<District, Double> nearest = new HashMap<>();
        for (Object each : tree.query(box)) {
            Run run = (Run) each;
            double square = squareDistance(run.xy, lon, lat, perLon, perLat);
            if (square <= metres * metres) {
                nearest.merge(run.district, square, Math::min);
            }
        }
        List<Distance> sorted = new ArrayList<>(nearest.size());
        nearest.forEach((district, square) -> sorted.add(new Distance(district, square)));
        sorted.sort(Comparator.comparingDouble(Distance::squareM)
                .thenComparing(each -> each.district().code()));
        return sorted.stream().map(Distance::district).toList();
    }

    /** Whether a border of one district is within {@code metres}: as {@link #within} finds it, but done with the first. */
    boolean isNear(double lat, double lon, double metres, String code) {
        double sin = Math.sin(Math.toRadians(lat));
        double w2 = 1 - E2 * sin * sin;
        double perLat = Math.toRadians(EQUATORIAL_M * (1 - E2) / (w2 * Math.sqrt(w2)));
        double perLon = Math.toRadians(EQUATORIAL_M / Math.sqrt(w2) * Math.cos(Math.toRadians(lat)));
        Envelope box = new Envelope(lon, lon, lat, lat);
        box.expandBy(1.001 * metres / Math.max(perLon, 1), 1.001 * metres / perLat);
        for (Object each : tree.query(box)) {
            Run run = (Run) each;
            if (run.district.code().equals(code)
                    && squareDistance(run.xy, lon, lat, perLon, perLat) <= metres * metres) {
                return true;
            }
        }
        return false;
    }

    private static double squareDistance(double[] xy, double lon, double lat, double perLon, double perLat) {
        double least = Double.POSITIVE_INFINITY;
        double ax = (xy[0] - lon) * perLon;
        double ay = (xy[1] - lat) * perLat;
        for (int i = 2; i < xy.length; i += 2) {
            double bx = (xy[i] - lon) * perLon;
            double by = (xy[i + 1] - lat) * perLat;
            double dx = bx - ax;
            double dy = by - ay;
            double length2 = dx * dx + dy * dy;
            double t = length2 == 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2));
            double px = ax + t * dx;
            double py = ay + t * dy;
            least = Math.min(least, px * px + py * py);
            ax = bx;
            ay = by;
        }
        return least;
    }
}
