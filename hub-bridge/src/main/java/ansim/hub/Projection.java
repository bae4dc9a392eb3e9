package ansim.hub;

import ansim.hub.core.DistrictMap;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.locationtech.proj4j.CRSFactory;
import org.locationtech.proj4j.CoordinateReferenceSystem;
import org.locationtech.proj4j.CoordinateTransform;
import org.locationtech.proj4j.CoordinateTransformFactory;
import org.locationtech.proj4j.Proj4jException;
import org.locationtech.proj4j.ProjCoordinate;

/**
 * The projections in which Korean agencies publish boundaries, and GeoJSON in them made degrees. Both are on GRS 80, which differs from WGS 84 by less than a
 * millimetre here: no datum is shifted.
 */
enum Projection {
    /** Unified CS: one system for all of Korea, as the national spatial data portals use it. */
    KOREA_2000_UNIFIED(
            "EPSG:5179",
            "+proj=tmerc +lat_0=38 +lon_0=127.5 +k=0.9996 +x_0=1000000 +y_0=2000000 +ellps=GRS80 +units=m"),
    /** Central Belt 2010: Seoul and the middle, as cities use it. */
    KOREA_2000_CENTRAL(
            "EPSG:5186", "+proj=tmerc +lat_0=38 +lon_0=127 +k=1 +x_0=200000 +y_0=600000 +ellps=GRS80 +units=m");

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final double ROUNDED = 1e8;
    /** Metres east and north that such a system can have in Korea. */
    private static final double MAX_M = 3_000_000;

    private final String code;
    private final String definition;

    Projection(String code, String definition) {
        this.code = code;
        this.definition = definition;
    }

    /** A name such as {@code EPSG:5179}, {@code 5179} or {@code urn:ogc:def:crs:EPSG::5179}. */
    static Optional<Projection> named(String name) {
        String number = name.toUpperCase(Locale.ROOT).replaceFirst(".*[:]", "");
        for (Projection each : values()) {
            if (each.code.equals("EPSG:" + number)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** What a file itself says, if it is one of these. */
    static Optional<Projection> saidBy(byte[] geojson) {
        return tree(geojson)
                .flatMap(file ->
                        named(file.path("crs").path("properties").path("name").asText("")));
    }

    /** Which one the coordinates of a file without a word look like: metres that would lie in Korea by it. */
    static Optional<Projection> lookedLike(byte[] geojson) {
        Optional<double[]> first = tree(geojson).flatMap(file -> first(file.path("features")));
        for (Projection each : values()) {
            if (first.isPresent() && Math.abs(first.get()[0]) > 360 && Math.abs(first.get()[0]) < MAX_M) {
                ProjCoordinate at = each.transform()
                        .transform(new ProjCoordinate(first.get()[0], first.get()[1]), new ProjCoordinate());
                if (at.x > 124 && at.x < 132 && at.y > 33 && at.y < 39) {
                    return Optional.of(each);
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<JsonNode> tree(byte[] geojson) {
        try {
            return geojson.length > DistrictMap.MAX_BYTES ? Optional.empty() : Optional.of(MAPPER.readTree(geojson));
        } catch (IOException notJson) {
            // The map's own reader says what is wrong.
            return Optional.empty();
        }
    }

    private static Optional<double[]> first(JsonNode node) {
        if (node.isArray()
                && node.size() >= 2
                && node.get(0).isNumber()
                && node.get(1).isNumber()) {
            return Optional.of(new double[] {node.get(0).asDouble(), node.get(1).asDouble()});
        }
        if (node.isObject()) {
            return first(node.has("geometry") ? node.path("geometry") : node.path("coordinates"));
        }
        for (JsonNode each : node) {
            Optional<double[]> found = first(each);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The same file in degrees, WGS 84; what is not GeoJSON stays what it is. */
    byte[] toDegrees(byte[] geojson) {
        Optional<JsonNode> tree = tree(geojson);
        if (tree.isEmpty() || !tree.get().isObject()) {
            return geojson;
        }
        ObjectNode file = (ObjectNode) tree.get();
        file.remove("crs");
        CoordinateTransform transform = transform();
        for (JsonNode feature : file.path("features")) {
            if (feature.path("geometry") instanceof ObjectNode geometry) {
                geometry.set("coordinates", degrees(geometry.path("coordinates"), transform));
            }
        }
        try {
            return MAPPER.writeValueAsBytes(file);
        } catch (IOException e) {
            throw new CommandFailure("the converted districts cannot be written: " + e.getMessage(), "a smaller file");
        }
    }

    private CoordinateTransform transform() {
        CRSFactory factory = new CRSFactory();
        CoordinateReferenceSystem from = factory.createFromParameters(code, definition);
        CoordinateReferenceSystem to = factory.createFromParameters("degrees", "+proj=longlat +ellps=GRS80 +no_defs");
        return new CoordinateTransformFactory().createTransform(from, to);
    }

    private JsonNode degrees(JsonNode node, CoordinateTransform transform) {
        if (!node.isArray()) {
            return node;
        }
        ArrayNode out = JsonNodeFactory.instance.arrayNode();
        if (node.size() >= 2 && node.get(0).isNumber() && node.get(1).isNumber()) {
            try {
                ProjCoordinate at = transform.transform(
                        new ProjCoordinate(node.get(0).asDouble(), node.get(1).asDouble()), new ProjCoordinate());
                return out.add(rounded(at.x)).add(rounded(at.y));
            } catch (Proj4jException e) {
                throw new CommandFailure(
                        "a position cannot be " + code + ": " + node.get(0) + ", " + node.get(1),
                        "the --crs that the file is in");
            }
        }
        node.forEach(each -> out.add(degrees(each, transform)));
        return out;
    }

    /** A millimetre: the same border of two districts stays the same. */
    private static double rounded(double degrees) {
        return Math.round(degrees * ROUNDED) / ROUNDED;
    }

    @Override
    public String toString() {
        return code;
    }
}
