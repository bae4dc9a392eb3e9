import ansim.hub.intake.Steps;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A city at a hub, in one table. See scripts/bench. Usage: BenchHub DIR JAVA JAR SHORT ROUNDS ROWS HUB-OPTIONS. */
final class BenchHub {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CITY = 112_000;
    /** What a city keeps in an outage of half an hour: it is to be drained in 5 minutes, by BouncyCastle in 10. */
    private static final double STORM = 2_376_000;
    private static final Set<String> WORST = Set.of("missing", "unreceipted", "wrong", "lost");

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path dir;
    private final String java;
    private final String jar;
    private final boolean brief;
    private final int rounds;
    private final Set<String> rows;
    private final List<String> options;
    private final ArrayNode results = JSON.createArrayNode();
    private final HubProcess hub;

    private BenchHub(String[] args) {
        dir = Path.of(args[0]);
        java = args[1];
        jar = args[2];
        brief = Boolean.parseBoolean(args[3]);
        rounds = Integer.parseInt(args[4]);
        rows = Set.of(args[5].split(",", -1));
        options = List.of(args[6].strip().split(" +", -1));
        hub = new HubProcess(dir, java, jar, options);
    }

    public static void main(String[] args) throws Exception {
        BenchHub bench = new BenchHub(args);
        Runtime.getRuntime().addShutdownHook(new Thread(bench.hub::end, "end"));
        System.exit(bench.run() ? 0 : 1);
    }

    /** One line of the table. */
    private record Row(String name, HubProcess.Kind hub, List<String> load) {
        Row(String name, int units, String provider, boolean centre, List<String> load) {
            this(name, new HubProcess.Kind(units, provider, centre, 0), load);
        }

        /** A city with a centre uses the most of the hub's code, and that by the clock: a processor that compiles is missing for longer. */
        int warmupS(boolean brief) {
            return brief ? 20 : hub.units() == CITY && hub.centre() ? 120 : 60;
        }
    }

    private boolean run() throws Exception {
        out.println(machine());
        out.println("The generator and the hub share this machine. " + (rounds == 1 ? "One round." : "Medians of " + rounds + " rounds, of each figure by itself; the worst of what is missing.")
                + (brief ? " Short rows; rows of the same kind share a hub." : "") + " Each hub has a row's load for " + (brief ? "20" : "60 to 120") + " s before it is measured. Hub: java " + String.join(" ", options) + ".");
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
            if (rows.contains("storm")) {
                int minutes = brief ? 1 : 30;
                double perS = STORM / (fast ? 300.0 : 600.0);
                ran &= row(new Row("everybody back after " + minutes + " min", CITY, provider, true,
                        List.of("--profile", "storm", "--outage", Integer.toString(minutes))),
                        node -> target(String.format(Locale.ROOT, "%,.0f drained in %.0f s (%.0f)", drained(node), node.path("seconds").asDouble(), drained(node) / perS), node.path("seconds").asDouble() <= drained(node) / perS)
                                + target("alarms p99 <500 ms", node.path("alarmDelays").path("p99Ms").asDouble() < 500));
            }
            if (rows.contains("fixes")) {
                double least = fast ? 20_000 : 10_000;
                ran &= row(new Row("signed single fixes, no centre", 10_000, provider, false,
                        List.of("--profile", "fixes", "--messages", brief ? "80000" : "1000000")),
                        node -> target(String.format(Locale.ROOT, ">=%,.0f/s", least), node.path("messagesPerS").asDouble() >= least));
            }
            if (rows.contains("tracks")) {
                double least = fast ? 600_000 : 300_000;
                ran &= row(new Row("signed tracks of 30, no centre", 10_000, provider, false,
                        List.of("--profile", "tracks", "--messages", brief ? "80000" : "1000000")),
                        node -> target(String.format(Locale.ROOT, ">=%,.0f pos/s", least), node.path("positionsPerS").asDouble() >= least));
            }
        }
        if (rows.contains("doors")) {
            ran &= doors();
        }
        if (rows.contains("cost")) {
            ran &= cost();
        }
        if (rows.contains("steps")) {
            hub.end();
            steps();
        }
        hub.end();
        ObjectNode all = JSON.createObjectNode().put("machine", machine()).put("short", brief).put("shared", "generator and hub share the machine");
        all.set("rows", results);
        Files.writeString(dir.resolve("hub.json"), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
        return ran;
    }

    /** As many connections as may be open here, every one with the handshake of a unit; the others speak through the broker. */
    private boolean doors() throws Exception {
        int count = Math.min(brief ? 5_000 : 19_000, openFiles() - 900);
        String name = String.format(Locale.ROOT, "%,d by mutual TLS, others brokered", count);
        return row(new Row(name, new HubProcess.Kind(CITY, "corretto", false, count),
                List.of("--profile", "seoul", "--rate", "2000", "--door", Integer.toString(count), "--seconds", brief ? "20" : "120")), node -> {
            JsonNode connections = node.path("connections");
            double backS = connections.path("reconnectS").asDouble();
            double peakMiB = connections.path("rssMiB").asDouble();
            return String.format(Locale.ROOT, "stood after %.0f s, all cut at once: back after ", connections.path("connectS").asDouble())
                    + target(String.format(Locale.ROOT, "%.0f s (60)", backS), backS > 0 && backS <= 60)
                    + target(String.format(Locale.ROOT, "peak %.0f MiB (<1.2 GiB)", peakMiB), peakMiB > 0 && peakMiB < 1228.8);
        });
    }

    private static double drained(JsonNode node) {
        return node.path("messagesPerS").asDouble() * node.path("seconds").asDouble();
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
        List<JsonNode> each = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            JsonNode one = once(row, round + 1);
            if (one == null) {
                return false;
            }
            each.add(one);
        }
        JsonNode median = median(each);
        JsonNode process = median.path("hub");
        String words = judge.words(median);
        words += whole(each, "unreceipted", "receipted") + whole(each, "wrong", "receipts right") + (row.hub.centre() ? whole(each, "missing", "at the centre") : "") + back(each);
        out.printf(Locale.ROOT,
                "%-34s %-8s %,9d %,10.0f %,11.0f %,9.0f %15s %15s %5.0f %% %8.1f %7.0f %6.0f %-8s %s%n",
                row.name, row.hub.provider().equals("corretto") ? "Corretto" : "BouncyC.", row.hub.units(),
                median.path("messagesPerS").asDouble(), median.path("positionsPerS").asDouble(), median.path("centreEventsPerS").asDouble(),
                delay(median.path("centreDelays")), delay(median.path("alarmDelays")), process.path("cpuPercent").asDouble(), process.path("cpuUsPerMessage").asDouble(),
                process.path("rssMiB").asDouble(), process.path("logBytesPerMessage").asDouble(), row.hub.heap(), words);
        ObjectNode kept = JSON.createObjectNode().put("row", row.name).put("provider", row.hub.provider()).put("heap", row.hub.heap()).put("targets", words);
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

    private JsonNode once(Row row, int round) throws Exception {
        boolean warm = brief && hub.runs(row.hub);
        if (!warm) {
            hub.start(row.hub);
        }
        int beforeS = warm ? 5 : row.warmupS(brief);
        System.err.printf("%tT  %s, %s, round %d of %d: %d s of warm-up, then %s%n", LocalTime.now(), row.name, row.hub.provider(), round, rounds, beforeS, String.join(" ", row.load));
        List<String> command = new ArrayList<>(List.of(java, "-Xmx3g", "-Dtinylog.level=warn", "-jar", jar, "load", "--config", hub.config().toString(), "--units", Integer.toString(row.hub.units()), "--hub-pid", Long.toString(hub.pid()), "--json", "--warmup", Integer.toString(beforeS)));
        if (row.hub.centre()) {
            command.addAll(List.of("--sink", Integer.toString(hub.sinkPort())));
        }
        command.addAll(row.load);
        Path told = dir.resolve("load.json");
        Path log = dir.resolve("load.log");
        Process load = new ProcessBuilder(command).redirectOutput(told.toFile()).redirectError(log.toFile()).start();
        int code = load.waitFor();
        if (code != 0 || !brief) {
            hub.end();
        }
        if (code != 0) {
            out.println(row.name + ": did not run, see " + log + " and " + hub.log());
            return null;
        }
        return JSON.readTree(told.toFile());
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
}
