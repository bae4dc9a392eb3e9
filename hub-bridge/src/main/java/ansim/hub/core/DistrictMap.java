package ansim.hub.core;

import ansim.wire.Pos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.locationtech.jts.algorithm.locate.IndexedPointInAreaLocator;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Envelope;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.Location;
import org.locationtech.jts.index.strtree.STRtree;

/**
 * The districts of a city, WGS 84.
 *
 * <p>Guarantees one answer for every point: on a border, or where districts overlap, the district with the lowest code (as text) of
 * all that contain or touch it. Does not guarantee that every point has a district: see {@link #check}.
 *
 * <p>Immutable; any thread.
 */
public final class DistrictMap {
    /** Bytes of GeoJSON at most: an entry of the log must hold it. */
    public static final int MAX_BYTES = GeoJson.MAX_BYTES;

    /** A district with its ground; longitude is x. */
    record Area(District district, Geometry ground) {}

    /**
     * What became of a file.
     *
     * @param map empty when there is an error
     * @param problems every problem that was found
     */
    public record Parsed(Optional<DistrictMap> map, List<MapProblem> problems) {}

    private record Indexed(int number, District district, IndexedPointInAreaLocator locator) {}

    /** Whoever is further than this from every border of the district around it is well inside, metres. */
    static final double INSIDE_M = 100;

    private static final Comparator<District> BY_CODE = Comparator.comparing(District::code);

    private final byte[] source;
    private final boolean approximate;
    private final List<Area> areas;
    private final STRtree tree = new STRtree();
    private final Borders borders;
    private final Raster raster;
    private final Map<String, District> byCode = new HashMap<>();

    DistrictMap(byte[] source, boolean approximate, List<Area> areas) {
        this.source = source;
        this.approximate = approximate;
        this.areas = areas.stream()
                .sorted(Comparator.comparing(Area::district, BY_CODE))
                .toList();
        for (Area area : this.areas) {
            Geometry ground = area.ground();
            Indexed indexed =
                    new Indexed(this.areas.indexOf(area), area.district(), new IndexedPointInAreaLocator(ground));
            tree.insert(ground.getEnvelopeInternal(), indexed);
            byCode.put(area.district().code(), area.district());
        }
        tree.build();
        this.borders = new Borders(this.areas);
        this.raster = new Raster(this.areas, this::numberAt);
    }

    /**
     * Reads GeoJSON: a FeatureCollection of Polygons and MultiPolygons with a code each. Finds what makes a file unusable; what is
     * wrong between districts is found by {@link #check}, which takes longer.
     */
    public static Parsed parse(byte[] geojson) {
        Parsed known = lastParsed;
        if (known != null
                && known.map().filter(map -> Arrays.equals(map.source, geojson)).isPresent()) {
            return known;
        }
        Parsed parsed = MapBuilder.parse(geojson);
        if (parsed.map().isPresent()) {
            lastParsed = parsed;
        }
        return parsed;
    }

    /** The state, the views and the log each hold a city's one map: it is built once. */
    private static volatile @Nullable Parsed lastParsed;

    /** The districts in the order of their codes. */
    public List<District> districts() {
        return areas.stream().map(Area::district).toList();
    }

    public Optional<District> district(String code) {
        return Optional.ofNullable(byCode.get(code));
    }

    /** Whether this is a sketch rather than real boundaries; said wherever it shows. */
    public boolean approximate() {
        return approximate;
    }

    /** A copy of the GeoJSON that this was read from. */
    public byte[] source() {
        return source.clone();
    }

    byte[] sourceShared() {
        return source;
    }

    List<Area> areas() {
        return areas;
    }

    /** Overlaps, gaps and slivers; empty for a map without. */
    public List<MapProblem> check() {
        return MapCheck.check(areas);
    }

    /** The district that contains or touches a point, in degrees; the one with the lowest code if there are several. */
    public Optional<District> locate(double lat, double lon) {
        int number = raster.knows(lat, lon) ? raster.district(lat, lon) : numberAt(lat, lon);
        return number < 0 ? Optional.empty() : Optional.of(areas.get(number).district());
    }

    /** By the polygons themselves; the areas stand in the order of their codes. */
    private int numberAt(double lat, double lon) {
        Coordinate at = new Coordinate(lon, lat);
        int found = -1;
        for (Object each : tree.query(new Envelope(at))) {
            Indexed indexed = (Indexed) each;
            if ((found < 0 || indexed.number < found) && indexed.locator.locate(at) != Location.EXTERIOR) {
                found = indexed.number;
            }
        }
        return found;
    }

    /** The code of the district at a place, {@link Event#OUTSIDE} for none; the same object each time. */
    public String codeAt(Pos pos) {
        double lat = degrees(pos.latE7());
        double lon = degrees(pos.lonE7());
        int number = raster.knows(lat, lon) ? raster.district(lat, lon) : numberAt(lat, lon);
        return number < 0 ? Event.OUTSIDE : areas.get(number).district().code();
    }

    /** Whether surely no border lies between two places: none touches the cells between them, or both are well inside and not far from each other. */
    boolean isPlain(Pos from, Pos to) {
        double fromLat = degrees(from.latE7());
        double fromLon = degrees(from.lonE7());
        double toLat = degrees(to.latE7());
        double toLon = degrees(to.lonE7());
        if (raster.isFreeBetween(fromLat, fromLon, toLat, toLon)) {
            return true;
        }
        // A unit of a degree's ten-millionth is at most 1.12 cm; whoever is 100 m from every border can go 100 m from
        // either end.
        return Math.abs((long) from.latE7() - to.latE7()) + Math.abs((long) from.lonE7() - to.lonE7()) < PLAIN_E7
                && raster.isFarFromBorders(fromLat, fromLon)
                && raster.isFarFromBorders(toLat, toLon);
    }

    private static final int PLAIN_E7 = 17_000;

    /** Whether a place is {@link #INSIDE_M} or more from every border of the district that it is in. */
    boolean isWellInside(Pos pos, String code) {
        double lat = degrees(pos.latE7());
        double lon = degrees(pos.lonE7());
        return raster.isFarFromBorders(lat, lon)
                || !(raster.isAtEdge(lat, lon) || borders.isNear(lat, lon, INSIDE_M, code));
    }

    /** The districts that the straight line from one place to another passes, in its order, both ends included. */
    List<String> along(Pos from, Pos to) {
        double ax = degrees(from.lonE7());
        double ay = degrees(from.latE7());
        double bx = degrees(to.lonE7());
        double by = degrees(to.latE7());
        List<String> passed = new ArrayList<>(1);
        pass(passed, ay, ax);
        if (!isPlain(from, to)) {
            double[] crossings = borders.crossings(ax, ay, bx, by);
            double before = 0;
            for (double each : crossings) {
                pass(passed, ay + (by - ay) * (before + each) / 2, ax + (bx - ax) * (before + each) / 2);
                before = each;
            }
            pass(passed, ay + (by - ay) * (before + 1) / 2, ax + (bx - ax) * (before + 1) / 2);
        }
        pass(passed, by, bx);
        return passed;
    }

    private void pass(List<String> passed, double lat, double lon) {
        locate(lat, lon)
                .map(District::code)
                .filter(code -> !passed.contains(code))
                .ifPresent(passed::add);
    }

    public Optional<District> locate(Pos pos) {
        return locate(degrees(pos.latE7()), degrees(pos.lonE7()));
    }

    /**
     * Every district of which some ground lies within {@code metres} of a point: those that contain it (by code), then by distance
     * and code. Distances are those of the ellipsoid's tangent plane at the point: right to a thousandth within a kilometre.
     *
     * @param metres 0 to {@link Borders#MAX_METRES}
     */
    public List<District> near(double lat, double lon, double metres) {
        Coordinate at = new Coordinate(lon, lat);
        List<District> inside = areasAt(at);
        Set<District> seen = new HashSet<>(inside);
        List<District> all = new ArrayList<>(inside);
        for (District each : borders.within(lat, lon, metres)) {
            if (seen.add(each)) {
                all.add(each);
            }
        }
        return all;
    }

    public List<District> near(Pos pos, double metres) {
        return near(degrees(pos.latE7()), degrees(pos.lonE7()), metres);
    }

    private List<District> areasAt(Coordinate at) {
        List<District> found = new ArrayList<>(2);
        for (Object each : tree.query(new Envelope(at))) {
            Indexed indexed = (Indexed) each;
            if (indexed.locator.locate(at) != Location.EXTERIOR) {
                found.add(indexed.district);
            }
        }
        found.sort(BY_CODE);
        return found;
    }

    private static double degrees(int e7) {
        return e7 / 1e7;
    }
}
