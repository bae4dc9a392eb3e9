package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recordings of real receivers against what gpsd reports for them. They are read from beside the repository, never committed. */
class CapturesTest {
    private static final Pattern REPORT = Pattern.compile(
            "\\{\"class\":\"TPV\".*\"mode\":[23].*\"time\":\"([^\"]+)\".*\"lat\":([-0-9.]+),\"lon\":([-0-9.]+).*");
    /** 5e-8 degree, and gpsd's own rounding to nine decimals. */
    private static final double TOLERANCE = 5.05e-8;

    private static final int LONGEST_CHUNK = 37;
    private static final double NS_PER_BYTE_9600 = 10e9 / 9600;

    @ParameterizedTest
    @CsvSource({
        "beidou-gb, 2",
        "firefly-II, 23",
        "garmin-geko201, 0",
        "gp-320fw-2019-04-06-overflow, 20",
        "neo-m8n, 23",
        "nmea-fuzzy-cases, 14",
        "quectel-eg25-g-2, 3",
    })
    void randomChunksGiveTheFixesThatGpsdReports(String name, int fixes) throws IOException {
        randomChunksGiveTheFixesThatGpsdReports("gnss-nmea0183", name, fixes);
        randomChunksGiveTheFixesThatGpsdReports("gnss-ubx", name, fixes);
    }

    private static void randomChunksGiveTheFixesThatGpsdReports(String profile, String name, int fixes)
            throws IOException {
        Path log = Path.of(System.getProperty("ansim.shared", "../shared"), "captures", name + ".log");
        assumeTrue(Files.exists(log), "no recording " + log);
        byte[] bytes = Files.readAllBytes(log);
        Map<Long, double[]> gpsd = gpsd(Path.of(log + ".chk"));
        for (int seed = 0; seed < 10; seed++) {
            Bench bench = play(profile, bytes, new Random(seed));
            List<Reading.Fix> got = bench.fixes();
            assertEquals(fixes, got.size());
            Map<Long, double[]> left = new HashMap<>(gpsd);
            for (Reading.Fix fix : got) {
                // gpsd does not report each fix of RMC with status A; the count above holds those.
                double[] expected = left.remove(fix.timeMs());
                if (expected != null) {
                    assertEquals(expected[0], fix.latE7() / 1e7, TOLERANCE, fix::toString);
                    assertEquals(expected[1], fix.lonE7() / 1e7, TOLERANCE, fix::toString);
                }
            }
            assertEquals(Map.of(), left);
        }
    }

    /** As gpsd does: a recording that says when it was made keeps its dates, else the last leap second is the limit. */
    private static Bench play(String profile, byte[] bytes, Random random) {
        boolean dated = new String(bytes, StandardCharsets.ISO_8859_1).contains("# Date: ");
        Bench bench = Bench.with(profile, "not-before", dated ? "1980-01-06" : "2017-01-01");
        int at = 0;
        while (at < bytes.length) {
            int to = Math.min(bytes.length, at + 1 + random.nextInt(LONGEST_CHUNK));
            bench.says((long) (at * NS_PER_BYTE_9600 / 1e6), Arrays.copyOfRange(bytes, at, to));
            at = to;
        }
        return bench.tick((long) (at * NS_PER_BYTE_9600 / 1e6) + 1000);
    }

    private static Map<Long, double[]> gpsd(Path check) throws IOException {
        Map<Long, double[]> reports = new HashMap<>();
        for (String line : Files.readAllLines(check, StandardCharsets.ISO_8859_1)) {
            Matcher report = REPORT.matcher(line);
            if (report.matches()) {
                double[] place = {Double.parseDouble(report.group(2)), Double.parseDouble(report.group(3))};
                reports.put(Instant.parse(report.group(1)).toEpochMilli(), place);
            }
        }
        return reports;
    }
}
