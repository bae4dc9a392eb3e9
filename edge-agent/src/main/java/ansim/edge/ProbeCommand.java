package ansim.edge;

import ansim.edge.port.Attached;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tinylog.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is attached to this machine, and what to write into agent.yaml for it. */
@Command(
        name = "probe",
        description = {
            "Find out what is attached: listens on each serial port at the common speeds with every profile; where nobody speaks, asks as "
                    + "PN532, OSDP and Modbus are asked; lists card readers (PC/SC), input devices, gpsd and GPIO lines; and prints the "
                    + "lines for agent.yaml.",
            "",
            "A port that a running agent holds is not opened: the agent's own figures are shown. A port on which somebody speaks is not "
                    + "written to. Hold a card to the readers meanwhile: most of them say nothing without one. Takes up to half a "
                    + "minute per serial port.",
            ""
        },
        mixinStandardHelpOptions = true)
final class ProbeCommand implements Callable<Integer> {
    private static final ProbePorts PORTS = new ProbePorts(Path.of("/dev"), Path.of("/sys/class/tty"));
    private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");
    private static final int LAST_TCP_PORT = 65_535;
    /** A receiver that speaks once a second is heard once. */
    private static final double LEAST_SECONDS = 1.2;

    private static final double LEAST_LIMIT = 5;

    private final double leastSeconds;
    private final double leastLimit;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..*",
            paramLabel = "DEVICE",
            description = "Serial devices, and then nothing else; without any, all that this machine has.")
    private List<Path> devices = new ArrayList<>();

    @Option(
            names = {"-c", "--config"},
            defaultValue = "agent.yaml",
            paramLabel = "FILE",
            description =
                    "The agent's configuration, to know which ports it holds (default: ${DEFAULT-VALUE}, if there; agents that run "
                            + "are found without it).")
    private Path configuration = Path.of("agent.yaml");

    @Option(
            names = "--seconds",
            defaultValue = "2.2",
            paramLabel = "S",
            description =
                    "How long to listen each time, 1.2 to 60 (default: ${DEFAULT-VALUE}: a receiver speaks once a second).")
    private double seconds = 2.2;

    @Option(
            names = "--limit",
            defaultValue = "300",
            paramLabel = "S",
            description = "How long all serial ports together may take, 5 to 3600 (default: ${DEFAULT-VALUE}).")
    private double limit = 300;

    @Option(
            names = "--listen-only",
            description = "Write to no port: devices that must be asked (PN532, OSDP, Modbus) are not found.")
    private boolean listenOnly;

    @Option(
            names = "--gpsd",
            defaultValue = "127.0.0.1:2947",
            paramLabel = "HOST:PORT",
            description = "Where to look for gpsd (default: ${DEFAULT-VALUE}).")
    private String gpsdAddress = "127.0.0.1:2947";

    @Option(
            names = "--json",
            description =
                    "One JSON line per thing found: kind (serial, gpio, evdev, pcsc, tcp), device, and what is known "
                            + "of it; yaml is the line for agent.yaml, doubt why it may be wrong.")
    private boolean json;

    private final Map<String, Integer> names = new HashMap<>();
    private final List<String> yaml = new ArrayList<>();
    private final List<String> doubtful = new ArrayList<>();
    private boolean recognised;

    ProbeCommand() {
        this(LEAST_SECONDS, LEAST_LIMIT);
    }

    /** Takes other least values of --seconds and --limit: a test's devices speak at once. */
    ProbeCommand(double leastSeconds, double leastLimit) {
        this.leastSeconds = leastSeconds;
        this.leastLimit = leastLimit;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check("--seconds", seconds, leastSeconds, 60);
        check("--limit", limit, leastLimit, 3_600);
        quiet();
        Optional<ProbeGpsd> gpsd = gpsd();
        ProbeHolders holders = new ProbeHolders(configuration);
        for (String pid : holders.unread()) {
            progress("An agent runs (process " + pid + ") whose configuration cannot be read: its ports are not known. "
                    + "Try: sudo, or its user");
        }
        serial(holders, gpsd);
        if (devices.isEmpty()) {
            others(holders, gpsd);
        }
        if (!json) {
            out().print(forAgentYaml(yaml, doubtful));
        }
        out().flush();
        return recognised ? 0 : CommandFailure.EXIT_CODE;
    }

    private void check(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new ParameterException(
                    spec.commandLine(),
                    option + " must be in [" + words(least) + ", " + words(most) + "] (got " + words(value) + ")");
        }
    }

    private static String words(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /** What the ports log is said better here, and standard output is for the answer. */
    static void quiet() {
        if (!Configuration.isFrozen()) {
            Configuration.set("level", "off");
        }
    }

    // ---- serial ports

    private void serial(ProbeHolders holders, Optional<ProbeGpsd> gpsd) throws IOException, InterruptedException {
        List<Path> ports = devices.isEmpty() ? PORTS.all() : devices;
        heading("Serial ports");
        if (ports.isEmpty()) {
            nothing("none that this program knows by name; one by its name: edge-agent probe /dev/DEVICE");
        }
        long deadlineMs = SystemClock.monoMs() + Math.round(limit * 1_000);
        for (Path given : ports) {
            Path port = PORTS.stable(given);
            Path real = ProbeHolders.real(port);
            Optional<ProbeHolders.Holder> holder = holders.of(real).or(() -> heldByGpsd(real, gpsd));
            if (holder.isPresent()) {
                print(ProbeAnswer.held(port, holder.get()));
            } else {
                ProbeSerial.Found found = new ProbeSerial(port, Math.round(seconds * 1_000), deadlineMs, this::progress)
                        .probe(!listenOnly);
                print(ProbeAnswer.serial(port, found, !listenOnly && found.bytes() <= ProbeSerial.SPEAKS_BYTES));
            }
        }
    }

    private static Optional<ProbeHolders.Holder> heldByGpsd(Path real, Optional<ProbeGpsd> gpsd) {
        return gpsd.filter(found -> found.devices().stream()
                        .anyMatch(path -> ProbeHolders.real(Path.of(path)).equals(real)))
                .map(found -> ProbeHolders.Holder.program("gpsd"));
    }

    // ---- the rest

    private void others(ProbeHolders holders, Optional<ProbeGpsd> gpsd) throws IOException {
        heading("Card readers (PC/SC)");
        try {
            List<String> readers = Attached.cardReaders();
            for (ProbeAnswer reader : ProbeAnswer.cardReaders(readers)) {
                print(reader.unless(holders.agentWithCardReader(reader.device())));
            }
            if (readers.isEmpty()) {
                nothing("the PC/SC service runs and has none");
            }
        } catch (IOException none) {
            nothing("none: " + none.getMessage());
        }
        heading("Input devices that type");
        List<Attached.Keyboard> keyboards = Attached.keyboards();
        for (Attached.Keyboard keyboard : keyboards) {
            print(ProbeAnswer.keyboard(keyboard).unless(holders.agentWithInput(keyboard.path())));
        }
        if (keyboards.isEmpty()) {
            nothing("none");
        }
        heading("gpsd");
        gpsd.ifPresentOrElse(
                found -> print(ProbeAnswer.gpsd(gpsdAddress, found).unless(holders.agentWithGpsd(gpsdAddress))),
                () -> nothing("none at " + gpsdAddress));
        heading("GPIO");
        List<Attached.Chip> chips = Attached.chips();
        chips.forEach(chip -> print(ProbeAnswer.chip(chip)));
        nothing(
                chips.isEmpty()
                        ? "none"
                        : "A line is written gpio: CHIP/LINE, gpio: LABEL/LINE where the chip may be unplugged, or gpio: LINE for one of "
                                + "the board's header; what is wired to it nobody can see from here");
    }

    private Optional<ProbeGpsd> gpsd() {
        Matcher parts = ADDRESS.matcher(gpsdAddress);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > LAST_TCP_PORT) {
            throw new ParameterException(
                    spec.commandLine(), "--gpsd must be HOST:PORT, the port in [0, 65535] (got " + gpsdAddress + ")");
        }
        return ProbeGpsd.at(parts.group(1), Integer.parseInt(parts.group(2)));
    }

    // ---- saying it

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void progress(String line) {
        spec.commandLine().getErr().println(line);
    }

    private void heading(String title) {
        if (!json && devices.isEmpty()) {
            out().println(title);
            out().flush();
        }
    }

    private void nothing(String why) {
        if (!json) {
            out().println("  " + why);
        }
    }

    /**
     * What may be pasted.
     *
     * @param doubtful of which some would be wrong, such as the machine's own keyboard: as comments
     */
    static String forAgentYaml(List<String> sure, List<String> doubtful) {
        StringBuilder text = new StringBuilder();
        if (!sure.isEmpty() || !doubtful.isEmpty()) {
            text.append(String.format("%nFor agent.yaml:%n%sports:%n", sure.isEmpty() ? "# " : ""));
        }
        sure.forEach(port -> text.append(String.format("  - %s%n", port)));
        doubtful.forEach(port -> text.append(String.format("#  - %s%n", port)));
        return text.toString();
    }

    private void print(ProbeAnswer answer) {
        recognised |= answer.recognised();
        Optional<String> line = answer.port().map(port -> "{name: " + name(port) + ", " + port + "}");
        line.ifPresent(port -> {
            if (answer.doubt().isEmpty()) {
                yaml.add(port);
            } else {
                doubtful.add(port + "   # " + answer.doubt());
            }
        });
        try {
            out().println(json ? answer.toJson(line) : "  " + answer.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out().flush();
    }

    /** What the port is, and a number when there are several of its kind. */
    private String name(String port) {
        String profile = port.substring("profile: ".length(), port.indexOf(','));
        String kind = profile.startsWith("gnss-") ? "gnss" : profile.startsWith("reader-") ? "reader" : "device";
        int number = names.merge(kind, 1, Integer::sum);
        return number == 1 ? kind : kind + "-" + number;
    }
}
