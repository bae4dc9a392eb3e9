import ansim.hub.intake.SignatureBench;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Single steps by JMH, in one table. See scripts/bench micro. Usage: MicroBench DIR SHORT. */
final class MicroBench {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BYTES = "gc.alloc.rate.norm";

    private record Row(String benchmark, String title) {}

    private static final List<Row> ROWS = List.of(
            new Row("DecodingBench.nmea", "NMEA 0183: a receiver's second, RMC and GGA, to a fix"),
            new Row("DecodingBench.ubx", "UBX: the same second, NAV-PVT, to a fix"),
            new Row("DecodingBench.card", "EM4100: a card to a tap"),
            new Row("WireBench.encodePosition", "CBOR: encode a live position"),
            new Row("WireBench.encodeTrack", "CBOR: encode a track of 30 fixes"),
            new Row("WireBench.decodePosition", "CBOR and COSE: decode a signed position, strictly"),
            new Row("WireBench.decodeTrack", "CBOR and COSE: decode a signed track of 30 fixes"),
            new Row("WireBench.sealPosition", "unit: encode, sign and read again a position"),
            new Row("SignatureBench.signBouncyCastle", "Ed25519 sign, BouncyCastle"),
            new Row("SignatureBench.signCorretto", "Ed25519 sign, Corretto provider"),
            new Row("SignatureBench.verifyBouncyCastle", "COSE_Sign1 verify, BouncyCastle"),
            new Row("SignatureBench.verifyCorretto", "COSE_Sign1 verify, Corretto provider"),
            new Row("JournalBench.appendForced", "journal: append 300 bytes and force"),
            new Row("JournalBench.appendForcedSixteen", "journal: the same, 16 to one force"),
            new Row("JournalBench.write", "journal: append without a force"),
            new Row("JournalBench.read", "journal: read the next message"),
            new Row("RouterBench.locate", "router: the district of a place"),
            new Row("RouterBench.near", "router: districts within 50 m of a place"),
            new Row("RouterBench.step", "hub: decide on a unit's first position"));

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path dir;
    private final boolean brief;

    private MicroBench(Path dir, boolean brief) {
        this.dir = dir;
        this.brief = brief;
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("jmh.ignoreLock", "true");
        System.exit(new MicroBench(Path.of(args[0]), Boolean.parseBoolean(args[1])).run() ? 0 : 1);
    }

    private boolean run() throws IOException, RunnerException {
        String machine = Machine.description();
        out.println(machine);
        out.println("JMH, one thread, mean time; " + (brief ? "short: 1 fork of 5 x 0.2 s" : "3 forks of 5 x 1 s") + ". +-: 99.9 % of the mean.");
        out.printf("%n%-58s %14s %14s %12s %14s%n", "", "ns/op", "+-", "B/op", "op/s");
        ObjectNode all = JSON.createObjectNode().put("machine", machine).put("short", brief);
        boolean ran = true;
        for (Row row : ROWS) {
            if (row.benchmark.endsWith("Corretto") && !SignatureBench.hasCorretto()) {
                out.printf("%-58s %14s%n", row.title, "not here: the Corretto provider does not load");
                continue;
            }
            Collection<RunResult> results = measure(row);
            ran &= results.size() == 1;
            for (RunResult each : results) {
                Result<?> time = each.getPrimaryResult();
                double bytes = each.getSecondaryResults().get(BYTES).getScore();
                out.printf(Locale.ROOT, "%-58s %,14.0f %,14.0f %,12.0f %,14.0f%n", row.title, time.getScore(), time.getScoreError(), bytes, 1e9 / time.getScore());
                all.withArray("rows").addObject().put("step", row.title).put("benchmark", row.benchmark)
                        .put("nsPerOp", time.getScore()).put("errorNs", time.getScoreError()).put("bytesPerOp", bytes);
            }
            if (results.isEmpty()) {
                out.printf("%-58s %14s%n", row.title, "FAILED");
            }
        }
        Path file = dir.resolveSibling("micro.json");
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
        out.println("\n" + file);
        return ran;
    }

    private Collection<RunResult> measure(Row row) throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include("\\." + row.benchmark.replace(".", "\\.") + "$")
                        .mode(Mode.AverageTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .addProfiler(GCProfiler.class)
                        .forks(brief ? 1 : 3)
                        .warmupIterations(brief ? 3 : 5)
                        .warmupTime(TimeValue.milliseconds(brief ? 300 : 1_000))
                        .measurementIterations(5)
                        .measurementTime(TimeValue.milliseconds(brief ? 200 : 1_000))
                        .jvmArgs("-Xmx512m", "-Dtinylog.level=warn", "-Dbench.dir=" + dir)
                        .shouldFailOnError(false)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
    }
}
