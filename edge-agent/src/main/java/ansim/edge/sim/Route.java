package ansim.edge.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The way points of a drive, in degrees WGS 84. Immutable. */
record Route(List<Point> points) {
    /** A way point. */
    record Point(double lat, double lon) {
        Point {
            if (!(lat >= -90 && lat <= 90)) {
                throw new IllegalArgumentException("latitude must be in [-90, 90] (got " + lat + ")");
            }
            if (!(lon >= -180 && lon <= 180)) {
                throw new IllegalArgumentException("longitude must be in [-180, 180] (got " + lon + ")");
            }
        }
    }

    Route {
        points = List.copyOf(points);
        if (points.size() < 2) {
            throw new IllegalArgumentException("a route must have at least 2 way points (got " + points.size() + ")");
        }
    }

    /** The routes that come with the program, by name. */
    static Map<String, Route> shipped() {
        try (InputStream in = Route.class.getResourceAsStream("routes.txt")) {
            if (in == null) {
                throw new IllegalStateException("the program's jar lacks routes.txt");
            }
            return named(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("routes.txt", e);
        }
    }

    private static Map<String, Route> named(List<String> lines) {
        Map<String, List<Point>> points = new LinkedHashMap<>();
        List<Point> current = List.of();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (Character.isLetter(line.charAt(0))) {
                current = new ArrayList<>();
                points.put(line.strip(), current);
            } else {
                current.add(point(line));
            }
        }
        Map<String, Route> routes = new LinkedHashMap<>();
        points.forEach((name, way) -> routes.put(name, new Route(way)));
        return routes;
    }

    /**
     * A route from a file of lines {@code LAT LON}; {@code #} begins a comment.
     *
     * @throws IllegalArgumentException naming the line that is wrong
     */
    static Route read(Path file) throws IOException {
        List<Point> points = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                try {
                    points.add(point(line));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(file + ":" + number + ": " + e.getMessage(), e);
                }
            }
        }
        return new Route(points);
    }

    /** A point from {@code LAT LON}. */
    static Point point(String line) {
        String text = line.strip();
        int gap = text.indexOf(' ');
        if (gap < 0) {
            throw new IllegalArgumentException("must be LAT LON (got " + text + ")");
        }
        return new Point(
                Double.parseDouble(text.substring(0, gap)),
                Double.parseDouble(text.substring(gap).strip()));
    }
}
