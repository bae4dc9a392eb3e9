package ansim.hub.core;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.GeometryFactory;
import org.locationtech.jts.geom.Polygon;
import org.locationtech.jts.operation.overlayng.OverlayNG;
import org.locationtech.jts.operation.overlayng.OverlayNGRobust;
import org.locationtech.jts.triangulate.VoronoiDiagramBuilder;

/**
 * A sketch of Seoul's 25 districts until real boundaries are imported: every point belongs to the district whose office is nearest,
 * within a rough outline of the city.
 *
 * <p>Codes and names are real. Boundaries are not: near a real border, and in districts with an office off their centre, it names the
 * wrong district. {@link DistrictMap#approximate} says so.
 */
public final class StarterMap {
    private static final String OFFICES = "starter-map.csv";

    /** Degrees of longitude are this much shorter than degrees of latitude around Seoul: cos 37.56 degrees. */
    private static final double SQUEEZE = 0.7927;

    /** Round the city clockwise from the north-west: latitude, longitude. */
    private static final double[] OUTLINE = {
        37.6350, 126.9050, 37.6500, 126.9150, 37.6480, 126.9400, 37.6330, 126.9600, 37.6350, 126.9780, 37.6550,
                126.9800,
        37.6850, 127.0000, 37.7010, 127.0150, 37.6960, 127.0300, 37.6920, 127.0500, 37.6940, 127.0750, 37.6890,
                127.0950,
        37.6700, 127.0930, 37.6430, 127.1100, 37.6180, 127.1080, 37.6150, 127.1180, 37.5900, 127.1120, 37.5700,
                127.1020,
        37.5580, 127.1150, 37.5680, 127.1350, 37.5800, 127.1650, 37.5770, 127.1770, 37.5450, 127.1830, 37.5200,
                127.1480,
        37.5000, 127.1600, 37.4720, 127.1380, 37.4700, 127.1250, 37.4590, 127.1050, 37.4560, 127.0850, 37.4300,
                127.0700,
        37.4290, 127.0500, 37.4420, 127.0350, 37.4650, 127.0300, 37.4570, 126.9980, 37.4550, 126.9850, 37.4400,
                126.9650,
        37.4380, 126.9400, 37.4500, 126.9280, 37.4350, 126.9000, 37.4850, 126.8730, 37.4760, 126.8450, 37.4750,
                126.8180,
        37.4950, 126.8250, 37.5150, 126.8250, 37.5400, 126.8000, 37.5400, 126.7700, 37.5560, 126.7650, 37.5720,
                126.7960,
        37.6040, 126.8020, 37.5850, 126.8350, 37.5730, 126.8600, 37.5850, 126.8850, 37.6000, 126.9020, 37.6350, 126.9050
    };

    private static final GeometryFactory FACTORY = new GeometryFactory();

    private record Office(String code, String name, String nameEn, Coordinate at) {}

    private StarterMap() {}

    /** The sketch; always the same. */
    public static DistrictMap map() {
        DistrictMap.Parsed parsed = DistrictMap.parse(geojson().getBytes(StandardCharsets.UTF_8));
        return parsed.map()
                .orElseThrow(() -> new IllegalStateException("the starter map does not read: " + parsed.problems()));
    }

    private static String geojson() {
        List<Office> offices = offices();
        Polygon city = outline();
        VoronoiDiagramBuilder voronoi = new VoronoiDiagramBuilder();
        voronoi.setSites(offices.stream().map(Office::at).toList());
        voronoi.setClipEnvelope(city.getEnvelopeInternal());
        Geometry cells = voronoi.getDiagram(FACTORY);
        Map<String, String> features = new TreeMap<>();
        for (int i = 0; i < cells.getNumGeometries(); i++) {
            Geometry cell = cells.getGeometryN(i);
            Coordinate site = (Coordinate) cell.getUserData();
            Office office = offices.stream()
                    .filter(each -> each.at().equals2D(site))
                    .findFirst()
                    .orElseThrow();
            features.put(office.code(), feature(office, OverlayNGRobust.overlay(cell, city, OverlayNG.INTERSECTION)));
        }
        return "{\"type\":\"FeatureCollection\",\"approximate\":true,\"features\":[\n"
                + String.join(",\n", features.values()) + "\n]}\n";
    }

    private static List<Office> offices() {
        try (InputStream in = StarterMap.class.getResourceAsStream(OFFICES)) {
            if (in == null) {
                throw new IllegalStateException("the program is incomplete: " + OFFICES + " is missing");
            }
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            in.transferTo(text);
            return text.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(StarterMap::office)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the program is damaged: " + OFFICES + " does not read", e);
        }
    }

    private static Office office(String line) {
        String[] parts = line.split(",", -1);
        return new Office(
                parts[0], parts[1], parts[2], squeezed(Double.parseDouble(parts[3]), Double.parseDouble(parts[4])));
    }

    private static Polygon outline() {
        Coordinate[] ring = new Coordinate[OUTLINE.length / 2];
        for (int i = 0; i < ring.length; i++) {
            ring[i] = squeezed(OUTLINE[2 * i], OUTLINE[2 * i + 1]);
        }
        return FACTORY.createPolygon(ring);
    }

    private static Coordinate squeezed(double lat, double lon) {
        return new Coordinate(lon * SQUEEZE, lat);
    }

    private static String feature(Office office, Geometry cell) {
        List<String> polygons = new ArrayList<>();
        for (int i = 0; i < cell.getNumGeometries(); i++) {
            List<String> positions = new ArrayList<>();
            for (Coordinate at :
                    ((Polygon) cell.getGeometryN(i)).getExteriorRing().getCoordinates()) {
                positions.add(String.format(Locale.ROOT, "[%.6f,%.6f]", at.x / SQUEEZE, at.y));
            }
            polygons.add("[[" + String.join(",", positions) + "]]");
        }
        return "{\"type\":\"Feature\",\"properties\":{\"code\":\"" + office.code() + "\",\"name\":\"" + office.name()
                + "\",\"name_en\":\"" + office.nameEn()
                + "\"},\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":["
                + String.join(",", polygons) + "]}}";
    }
}
