package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.sim.Route.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void aFileOfWayPointsIsARoute() throws IOException {
        Route route = Route.read(write("# from the station\n37.5 127\n\n  37.6   127.25  \n"));
        assertEquals(List.of(new Point(37.5, 127), new Point(37.6, 127.25)), route.points());
    }

    @Test
    void aLineThatIsNoneIsNamedWithItsNumber() throws IOException {
        Path bad = write("37.5 127\n137.5 127\n");
        assertEquals(bad + ":2: latitude must be in [-90, 90] (got 137.5)", refusal(bad));
        assertTrue(refusal(write("37.5,127\n")).endsWith(":1: must be LAT LON (got 37.5,127)"));
        assertTrue(refusal(write("37.5 NaN\n37 127\n")).contains(":1: longitude must be in [-180, 180] (got NaN)"));
        assertEquals("a route must have at least 2 way points (got 1)", refusal(write("37.5 127\n")));
    }

    @Test
    void theShippedRoutesLieInSeoul() {
        assertTrue(Route.shipped().size() >= 3, Route.shipped().keySet().toString());
        Route.shipped()
                .forEach((name, route) -> route.points().forEach(point -> {
                    assertTrue(point.lat() > 37.4 && point.lat() < 37.7, name + " " + point);
                    assertTrue(point.lon() > 126.7 && point.lon() < 127.2, name + " " + point);
                }));
    }

    private static String refusal(Path file) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> Route.read(file))
                .getMessage());
    }

    private Path write(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "route", ".txt"), text);
    }
}
