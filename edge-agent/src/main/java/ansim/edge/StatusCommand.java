package ansim.edge;

import ansim.settings.CommandFailure;
import ansim.settings.Settings;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says how a running agent is, from the file that it writes every two seconds. */
@Command(
        name = "status",
        description =
                "Show how the running agent is: lanes, ports, fix, link and receipts, and how old these figures are.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    /** Older figures than this are of an agent that has stopped writing them. */
    static final long STALE_MS = 10_000;

    private static final String[] LANES = {"alarm", "event", "track", "status"};

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).",
            defaultValue = "agent.yaml")
    private Path configuration = Path.of("agent.yaml");

    @Option(names = "--json", description = "Print the figures as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        AgentConfig config = Settings.load(configuration, AgentConfig.class);
        Path file = config.data().resolve(StatusReport.FILE);
        PrintWriter out = spec.commandLine().getOut();
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            Map<String, String> figures = flatten(text);
            long ageMs = requireRunning(figures);
            if (json) {
                out.println(text);
            } else {
                print(figures, out);
                out.printf("%nThese figures are %d.%d s old.%n", ageMs / 1_000, ageMs % 1_000 / 100);
            }
            out.flush();
            return 0;
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    "the agent is not running: there is no " + file, "edge-agent run --config " + configuration);
        } catch (NumberFormatException e) {
            throw new CommandFailure(file + " is not what an agent writes", "edge-agent run --config " + configuration);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read " + file + " (" + e.getMessage() + ")", "the user that runs the agent");
        }
    }

    /** How old the figures are. */
    private long requireRunning(Map<String, String> figures) throws IOException {
        long pid = Long.parseLong(figures.getOrDefault("pid", "0"));
        long ageMs = SystemClock.monoMs() - Long.parseLong(figures.getOrDefault("writtenMonoMs", "0"));
        boolean sameBoot = SystemClock.boot().hex().equals(figures.get("boot"));
        boolean alive =
                sameBoot && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
        String age = sameBoot ? ageMs / 1_000 + " s ago" : "before the last restart of this machine";
        if (!alive) {
            throw new CommandFailure(
                    "the agent is not running: its last figures were written " + age,
                    "edge-agent run --config " + configuration);
        }
        if (ageMs > STALE_MS) {
            throw new CommandFailure(
                    "the agent (process " + pid + ") has written no figures since " + age,
                    "its log; a full or read-only disk stops them");
        }
        return ageMs;
    }

    private static void print(Map<String, String> figures, PrintWriter out) {
        out.printf("unit %s, process %s, up %s s%n", figures.get("unit"), figures.get("pid"), figures.get("uptimeS"));
        out.printf("ride %s, alarm %s%n", on(figures, "hired", "on", "none"), on(figures, "alarm", "open", "none"));
        if (figures.containsKey("commissioningLeftS")) {
            long leftS = Long.parseLong(figures.get("commissioningLeftS"));
            out.printf(
                    "COMMISSIONING, %d min %d s left: all is marked as a test, but a second panic within %d s is real%n",
                    leftS / 60, leftS % 60, Commissioning.PRESS_AGAIN.toSeconds());
        }
        out.printf(
                "time %s, last fix %s%n",
                figures.get("timeQuality"),
                figures.containsKey("fixAgeS") ? figures.get("fixAgeS") + " s ago" : "none since the start");
        out.printf("%n%-10s%10s%10s%n", "lane", "waiting", "dropped");
        for (int i = 0; i < LANES.length; i++) {
            out.printf(
                    "%-10s%10s%10s%n", LANES[i], figures.get("waiting[" + i + "]"), figures.get("dropped[" + i + "]"));
        }
        if (figures.containsKey("storeFailure")) {
            out.printf(
                    "THE STORE HAS FAILED (%s): alarms and events are in memory only%n", figures.get("storeFailure"));
        }
        table("port", "state", "ports.", figures, out);
        table("measure", "value", "measures.", figures, out);
        out.printf("%n%-40s%s%n", "link", "state");
        for (int i = 0; figures.containsKey("links[" + i + "].name"); i++) {
            String at = "links[" + i + "].";
            String error = figures.getOrDefault(at + "error", "");
            out.printf(
                    "%-40s%s%n",
                    figures.get(at + "name"), on(figures, at + "connected", connected(error), "down: " + error));
        }
        out.printf(
                "last receipt %s%n",
                figures.containsKey("receiptAgeS") ? figures.get("receiptAgeS") + " s ago" : "none since the start");
    }

    /** The figures under a prefix; nothing when there are none. */
    private static void table(String name, String what, String prefix, Map<String, String> figures, PrintWriter out) {
        if (figures.keySet().stream().anyMatch(key -> key.startsWith(prefix))) {
            out.printf("%n%-20s%s%n", name, what);
            figures.forEach((key, value) -> {
                if (key.startsWith(prefix)) {
                    out.printf("%-20s%s%n", key.substring(prefix.length()), value);
                }
            });
        }
    }

    private static String connected(String error) {
        return error.isEmpty() ? "connected" : "connected, but " + error;
    }

    private static String on(Map<String, String> figures, String key, String yes, String no) {
        return "true".equals(figures.get(key)) ? yes : no;
    }

    /** The leaves of a JSON text by their paths, {@code links[0].name}. */
    static Map<String, String> flatten(String text) throws IOException {
        Map<String, String> leaves = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isScalarValue()) {
                    String pointer = parser.getParsingContext().pathAsPointer().toString();
                    String path =
                            pointer.substring(1).replaceAll("/(\\d+)", "[$1]").replace('/', '.');
                    leaves.put(path, parser.getText());
                }
            }
        }
        return leaves;
    }
}
