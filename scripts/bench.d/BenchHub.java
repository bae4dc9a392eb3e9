import ansim.hub.intake.Steps;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A city at a hub, in one table. See scripts/bench. Usage: BenchHub DIR JAVA JAR SHORT ROWS HUB-OPTIONS. */
final class BenchHub {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CITY = 112_000;
    private static final int START_S = 300;
    private static final Set<String> WORST = Set.of("missing", "unreceipted", "wrong", "lost");

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path dir;
    private final String java;
    private final String jar;
    private final boolean brief;
    private final Set<String> rows;
    private final List<String> options;
    private final String warmup;
    private final ArrayNode results = JSON.createArrayNode();
    private Process hub;

    private BenchHub(String[] args) {
        dir = Path.of(args[0]);
        java = args[1];
        jar = args[2];
        brief = Boolean.parseBoolean(args[3]);
        rows = Set.of(args[4].split(",", -1));
        options = List.of(args[5].strip().split(" +", -1));
        warmup = brief ? "30" : "60";
    }

    public static void main(String[] args) throws Exception {
        BenchHub bench = new BenchHub(args);
        Runtime.getRuntime().addShutdownHook(new Thread(bench::end, "end"));
        System.exit(bench.run() ? 0 : 1);
    }

    /** One line of the table. */
    private record Row(String name, int units, String provider, boolean centre, int door, List<String> load) {
        Row(String name, int units, String provider, boolean centre, List<String> load) {
            this(name, units, provider, centre, 0, load);
        }

        /** With a connection each the memory has a limit, otherwise it is shown. */
        String heap() {
            return door > 0 ? "-Xmx700m" : units > 50_000 ? "-Xmx2g" : "-Xmx800m";
        }
    }

    private boolean run() throws Exception {
        out.println(machine());
        out.println("The generator and the hub share this machine. " + (brief ? "Short rows, one round." : "Medians of 3 rounds, of each figure by itself; the worst of what is missing.")
                + " Each row's load for " + warmup + " s before it is measured. Hub: java " + String.join(" ", options) + ".");
        out.printf(
                "%n%-34s %-8s %9s %10s %11s %9s %15s %15s %7s %8s %7s %6s %s%n",
                "", "provider", "units", "messages/s", "positions/s", "events/s", "centre p50/p99", "alarm p50/p99", "CPU", "CPU us/m", "RSS MiB", "log B", "heap");
        boolean ran = true;
        if (rows.contains("seoul")) {
            ran &= row(new Row("all of Seoul, by the clock", CITY, "corretto", true,
                    List.of("--profile", "seoul", "--seconds", brief ? "20" : "600")), node -> {
                boolean held = node.path("latestMs").asDouble() < 1000;
                return target("held", held) + target("<60 % of 2 cores", node.path("hub").path("cpuPercent").asDouble() < 120)
                        + target("p99 <250 ms", node.path("centreDelays").path("p99Ms").asDouble() < 250);
            });
        }
        for (String provider : brief ? List.of("corretto") : List.of("corretto", "bouncycastle")) {
            boolean fast = provider.equals("corretto");
            if (rows.contains("fixes")) {
                double least = fast ? 20_000 : 10_000;
                ran &= row(new Row("signed single fixes, no centre", 10_000, provider, false,
                        List.of("--profile", "fixes", "--messages", brief ? "100000" : "1000000")),
                        node -> target(String.format(Locale.ROOT, ">=%,.0f/s", least), node.path("messagesPerS").asDouble() >= least));
            }
            if (rows.contains("tracks")) {
                double least = fast ? 600_000 : 300_000;
                ran &= row(new Row("signed tracks of 30, no centre", 10_000, provider, false,
                        List.of("--profile", "tracks", "--messages", brief ? "100000" : "1000000")),
                        node -> target(String.format(Locale.ROOT, ">=%,.0f pos/s", least), node.path("positionsPerS").asDouble() >= least));
            }
            if (rows.contains("storm")) {
                int minutes = brief ? 2 : 30;
                double most = (fast ? 300.0 : 600.0) * minutes / 30;
                ran &= row(new Row("everybody back after " + minutes + " min", CITY, provider, true,
                        List.of("--profile", "storm", "--outage", Integer.toString(minutes))),
                        node -> target(String.format(Locale.ROOT, "drained in %.0f s (%.0f)", most, node.path("seconds").asDouble()), node.path("seconds").asDouble() <= most)
                                + target("alarms p99 <500 ms", node.path("alarmDelays").path("p99Ms").asDouble() < 500));
            }
        }
        if (rows.contains("doors")) {
            ran &= doors();
        }
        if (rows.contains("cost")) {
            ran &= cost();
        }
        if (rows.contains("steps")) {
            steps();
        }
        ObjectNode all = JSON.createObjectNode().put("machine", machine()).put("short", brief).put("shared", "generator and hub share the machine");
        all.set("rows", results);
        Files.writeString(dir.resolve("hub.json"), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
        return ran;
    }

    /** As many connections as may be open here, every one with the handshake of a unit; the others speak through the broker. */
    private boolean doors() throws Exception {
        int count = Math.min(19_000, openFiles() - 900);
        String name = String.format(Locale.ROOT, "%,d by mutual TLS, others brokered", count);
        return row(new Row(name, CITY, "corretto", false, count,
                List.of("--profile", "seoul", "--rate", "2000", "--door", Integer.toString(count), "--seconds", brief ? "20" : "120")), node -> {
            JsonNode connections = node.path("connections");
            double backS = connections.path("reconnectS").asDouble();
            double peakMiB = connections.path("rssMiB").asDouble();
            return String.format(Locale.ROOT, "stood after %.0f s, all cut at once: back after ", connections.path("connectS").asDouble())
                    + target(String.format(Locale.ROOT, "%.0f s (60)", backS), backS > 0 && backS <= 60)
                    + target(String.format(Locale.ROOT, "peak %.0f MiB (<1.2 GiB)", peakMiB), peakMiB > 0 && peakMiB < 1228.8);
        });
    }

    private static int openFiles() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                return Integer.parseInt(line.substring("Max open files".length()).strip().split(" +")[0]);
            }
        }
        throw new IOException("/proc/self/limits does not say how many files may be open");
    }

    private boolean cost() throws Exception {
        List<Double> us = new ArrayList<>();
        for (int units : new int[] {1_000, 10_000, CITY}) {
            boolean ran = row(new Row("1,000 messages/s of so many", units, "corretto", false,
                    List.of("--profile", "seoul", "--rate", "1000", "--seconds", brief ? "10" : "60", "--alarm-every", "0")), node -> {
                us.add(node.path("hub").path("cpuUsPerMessage").asDouble());
                return us.size() < 3 ? "" : String.format(Locale.ROOT, "%.2f times that at 1,000 ", us.get(2) / us.get(0)) + target("<=1.2", us.get(2) <= 1.2 * us.get(0));
            });
            if (!ran) {
                return false;
            }
        }
        return true;
    }

    private static String target(String words, boolean reached) {
        return words + (reached ? " yes  " : " NO  ");
    }

    private interface Judge {
        String words(JsonNode median);
    }

    /** Runs it and prints it; false when it did not run. */
    private boolean row(Row row, Judge judge) throws Exception {
        List<JsonNode> rounds = new ArrayList<>();
        for (int round = 0; round < (brief ? 1 : 3); round++) {
            JsonNode one = once(row);
            if (one == null) {
                return false;
            }
            rounds.add(one);
        }
        JsonNode median = median(rounds);
        JsonNode process = median.path("hub");
        String words = judge.words(median);
        words += whole(rounds, "unreceipted", "receipted") + whole(rounds, "wrong", "receipts right") + (row.centre ? whole(rounds, "missing", "at the centre") : "") + back(rounds);
        out.printf(Locale.ROOT,
                "%-34s %-8s %,9d %,10.0f %,11.0f %,9.0f %15s %15s %5.0f %% %8.1f %7.0f %6.0f %-8s %s%n",
                row.name, row.provider.equals("corretto") ? "Corretto" : "BouncyC.", row.units,
                median.path("messagesPerS").asDouble(), median.path("positionsPerS").asDouble(), median.path("centreEventsPerS").asDouble(),
                delay(median.path("centreDelays")), delay(median.path("alarmDelays")), process.path("cpuPercent").asDouble(), process.path("cpuUsPerMessage").asDouble(),
                process.path("rssMiB").asDouble(), process.path("logBytesPerMessage").asDouble(), row.heap(), words);
        ObjectNode kept = JSON.createObjectNode().put("row", row.name).put("provider", row.provider).put("heap", row.heap()).put("targets", words);
        kept.set("median", median);
        results.add(kept);
        return true;
    }

    /** Of each figure the median by itself, whichever round it is of; of what must be zero the worst. Of the same form as a round. */
    private static JsonNode median(List<JsonNode> rounds) {
        JsonNode first = rounds.get(0);
        if (first.isNumber()) {
            double[] sorted = rounds.stream().mapToDouble(JsonNode::asDouble).sorted().toArray();
            double middle = sorted[sorted.length / 2];
            return first.isIntegralNumber() ? LongNode.valueOf((long) middle) : DoubleNode.valueOf(middle);
        }
        if (!first.isObject()) {
            return first;
        }
        ObjectNode made = JSON.createObjectNode();
        for (String name : names(first)) {
            List<JsonNode> each = rounds.stream().map(round -> round.path(name)).toList();
            made.set(name, WORST.contains(name) ? LongNode.valueOf(most(each)) : median(each));
        }
        return made;
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static long most(List<JsonNode> figures) {
        return figures.stream().mapToLong(JsonNode::asLong).max().orElse(0);
    }

    /** Of every round: whoever did not come back in one did not come back. */
    private static String back(List<JsonNode> rounds) {
        long most = most(rounds.stream().map(each -> each.path("connections"))
                .map(each -> (JsonNode) LongNode.valueOf(each.path("count").asLong() - each.path("back").asLong())).toList());
        return most == 0 ? "" : String.format(Locale.ROOT, "%,d not back NO  ", most);
    }

    /** Of every round: what is missing in one is missing. */
    private static String whole(List<JsonNode> rounds, String what, String words) {
        long most = most(rounds.stream().map(each -> each.path(what)).toList());
        return most == 0 ? "" : String.format(Locale.ROOT, "%,d not %s NO  ", most, words);
    }

    private static String delay(JsonNode delays) {
        return delays.path("count").asLong() == 0 ? "-" : String.format(Locale.ROOT, "%.0f/%.0f ms", delays.path("p50Ms").asDouble(), delays.path("p99Ms").asDouble());
    }

    private JsonNode once(Row row) throws Exception {
        Path folder = dir.resolve("hub");
        delete(folder);
        Files.createDirectories(folder);
        copy(base(row.units), folder.resolve("data"));
        int[] ports = ports(5);
        Path config = config(folder, ports, row);
        hub = start(folder, config, List.of(row.heap(), "-Dansim.signatures=" + row.provider));
        List<String> command = new ArrayList<>(List.of(java, "-Xmx3g", "-Dtinylog.level=warn", "-jar", jar, "load", "--config", config.toString(), "--units", Integer.toString(row.units), "--hub-pid", Long.toString(hub.pid()), "--json", "--warmup", warmup));
        if (row.centre) {
            command.addAll(List.of("--sink", Integer.toString(ports[2])));
        }
        command.addAll(row.load);
        Path told = folder.resolve("load.json");
        Process load = new ProcessBuilder(command).redirectOutput(told.toFile()).redirectError(folder.resolve("load.log").toFile()).start();
        int code = load.waitFor();
        end();
        if (code != 0) {
            out.println(row.name + ": did not run, see " + folder.resolve("load.log") + " and " + folder.resolve("hub.log"));
            return null;
        }
        return JSON.readTree(told.toFile());
    }

    /** A hub's folder that knows so many units, made once. */
    private Path base(int units) throws Exception {
        Path made = dir.resolve("base-" + units);
        Path stamp = made.resolve(".made-by");
        String by = Files.getLastModifiedTime(Path.of(jar)).toString();
        if (Files.exists(stamp) && Files.readString(stamp).equals(by)) {
            return made.resolve("data");
        }
        delete(made);
        Files.createDirectories(made);
        Path config = config(made, ports(5), new Row("", units, "", false, List.of()));
        Process registering = new ProcessBuilder(java, "-jar", jar, "load", "--config", config.toString(), "--units", Integer.toString(units), "--register")
                .redirectErrorStream(true).redirectOutput(made.resolve("register.log").toFile()).start();
        if (registering.waitFor() != 0) {
            throw new IOException("the units were not registered, see " + made.resolve("register.log"));
        }
        hub = start(made, config, List.of());
        end();
        Files.writeString(stamp, by);
        return made.resolve("data");
    }

    private static int[] ports(int count) throws IOException {
        int[] found = new int[count];
        List<ServerSocket> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            found[i] = open.get(i).getLocalPort();
        }
        for (ServerSocket each : open) {
            each.close();
        }
        return found;
    }

    private static Path config(Path folder, int[] ports, Row row) throws IOException {
        String text = "data: " + folder.resolve("data") + "\n"
                + "broker: {url: \"tcp://127.0.0.1:" + ports[0] + "\", insecure-plaintext: true, beside-door: " + (row.door > 0) + "}\n"
                + "console: {listen: \"127.0.0.1:" + ports[1] + "\"}\n";
        if (row.door > 0) {
            text += "door: {listen: \"127.0.0.1:" + ports[3] + "\"}\nenrolment: {listen: \"127.0.0.1:" + ports[4] + "\"}\n";
        }
        if (row.centre) {
            text += "centres: [{district: \"*\", sinks: [{webhook: \"http://127.0.0.1:" + ports[2] + "/\", batch: 64}]}]\nrouting: {every-ride: \"measuring\"}\n";
        }
        return Files.writeString(folder.resolve("hub.yaml"), text);
    }

    private Process start(Path folder, Path config, List<String> more) throws Exception {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(more);
        command.addAll(options);
        command.addAll(List.of("-jar", jar, "run", "--config", config.toString()));
        Path log = folder.resolve("hub.log");
        Process started = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        for (int i = 0; i < START_S * 10; i++) {
            if (Files.readString(log).contains("log entries")) {
                return started;
            }
            if (!started.isAlive()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        started.destroyForcibly();
        throw new IOException("the hub did not start, see " + log);
    }

    private void end() {
        Process running = hub;
        if (running == null || !running.isAlive()) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(60, TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
        }
    }

    private void steps() throws Exception {
        out.printf("%nsingle steps, per second of one processor's time (the append by the clock)%n");
        for (Map.Entry<String, Double> each : Steps.measure(dir.resolve("steps"), brief ? 1 : 5).entrySet()) {
            out.printf(Locale.ROOT, "  %-58s %,12.0f /s%n", each.getKey(), each.getValue());
            results.add(JSON.createObjectNode().put("step", each.getKey()).put("perS", each.getValue()));
        }
        Process openssl;
        try {
            openssl = new ProcessBuilder("openssl", "speed", "-seconds", brief ? "2" : "5", "ed25519").redirectErrorStream(true).start();
        } catch (IOException e) {
            out.println("  openssl is not installed: no rate beside it");
            return;
        }
        String told = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String last = told.substring(told.lastIndexOf('\n') + 1);
        String[] words = last.strip().split(" +", -1);
        out.printf("  %-58s %12s /s%n", "openssl speed ed25519, verify", words[words.length - 1]);
        results.add(JSON.createObjectNode().put("step", "openssl verify").put("perS", words[words.length - 1]));
    }

    private static String machine() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name")).findFirst().map(line -> line.replaceFirst(".*: ", "")).orElse(System.getProperty("os.arch"));
        String memory = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("[^0-9]", "");
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
        return String.format(Locale.ROOT, "%d x %s, %d GiB, Linux %s, Java %s, load average %s at the start",
                Runtime.getRuntime().availableProcessors(), model, Long.parseLong(memory) >> 20, System.getProperty("os.version"), System.getProperty("java.version"), load);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, IOException problem) throws IOException {
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
