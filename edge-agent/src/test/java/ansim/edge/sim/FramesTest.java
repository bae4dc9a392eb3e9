package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the simulated devices send is what the profiles of real ones understand. */
class FramesTest {
    private static final Instant TIME = Instant.parse("2026-11-23T08:30:00Z");

    @Test
    void aFixIsTheSentencesThatAReceiverSends() {
        assertEquals(
                List.of(
                        "$GPRMC,083000.00,A,3733.90000,N,12658.70000,E,19.44,90.00,231126,,,A*53",
                        "$GPGGA,083000.00,3733.90000,N,12658.70000,E,1,09,0.9,38.0,M,18.0,M,,*57"),
                new String(Frames.fix(TIME, new Drive.Place(37.565, 126.97833333, 10, 90)), StandardCharsets.US_ASCII)
                        .lines()
                        .toList());
    }

    @Test
    void aCardIsTheFrameOfTheKnownAnswer() {
        assertEquals("\u000262E3086CED08\r\n\u0003", new String(Frames.card("62E3086CED"), StandardCharsets.US_ASCII));
    }

    @Test
    void theProfileReadsTheSameFixInAllQuartersOfTheEarth() {
        Random random = new Random(11);
        for (int i = 0; i < 500; i++) {
            Drive.Place place = new Drive.Place(
                    random.nextDouble(-90, 90),
                    random.nextDouble(-180, 180),
                    random.nextDouble(0, 83),
                    random.nextDouble(0, 359.99));
            Instant time = TIME.plusMillis(random.nextLong(86_400_000L * 300) / 10 * 10);
            List<Reading> readings = read("gnss-nmea0183", Frames.fix(time, place));
            assertEquals(1, readings.size(), place::toString);
            Reading.Fix fix = (Reading.Fix) readings.get(0);
            assertEquals(time.toEpochMilli(), fix.timeMs());
            assertEquals(place.lat(), fix.latE7() / 1e7, 1.4e-7);
            assertEquals(place.lon(), fix.lonE7() / 1e7, 1.4e-7);
            assertEquals(place.speedMs() * 100, fix.speedCms().orElseThrow(), 1);
            assertEquals(place.courseDeg() * 100, fix.courseCdeg().orElseThrow(), 1);
            assertEquals(9, fix.quality().satellites().orElseThrow());
        }
    }

    @Test
    void theProfilesOfUbxAndGpsdReadTheSameFix() {
        Drive.Place place = new Drive.Place(-34.8212345, -58.4567891, 10, 90);
        Instant time = TIME.plusMillis(250);
        List<Reading> binary = read("gnss-ubx", Frames.navPvt(time, place));
        List<Reading> told = read("gnss-gpsd", Frames.tpv(time, place));
        for (List<Reading> readings : List.of(binary, told)) {
            Reading.Fix fix = (Reading.Fix) readings.get(0);
            assertEquals(time.toEpochMilli(), fix.timeMs());
            assertEquals(-348_212_345, fix.latE7());
            assertEquals(-584_567_891, fix.lonE7());
            assertEquals(1_000, fix.speedCms().orElseThrow());
            assertEquals(9_000, fix.courseCdeg().orElseThrow());
        }
    }

    @Test
    void theProfileReadsTheSameCard() {
        Random random = new Random(12);
        for (int i = 0; i < 500; i++) {
            String card = String.format("%010X", random.nextLong(1L << 40));
            assertEquals(List.of(new Reading.Tap(card)), read("reader-em4100", Frames.card(card)));
        }
    }

    private static List<Reading> read(String profile, byte[] bytes) {
        List<Reading> readings = new ArrayList<>();
        DeviceReader reader = Profile.load(profile).open();
        reader.accept(bytes, 0, bytes.length, 0, readings::add);
        reader.tick(1_000, readings::add);
        assertTrue(reader.counters().rejected().values().stream().allMatch(count -> count == 0));
        return readings;
    }
}
