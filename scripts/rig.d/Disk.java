import ansim.rig.StoreFiles;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The real agent and the real hub on disks that fail and are mended. See scripts/rig/disk. Usage: Disk DIR SECONDS SEED SOURCES QUICK JSON. */
final class Disk {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AGENT_MIB = 40;
    private static final int HUB_MIB = 320;
    /** The least that an agent.yaml may say, so that a full disk is met soon. */
    private static final String SMALL_STORE = "journal: {quota-mib: 4, track-mib: 2, segment-kib: 64}\nlive: {health: 1s}\n";

    private static final List<String> PEOPLE = List.of("--patience", "3");
    private static final Duration FELT_PATIENCE = Duration.ofMinutes(3);
    private static final Duration RECOVERY_PATIENCE = Duration.ofMinutes(1);
    private static final Duration DRAIN = Duration.ofMinutes(3);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final int WARM_UP_MS = 3_000;
    private static final int SETTLE_MS = 4_000;
    private static final int POLL_MS = 50;
    /** What is left of the hub's segment and of its disk: less than the next segment needs. */
    private static final int LOG_LEFT = 12 * 1024;

    private static final int DISK_LEFT_MIB = 24;
    private static final int BALLAST = 4 * 1024 * 1024;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path dir;
    private final int holdMs;
    private final long seed;
    private final Path library;
    private final Set<BadDisk.Fault> faults = EnumSet.allOf(BadDisk.Fault.class);
    private final ObjectNode json = JSON.createObjectNode();
    private boolean right = true;

    private Disk(Path dir, int holdS, long seed) {
        this.dir = dir;
        this.holdMs = holdS * 1_000;
        this.seed = seed;
        this.library = dir.resolve("baddisk.so");
    }

    public static void main(String[] args) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(LoopDisk::removeAll, "unmount"));
        Disk rig = new Disk(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
        boolean quick = Boolean.parseBoolean(args[4]);
        if (quick) {
            rig.faults.remove(BadDisk.Fault.FULL);
        }
        BadDisk.compile(Path.of(args[3], "baddisk.c"), rig.library);
        rig.run(quick, Path.of(args[5]));
        System.exit(rig.right ? 0 : 1);
    }

    private void run(boolean quick, Path file) throws Exception {
        header();
        agents();
        if (!quick) {
            for (BadDisk.Fault fault : faults) {
                hub(fault);
            }
        }
        json.put("rig", "disk").put("seed", seed).put("right", right);
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        out.println();
        out.println(right
                ? "OK: nothing acknowledged was lost or doubled; every fault was met, told and outlived."
                : "NOT RIGHT: see the rows marked <--, " + file + " and " + dir);
    }

    // ---- the agents: one on each bad disk, one hub on a good one

    private void agents() throws Exception {
        Map<BadDisk, City.SimUnit> units = new LinkedHashMap<>();
        Map<BadDisk, Failing> failing = new LinkedHashMap<>();
        try (City city = new City(dir.resolve("agents"))) {
            for (BadDisk.Fault fault : faults) {
                BadDisk disk = new BadDisk(dir.resolve("agents/disks/" + fault.word()), library, fault, AGENT_MIB);
                // A pole's people do most in the same lane: they fill a segment soonest.
                boolean taxi = fault != BadDisk.Fault.FULL;
                City.Fit fit = new City.Fit(disk.environment(), SMALL_STORE, PEOPLE);
                City.SimUnit unit = city.unit(fault.word(), taxi, disk.data(), seed, fit);
                unit.people().start();
                units.put(disk, unit);
                failing.put(disk, new Failing(unit));
                failing.get(disk).alive = unit.startAgent();
            }
            Thread.sleep(WARM_UP_MS);
            for (Map.Entry<BadDisk, Failing> each : failing.entrySet()) {
                each.getKey().fail();
                each.getValue().failed();
            }
            for (Map.Entry<BadDisk, Failing> each : failing.entrySet()) {
                boolean slow = each.getKey().fault == BadDisk.Fault.SLOW;
                each.getValue().felt = slow || each.getValue().awaitFelt(FELT_PATIENCE);
            }
            Thread.sleep(holdMs);
            for (Map.Entry<BadDisk, Failing> each : failing.entrySet()) {
                each.getValue().mended();
                each.getKey().mend();
            }
            for (Failing each : failing.values()) {
                each.recovered = each.awaitStoreWorks(RECOVERY_PATIENCE);
            }
            Thread.sleep(SETTLE_MS);
            for (City.SimUnit unit : units.values()) {
                unit.people().end(STOP);
            }
            for (Failing each : failing.values()) {
                each.drained = Verdict.drained(each.unit, DRAIN);
                each.alive &= each.unit.agent().alive();
            }
            Verdict.awaitArrival(city.centreFiles);
            city.endHub();
            for (Map.Entry<BadDisk, Failing> each : failing.entrySet()) {
                agentRow(city, each.getKey(), each.getValue());
            }
        }
    }

    private void agentRow(City city, BadDisk disk, Failing failing) throws IOException {
        Told told = Told.of(city, failing.unit);
        UnitSigns signs = UnitSigns.read(city.hubData.resolve("log"), failing);
        boolean slow = disk.fault == BadDisk.Fault.SLOW;
        long again = disk.failedFlushes().get(1);
        long signals = failing.signalsWhileFailed(disk.fault);
        List<String> wrong = told.wrong();
        expect(failing.alive, "the agent is dead", wrong);
        expect(failing.felt, "the agent never met the fault", wrong);
        expect(failing.recovered, "the store did not recover by itself", wrong);
        expect(failing.drained, "messages were left: " + failing.unit.status(), wrong);
        expect(again == 0, "a failed flush was tried again " + again + " times", wrong);
        if (!slow) {
            expect(signs.raised() > 0 && signs.cleared() > 0, "tamper 8 was not raised and cleared", wrong);
            expect(signs.memoryOnly() > 0 && signs.healthMemory() > 0, "memory only was not marked", wrong);
            expect(signals == 0, "stored was signalled while the store had failed", wrong);
            boolean whole = disk.fault != BadDisk.Fault.FULL;
            expect(!whole || signs.unmarked() == 0, "messages of the time without a disk are not marked", wrong);
        }
        row(disk.fault.word(), "agent", failing.alive ? "alive" : "DEAD", told, failing.recovered && failing.drained, List.of(
                slow ? "-" : signs.raised() + "/" + signs.cleared(),
                slow ? "-" : String.valueOf(signs.memoryOnly()),
                slow ? "-" : String.valueOf(signs.healthMemory()),
                slow ? "-" : String.valueOf(signals)), wrong);
        json.withArray("agents").addObject().put("fault", disk.fault.word()).put("acknowledged", told.acknowledged()).put("lost", told.lost())
                .put("doubled", told.doubled()).put("alive", failing.alive).put("recovered", failing.recovered).put("raised", signs.raised())
                .put("cleared", signs.cleared()).put("memoryOnly", signs.memoryOnly()).put("unmarked", signs.unmarked())
                .put("healthMemory", signs.healthMemory()).put("signalsWhileFailed", signals)
                .put("failedFlushes", disk.failedFlushes().get(0)).put("wrong", wrong.toString());
    }

    // ---- the hubs: each on a bad disk, one unit on a good one

    private void hub(BadDisk.Fault fault) throws Exception {
        Path place = dir.resolve("hubs/" + fault.word());
        BadDisk disk = new BadDisk(place.resolve("disk"), library, fault, HUB_MIB);
        List<String> wrong = new ArrayList<>();
        try (City city = new City(place, disk.data(), disk.environment(), "")) {
            if (fault == BadDisk.Fault.FULL) {
                city.endHub();
                fillLog(city.hubData.resolve("log"));
                disk.fill(DISK_LEFT_MIB);
                expect(city.startHub(), "the hub did not start on a small disk", wrong);
            }
            City.SimUnit unit = city.unit("taxi", true, place.resolve("units/taxi/data"), seed, new City.Fit(Map.of(), "", PEOPLE));
            unit.people().start();
            expect(unit.startAgent(), "the agent did not start", wrong);
            Thread.sleep(WARM_UP_MS);
            disk.fail();
            String end = "alive";
            if (fault != BadDisk.Fault.SLOW) {
                awaitEnd(city.hub);
                end = city.hub.alive() ? "alive" : "exit " + city.hub.exitCode().orElse(-1);
                boolean said = Files.readString(city.hub.log()).lines().anyMatch(line -> line.startsWith("Error: "));
                expect(end.equals("exit 1") && said, "the hub must end with Error and exit code 1 (" + end + ")", wrong);
            }
            Thread.sleep(holdMs);
            disk.mend();
            boolean started = city.hub.alive() || city.startHub();
            expect(started, "the hub did not start again", wrong);
            Thread.sleep(SETTLE_MS);
            unit.people().end(STOP);
            boolean drained = Verdict.drained(unit, DRAIN);
            expect(drained && city.hub.alive(), "messages were left: " + unit.status(), wrong);
            Verdict.awaitArrival(city.centreFiles);
            city.endHub();
            HubLog log = HubLog.read(city.hubData.resolve("log"));
            expect(log.forks().isEmpty() && log.missing().isEmpty(), "forks " + log.forks() + ", missing " + log.missing(), wrong);
            Told told = Told.of(city, unit);
            wrong.addAll(told.wrong());
            row(fault.word(), "hub", end, told, started && drained, List.of("-", "-", "-", "-"), wrong);
            json.withArray("hubs").addObject().put("fault", fault.word()).put("acknowledged", told.acknowledged()).put("lost", told.lost())
                    .put("doubled", told.doubled()).put("end", end).put("startedAgain", started).put("wrong", wrong.toString());
        }
    }

    private void awaitEnd(Program program) throws InterruptedException {
        long endNs = System.nanoTime() + FELT_PATIENCE.toNanos();
        while (program.alive() && System.nanoTime() < endNs) {
            Thread.sleep(POLL_MS);
        }
    }

    /** The log's newest segment is nearly full, and there is no next one: with states, which the hub's log does not use otherwise. */
    private static void fillLog(Path log) throws IOException {
        appendStates(log, JournalOptions.hub().segmentBytes() / BALLAST - 1, BALLAST);
        Path newest = files(log, ".seg").stream().max(Comparator.naturalOrder()).orElseThrow();
        byte[] segment = Files.readAllBytes(newest);
        int left = segment.length - StoreFiles.recordsEnd(segment);
        appendStates(log, 1, left - LOG_LEFT);
        // The newest goes into the next segment, too.
        appendStates(log, 1, Long.BYTES);
        for (Path spare : files(log, ".spare")) {
            Files.delete(spare);
        }
    }

    private static void appendStates(Path log, int count, int bytes) throws IOException {
        try (Journal journal = Journal.open(log, JournalOptions.hub(), JournalFiles.real())) {
            for (int i = 0; i < count; i++) {
                journal.append(Entry.state(new byte[bytes]));
            }
        }
    }

    private static List<Path> files(Path log, String suffix) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var all = Files.newDirectoryStream(log, "*" + suffix)) {
            all.forEach(found::add);
        }
        return found;
    }

    // ---- what is printed

    private static void expect(boolean is, String otherwise, List<String> wrong) {
        if (!is) {
            wrong.add(otherwise);
        }
    }

    private void header() {
        out.printf(
                "%-9s %-6s %-7s %12s %5s %8s %10s %9s %12s %14s %8s%n",
                "fault", "", "", "acknowledged", "lost", "doubled", "recovered", "tamper 8", "memory-only", "health memory", "signals");
    }

    private void row(String fault, String program, String end, Told told, boolean recovered, List<String> signs, List<String> wrong) {
        right &= wrong.isEmpty();
        out.printf(
                "%-9s %-6s %-7s %12d %5d %8d %10s %9s %12s %14s %8s%s%n",
                fault, program, end, told.acknowledged(), told.lost(), told.doubled(), recovered ? "yes" : "NO",
                signs.get(0), signs.get(1), signs.get(2), signs.get(3), wrong.isEmpty() ? "" : "  <--");
        wrong.forEach(each -> out.println("  " + fault + ", " + program + ": " + each));
    }

    /** What both centres got of one unit's people, added up. */
    private record Told(long acknowledged, long lost, long doubled, List<String> wrong) {
        static Told of(City city, City.SimUnit unit) throws IOException {
            long acknowledged = 0;
            long lost = 0;
            long doubled = 0;
            List<String> wrong = new ArrayList<>();
            for (Path file : city.centreFiles) {
                Account account = Account.of(file, List.of(unit));
                acknowledged = account.acknowledged();
                lost += account.lost.size();
                doubled += account.doubled.size();
                account.lost.forEach(each -> wrong.add("lost: " + each));
                account.doubled.forEach(each -> wrong.add("doubled: " + each));
                account.nobody.forEach(each -> wrong.add("nobody did: " + each));
                expect(account.acknowledged() > 0, "nothing was acknowledged", wrong);
                expect(account.unverified == 0, account.unverified + " were not verified", wrong);
            }
            return new Told(acknowledged, lost, doubled, wrong);
        }
    }
}
