package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.profile.Counters;
import ansim.profile.Reading;
import ansim.settings.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real receivers' recordings through a real serial port, cut at random, give the fixes that gpsd reports for them. */
class RecordingsOverSerialTest {
    private static final Pattern REPORT = Pattern.compile(
            "\\{\"class\":\"TPV\".*\"mode\":[23].*\"time\":\"([^\"]+)\".*\"lat\":([-0-9.]+),\"lon\":([-0-9.]+).*");
    /** 5e-8 degree, and gpsd's own rounding to nine decimals. */
    private static final double TOLERANCE = 5.05e-8;

    private static final int LONGEST_CHUNK = 37;
    private static final long DEADLINE_MS = 30_000;

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();

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
    void aRecordingInRandomChunksGivesTheFixesThatGpsdReports(String name, int fixes) throws IOException {
        Path log = Path.of(System.getProperty("ansim.shared", "../shared"), "captures", name + ".log");
        assumeTrue(Files.exists(log), "no recording " + log);
        byte[] bytes = Files.readAllBytes(log);
        boolean dated = new String(bytes, StandardCharsets.ISO_8859_1).contains("# Date: ");
        Section options = Section.of("test", Map.of("not-before", dated ? "1980-01-06" : "2017-01-01"));
        try (TestTerminal terminal = new TestTerminal();
                Ports ports = open("gnss", "gnss-nmea0183", terminal, options)) {
            send(terminal, bytes, new Random(name.hashCode()));
            await("all fixes of " + name, () -> fixes().size() == fixes);
            assertTrue(ports.states().containsKey("gnss"));
        }
        Map<Long, double[]> left = gpsd(Path.of(log + ".chk"));
        for (Reading.Fix fix : fixes()) {
            double[] expected = left.remove(fix.timeMs());
            if (expected != null) {
                assertEquals(expected[0], fix.latE7() / 1e7, TOLERANCE, fix::toString);
                assertEquals(expected[1], fix.lonE7() / 1e7, TOLERANCE, fix::toString);
            }
        }
        assertEquals(Map.of(), left);
    }

    @Test
    void aCardIsTappedThroughASerialPort() throws IOException {
        try (TestTerminal terminal = new TestTerminal();
                Ports ports = open("reader", "reader-em4100", terminal, Section.empty())) {
            byte[] card = "\u000262E3086CED08\r\n\u0003".getBytes(StandardCharsets.US_ASCII);
            send(terminal, card, new Random(1));
            await("a tap", () -> !readings.isEmpty());
            assertTrue(ports.states().containsKey("reader"));
        }
        assertEquals(
                List.of(new Reading.Tap("62E3086CED")),
                readings.stream().map(PortReading::reading).toList());
    }

    /** Line discipline must be off: every byte arrives as it was sent. */
    @Test
    void allByteValuesArriveUnchanged() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (TestTerminal terminal = new TestTerminal();
                Ports ports = open("gnss", "gnss-nmea0183", terminal, Section.empty())) {
            send(terminal, all, new Random(2));
            await("256 bytes", () -> counters(ports).map(Counters::bytes).orElse(0L) == all.length);
            // '!' and '$' each begin a frame; '$' ends the first, 7F the second.
            assertEquals(Map.of("unterminated", 1L, "bad-byte", 1L), rejected(ports));
        }
    }

    private Ports open(String name, String profile, TestTerminal terminal, Section options) {
        PortConfig config = PortConfigs.serial(name, profile, terminal.device(), options);
        Ports ports = Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000);
        await(
                "the port to open",
                () -> ports.states().values().stream().allMatch(s -> s.state() == PortStatus.State.UP));
        return ports;
    }

    /** In chunks of 1 to 37 bytes; the kernel holds the writer back while its buffer is full. */
    private static void send(TestTerminal terminal, byte[] bytes, Random random) throws IOException {
        int sent = 0;
        while (sent < bytes.length) {
            int to = Math.min(bytes.length, sent + 1 + random.nextInt(LONGEST_CHUNK));
            terminal.write(Arrays.copyOfRange(bytes, sent, to));
            sent = to;
        }
    }

    private static Map<String, Long> rejected(Ports ports) {
        Map<String, Long> rejected = new HashMap<>(counters(ports).orElseThrow().rejected());
        rejected.values().removeIf(count -> count == 0);
        return rejected;
    }

    private static Optional<Counters> counters(Ports ports) {
        return ports.states().values().iterator().next().counters();
    }

    private List<Reading.Fix> fixes() {
        return readings.stream()
                .map(PortReading::reading)
                .filter(Reading.Fix.class::isInstance)
                .map(Reading.Fix.class::cast)
                .toList();
    }

    private static void await(String what, BooleanSupplier done) {
        long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "no " + what + " within " + DEADLINE_MS + " ms");
            Thread.onSpinWait();
        }
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
