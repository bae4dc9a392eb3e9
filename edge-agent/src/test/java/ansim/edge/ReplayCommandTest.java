package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReplayCommandTest {
    private static final String CARD = "\u000262E3086CED08\r\n\u0003";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void aRecordingGivesOneJsonLinePerReadingAndTheCounters() {
        Path quectel = Path.of(System.getProperty("ansim.shared", "../shared"), "captures", "quectel-eg25-g-2.log");
        assumeTrue(Files.exists(quectel), "no recording " + quectel);
        List<String> lines = replay("--profile", "gnss-nmea0183", "--json", quectel.toString());
        assertEquals(
                "{\"reading\":\"fix\",\"time\":\"2022-09-20T05:13:47.000Z\",\"lat\":60.0222800,\"lon\":30.2361501,"
                        + "\"speedKmh\":0.0,\"courseDeg\":0.0,\"satellites\":5}",
                lines.get(0));
        assertTrue(lines.get(lines.size() - 1).startsWith("{\"counters\":{\"frames\":"), lines.toString());
        assertEquals(lines, replay("--profile", "gnss-nmea0183", "--json", quectel.toString()));
    }

    @Test
    void theSameCardTwiceInARowIsOneTapAndEachReadIfSoAsked() throws IOException {
        String capture = write(CARD + CARD + "\u000262E3086CED09\u0003");
        String tap = "{\"reading\":\"tap\",\"card\":\"62E3086CED\"}";
        String counters =
                "{\"counters\":{\"frames\":3,\"rejected\":{\"checksum\":1,\"too-long\":0,\"too-short\":0,\"unterminated\":0,"
                        + "\"bad-byte\":0},\"accepted\":2,\"readings\":%d,\"bytes\":46,\"noiseBytes\":0}}";
        assertEquals(List.of(tap, counters.formatted(1)), replay("--profile", "reader-em4100", "--json", capture));
        assertEquals(
                List.of(tap, tap, counters.formatted(2)),
                replay("--profile", "reader-em4100", "--option", "same-card=0s", "--json", capture));
    }

    @Test
    void aPersonGetsATable() throws IOException {
        assertEquals(
                List.of("tap      62E3086CED", "1 readings from 1 frames, 1 accepted; 2 bytes of noise"),
                replay("--profile", "reader-em4100", write("xx" + CARD)));
    }

    @Test
    void rowsOfALineAreReplayedWithTheirOwnTime() throws IOException {
        String rows = "# a rider presses twice\n\n0 button 0\n1000 button 1\n1100 0 0\n1500 button 1\r\n1600 button 0";
        assertEquals(
                "{\"reading\":\"panic\",\"origin\":\"rider\",\"pattern\":\"double\",\"silent\":false,\"press\":1}",
                replay("--profile", "panic-button", "--json", write(rows)).get(0));
    }

    @Test
    void aRowThatIsNoneIsNamedWithItsNumber() throws IOException {
        String bad = write("0 lamp 0\n100 lamp on\n");
        assertEquals(
                bad + ":2: a row must be <ms> <line> <0|1> (got '100 lamp on')",
                failure("--profile", "meter-lamp", bad).error());
        assertTrue(
                failure("--profile", "meter-lamp", write("0 lmp 0")).error().contains("the line must be one of lamp"));
        assertTrue(failure("--profile", "meter-lamp", write("9 lamp 0\n8 lamp 1"))
                .error()
                .contains("time goes back from 9 to 8 ms"));
        assertTrue(failure("--profile", "meter-lamp", write("x".repeat(9000)))
                .error()
                .contains("longer than 8400 bytes"));
    }

    @Test
    void aRecordingThatIsNotThereIsAnErrorWithAHint() {
        CommandFailure missing =
                failure("--profile", "reader-em4100", folder.resolve("none").toString());
        assertEquals("there is no file " + folder.resolve("none"), missing.error());
        assertTrue(
                failure("--profile", "reader-em4100", folder.toString()).error().endsWith("is a folder"));
    }

    @Test
    void anUnknownProfileListsTheShippedOnes() throws IOException {
        CommandFailure unknown = failure("--profile", "reader-em410", write(""));
        assertEquals("there is no profile reader-em410 (did you mean reader-em4100?)", unknown.error());
        assertTrue(unknown.tryThis().contains("gnss-nmea0183, gnss-ubx, gnss-gpsd, reader-em4100"));
    }

    @Test
    void aBrokenProfileOrOptionIsAConfigurationError() throws IOException {
        String broken = write("name: x\n");
        assertThrows(SettingsException.class, () -> replay("--profile", broken, broken));
        SettingsException option = assertThrows(
                SettingsException.class, () -> replay("--profile", "contact", "--option", "nam=door", broken));
        assertEquals(
                "--option: nam: 'door': is no option of profile contact (did you mean name?); the options are active, debounce, name, normally, "
                        + "pull",
                option.getMessage());
    }

    @Test
    void aDateIsHeldAgainstTheLastLeapSecondUnlessTheRecordingIsDated() throws IOException {
        String rmc = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n";
        assertTrue(replay("--profile", "gnss-nmea0183", "--json", write(rmc))
                .get(0)
                .contains("\"2033-06-22T12:35:19.000Z\""));
        assertTrue(replay("--profile", "gnss-nmea0183", "--json", write("# Date: 1994-03-23\n" + rmc))
                .get(0)
                .contains("\"1994-03-23T12:35:19.000Z\""));
        assertTrue(replay("--profile", "gnss-nmea0183", "--option", "not-before=2034-01-01", "--json", write(rmc))
                .get(0)
                .contains("\"2053-02-05T12:35:19.000Z\""));
    }

    @Test
    void aLargeRecordingStreams() throws IOException {
        Path large = folder.resolve("large");
        byte[] noise = new byte[1 << 20];
        Arrays.fill(noise, (byte) '.');
        try (OutputStream out = Files.newOutputStream(large)) {
            for (int i = 0; i < 64; i++) {
                out.write(noise);
                out.write(CARD.getBytes(StandardCharsets.US_ASCII));
            }
        }
        List<String> lines = replay("--profile", "reader-em4100", "--json", large.toString());
        assertEquals(65, lines.size());
    }

    private CommandFailure failure(String... arguments) {
        return assertThrows(CommandFailure.class, () -> replay(arguments));
    }

    private static List<String> replay(String... arguments) {
        ReplayCommand command = new ReplayCommand();
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(command).setOut(new PrintWriter(out));
        line.parseArgs(arguments);
        assertEquals(0, command.call());
        return new ArrayList<>(out.toString().lines().toList());
    }

    private String write(String content) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "capture", ""), content, StandardCharsets.ISO_8859_1)
                .toString();
    }
}
