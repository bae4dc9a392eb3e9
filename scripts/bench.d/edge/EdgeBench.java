import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a unit's agent costs, beside a mosquitto with a bridge. See scripts/bench edge. Usage: EdgeBench DIR JAVA AGENT-OPTIONS
 * EDGE-JAR HUB-JAR MOSQUITTO-OR-EMPTY SHORT.
 */
final class EdgeBench {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SEED = 1;
    /** Between two events of a person each. */
    private static final int PAUSE_LEAST_MS = 20;
    private static final int PAUSE_MOST_MS = 80;
    private static final int WARM_UP = 20;
    private static final int PAGE = 4_096;
    /** A message of this bench when nothing has been measured yet. */
    private static final int EVENT_BYTES = 330;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Random random = new Random(SEED);
    private final Path dir;
    private final int rounds;
    private final int events;
    private final int burst;
    private final int seconds;

    private EdgeBench(Path dir, boolean brief) {
        this.dir = dir;
        rounds = brief ? 1 : 3;
        events = brief ? 80 : 300;
        burst = brief ? 200 : 500;
        seconds = brief ? 10 : 40;
    }

    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(LoopDisk::removeAll, "unmount"));
        EdgeBench bench = new EdgeBench(Path.of(args[0]), Boolean.parseBoolean(args[6]));
        try {
            bench.run(args[1], List.of(args[2].split(" ", -1)), args[3], args[4], args[5]);
            System.exit(0);
        } catch (IOException e) {
            System.err.println("Error: " + e.getMessage());
            System.err.println("Try: reading the logs under " + args[0]);
            System.exit(1);
        } catch (RuntimeException defect) {
            defect.printStackTrace();
            System.exit(1);
        }
    }

    private void run(String java, List<String> options, String edgeJar, String hubJar, String mosquitto) throws Exception {
        String machine = Machine.description();
        out.println(machine);
        out.println("Everything shares this machine: the program, what is at the other end, and this bench. "
                + (rounds == 1 ? "One round." : "Medians of " + rounds + " rounds."));
        out.println("Device: " + StoreDisk.counter() + ".");
        List<Column> columns = new ArrayList<>();
        AgentForwarding agent = new AgentForwarding(dir.resolve("agent"), java, options, edgeJar, hubJar);
        Column agents = new Column(agent.name());
        columns.add(agents);
        for (int round = 0; round < rounds; round++) {
            agents.rounds.add(round(agent, round));
        }
        agent.endAll();
        int eventBytes = agent.eventBytes() > 0 ? agent.eventBytes() : EVENT_BYTES;
        if (mosquitto.isEmpty()) {
            out.println("mosquitto is not installed: its columns are left out (sudo apt install mosquitto).");
        } else {
            for (boolean onChanges : new boolean[] {false, true}) {
                BridgeForwarding bridge =
                        new BridgeForwarding(dir.resolve("bridge-" + onChanges), mosquitto, onChanges, eventBytes);
                Column column = new Column(bridge.name());
                columns.add(column);
                for (int round = 0; round < rounds; round++) {
                    column.rounds.add(round(bridge, round));
                }
                bridge.endAll();
            }
        }
        table(columns, eventBytes);
        json(columns, machine, eventBytes);
    }

    /** What was measured of one program. */
    private static final class Column {
        final String name;
        final List<Map<String, Double>> rounds = new ArrayList<>();

        Column(String name) {
            this.name = name;
        }

        /** The median of the rounds; empty when it was not measured. */
        OptionalDouble median(String key) {
            double[] values =
                    rounds.stream().filter(each -> each.containsKey(key)).mapToDouble(each -> each.get(key)).sorted().toArray();
            return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(values[values.length / 2]);
        }
    }

    private Map<String, Double> round(Forwarding program, int round) throws Exception {
        out.printf("%s, round %d%n", program.name(), round + 1);
        Map<String, Double> found = new LinkedHashMap<>();
        StoreDisk disk = new StoreDisk(dir.resolve("disk-" + program.name().replaceAll("[^a-z]+", "-") + "-" + round));
        inATunnel(program, disk, found);
        double start = program.start(disk.place(), true);
        found.put("startAgainMs", start);
        program.drain();
        oneByOne(program, disk, "link", found);
        quietDrive(program, found);
        program.end();
        disk.remove();
        return found;
    }

    /** Nobody at the other end; ends with a power cut, or kill -9 where there is no disk that can be cut. */
    private void inATunnel(Forwarding program, StoreDisk disk, Map<String, Double> found) throws Exception {
        found.put("startMs", program.start(disk.place(), false));
        for (int i = 0; i < WARM_UP; i++) {
            program.event();
        }
        oneByOne(program, disk, "tunnel", found);
        delays(found, "diskForce", forced(disk.place().resolve("force")));
        found.put(program.durable() ? "burstPerS" : "burstAnsweredPerS", program.burst(burst));
        found.put("answered", (double) program.answered());
        if (disk.canCut()) {
            disk.cut(program.program());
        } else {
            program.program().kill();
        }
        found.put("held", (double) program.held(disk.place()));
    }

    private void oneByOne(Forwarding program, StoreDisk disk, String where, Map<String, Double> found) throws Exception {
        Optional<StoreDisk.Written> before = disk.written();
        List<Forwarding.Event> all = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            Thread.sleep(random.nextInt(PAUSE_LEAST_MS, PAUSE_MOST_MS));
            all.add(program.event());
        }
        Optional<StoreDisk.Written> after = disk.written();
        delays(found, where + "Answered", all.stream().map(each -> OptionalDouble.of(each.answeredMs())).toList());
        delays(found, where + "Durable", all.stream().map(Forwarding.Event::durableMs).toList());
        delays(found, where + "Arrived", all.stream().map(Forwarding.Event::arrivedMs).toList());
        if (before.isPresent() && after.isPresent()) {
            found.put(where + "BytesPerEvent", (double) (after.get().bytes() - before.get().bytes()) / events);
            found.put(where + "FlushesPerEvent", (double) (after.get().flushes() - before.get().flushes()) / events);
        }
    }

    /** What this disk takes for a page that is written into zeros and forced: what no store that keeps its word can go below. */
    private List<OptionalDouble> forced(Path file) throws IOException {
        List<OptionalDouble> ms = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(events * PAGE), 0);
            channel.force(true);
            for (int i = 0; i < events; i++) {
                long startNs = System.nanoTime();
                channel.write(ByteBuffer.allocate(PAGE), (long) i * PAGE);
                channel.force(false);
                ms.add(OptionalDouble.of((System.nanoTime() - startNs) / 1e6));
            }
        }
        Files.delete(file);
        return ms;
    }

    private static void delays(Map<String, Double> found, String key, List<OptionalDouble> measured) {
        double[] ms = measured.stream().filter(OptionalDouble::isPresent).mapToDouble(OptionalDouble::getAsDouble).sorted().toArray();
        if (ms.length > 0) {
            found.put(key + "P50Ms", ms[ms.length / 2]);
            found.put(key + "P99Ms", ms[(int) Math.min(ms.length - 1L, Math.round(ms.length * 0.99))]);
        }
    }

    /** A ride goes on and nobody taps: the receiver's second, over and over. */
    private void quietDrive(Forwarding program, Map<String, Double> found) throws Exception {
        long pid = program.program().pid();
        Map<Path, Long> before = cpuNs(pid);
        long startNs = System.nanoTime();
        for (int i = 0; i < seconds; i++) {
            program.second();
        }
        long tookNs = System.nanoTime() - startNs;
        long cpuNs = 0;
        for (Map.Entry<Path, Long> each : cpuNs(pid).entrySet()) {
            cpuNs += each.getValue() - before.getOrDefault(each.getKey(), 0L);
        }
        found.put("cpuPercent", 100.0 * cpuNs / tookNs);
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                found.put("rssMiB", Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0);
            }
        }
    }

    /** Processor time by thread, ns: schedstat has it exactly, where stat(5) counts hundredths of a second. */
    private static Map<Path, Long> cpuNs(long pid) throws IOException {
        Map<Path, Long> all = new HashMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path each : threads.toList()) {
                try {
                    all.put(each, Long.parseLong(Files.readString(each.resolve("schedstat")).split(" ", -1)[0]));
                } catch (NoSuchFileException ended) {
                    all.remove(each); // It takes the little of its last seconds with it.
                }
            }
        }
        return all;
    }

    // ---- told

    private void table(List<Column> columns, int eventBytes) {
        out.printf(Locale.ROOT, "%nAn event is one message of %d bytes; %d one by one, %d at once.%n", eventBytes, events, burst);
        line("", columns, each -> each.name);
        line("in a tunnel: tap to durable p50/p99", columns, each -> pair(each, "tunnelDurable", "not before 1,800 s"));
        line("  beside it, a page written and forced on this disk", columns, each -> pair(each, "diskForce", "-"));
        line("  to the answer (light *stored*, PUBACK)", columns, each -> pair(each, "tunnelAnswered", "-"));
        line("  durable events/s, all at once", columns, each -> one(each, "burstPerS", "%,.0f"));
        line("  device bytes per event", columns, each -> one(each, "tunnelBytesPerEvent", "%,.0f"));
        line("  flushes of the device per event", columns, each -> one(each, "tunnelFlushesPerEvent", "%.2f"));
        String cut = StoreDisk.root() ? "a power cut" : "kill -9 (as root: a power cut)";
        line("  answered events gone after " + cut, columns, EdgeBench::gone);
        line("with a link: to the other end p50/p99", columns, each -> pair(each, "linkArrived", "-"));
        line("  device bytes per event", columns, each -> one(each, "linkBytesPerEvent", "%,.0f"));
        line("a ride, GNSS at 1 Hz: CPU", columns, each -> one(each, "cpuPercent", "%.2f %%"));
        line("  RSS", columns, each -> one(each, "rssMiB", "%.0f MiB"));
        line("start to the first durable event", columns, each -> each.median("burstPerS").isEmpty() ? "-" : one(each, "startMs", "%.0f ms"));
        out.println("""

                edge-agent: from the card's bytes on the serial line, which is polled every 20 ms, to the light; sealed, signed, one fsync each. Arrived is
                the hub's signed receipt, after the hub's own fsync. mosquitto: from the publish with QoS 1, nothing read or signed; its PUBACK comes before
                anything is written. As installed it writes its database every 1,800 s and at its end; with autosave_interval 1 and autosave_on_changes true
                the whole of it, with one fsync, after each turn of its loop that brought messages: there is no fsync per message, and the rename that
                makes the new file count is not forced, so that a power cut takes the last save. Arrived is with a subscriber
                at the other mosquitto, which keeps nothing. Its CPU and memory are without anything that reads a device.""");
    }

    private void line(String title, List<Column> columns, Function<Column, String> value) {
        StringBuilder text = new StringBuilder(String.format("%-52s", title));
        columns.forEach(each -> text.append(String.format(" %30s", value.apply(each))));
        out.println(text);
    }

    private static String pair(Column column, String key, String none) {
        OptionalDouble p50 = column.median(key + "P50Ms");
        return p50.isEmpty()
                ? none
                : String.format(Locale.ROOT, "%.1f / %.1f ms", p50.getAsDouble(), column.median(key + "P99Ms").orElseThrow());
    }

    private static String one(Column column, String key, String format) {
        OptionalDouble value = column.median(key);
        return value.isEmpty() ? "-" : String.format(Locale.ROOT, format, value.getAsDouble());
    }

    private static String gone(Column column) {
        double answered = 0;
        double gone = 0;
        for (Map<String, Double> each : column.rounds) {
            answered += each.get("answered");
            gone += each.get("answered") - each.get("held");
        }
        return String.format(Locale.ROOT, "%.0f of %.0f", gone, answered);
    }

    private void json(List<Column> columns, String machine, int eventBytes) throws IOException {
        ObjectNode all = JSON.createObjectNode().put("machine", machine).put("rounds", rounds).put("events", events);
        all.put("burst", burst).put("driveSeconds", seconds).put("eventBytes", eventBytes).put("device", StoreDisk.counter());
        all.put("shared", "the program, the other end and the bench share the machine");
        for (Column column : columns) {
            ObjectNode node = all.withArray("programs").addObject().put("program", column.name);
            ObjectNode medians = node.putObject("medians");
            column.rounds.stream().flatMap(each -> each.keySet().stream()).distinct().forEach(
                    key -> medians.put(key, column.median(key).orElseThrow()));
            column.rounds.forEach(each -> node.withArray("rounds").addPOJO(each));
        }
        Path file = dir.resolveSibling("edge.json");
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
        out.println("\n" + file);
    }
}
