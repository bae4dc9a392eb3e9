package ansim.hub.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.LinearRing;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.operation.valid.IsValidOp;
import org.locationtech.jts.operation.valid.TopologyValidationError;

/**
 * Makes districts of GeoJSON features and collects everything that is wrong with them, each with its feature's number, code and name.
 * Everything found here is an error: such a file cannot tell where a point lies.
 */
final class MapBuilder {
    private static final GeometryFactory FACTORY = new GeometryFactory();

    /** Problems told at most; the rest is counted. */
    static final int MAX_PROBLEMS = 50;

    private static final List<String> CODE_NAMES =
            List.of("code", "sig_cd", "sigungu_cd", "sgg_cd", "adm_cd", "adm_sect_c", "district_code");
    private static final List<String> NAME_NAMES =
            List.of("name", "sig_kor_nm", "sigungu_nm", "sgg_nm", "adm_nm", "name_ko", "district_name");
    private static final List<String> ENGLISH_NAMES =
            List.of("name_en", "nameen", "sig_eng_nm", "sigungu_eng_nm", "name_eng", "eng_nm");

    private final List<MapProblem> problems = new ArrayList<>();
    private final List<DistrictMap.Area> areas = new ArrayList<>();
    private final Map<String, String> codes = new HashMap<>();
    private String where = "file";
    private boolean told;

    private MapBuilder() {}

    static DistrictMap.Parsed parse(byte[] json) {
        GeoJson.File file;
        try {
            file = GeoJson.read(json);
        } catch (GeoJson.Unreadable e) {
            return new DistrictMap.Parsed(
                    Optional.empty(), List.of(MapProblem.error("file", String.valueOf(e.getMessage()))));
        }
        MapBuilder builder = new MapBuilder();
        builder.readAll(file);
        if (!builder.problems.isEmpty()) {
            return new DistrictMap.Parsed(Optional.empty(), shortened(builder.problems));
        }
        return new DistrictMap.Parsed(
                Optional.of(new DistrictMap(json.clone(), file.approximate(), builder.areas)), List.of());
    }

    static List<MapProblem> shortened(List<MapProblem> problems) {
        if (problems.size() <= MAX_PROBLEMS) {
            return List.copyOf(problems);
        }
        List<MapProblem> sorted = new ArrayList<>(problems);
        sorted.sort(Comparator.comparing(MapProblem::severity));
        List<MapProblem> told = new ArrayList<>(sorted.subList(0, MAX_PROBLEMS));
        told.add(new MapProblem(
                sorted.get(MAX_PROBLEMS).severity(),
                "file",
                "and " + (problems.size() - MAX_PROBLEMS) + " more problems"));
        return told;
    }

    private void readAll(GeoJson.File file) {
        file.crs()
                .filter(name -> !isWgs84(name))
                .ifPresent(name -> problems.add(MapProblem.error(
                        "file", "the coordinates are in " + name + ", they must be WGS 84 (EPSG:4326); " + CONVERT)));
        if (file.features().isEmpty()) {
            problems.add(MapProblem.error("file", "has no features"));
        }
        int number = 0;
        for (GeoJson.Feature feature : file.features()) {
            number++;
            read(number, feature);
        }
    }

    private static final String CONVERT = "convert it, for example: ogr2ogr -t_srs EPSG:4326 out.geojson in.geojson";

    private static boolean isWgs84(String crs) {
        String upper = crs.toUpperCase(Locale.ROOT);
        return upper.contains("CRS84") || upper.endsWith("4326") || upper.contains("WGS84") || upper.contains("WGS 84");
    }

    private void read(int number, GeoJson.Feature feature) {
        String code = first(feature, CODE_NAMES);
        String name = first(feature, NAME_NAMES);
        String english = first(feature, ENGLISH_NAMES);
        where = "feature " + number + (code.isEmpty() ? "" : " " + code) + (name.isEmpty() ? "" : " " + name);
        told = false;
        boolean coded = checkCode(code);
        Optional<Geometry> ground = feature.shape().flatMap(this::ground);
        if (feature.shape().isEmpty()) {
            error("has no geometry");
        }
        if (coded && ground.isPresent()) {
            String shown = shorten(name.isEmpty() ? code : name);
            areas.add(new DistrictMap.Area(
                    new District(code, shown, english.isEmpty() ? shown : shorten(english)), ground.get()));
        }
    }

    private boolean checkCode(String code) {
        if (code.isEmpty()) {
            error("has no code: expected one of the properties " + String.join(", ", CODE_NAMES));
            return false;
        }
        if (!District.isCode(code)) {
            error("code must have 1 to 16 letters, digits, dots, dashes or underscores (got \"" + shorten(code)
                    + "\")");
            return false;
        }
        String before = codes.putIfAbsent(code, where);
        if (before != null) {
            error("has the same code as " + before + "; a district of several parts must be one MultiPolygon");
            return false;
        }
        return true;
    }

    private static String shorten(String text) {
        return text.length() <= District.MAX_NAME ? text : text.substring(0, District.MAX_NAME);
    }

    private static String first(GeoJson.Feature feature, List<String> names) {
        for (String name : names) {
            String value = feature.properties().get(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    private void error(String message) {
        problems.add(MapProblem.error(where, message));
    }

    private Optional<Geometry> ground(GeoJson.Shape shape) {
        boolean one = shape.type().equals("Polygon");
        if (!one && !shape.type().equals("MultiPolygon")) {
            error("must be a Polygon or a MultiPolygon (got " + shape.type() + ")");
            return Optional.empty();
        }
        List<?> parts = one ? List.of(shape.coordinates()) : list(shape.coordinates());
        List<Polygon> polygons = new ArrayList<>();
        for (Object part : parts) {
            polygon(list(part)).ifPresent(polygons::add);
        }
        if (polygons.size() != parts.size() || polygons.isEmpty()) {
            if (parts.isEmpty()) {
                error("has no coordinates");
            }
            return Optional.empty();
        }
        Geometry ground =
                polygons.size() == 1 ? polygons.get(0) : FACTORY.createMultiPolygon(polygons.toArray(Polygon[]::new));
        TopologyValidationError invalid = new IsValidOp(ground).getValidationError();
        if (invalid != null) {
            Coordinate at = invalid.getCoordinate();
            error(explain(invalid) + (at == null ? "" : " at " + place(at)));
            return Optional.empty();
        }
        return Optional.of(ground);
    }

    private static String explain(TopologyValidationError invalid) {
        return switch (invalid.getErrorType()) {
            case TopologyValidationError.SELF_INTERSECTION -> "its boundary crosses itself or another part's";
            case TopologyValidationError.RING_SELF_INTERSECTION -> "a ring touches or crosses itself";
            case TopologyValidationError.HOLE_OUTSIDE_SHELL -> "a hole lies outside its outer ring";
            case TopologyValidationError.NESTED_HOLES -> "a hole lies in another hole";
            case TopologyValidationError.NESTED_SHELLS -> "a part lies in another part";
            case TopologyValidationError.DISCONNECTED_INTERIOR -> "holes cut it into pieces";
            default -> "is not a valid polygon (" + invalid.getMessage() + ")";
        };
    }

    static String place(Coordinate at) {
        return String.format(Locale.ROOT, "%.6f %.6f", at.y, at.x);
    }

    private Optional<Polygon> polygon(List<?> rings) {
        List<LinearRing> closed = new ArrayList<>();
        for (Object ring : rings) {
            ring(list(ring)).ifPresent(closed::add);
        }
        if (closed.size() != rings.size() || closed.isEmpty()) {
            if (rings.isEmpty()) {
                error("a polygon has no ring");
            }
            return Optional.empty();
        }
        return Optional.of(FACTORY.createPolygon(
                closed.get(0), closed.subList(1, closed.size()).toArray(LinearRing[]::new)));
    }

    private Optional<LinearRing> ring(List<?> positions) {
        Coordinate[] ring = new Coordinate[positions.size()];
        for (int i = 0; i < ring.length; i++) {
            if (!(positions.get(i) instanceof double[] xy)) {
                error("a ring must be an array of positions");
                return Optional.empty();
            }
            if (!inRange(xy[0], xy[1])) {
                return Optional.empty();
            }
            ring[i] = new Coordinate(xy[0], xy[1]);
        }
        if (ring.length < 4) {
            error("a ring must have at least 4 positions (got " + ring.length + ")");
            return Optional.empty();
        }
        if (!ring[0].equals2D(ring[ring.length - 1])) {
            error("a ring is not closed: it begins at " + place(ring[0]) + " and ends at "
                    + place(ring[ring.length - 1]));
            return Optional.empty();
        }
        return Optional.of(FACTORY.createLinearRing(ring));
    }

    /** Tells once per feature. */
    private boolean inRange(double x, double y) {
        if (Math.abs(x) <= 180 && Math.abs(y) <= 90) {
            return true;
        }
        if (!told) {
            told = true;
            String got = String.format(Locale.ROOT, " (got %.4f, %.4f)", x, y);
            if (Math.abs(x) > 360 || Math.abs(y) > 360) {
                error("coordinates look like metres of a projection such as EPSG:5179 or 5186, they must be degrees,"
                        + " WGS 84" + got + "; " + CONVERT);
            } else if (Math.abs(x) <= 90 && Math.abs(y) <= 180) {
                error("longitude and latitude look swapped: GeoJSON has the longitude first" + got);
            } else {
                error("longitude must be in [-180, 180] and latitude in [-90, 90]" + got);
            }
        }
        return false;
    }

    private static List<?> list(Object coordinates) {
        return coordinates instanceof List<?> parts ? parts : List.of();
    }
}
