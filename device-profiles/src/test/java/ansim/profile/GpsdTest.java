package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.settings.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GpsdTest {
    private static final String TPV =
            "{\"class\":\"TPV\",\"device\":\"/dev/ttyACM0\",\"mode\":3,\"time\":\"2026-11-23T08:30:00.000Z\",\"lat\":37.565,\"lon\":126.978333333}\r\n";
    private static final byte[] WATCH = "?WATCH={\"enable\":true,\"json\":true}\n".getBytes(StandardCharsets.US_ASCII);

    private final Bench gnss = Bench.with("gnss-gpsd");

    @ParameterizedTest
    @CsvSource({
        "37.565, 126.978333333, 375650000, 1269783333",
        "-37.56500005, -0.00000005, -375650000, 0",
        "90, -180, 900000000, -1800000000",
        "3.7565e1, 1.2E2, 375650000, 1200000000",
    })
    void aPlaceIsRoundedToTheSeventhDecimal(String lat, String lon, int latE7, int lonE7) {
        gnss.says(0, TPV.replace("37.565", lat).replace("126.978333333", lon));
        assertEquals(latE7, gnss.fixes().get(0).latE7(), 1e-9);
        assertEquals(lonE7, gnss.fixes().get(0).lonE7(), 1e-9);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"lat\":90.1,\"lon\":7",
                "\"lat\":1e999,\"lon\":7",
                "\"lat\":\"37\",\"lon\":7",
                "\"lat\":37",
                "\"lat\":null,\"lon\":7",
                "\"lat\":[37],\"lon\":7",
            })
    void aPlaceThatIsNoneIsMalformed(String place) {
        gnss.says(0, TPV.replace("\"lat\":37.565,\"lon\":126.978333333", place));
        assertEquals(List.of(), gnss.fixes());
        assertEquals(1, gnss.counters().rejected().get("malformed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2026-11-23", "1132648200", "1979-01-01T00:00:00Z", "+999999999-12-31T23:59:59Z", "yesterday"})
    void aTimeThatIsNoneIsMalformed(String time) {
        gnss.says(0, TPV.replace("2026-11-23T08:30:00.000Z", time));
        assertEquals(1, gnss.counters().rejected().get("malformed"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"class\":\"PPS\",\"mode\":3,\"time\":\"2026-11-23T08:30:00.000Z\",\"lat\":37.5,\"lon\":126.9}",
                "{\"clazz\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T08:30:00.000Z\",\"lat\":37.5,\"lon\":126.9}",
                "{\"class\":[\"TPV\"],\"mode\":3,\"time\":\"2026-11-23T08:30:00.000Z\",\"lat\":37.5,\"lon\":126.9}",
                "{\"class\":\"VERSION\",\"in\":{\"class\":\"TPV\",\"mode\":3,\"lat\":37.5,\"lon\":126.9}}",
                "{\"class\":\"TPV\",\"mode\":4,\"time\":\"2026-11-23T08:30:00.000Z\",\"lat\":37.5,\"lon\":126.9}",
                "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T08:30:00.000Z\"}",
                "{}",
            })
    void whatIsNoFixSaysNothing(String report) {
        gnss.says(0, report + "\n");
        assertEquals(List.of(), gnss.readings);
        assertEquals(1, gnss.counters().accepted());
    }

    @Test
    void theSatellitesUsedAreThoseThatGpsdCountsElseThoseThatSayIt() {
        gnss.says(0, "{\"class\":\"SKY\",\"hdop\":0.91,\"uSat\":12,\"satellites\":[{\"PRN\":1,\"used\":true}]}\n");
        gnss.says(0, TPV);
        gnss.says(0, "{\"satellites\":[{\"used\":true},{\"x\":{\"used\":true},\"used\":false}],\"class\":\"SKY\"}\n");
        gnss.says(0, TPV.replace("08:30:00", "08:30:01"));
        gnss.tick(Gpsd.SKY_FRESH_MS + 1).says(Gpsd.SKY_FRESH_MS + 1, TPV.replace("08:30:00", "08:30:02"));
        List<OptionalInt> satellites =
                gnss.fixes().stream().map(fix -> fix.quality().satellites()).toList();
        assertEquals(List.of(OptionalInt.of(12), OptionalInt.of(1), OptionalInt.empty()), satellites);
        assertEquals(OptionalInt.of(91), gnss.fixes().get(1).quality().hdopE2());
    }

    @Test
    void oneOfSeveralReceiversMayBeChosen() {
        Bench one = Bench.with("gnss-gpsd", "device", "/dev/ttyUSB1");
        one.says(0, TPV).says(0, TPV.replace("ttyACM0", "ttyUSB1"));
        assertEquals(1, one.fixes().size());
    }

    @Test
    void aLineIsReadHoweverItIsCutAndABrokenOneCostsItself() {
        byte[] two = (TPV + TPV.replace("08:30:00", "08:30:01")).getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut < two.length; cut++) {
            Bench bench = Bench.with("gnss-gpsd");
            bench.says(0, new String(two, 0, cut, StandardCharsets.US_ASCII));
            bench.says(0, new String(two, cut, two.length - cut, StandardCharsets.US_ASCII));
            assertEquals(2, bench.fixes().size(), "cut at " + cut);
        }
        gnss.says(0, "{\"class\":\u0000" + TPV + TPV);
        assertEquals(1, gnss.fixes().size());
        assertEquals(1, gnss.counters().rejected().get("bad-byte"));
    }

    @Test
    void aLineOf16384BytesIsReadAndOneMoreIsNot() {
        String longest =
                TPV.strip().replace("{\"class", "{\"x\":\"" + "y".repeat(16_384 - TPV.length() + 2 - 7) + "\",\"class");
        gnss.says(0, longest + "\n");
        assertEquals(1, gnss.fixes().size());
        gnss.says(0, longest.replace("\"x\"", "\"xx\"") + "\n" + TPV.replace("08:30:00", "08:30:01"));
        assertEquals(1, gnss.counters().rejected().get("too-long"));
        assertEquals(2, gnss.fixes().size());
    }

    /** 16 KiB of brackets must cost neither the stack nor an exception. */
    @Test
    void deepNestingIsMalformed() {
        gnss.says(
                0,
                "{\"a\":" + "[".repeat(16_000) + "\n{\"class\":\"TPV\",\"satellites\":" + "{\"a\":".repeat(3_000)
                        + "\n");
        gnss.says(0, "{\"lat\":" + "9".repeat(16_000) + "}\n");
        assertEquals(3, gnss.counters().frames());
        assertEquals(0, gnss.fixes().size());
    }

    @Test
    void gpsdIsAskedOnceForEachConnectionAndItsSilenceIsToldOnce() {
        DeviceReader reader = Profile.load("gnss-gpsd").open();
        List<Reading> given = new ArrayList<>();
        reader.opened(0, given::add);
        assertArrayEquals(WATCH, reader.toSend(0));
        assertEquals(0, reader.toSend(0).length);
        byte[] half = TPV.substring(0, 40).getBytes(StandardCharsets.US_ASCII);
        reader.accept(half, 0, half.length, 500, given::add);
        reader.opened(1_000, given::add);
        assertArrayEquals(WATCH, reader.toSend(1_000));
        assertEquals(1, reader.counters().rejected().get("too-short"));
        byte[] whole = TPV.getBytes(StandardCharsets.US_ASCII);
        reader.accept(whole, 0, whole.length, 1_500, given::add);
        assertEquals(1, given.size());
        for (int ms = 1_600; ms < 40_000; ms += 100) {
            reader.tick(ms, given::add);
            assertEquals(0, reader.toSend(ms).length, "at " + ms);
        }
        assertEquals(
                List.of(new Reading.NoFix(), new Reading.Fault(Reading.Fault.What.SILENT, true)),
                given.subList(1, given.size()));
    }

    /** What gpsd itself reported of real receivers: with the sentences that it echoes between the reports. */
    @ParameterizedTest
    @CsvSource({"beidou-gb", "firefly-II", "gp-320fw-2019-04-06-overflow", "neo-m8n", "quectel-eg25-g-2"})
    void everyDatedReportOfARecordingIsAFix(String name) throws IOException {
        Path check = Path.of(System.getProperty("ansim.shared", "../shared"), "captures", name + ".log.chk");
        assumeTrue(Files.exists(check), "no recording " + check);
        String text = Files.readString(check, StandardCharsets.ISO_8859_1);
        long dated = text.lines()
                .filter(line -> line.matches(".*\"TPV\".*\"mode\":[23].*\"time\":\".*"))
                .map(line -> line.replaceAll(".*\"time\":\"([^\"]*)\".*", "$1"))
                .distinct()
                .count();
        gnss.says(0, text);
        assertEquals(dated, gnss.fixes().size());
        assertEquals(0, gnss.counters().rejected().get("malformed"));
    }

    @Test
    void theOptionsAreThoseOfTheConnectionTheLineAndTheReports() {
        Profile profile = Profile.load("gnss-gpsd").with(Section.of("test", Map.of("port", "3000", "longest", "4096")));
        assertEquals(3000, profile.tcp().orElseThrow().port());
        assertEquals(TcpLine.Connect.STAY, profile.tcp().orElseThrow().connect());
    }
}
