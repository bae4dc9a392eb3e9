package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.edge.port.Attached;
import ansim.edge.port.FarEnd;
import ansim.edge.port.FarEnds;
import ansim.edge.port.PortConfig;
import ansim.edge.port.PseudoTerminal;
import ansim.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a fitter learns of the devices at a unit's ports. */
class ProbeTest {
    private static final long DEADLINE_S = 60;
    /** Of --seconds and --limit; those of the program are for receivers that speak once a second. */
    private static final double LEAST_S = 0.1;

    private static final long LISTEN_MS = 50;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** What agent.yaml has under this name. */
    private record Yaml(List<PortConfig> ports) {}

    @Test
    void aPn532IsFoundByAsking() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnd chip = FarEnds.pn532(line)) {
            ProbeSerial.Found found = atOnce();
            assertEquals(Optional.of("reader-pn532"), found.profile());
            assertEquals(115_200, found.baud());
            assertEquals(Map.of(), found.options());
            assertTrue(chip.asked() > 0);
        }
    }

    /**
     * Once on a busy machine: "cannot be opened (does not open)". What the receiver had said before was there at the first look, and was
     * enough; only after that look the port is said to be up.
     */
    @Test
    void aReceiverWhoseWordsWaitedBeforeThePortWasOpenIsFound() throws Exception {
        String fix = "$GPRMC,081830.00,A,3733.9600,N,12658.6800,E,0.5,84.4,120926,,,A*62\r\n";
        for (int i = 0; i < 20; i++) {
            try (PseudoTerminal line = new PseudoTerminal(folder.resolve("port" + i))) {
                line.write(fix.repeat(3).getBytes(StandardCharsets.US_ASCII));
                ProbeSerial.Found found =
                        new ProbeSerial(line.link(), DEADLINE_S * 1_000, Long.MAX_VALUE, progress -> {}).probe(false);
                assertEquals(Optional.of("gnss-nmea0183"), found.profile(), found.toString());
            }
        }
    }

    @Test
    void anOsdpReaderIsFoundWithItsAddress() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnd reader = FarEnds.osdp(line, 1)) {
            assertEquals(0, probe(), this::said);
            assertTrue(reader.asked() > 0);
        }
        assertTrue(out.toString().contains(": reader-osdp at 9600 baud, address 1, "), this::said);
        assertEquals("reader-osdp", found().profile());
        assertEquals(List.of("address"), List.copyOf(found().options().keys()));
    }

    /** A board without holding registers refuses the question, and is a Modbus device all the same. */
    @Test
    void aModbusDeviceThatRefusesTheQuestionIsFound() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnd board = FarEnds.refusingModbus(line)) {
            ProbeSerial.Found found = atOnce();
            assertEquals(Optional.of("modbus-rtu"), found.profile());
            assertEquals(0, found.rejected());
            assertTrue(board.asked() > 0);
        }
    }

    @Test
    void aPlugThatBringsBackWhatIsWrittenIsNothing() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnd loop = FarEnds.echo(line)) {
            ProbeSerial probe = new ProbeSerial(link(), LISTEN_MS, 250, Long.MAX_VALUE, progress -> {});
            assertEquals(Optional.empty(), probe.probe(true).profile());
            assertTrue(loop.asked() > ProbeSerial.questions().size());
        }
    }

    @Test
    void nothingIsWrittenToAPortThatSpeaksNorWhenToldToListenOnly() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnds.Babbler babbler = FarEnds.babbler(line, "T=21;H=40;NO=1234567890 \r\n")) {
            assertEquals(1, probe("--seconds", "0.6"), this::said);
            assertTrue(out.toString().contains(" bytes that no profile understands: "), this::said);
            assertTrue(out.toString().contains("T=21;H=40;NO=0000000000"), "a number is masked: " + said());
            assertTrue(out.toString().contains("Nothing was written"), this::said);
            assertEquals(0, babbler.heard());
        }
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnd reader = FarEnds.osdp(line, 0)) {
            assertEquals(1, probe("--listen-only"), this::said);
            assertTrue(out.toString().contains("nothing was asked: --listen-only"), this::said);
            assertEquals(0, reader.asked());
        }
    }

    @Test
    void theTimeLimitEndsTheSearchAndIsSaid() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link())) {
            assertEquals(1, probe("--limit", "1"), this::said);
            assertFalse(line.link().toString().isEmpty());
        }
        assertTrue(out.toString().contains("not found out: the time limit was reached (--limit)"), this::said);
        assertEquals(2, run(EdgeAgent.commandLine(), "probe", "--limit", "1", link().toString()));
        assertTrue(err.toString().contains("--limit must be in [5, 3600] (got 1)"), err::toString);
    }

    @Test
    void asJsonEachPortIsOneLineWithTheLineOfAgentYaml() throws Exception {
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnd reader = FarEnds.osdp(line, 0)) {
            assertEquals(0, probe("--json"), this::said);
            assertTrue(reader.asked() > 0);
        }
        assertEquals(1, out.toString().lines().count(), this::said);
        var figures = StatusCommand.flatten(out.toString());
        assertEquals("serial", figures.get("kind"));
        assertEquals("reader-osdp", figures.get("profile"));
        assertEquals("9600", figures.get("baud"));
        assertEquals("{name: reader, profile: reader-osdp, serial: " + link() + "}", figures.get("yaml"));
    }

    /** Found by its command line: nobody says where its configuration is. */
    @Test
    void aRunningAgentThatHoldsThePortIsAskedInstead() throws Exception {
        agentsFiles();
        try (PseudoTerminal line = new PseudoTerminal(link());
                FarEnds.Babbler receiver = FarEnds.babbler(line, "$GPTXT,01,01,02,ANTSTATUS=OK*3B\r\n")) {
            Process agent = start("run", "--config", "agent.yaml");
            try {
                await(
                        "its figures",
                        () -> Files.exists(folder.resolve("data/status.json"))
                                && Files.readString(folder.resolve("data/status.json"))
                                        .contains("\"gnss\":\"up"));
                assertEquals(0, probe(), this::said);
                assertTrue(
                        out.toString()
                                .contains(link() + ": held by the running agent, process " + agent.pid()
                                        + ", as port gnss, profile gnss-nmea0183: up"),
                        this::said);
                assertFalse(out.toString().contains("ports:"), "it is in an agent.yaml already");
                assertEquals(0, receiver.heard());
            } finally {
                agent.destroy();
                assertTrue(agent.waitFor(DEADLINE_S, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aMachinesPortsAreListedOnceByTheirStableNames() throws IOException {
        Path dev = Files.createDirectories(folder.resolve("dev"));
        Path sys = Files.createDirectories(folder.resolve("sys"));
        for (String port : List.of("ttyUSB0", "ttyACM0", "ttyAMA0", "ttyS0", "ttyS1", "ttyS2", "tty1")) {
            Files.writeString(dev.resolve(port), "");
        }
        type(sys, "ttyS0", "4");
        type(sys, "ttyS1", "0");
        type(sys, "ttyS2", "4");
        Files.createDirectories(sys.resolve("console"));
        Files.writeString(sys.resolve("console").resolve("active"), "tty0 ttyS0\n");
        Path byId = Files.createDirectories(dev.resolve("serial/by-id"));
        Path stable = Files.createSymbolicLink(byId.resolve("usb-FTDI_FT232R-if00-port0"), Path.of("../../ttyUSB0"));
        ProbePorts ports = new ProbePorts(dev, sys);
        assertEquals(
                List.of(stable, dev.resolve("ttyACM0"), dev.resolve("ttyAMA0"), dev.resolve("ttyS2")).stream()
                        .sorted()
                        .toList(),
                ports.all());
        assertEquals(stable, ports.stable(dev.resolve("ttyUSB0")), "what is typed shortly is written down stably");
    }

    @Test
    void aMachineIsSearchedWithoutNamingAnything() throws IOException {
        assumeTrue(
                new ProbePorts(Path.of("/dev"), Path.of("/sys/class/tty")).all().isEmpty(),
                "this machine has serial ports, which a test leaves alone");
        int code = run("probe", "--listen-only", "--seconds", "0.1", "--gpsd", "127.0.0.1:1");
        for (String heading :
                List.of("Serial ports", "Card readers (PC/SC)", "Input devices that type", "gpsd\n  none", "GPIO\n")) {
            assertTrue(out.toString().contains(heading), this::said);
        }
        assertEquals(out.toString().contains("\nports:\n") ? 0 : 1, code, this::said);
    }

    /** The keyboard of a fitter's machine stood in "For agent.yaml" as its card reader, and was reason enough for exit code 0. */
    @Test
    void aKeyboardIsNoReaderUntilSomebodySaysSo() throws IOException {
        ProbeAnswer keyboard = ProbeAnswer.keyboard(new Attached.Keyboard(Path.of("/dev/input/event3"), "AT keyboard"));
        assertFalse(keyboard.recognised());
        String line = "{name: reader, " + keyboard.port().orElseThrow() + "}";
        assertTrue(
                keyboard.toJson(Optional.of(line)).contains("\"doubt\":\"only if it is a card reader"),
                keyboard::doubt);
        String alone = ProbeCommand.forAgentYaml(List.of(), List.of(line + "   # " + keyboard.doubt()));
        assertTrue(alone.startsWith("\nFor agent.yaml:\n# ports:\n#  - {name: reader, profile: reader-hid, "), alone);
        String both = ProbeCommand.forAgentYaml(
                List.of("{name: gnss, profile: gnss-gpsd, tcp: \"127.0.0.1:2947\"}"), List.of(line));
        assertEquals(
                List.of("gnss"),
                Settings.read("probe", both.substring(both.indexOf("ports:")), Yaml.class).ports().stream()
                        .map(PortConfig::name)
                        .toList());
        assertEquals("", ProbeCommand.forAgentYaml(List.of(), List.of()));
        ProbeAnswer used = keyboard.unless(Optional.of(ProbeHolders.Holder.program("the agent")));
        assertTrue(used.recognised(), "an agent reads cards from it");
        assertEquals(Optional.empty(), used.port());
    }

    // ---- how these tests say it

    private static void type(Path sys, String port, String type) throws IOException {
        Files.createDirectories(sys.resolve(port));
        Files.writeString(sys.resolve(port).resolve("type"), type + "\n");
    }

    private Path link() {
        return folder.resolve("port");
    }

    private int probe(String... more) {
        List<String> words = new java.util.ArrayList<>(List.of("probe"));
        words.addAll(List.of(more));
        if (!words.contains("--seconds")) {
            words.addAll(List.of("--seconds", "0.1"));
        }
        words.add(link().toString());
        return run(words.toArray(String[]::new));
    }

    /** Without the patience for receivers that speak once a second. */
    private ProbeSerial.Found atOnce() throws InterruptedException {
        return new ProbeSerial(link(), LISTEN_MS, Long.MAX_VALUE, progress -> {}).probe(true);
    }

    private int run(String... words) {
        CommandLine quick = EdgeAgent.commandLine();
        quick.getCommandSpec().removeSubcommand("probe");
        quick.addSubcommand("probe", new ProbeCommand(LEAST_S, LEAST_S));
        return run(quick, words);
    }

    private int run(CommandLine command, String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    private String said() {
        return out + "\n" + err;
    }

    /** The port of what is printed to be pasted, read as the agent reads it. */
    private PortConfig found() {
        String text = out.toString();
        return Settings.read("probe", text.substring(text.indexOf("ports:")), Yaml.class)
                .ports()
                .get(0);
    }

    private void agentsFiles() throws IOException {
        assertEquals(0, run("keygen", "--out", at("key.pem"), "--public", at("hub.pub.pem")), this::said);
        Files.writeString(folder.resolve("agent.yaml"), """
                unit: 0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34
                key: key.pem
                hub: {key: hub.pub.pem, uplinks: [{mqtt: "tcp://127.0.0.1:1"}]}
                ports:
                  - {name: gnss, profile: gnss-nmea0183, serial: %s}
                """.formatted(link()), StandardCharsets.UTF_8);
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EdgeAgent.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile())
                .start();
    }

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.met()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(10_000_000);
        }
    }
}
