package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PseudoTerminal;
import ansim.profile.Profile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What an installer types before a unit runs: init, profiles, probe, record. */
class InstallerToolsTest {
    private static final String CARD = "\u000262E3086CED08\r\n\u0003";
    private static final String FIX = sentence("GPRMC,083000.00,A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A");

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(strings = {"taxi", "cctv-pole", "locker-site"})
    void checkAcceptsWhatInitWrites(String kind) throws IOException {
        assertEquals(0, run("init", kind), err::toString);
        String yaml = out.toString();
        assertTrue(yaml.lines().filter(line -> line.contains("#")).count() > 10, "commented");
        Path file = Files.writeString(folder.resolve("agent.yaml"), yaml);
        assertEquals(0, run("check", "--config", file.toString()), err::toString);
        assertTrue(
                err.toString().contains("tls://hub.example:8883 is still the placeholder of edge-agent init"),
                err::toString);
        assertTrue(err.toString().contains("trust: trust is not enrolled yet; edge-agent enrol"), err::toString);
    }

    @Test
    void theFittersContactIsOneOfThePorts() throws IOException {
        assertEquals(0, run("init", "taxi"));
        String yaml = out.toString().replace("# commissioning: {", "commissioning: {");
        Path file = Files.writeString(folder.resolve("agent.yaml"), yaml);
        assertEquals(0, run("check", "--config", file.toString()), err::toString);
        assertTrue(
                err.toString().contains("commissioning.contact: no port has a contact named service"), err::toString);
        Files.writeString(file, yaml.replace("# - {name: service", "- {name: service"));
        assertEquals(0, run("check", "--config", file.toString()), err::toString);
        assertFalse(err.toString().contains("commissioning.contact"), err::toString);
        Files.writeString(file, yaml.replace("contact: service", "contact: ignition"));
        assertEquals(78, run("check", "--config", file.toString()));
        assertTrue(err.toString().contains("contact must be one for the fitter alone"), err::toString);
    }

    @Test
    void initPutsTheUnitsIdIn() {
        assertEquals(0, run("init", "taxi", "--unit", "0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34"));
        String yaml = out.toString();
        assertTrue(yaml.contains("unit: 0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34\nkey: unit-key.pem\n"), yaml);
        assertTrue(yaml.contains("hub:\n  key: hub-key.pem\n  uplinks:\n    - mqtt: tcp://127.0.0.1:1883\n"), yaml);
        assertFalse(yaml.contains("trust:"), yaml);
        assertEquals(2, run("init", "taxy"));
        assertTrue(err.toString().contains("there is no kind of unit taxy (did you mean taxi?)"), err::toString);
    }

    @Test
    void everyShippedProfileIsListedShownAndGivesItsKnownAnswers() {
        assertEquals(0, run("profiles", "list"));
        String table = out.toString();
        for (String name : Profile.shipped()) {
            assertTrue(table.contains("\n" + name + " "), name);
            assertEquals(0, run("profiles", "show", name));
            assertTrue(out.toString().contains("name: " + name), out::toString);
        }
        assertEquals(0, run("profiles", "test"), err::toString);
        assertEquals(Profile.shipped().size(), out.toString().lines().count());
        assertEquals(1, run("profiles", "show", "reader-em410"));
        assertTrue(err.toString().contains("(did you mean reader-em4100?)"), err::toString);
    }

    @Test
    void aCopyIsOnesOwnAndAWrongAnswerInItIsFound() throws IOException {
        Path mine = folder.resolve("mine.yaml");
        assertEquals(0, run("profiles", "copy", "reader-em4100", mine.toString()));
        assertEquals(1, run("profiles", "copy", "contact", mine.toString()), "it overwrites nothing");
        assertEquals(0, run("profiles", "test", mine.toString()), err::toString);
        Files.writeString(mine, Files.readString(mine).replace("62E3086CED08\\x03", "62E3086CED09\\x03"));
        assertEquals(1, run("profiles", "test", mine.toString()));
        assertTrue(err.toString().contains("another card is another tap: must give"), err::toString);
        Files.writeString(mine, Files.readString(mine).replace("checksum: xor", "checksum: crc"));
        assertEquals(78, run("profiles", "test", mine.toString()));
        assertTrue(err.toString().contains("mine.yaml:"), err::toString);
    }

    @Test
    void probeSaysWhichProfileAndSpeedAPortHas() throws Exception {
        Path link = folder.resolve("gnss");
        try (PseudoTerminal device = new PseudoTerminal(link)) {
            speak(device, FIX);
            // It ends when it is sure; until then a busy machine may take its time.
            assertEquals(0, run("probe", "--seconds", "60", link.toString()), () -> out + "" + err);
        }
        String answer = out.toString();
        assertTrue(answer.contains(": gnss-nmea0183 at 9600 baud, "), answer);
        assertTrue(answer.contains("- {name: gnss, profile: gnss-nmea0183, serial: " + link + "}"), answer);
    }

    @Test
    void probeNamesAPortThatIsNotThere() {
        assertEquals(1, run("probe", folder.resolve("none").toString()));
        assertTrue(out.toString().contains("cannot be opened (no such device: "), out::toString);
    }

    @Test
    void aRecordingPlaysAndItsCardNumbersAreMasked() throws Exception {
        Path link = folder.resolve("reader");
        Path recorded = folder.resolve("reader.log");
        config("{name: reader, profile: reader-em4100, serial: " + link + "}");
        try (PseudoTerminal device = new PseudoTerminal(link)) {
            speak(device, CARD);
            assertEquals(0, record("reader", recorded, "--seconds", "2"), err::toString);
        }
        String text = Files.readString(recorded, StandardCharsets.ISO_8859_1);
        assertTrue(text.startsWith("# Recorded by edge-agent "), text);
        assertTrue(text.contains("# Card numbers: masked\n"), text);
        assertTrue(text.contains("\u0002000000000000\r\n\u0003"), text);
        assertFalse(text.contains("62E308"), text);
        assertEquals(1, record("reader", recorded), "it overwrites nothing");
    }

    @Test
    void cardNumbersAreRecordedWhenAskedFor() throws Exception {
        Path link = folder.resolve("reader");
        Path recorded = folder.resolve("reader.log");
        config("{name: reader, profile: reader-em4100, serial: " + link + "}");
        try (PseudoTerminal device = new PseudoTerminal(link)) {
            speak(device, CARD);
            assertEquals(0, record("reader", recorded, "--seconds", "2", "--with-card-numbers"), err::toString);
        }
        assertEquals(0, run("replay", "--profile", "reader-em4100", "--json", recorded.toString()));
        assertTrue(out.toString().startsWith("{\"reading\":\"tap\",\"card\":\"62E3086CED\"}"), out::toString);
    }

    @Test
    void aLineIsRecordedAsRowsThatReplay() throws Exception {
        Path line = Files.writeString(folder.resolve("lamp"), "1");
        Path recorded = folder.resolve("lamp.log");
        config("{name: lamp, profile: meter-lamp, gpio: \"sim:" + line + "\"}");
        assertEquals(0, record("lamp", recorded, "--seconds", "1", "--note", "a\nlamp"), err::toString);
        List<String> rows = Files.readAllLines(recorded);
        assertTrue(rows.contains("# Note: a lamp"), rows::toString);
        assertTrue(rows.contains("0 lamp 1"), rows::toString);
        assertEquals(0, run("replay", "--profile", "meter-lamp", "--json", recorded.toString()));
        assertTrue(out.toString().startsWith("{\"reading\":\"lamp\",\"hired\":true,\"initial\":true}"), out::toString);
    }

    // ---- how these tests say it

    /** Says the same again and again, as a receiver does, until the device is unplugged. */
    private static void speak(PseudoTerminal device, String text) {
        Thread thread = new Thread(
                () -> {
                    boolean plugged = true;
                    while (plugged) {
                        try {
                            device.write(text.getBytes(StandardCharsets.ISO_8859_1));
                            LockSupport.parkNanos(200_000_000);
                        } catch (IOException unplugged) {
                            plugged = false;
                        }
                    }
                },
                "device");
        thread.setDaemon(true);
        thread.start();
    }

    private void config(String port) throws IOException {
        Files.writeString(folder.resolve("agent.yaml"), """
                unit: 0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34
                key: unit-key.pem
                hub: {key: hub.pem, uplinks: [{mqtt: "tcp://127.0.0.1:1"}]}
                ports:
                """ + "  - " + port + "\n");
    }

    private int record(String port, Path file, String... more) {
        List<String> words = new java.util.ArrayList<>(List.of(
                "record",
                "--config",
                folder.resolve("agent.yaml").toString(),
                "--port",
                port,
                "--out",
                file.toString()));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private int run(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine command = EdgeAgent.commandLine();
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    private static String sentence(String body) {
        int xor = 0;
        for (int i = 0; i < body.length(); i++) {
            xor ^= body.charAt(i);
        }
        return String.format("$%s*%02X\r\n", body, xor);
    }
}
