import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The hub's first disk dies under load and {@code hub-bridge promote} goes on from the mirror. See scripts/rig/mirror. */
final class Mirror {
    private static final int TAXIS = 2;
    private static final int POLES = 2;
    /** Two segments of 64 MiB of the log, and room. */
    private static final int DISK_MIB = 512;

    private static final int LEAST_MS = 5_000;
    private static final int MOST_MS = 15_000;
    private static final Duration ENDS = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final int POLL_MS = 50;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path dir;
    private final int rounds;
    private final long seed;
    private final LoopDisk second;
    private LoopDisk first;
    private long generation;

    private Mirror(Path dir, int rounds, long seed) throws IOException, InterruptedException {
        this.dir = dir;
        this.rounds = rounds;
        this.seed = seed;
        this.first = new LoopDisk(dir.resolve("first"), DISK_MIB);
        this.second = new LoopDisk(dir.resolve("second"), DISK_MIB);
    }

    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(LoopDisk::removeAll, "unmount"));
        System.exit(new Mirror(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2])).run());
    }

    private Path data() {
        return first.mount.resolve("hub");
    }

    private Path mirror() {
        return second.mount.resolve("mirror");
    }

    private int run() throws Exception {
        try (City city = new City(dir, data(), Map.of(), "log: {mirror: " + mirror() + "}\n")) {
            for (int i = 0; i < TAXIS + POLES; i++) {
                boolean taxi = i < TAXIS;
                String name = taxi ? "taxi-" + (i + 1) : "pole-" + (i - TAXIS + 1);
                City.SimUnit unit = city.unit(name, taxi, dir.resolve("units/" + name + "/data"), seed + i);
                unit.people().start();
                if (!unit.startAgent()) {
                    throw new IOException(name + " did not start");
                }
            }
            Verdict verdict = new Verdict(city);
            Random random = new Random(seed);
            for (int round = 1; round <= rounds; round++) {
                Thread.sleep(LEAST_MS + random.nextInt(MOST_MS - LEAST_MS));
                round(city, verdict, round);
            }
            Thread.sleep(LEAST_MS);
            return verdict(city, verdict);
        }
    }

    private void round(City city, Verdict verdict, int round) throws IOException, InterruptedException {
        for (Program centre : city.centres) {
            // They read the registry, which is on that disk.
            centre.kill();
        }
        city.closeRegistry();
        first.die();
        for (long end = System.nanoTime() + ENDS.toNanos(); city.hub.alive() && System.nanoTime() < end; ) {
            Thread.sleep(POLL_MS);
        }
        if (city.hub.alive()) {
            verdict.errors.add("round " + round + ": the hub did not end within " + ENDS + " after its disk had died");
        }
        city.hub.kill();
        if (!city.hub.said("hub-bridge promote " + mirror())) {
            verdict.errors.add("round " + round + ": the hub did not name promote, see " + city.hub.log());
        }
        first.forget();
        first = new LoopDisk(dir.resolve("first"), DISK_MIB);
        String told = city.hubCommand("promote", mirror().toString(), "--config", city.config().toString());
        out.println("round " + round + ":");
        told.lines().filter(line -> line.contains(" log entries, ")).forEach(line -> out.println("  promoted " + line));
        Matcher raised = Pattern.compile("the generation is raised to (\\d+)").matcher(told);
        if (!raised.find() || Long.parseLong(raised.group(1)) <= generation) {
            throw new IOException("promote did not raise the generation: " + told);
        }
        generation = Long.parseLong(raised.group(1));
        if (!city.startHub()) {
            throw new IOException("the promoted hub did not start: see " + city.hub.log());
        }
        for (int i = 0; i < city.centres.size(); i++) {
            if (!city.startCentre(i)) {
                throw new IOException("a centre did not start: see " + city.centres.get(i).log());
            }
        }
    }

    private int verdict(City city, Verdict verdict) throws IOException, InterruptedException {
        for (City.SimUnit unit : city.units) {
            unit.people().end(STOP);
        }
        for (City.SimUnit unit : city.units) {
            if (!Verdict.drained(unit, DRAIN)) {
                verdict.errors.add(unit.name() + " still holds messages: " + unit.status());
            }
        }
        verdict.rows.put("first disks that died", String.valueOf(rounds));
        verdict.json.put("rig", "mirror").put("seed", seed).put("rounds", rounds);
        return verdict.tell("mirror", generation);
    }
}
