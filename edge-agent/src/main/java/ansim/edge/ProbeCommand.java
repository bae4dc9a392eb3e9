package ansim.edge;

import ansim.edge.port.PortConfig;
import ansim.edge.port.PortStatus;
import ansim.edge.port.Ports;
import ansim.profile.Counters;
import ansim.profile.Profile;
import ansim.profile.Wire;
import ansim.settings.CommandFailure;
import ansim.settings.Section;
import ansim.settings.Settings;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.tinylog.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which device is on which serial port: listens with every profile at the speeds that its devices are known for. */
@Command(
        name = "probe",
        description = {
            "Find out what is on the serial ports: tries each serial profile at the common speeds of its devices, listens, asks the "
                    + "devices that must be asked, and says which profile matches. A port that a running agent holds is not opened: "
                    + "the agent's own figures are shown.",
            "",
            "Hold a card to the readers meanwhile: most of them say nothing without one. Takes up to half a minute per port.",
            ""
        },
        mixinStandardHelpOptions = true)
final class ProbeCommand implements Callable<Integer> {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Path BY_ID = Path.of("/dev/serial/by-id");
    private static final List<String> KERNEL_NAMES = List.of("ttyUSB*", "ttyACM*", "ttyAMA*");
    /** The speeds of GNSS receivers in the field, most likely first; other devices keep to their profile's. */
    private static final List<Integer> GNSS_BAUDS = List.of(9_600, 38_400, 115_200, 4_800);
    /** Fewer frames than this may be chance. */
    private static final int SURE_FRAMES = 2;

    private static final double CLEAN = 0.9;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..*",
            paramLabel = "DEVICE",
            description = "Serial devices; without any, all that this machine has.")
    private List<Path> devices = new ArrayList<>();

    @Option(
            names = {"-c", "--config"},
            defaultValue = "agent.yaml",
            paramLabel = "FILE",
            description =
                    "The agent's configuration, to know which ports it holds (default: ${DEFAULT-VALUE}, if there).")
    private Path configuration = Path.of("agent.yaml");

    @Option(
            names = "--seconds",
            defaultValue = "2.2",
            paramLabel = "S",
            description =
                    "How long to listen each time, 1.2 to 60 (default: ${DEFAULT-VALUE}: a receiver speaks once a second).")
    private double seconds = 2.2;

    @Option(
            names = "--json",
            description = "One JSON line per port: device, state, profile, baud, frames, rejected, held.")
    private boolean json;

    /**
     * What a port said.
     *
     * @param profile the one that fits best; empty when none does
     * @param error why it could not be opened
     * @param held the agent's name of the port, when an agent has it
     */
    private record Found(
            Optional<String> profile,
            OptionalInt baud,
            long frames,
            long rejected,
            Optional<String> error,
            Optional<String> held) {
        static Found nothing(Optional<String> error) {
            return new Found(Optional.empty(), OptionalInt.empty(), 0, 0, error, Optional.empty());
        }
    }

    private record Trial(String profile, int baud) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (seconds < 1.2 || seconds > 60) {
            throw new ParameterException(spec.commandLine(), "--seconds must be in [1.2, 60] (got " + seconds + ")");
        }
        quiet();
        List<Path> ports = devices.isEmpty() ? present() : devices;
        if (ports.isEmpty()) {
            throw new CommandFailure(
                    "this machine has no serial ports in /dev/serial/by-id, nor ttyUSB, ttyACM or ttyAMA",
                    "plugging the device in, or naming it: edge-agent probe /dev/DEVICE");
        }
        Map<Path, Found> held = heldByTheAgent();
        PrintWriter out = spec.commandLine().getOut();
        boolean any = false;
        for (Path port : ports) {
            Optional<Found> fromAgent = Optional.ofNullable(held.get(real(port)));
            Found found = fromAgent.isPresent() ? fromAgent.get() : listen(port);
            any |= found.profile().isPresent();
            out.println(json ? json(port, found) : sentence(port, found));
            out.flush();
        }
        return any ? 0 : CommandFailure.EXIT_CODE;
    }

    /** What the ports log is said better here, and standard output is for the answer. */
    static void quiet() {
        if (!Configuration.isFrozen()) {
            Configuration.set("level", "off");
        }
    }

    /** Each device once, by its stable name if it has one. */
    private static List<Path> present() throws IOException {
        Map<Path, Path> byReal = new TreeMap<>();
        for (String pattern : KERNEL_NAMES) {
            list(Path.of("/dev"), pattern).forEach(path -> byReal.put(real(path), path));
        }
        list(BY_ID, "*").forEach(path -> byReal.put(real(path), path));
        return List.copyOf(byReal.values());
    }

    private static List<Path> list(Path folder, String pattern) throws IOException {
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, pattern)) {
                all.forEach(paths::add);
            }
        }
        return paths;
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException gone) {
            return path.toAbsolutePath();
        }
    }

    /** The ports of a running agent, with what it has heard on them. */
    private Map<Path, Found> heldByTheAgent() throws IOException {
        Map<Path, Found> held = new HashMap<>();
        if (!Files.exists(configuration)) {
            return held;
        }
        AgentConfig config = Settings.load(configuration, AgentConfig.class);
        Path status = config.data().resolve(StatusReport.FILE);
        if (!Files.exists(status)) {
            return held;
        }
        Map<String, String> figures = StatusCommand.flatten(Files.readString(status, StandardCharsets.UTF_8));
        boolean runs = ProcessHandle.of(Long.parseLong(figures.getOrDefault("pid", "0")))
                .map(ProcessHandle::isAlive)
                .orElse(false);
        if (runs) {
            for (PortConfig port : config.ports()) {
                port.serial().ifPresent(device -> held.put(real(Path.of(device)), found(port, figures)));
            }
        }
        return held;
    }

    private static Found found(PortConfig port, Map<String, String> figures) {
        String state = figures.getOrDefault("ports." + port.name(), "unknown");
        long frames = Long.parseLong(figures.getOrDefault("frames." + port.name(), "0"));
        Optional<String> error = state.startsWith("up") ? Optional.empty() : Optional.of(state);
        return new Found(Optional.of(port.profile()), OptionalInt.empty(), frames, 0, error, Optional.of(port.name()));
    }

    private Found listen(Path port) throws InterruptedException {
        List<Trial> trials = trials();
        Found best = Found.nothing(Optional.empty());
        int number = 0;
        for (Trial trial : trials) {
            spec.commandLine()
                    .getErr()
                    .printf("%s: %s at %d (%d of %d)%n", port, trial.profile(), trial.baud(), ++number, trials.size());
            PortStatus status = open(port, trial);
            if (status.state() != PortStatus.State.UP) {
                return Found.nothing(status.error().or(() -> Optional.of("does not open")));
            }
            Found found = found(trial, status.counters().orElseThrow());
            if (found.frames() > best.frames()) {
                best = found;
            }
            if (sure(status.counters().orElseThrow())) {
                break;
            }
        }
        return best;
    }

    private static boolean sure(Counters counters) {
        return counters.accepted() >= SURE_FRAMES
                && counters.bytes() - counters.noiseBytes() >= CLEAN * counters.bytes()
                && counters.accepted() >= CLEAN * counters.frames();
    }

    private static Found found(Trial trial, Counters counters) {
        long rejected = counters.frames() - counters.accepted();
        // A checksum of one byte is right by chance once in 256 times: a port that is mostly wrong is not this device.
        return counters.accepted() == 0 || rejected > counters.accepted()
                ? Found.nothing(Optional.empty())
                : new Found(
                        Optional.of(trial.profile()),
                        OptionalInt.of(trial.baud()),
                        counters.accepted(),
                        rejected,
                        Optional.empty(),
                        Optional.empty());
    }

    private PortStatus open(Path port, Trial trial) throws InterruptedException {
        PortConfig config = new PortConfig(
                "probe",
                trial.profile(),
                Optional.of(port.toString()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Section.of("probe", Map.of("baud", Integer.toString(trial.baud()))));
        try (Ports ports = Ports.open(List.of(config), reading -> {}, SystemClock::monoMs)) {
            Thread.sleep(Math.round(seconds * 1_000));
            return Optional.ofNullable(ports.states().get("probe")).orElseThrow();
        }
    }

    /** Those that speak by themselves first: asking may wake what should sleep. */
    private static List<Trial> trials() {
        Map<Trial, Boolean> asks = new LinkedHashMap<>();
        for (String name : Profile.shipped()) {
            Profile profile = Profile.load(name);
            if (profile.wire() == Wire.SERIAL) {
                List<Integer> bauds = name.startsWith("gnss-")
                        ? GNSS_BAUDS
                        : List.of(profile.serial().orElseThrow().baud());
                bauds.forEach(baud -> asks.put(new Trial(name, baud), profile.asks()));
            }
        }
        List<Trial> trials = new ArrayList<>();
        for (boolean asking : new boolean[] {false, true}) {
            asks.forEach((trial, asksFirst) -> {
                if (asksFirst == asking) {
                    trials.add(trial);
                }
            });
        }
        return trials;
    }

    private static String sentence(Path port, Found found) {
        if (found.held().isPresent()) {
            return String.format(
                    "%s: held by the running agent as port %s (%s): %s, %d frames",
                    port,
                    found.held().get(),
                    found.profile().orElse(""),
                    found.error().orElse("up"),
                    found.frames());
        }
        if (found.error().isPresent()) {
            return String.format(
                    "%s: cannot be opened (%s). Another program may have it, or this user is not in the group dialout",
                    port, found.error().get());
        }
        if (found.profile().isEmpty()) {
            return port + ": silent, or no profile knows what it says. A reader speaks when a card is held to it";
        }
        String options = "";
        int baud = found.baud().orElse(0);
        if (Profile.load(found.profile().get()).serial().orElseThrow().baud() != baud) {
            options = ", options: {baud: " + baud + "}";
        }
        return String.format(
                "%s: %s at %d baud, %d frames, %d refused%n    - {name: NAME, profile: %s, serial: %s%s}",
                port,
                found.profile().get(),
                baud,
                found.frames(),
                found.rejected(),
                found.profile().get(),
                port,
                options);
    }

    private static String json(Path port, Found found) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator line = JSON.createGenerator(text)) {
            line.writeStartObject();
            line.writeStringField("device", port.toString());
            if (found.profile().isPresent()) {
                line.writeStringField("profile", found.profile().get());
            }
            if (found.baud().isPresent()) {
                line.writeNumberField("baud", found.baud().getAsInt());
            }
            line.writeNumberField("frames", found.frames());
            line.writeNumberField("rejected", found.rejected());
            if (found.held().isPresent()) {
                line.writeStringField("held", found.held().get());
            }
            if (found.error().isPresent()) {
                line.writeStringField("error", found.error().get());
            }
            line.writeEndObject();
        }
        return text.toString();
    }
}
