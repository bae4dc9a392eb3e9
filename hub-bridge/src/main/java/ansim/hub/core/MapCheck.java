package ansim.hub.core;

import ansim.hub.core.MapProblem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.locationtech.jts.algorithm.construct.MaximumInscribedCircle;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.index.strtree.STRtree;
import org.locationtech.jts.operation.overlayng.OverlayNG;
import org.locationtech.jts.operation.overlayng.OverlayNGRobust;

/**
 * Finds where districts overlap, and where between them there is no district.
 *
 * <p>Neither stops a map from giving one answer for every point, so neither is an error. Slivers under {@link #SLIVER_M2} come from
 * rounded coordinates and are not told; from {@link #SERIOUS_M2} on somebody must accept them.
 */
final class MapCheck {
    /** Square metres below which an overlap or a gap is taken for rounding. */
    static final double SLIVER_M2 = 100;

    /** Square metres from which an overlap or a gap is serious: a block of houses. */
    static final double SERIOUS_M2 = 10_000;

    private static final double METRES_PER_DEGREE = 111_195;
    private static final GeometryFactory FACTORY = new GeometryFactory();

    private MapCheck() {}

    static List<MapProblem> check(List<DistrictMap.Area> areas) {
        List<MapProblem> problems = new ArrayList<>();
        overlaps(areas, problems);
        gaps(areas, problems);
        return MapBuilder.shortened(problems);
    }

    private static void overlaps(List<DistrictMap.Area> areas, List<MapProblem> problems) {
        STRtree tree = new STRtree();
        for (int i = 0; i < areas.size(); i++) {
            tree.insert(areas.get(i).ground().getEnvelopeInternal(), i);
        }
        for (int i = 0; i < areas.size(); i++) {
            DistrictMap.Area one = areas.get(i);
            for (Object each : tree.query(one.ground().getEnvelopeInternal())) {
                int j = (Integer) each;
                if (j > i) {
                    overlap(one, areas.get(j), problems);
                }
            }
        }
    }

    private static void overlap(DistrictMap.Area one, DistrictMap.Area other, List<MapProblem> problems) {
        Geometry common = OverlayNGRobust.overlay(one.ground(), other.ground(), OverlayNG.INTERSECTION);
        double areaM2 = areaM2(common);
        if (areaM2 < SLIVER_M2) {
            return;
        }
        problems.add(new MapProblem(
                severity(areaM2),
                name(one) + " and " + name(other),
                String.format(
                        Locale.ROOT,
                        "overlap in %,.0f m2, most of it around %s; there %s wins (the lowest code)",
                        areaM2,
                        MapBuilder.place(middle(largest(common))),
                        one.district().code())));
    }

    private static void gaps(List<DistrictMap.Area> areas, List<MapProblem> problems) {
        Geometry union = OverlayNGRobust.union(
                areas.stream().map(DistrictMap.Area::ground).toList());
        for (int i = 0; i < union.getNumGeometries(); i++) {
            if (!(union.getGeometryN(i) instanceof Polygon part)) {
                continue;
            }
            for (int h = 0; h < part.getNumInteriorRing(); h++) {
                LinearRing ring = part.getInteriorRingN(h);
                Polygon hole = FACTORY.createPolygon(ring);
                double areaM2 = areaM2(hole);
                if (areaM2 >= SLIVER_M2) {
                    problems.add(new MapProblem(
                            severity(areaM2),
                            "between the districts",
                            String.format(
                                    Locale.ROOT,
                                    "a gap of %,.0f m2 around %s belongs to no district",
                                    areaM2,
                                    MapBuilder.place(middle(hole)))));
                }
            }
        }
    }

    private static Severity severity(double areaM2) {
        return areaM2 >= SERIOUS_M2 ? Severity.SERIOUS : Severity.WARNING;
    }

    private static String name(DistrictMap.Area area) {
        return area.district().code() + " " + area.district().name();
    }

    /** Square metres of a small area, right to a percent. */
    private static double areaM2(Geometry geometry) {
        if (geometry.isEmpty()) {
            return 0;
        }
        double lat = geometry.getEnvelopeInternal().centre().y;
        return geometry.getArea() * METRES_PER_DEGREE * METRES_PER_DEGREE * Math.cos(Math.toRadians(lat));
    }

    private static Geometry largest(Geometry geometry) {
        Geometry largest = geometry;
        double area = -1;
        for (int i = 0; i < geometry.getNumGeometries(); i++) {
            Geometry part = geometry.getGeometryN(i);
            if (part.getArea() > area) {
                largest = part;
                area = part.getArea();
            }
        }
        return largest;
    }

    private static Coordinate middle(Geometry geometry) {
        if (geometry instanceof Polygon) {
            double toleranceDeg = Math.sqrt(geometry.getArea()) / 100;
            return MaximumInscribedCircle.getCenter(geometry, toleranceDeg).getCoordinate();
        }
        return geometry.getInteriorPoint().getCoordinate();
    }
}
