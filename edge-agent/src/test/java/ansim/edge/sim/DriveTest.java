package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ansim.edge.sim.Route.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class DriveTest {
    /** One degree of latitude is 111.195 km on the sphere used here. */
    private static final double DEGREE_M = 111_195;

    private static final Route NORTH = new Route(List.of(new Point(37, 127), new Point(37.01, 127)));

    @Test
    void aStandingTaxiStays() {
        Drive drive = new Drive(NORTH, 10);
        drive.advance(60);
        assertEquals(new Drive.Place(37, 127, 0, 0), drive.place());
    }

    @Test
    void aDrivingTaxiGoesItsSpeedInTheDirectionOfTheRoute() {
        Drive drive = new Drive(NORTH, 10);
        drive.go();
        drive.advance(50);
        Drive.Place place = drive.place();
        assertEquals(37 + 500 / DEGREE_M, place.lat(), 1e-6);
        assertEquals(127, place.lon(), 1e-9);
        assertEquals(10, place.speedMs());
        assertEquals(0, place.courseDeg());
    }

    @Test
    void atTheEndItTurnsRound() {
        Drive drive = new Drive(NORTH, 10);
        drive.go();
        drive.advance((0.01 * DEGREE_M + 300) / 10);
        assertEquals(37.01 - 300 / DEGREE_M, drive.place().lat(), 1e-6);
        assertEquals(180, drive.place().courseDeg(), 1e-9);
        drive.advance(0.01 * DEGREE_M / 10);
        assertEquals(37 + 300 / DEGREE_M, drive.place().lat(), 1e-6);
        assertEquals(0, drive.place().courseDeg());
    }

    @Test
    void oneLongStepIsManyShortOnes() {
        Route bends = new Route(List.of(new Point(37, 127), new Point(37.001, 127.002), new Point(36.999, 127.001)));
        Drive once = new Drive(bends, 20);
        Drive often = new Drive(bends, 20);
        once.go();
        often.go();
        once.advance(1_000);
        for (int i = 0; i < 1_000; i++) {
            often.advance(1);
        }
        assertEquals(once.place().lat(), often.place().lat(), 1e-9);
        assertEquals(once.place().lon(), often.place().lon(), 1e-9);
    }

    @Test
    void aSpeedThatIsNoneIsRefused() {
        assertEquals(
                "speed must be in (0, 100] m/s (got 0.0)",
                assertThrows(IllegalArgumentException.class, () -> new Drive(NORTH, 0))
                        .getMessage());
    }
}
