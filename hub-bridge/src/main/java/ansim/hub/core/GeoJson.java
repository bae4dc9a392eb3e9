package ansim.hub.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the GeoJSON (RFC 7946) that districts come in: a FeatureCollection of Polygons and MultiPolygons. Streaming, bounded; anything
 * that it does not need is skipped. Says what a file holds, not whether that makes a map: see {@link MapBuilder}.
 */
final class GeoJson {
    /** Bytes of a file at most: an entry of the log must hold it. */
    static final int MAX_BYTES = 15 * 1024 * 1024;

    static final int MAX_FEATURES = 5_000;
    static final int MAX_POSITIONS = 1_000_000;
    private static final int MAX_DEPTH = 64;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(64)
                    .maxStringLength(64 * 1024)
                    .maxDocumentLength(MAX_BYTES)
                    .build())
            .build();

    /** A file that could be read. */
    record File(List<Feature> features, Optional<String> crs, boolean approximate) {}

    /** One feature; {@code properties} with lower-case names and texts or numbers as values. */
    record Feature(Map<String, String> properties, Optional<Shape> shape) {}

    /** A geometry: its type and its coordinates, nested as in the file, a position being a {@code double[]}. */
    record Shape(String type, Object coordinates) {}

    /** Not GeoJSON, or not the kind of GeoJSON that districts come in. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    private final JsonParser in;
    private int positions;

    private GeoJson(JsonParser in) {
        this.in = in;
    }

    static File read(byte[] json) throws Unreadable {
        if (json.length > MAX_BYTES) {
            throw new Unreadable("a file of districts may have at most " + MAX_BYTES / (1024 * 1024) + " MiB (got "
                    + json.length + " bytes); simplify the boundaries");
        }
        try (JsonParser in = FACTORY.createParser(json)) {
            in.nextToken();
            return new GeoJson(in).file();
        } catch (IOException e) {
            // Jackson's own message would quote the source; the first line has line and column.
            throw new Unreadable("not valid JSON: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private File file() throws IOException, Unreadable {
        expect(JsonToken.START_OBJECT, "an object");
        List<Feature> features = new ArrayList<>();
        Optional<String> type = Optional.empty();
        Optional<String> crs = Optional.empty();
        boolean approximate = false;
        boolean found = false;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            in.nextToken();
            switch (name) {
                case "type" -> type = Optional.of(in.getValueAsString(""));
                case "features" -> {
                    found = true;
                    readFeatures(features);
                }
                case "crs" -> crs = crs();
                case "approximate" -> approximate = in.getBooleanValue();
                default -> in.skipChildren();
            }
        }
        if (!type.equals(Optional.of("FeatureCollection")) || !found) {
            throw new Unreadable("a file of districts must be a FeatureCollection with features (got type "
                    + type.map(got -> "\"" + got + "\"").orElse("none") + ")");
        }
        return new File(features, crs, approximate);
    }

    private void readFeatures(List<Feature> features) throws IOException, Unreadable {
        expect(JsonToken.START_ARRAY, "features must be an array");
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (features.size() == MAX_FEATURES) {
                throw new Unreadable("a file of districts may have at most " + MAX_FEATURES + " features");
            }
            features.add(feature());
        }
    }

    private Feature feature() throws IOException, Unreadable {
        expect(JsonToken.START_OBJECT, "a feature must be an object");
        Map<String, String> properties = new LinkedHashMap<>();
        Optional<Shape> shape = Optional.empty();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            switch (name) {
                case "properties" -> readProperties(properties);
                case "geometry" -> shape = value == JsonToken.VALUE_NULL ? Optional.empty() : Optional.of(shape());
                default -> in.skipChildren();
            }
        }
        return new Feature(properties, shape);
    }

    private void readProperties(Map<String, String> properties) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            in.skipChildren();
            return;
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName().toLowerCase(Locale.ROOT);
            JsonToken value = in.nextToken();
            if (value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT) {
                properties.putIfAbsent(name, in.getText().strip());
            } else {
                in.skipChildren();
            }
        }
    }

    private Shape shape() throws IOException, Unreadable {
        expect(JsonToken.START_OBJECT, "a geometry must be an object");
        String type = "none";
        Object coordinates = List.of();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            if (name.equals("type")) {
                type = in.getValueAsString("none");
            } else if (name.equals("coordinates") && value == JsonToken.START_ARRAY) {
                coordinates = coordinates(0);
            } else {
                in.skipChildren();
            }
        }
        return new Shape(type, coordinates);
    }

    /** The parser stands on the opening bracket. */
    private Object coordinates(int depth) throws IOException, Unreadable {
        if (depth > 3) {
            throw new Unreadable("coordinates are nested deeper than a MultiPolygon's" + here());
        }
        JsonToken first = in.nextToken();
        if (first != null && first.isNumeric()) {
            return position();
        }
        List<Object> parts = new ArrayList<>();
        for (JsonToken token = first; token != JsonToken.END_ARRAY; token = in.nextToken()) {
            if (token != JsonToken.START_ARRAY) {
                throw new Unreadable("coordinates must be nested arrays of numbers" + here());
            }
            parts.add(coordinates(depth + 1));
        }
        return parts;
    }

    private double[] position() throws IOException, Unreadable {
        double x = in.getDoubleValue();
        JsonToken second = in.nextToken();
        if (second == null || !second.isNumeric()) {
            throw new Unreadable("a position must have a longitude and a latitude" + here());
        }
        double y = in.getDoubleValue();
        for (JsonToken more = in.nextToken(); more != JsonToken.END_ARRAY; more = in.nextToken()) {
            if (more == null || !more.isNumeric()) {
                throw new Unreadable("a position must hold numbers only" + here());
            }
        }
        if (++positions > MAX_POSITIONS) {
            throw new Unreadable(
                    "a file of districts may have at most " + MAX_POSITIONS + " positions; simplify the boundaries");
        }
        return new double[] {x, y};
    }

    /** The old way (2008) to name a reference system: {@code {"properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}}. */
    private Optional<String> crs() throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            in.skipChildren();
            return Optional.empty();
        }
        Optional<String> name = Optional.empty();
        for (int depth = 1; depth > 0; ) {
            JsonToken token = in.nextToken();
            if (token == null) {
                break;
            }
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING && "name".equals(in.currentName()) && depth == 2) {
                name = Optional.of(in.getText());
            }
        }
        return name;
    }

    private void expect(JsonToken token, String what) throws Unreadable {
        if (in.currentToken() != token) {
            throw new Unreadable("not GeoJSON: " + what + " was expected" + here());
        }
    }

    private String here() {
        return " (line " + in.currentLocation().getLineNr() + ", column "
                + in.currentLocation().getColumnNr() + ")";
    }
}
