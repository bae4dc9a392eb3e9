package ansim.edge;

import ansim.edge.port.PortConfig;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import java.io.IOException;
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
import java.util.function.Predicate;

/**
 * Who has a serial device: a running agent, which is then asked for its figures, or another program. Needed above all where this
 * user is root, whom the claim of another program (TIOCEXCL) does not keep out: two readers of one line each get half of it.
 *
 * <p>Agents are found by the given configuration and by the command lines of all processes; other programs by their descriptors,
 * of which a user sees his own and root all. Not guaranteed: another user's program, whose claim the kernel then tells of.
 *
 * <p>A process that has the multiplexer of pseudo-terminals open plays the device (simulate, socat): it is not a rival.
 */
final class ProbeHolders {
    private static final Path PROC = Path.of("/proc");
    private static final Path MULTIPLEXER = Path.of("/dev/ptmx");
    private static final int GPSD_PORT = 2_947;
    private static final String PSEUDO_TERMINALS = "/dev/pts/";

    private final Map<Path, Holder> agents = new HashMap<>();
    /** Their ports that are no serial devices. */
    private final Map<PortConfig, Holder> shared = new LinkedHashMap<>();

    /**
     * Who has it.
     *
     * @param who in words
     * @param port the agent's name of the port; empty for another program
     * @param profile the agent's
     * @param figures what the agent says of the port; empty when its figures are for its user only
     */
    record Holder(String who, Optional<String> port, Optional<String> profile, Optional<String> figures) {
        static Holder program(String who) {
            return new Holder(who, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    private final List<String> unread = new ArrayList<>();

    /** Finds the agents. */
    ProbeHolders(Path configuration) throws IOException {
        if (Files.exists(configuration)) {
            AgentConfig config = Settings.load(configuration, AgentConfig.class);
            Optional<Map<String, String>> figures = figures(config);
            if (figures.isPresent() && runs(figures.get())) {
                add(config, figures.get().getOrDefault("pid", ""), figures);
            }
        }
        for (Path process : processes()) {
            List<String> words = words(process);
            Path folder = link(process.resolve("cwd")).orElse(Path.of("/"));
            Optional<String> file = configurationOf(words);
            if (file.isPresent()) {
                addIfReadable(folder.resolve(file.get()), pid(process));
            }
        }
    }

    /** The processes of agents whose configuration this user may not read. */
    List<String> unread() {
        return List.copyOf(unread);
    }

    /** Empty when nobody has it, as far as this user can see. */
    Optional<Holder> of(Path device) throws IOException {
        Optional<Holder> agent = Optional.ofNullable(agents.get(device));
        return agent.isPresent() ? agent : otherProgram(device);
    }

    private void addIfReadable(Path file, String pid) {
        try {
            AgentConfig config = Settings.load(file, AgentConfig.class);
            add(config, pid, figures(config));
        } catch (SettingsException notForUs) {
            unread.add(pid);
        }
    }

    private void add(AgentConfig config, String pid, Optional<Map<String, String>> figures) {
        for (PortConfig port : config.ports()) {
            Holder holder = new Holder(
                    "the running agent, process " + pid + ", as port " + port.name(),
                    Optional.of(port.name()),
                    Optional.of(port.profile()),
                    figures.map(all -> all.getOrDefault("ports." + port.name(), "unknown")));
            if (port.serial().isPresent()) {
                agents.putIfAbsent(real(Path.of(port.serial().get())), holder);
            } else {
                shared.putIfAbsent(port, holder);
            }
        }
    }

    /** The agent that reads this PC/SC reader. */
    Optional<Holder> agentWithCardReader(String reader) {
        return agentWith(port -> port.pcsc()
                .filter(name -> name.equals("any") || reader.startsWith(name))
                .isPresent());
    }

    /** The agent that reads this input device. */
    Optional<Holder> agentWithInput(Path device) {
        return agentWith(port -> port.evdev()
                .filter(path -> real(Path.of(path)).equals(real(device)))
                .isPresent());
    }

    /** The agent that is connected to the gpsd there. */
    Optional<Holder> agentWithGpsd(String address) {
        return agentWith(port -> port.profile().equals("gnss-gpsd")
                && port.tcp()
                        .filter(to -> address.equals(to) || address.equals(to + ":" + GPSD_PORT))
                        .isPresent());
    }

    private Optional<Holder> agentWith(Predicate<PortConfig> port) {
        return shared.entrySet().stream()
                .filter(each -> port.test(each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static Optional<Map<String, String>> figures(AgentConfig config) {
        try {
            return Optional.of(StatusCommand.flatten(
                    Files.readString(config.data().resolve(StatusReport.FILE), StandardCharsets.UTF_8)));
        } catch (IOException notThereOrNotForUs) {
            return Optional.empty();
        }
    }

    private static boolean runs(Map<String, String> figures) throws IOException {
        String pid = figures.getOrDefault("pid", "");
        return SystemClock.boot().hex().equals(figures.get("boot"))
                && pid.matches("\\d{1,10}")
                && ProcessHandle.of(Long.parseLong(pid))
                        .map(ProcessHandle::isAlive)
                        .orElse(false);
    }

    // ---- processes

    private static List<Path> processes() throws IOException {
        List<Path> processes = new ArrayList<>();
        String own = Long.toString(ProcessHandle.current().pid());
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            all.forEach(process -> {
                if (!pid(process).equals(own)) {
                    processes.add(process);
                }
            });
        }
        return processes;
    }

    private static String pid(Path process) {
        return String.valueOf(process.getFileName());
    }

    private static List<String> words(Path process) {
        try {
            return List.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0", -1));
        } catch (IOException ended) {
            return List.of();
        }
    }

    /** The configuration of an agent that runs; empty for every other program. */
    private static Optional<String> configurationOf(List<String> words) {
        int program = -1;
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).endsWith("edge-agent.jar") || words.get(i).equals(EdgeAgent.class.getName())) {
                program = i;
            }
        }
        int run = program < 0 ? -1 : words.subList(program, words.size()).indexOf("run");
        if (run < 0) {
            return Optional.empty();
        }
        for (int i = program + run + 1; i < words.size(); i++) {
            String word = words.get(i);
            if ((word.equals("-c") || word.equals("--config")) && i + 1 < words.size()) {
                return Optional.of(words.get(i + 1));
            }
            if (word.startsWith("--config=") || word.startsWith("-c=")) {
                return Optional.of(word.substring(word.indexOf('=') + 1));
            }
        }
        return Optional.of("agent.yaml");
    }

    private static Optional<Holder> otherProgram(Path device) throws IOException {
        for (Path process : processes()) {
            boolean has = false;
            boolean plays = false;
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
                for (Path descriptor : descriptors) {
                    Optional<Path> open = link(descriptor);
                    has |= open.equals(Optional.of(device));
                    plays |= open.map(path -> path.equals(MULTIPLEXER) || path.endsWith("ptmx"))
                            .orElse(false);
                }
            } catch (IOException | java.nio.file.DirectoryIteratorException endedOrNotForUs) {
                has = false;
            }
            if (has && !(plays && device.startsWith(PSEUDO_TERMINALS))) {
                List<String> words = words(process);
                String name =
                        words.isEmpty() ? "" : " (" + Path.of(words.get(0)).getFileName() + ")";
                return Optional.of(Holder.program("process " + pid(process) + name));
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> link(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link));
        } catch (IOException goneOrNotForUs) {
            return Optional.empty();
        }
    }

    /** The kernel's own name. */
    static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException gone) {
            return path.toAbsolutePath().normalize();
        }
    }
}
