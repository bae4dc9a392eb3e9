package ansim.hub.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Answers what a {@link DistrictMap} answers, slowly and by other means: every ring, every segment, great circles. */
final class Oracle {
    private static final double EARTH_M = 6_371_008.8;

    /** Rings per district as x, y, x, y, sorted by code. */
    private final Map<String, List<double[]>> districts = new TreeMap<>();

    Oracle(byte[] geojson) throws IOException {
        for (JsonNode feature : new ObjectMapper().readTree(geojson).get("features")) {
            List<double[]> rings = new ArrayList<>();
            collect(feature.get("geometry").get("coordinates"), rings);
            districts.put(feature.get("properties").get("code").asText(), rings);
        }
    }

    private static void collect(JsonNode node, List<double[]> rings) {
        if (node.get(0).get(0).isNumber()) {
            // Behind the points the southernmost and the northernmost: a ray outside them crosses nothing.
            double[] ring = new double[2 * node.size() + 2];
            ring[ring.length - 2] = Double.POSITIVE_INFINITY;
            ring[ring.length - 1] = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < node.size(); i++) {
                ring[2 * i] = node.get(i).get(0).asDouble();
                ring[2 * i + 1] = node.get(i).get(1).asDouble();
                ring[ring.length - 2] = Math.min(ring[ring.length - 2], ring[2 * i + 1]);
                ring[ring.length - 1] = Math.max(ring[ring.length - 1], ring[2 * i + 1]);
            }
            rings.add(ring);
        } else {
            node.forEach(child -> collect(child, rings));
        }
    }

    /** By counting crossings of a ray over all rings. */
    Optional<String> locate(double lat, double lon) {
        return districts.entrySet().stream()
                .filter(each -> inside(each.getValue(), lon, lat))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static boolean inside(List<double[]> rings, double x, double y) {
        boolean inside = false;
        for (double[] r : rings) {
            if (y < r[r.length - 2] || y >= r[r.length - 1]) {
                continue;
            }
            for (int i = 0; i + 5 < r.length; i += 2) {
                if ((r[i + 1] > y) != (r[i + 3] > y)
                        && x < r[i] + (y - r[i + 1]) / (r[i + 3] - r[i + 1]) * (r[i + 2] - r[i])) {
                    inside = !inside;
                }
            }
        }
        return inside;
    }

    /** Metres to the nearest border of each district. */
    Map<String, Double> distances(double lat, double lon) {
        Map<String, Double> metres = new TreeMap<>();
        districts.forEach((code, rings) -> {
            double least = Double.POSITIVE_INFINITY;
            for (double[] r : rings) {
                for (int i = 0; i + 5 < r.length; i += 2) {
                    least = Math.min(least, toSegment(lat, lon, r, i));
                }
            }
            metres.put(code, least);
        });
        return metres;
    }

    private static double toSegment(double lat, double lon, double[] r, int i) {
        double low = 0;
        double high = 1;
        for (int step = 0; step < 60; step++) {
            double a = low + (high - low) / 3;
            double b = high - (high - low) / 3;
            if (toPoint(lat, lon, r, i, a) < toPoint(lat, lon, r, i, b)) {
                high = b;
            } else {
                low = a;
            }
        }
        return toPoint(lat, lon, r, i, low);
    }

    private static double toPoint(double lat, double lon, double[] r, int i, double t) {
        double toLon = r[i] + t * (r[i + 2] - r[i]);
        double toLat = r[i + 1] + t * (r[i + 3] - r[i + 1]);
        double dLat = Math.toRadians(toLat - lat) / 2;
        double dLon = Math.toRadians(toLon - lon) / 2;
        double a = Math.pow(Math.sin(dLat), 2)
                + Math.cos(Math.toRadians(lat)) * Math.cos(Math.toRadians(toLat)) * Math.pow(Math.sin(dLon), 2);
        return 2 * EARTH_M * Math.asin(Math.sqrt(a));
    }
}
