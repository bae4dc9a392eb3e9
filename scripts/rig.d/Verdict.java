import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The end of a rig: waits until everything has arrived, compares, prints the table, writes the JSON. */
final class Verdict {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Nothing more comes when the centres' files have not grown for so long. */
    private static final Duration SILENCE = Duration.ofSeconds(4);

    private static final Duration ARRIVAL_PATIENCE = Duration.ofMinutes(10);
    private static final int POLL_MS = 250;
    private static final int SHOWN = 10;

    private final City city;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    /** Rows that the rig adds, in order. */
    final Map<String, String> rows = new LinkedHashMap<>();

    final ObjectNode json = JSON.createObjectNode();
    final List<String> errors = new ArrayList<>();

    Verdict(City city) {
        this.city = city;
    }

    /** Waits until this unit's agent says that all it holds now is receipted; false when the patience ends. */
    static boolean drained(City.SimUnit unit, Duration patience) throws InterruptedException {
        long nowMonoMs = System.nanoTime() / 1_000_000;
        return unit.agent().waitFor(() -> unit.drained(nowMonoMs), patience);
    }

    /** Compares and tells; the exit code. */
    int tell(String rig, long generation) throws IOException, InterruptedException {
        awaitArrival(city.centreFiles);
        city.endHub();
        HubLog log = HubLog.read(city.hubData.resolve("log"));
        HubLog again = HubLog.read(city.hubData.resolve("log"));
        if (!log.hash().equals(again.hash())) {
            errors.add("two replays of the hub's log give two states");
        }
        if (log.generation() != generation) {
            errors.add("the hub's generation was " + generation + " and is " + log.generation());
        }
        if (!log.forks().isEmpty()) {
            errors.add("FORKS: " + log.forks().size() + " messages with other bytes under a known number: " + log.forks());
        }
        log.missing().forEach(each -> errors.add("no message and no gap record for " + each));
        List<Account> accounts = new ArrayList<>();
        for (Path file : city.centreFiles) {
            accounts.add(Account.of(file, List.copyOf(city.units)));
        }
        print(rig, accounts, log);
        boolean right = errors.isEmpty() && accounts.stream().allMatch(Account::right);
        write(rig, accounts, log, right);
        return right ? 0 : 1;
    }

    /** Returns when these centres' files have not grown for a while. */
    static void awaitArrival(List<Path> centreFiles) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(ARRIVAL_PATIENCE);
        long size = -1;
        Instant since = Instant.now();
        while (Duration.between(since, Instant.now()).compareTo(SILENCE) < 0 && Instant.now().isBefore(end)) {
            long now = 0;
            for (Path file : centreFiles) {
                now += Files.exists(file) ? Files.size(file) : 0;
            }
            if (now != size) {
                size = now;
                since = Instant.now();
            }
            Thread.sleep(POLL_MS);
        }
    }

    private void print(String rig, List<Account> accounts, HubLog log) {
        out.println();
        rows.forEach((name, value) -> out.printf("%-44s %s%n", name, value));
        out.printf(
                "%-44s %d%n", "hub: log entries, replayed to one state", log.entries());
        out.printf("%-44s %s%n", "hub: gap records", log.gaps().isEmpty() ? "0" : new TreeMap<>(log.gaps()).toString());
        out.printf("%-44s %d%n", "hub: forks (must be 0)", log.forks().size());
        out.printf("%-44s %d%n", "hub: chains of lanes 1 to 3", log.chains());
        out.printf("%-44s %d%n", "hub: numbers without message or gap record", log.missing().size());
        out.printf("%-44s %d%n", "hub: track messages (not acknowledged to people)", log.tracks());
        out.println();
        out.printf(
                "%-9s %-7s %12s %5s %8s %8s %20s %10s%n",
                "centre", "lane", "acknowledged", "lost", "doubled", "repeats", "not ack. / arrived", "verified");
        for (Account account : accounts) {
            account.lanes.forEach((number, lane) -> out.printf(
                    "%-9s %-7s %12d %5d %8s %8s %20s %10s%n",
                    account.centre,
                    number == 1 ? "1 alarm" : "2 event",
                    lane.acknowledged,
                    lane.lost,
                    "",
                    "",
                    lane.unacknowledged + " / " + lane.arrived,
                    ""));
            out.printf(
                    "%-9s %-7s %12d %5d %8d %8d %20s %10s%n",
                    account.centre,
                    "all",
                    account.acknowledged(),
                    account.lost.size(),
                    account.doubled.size(),
                    account.repeats,
                    account.unacknowledged() + " / " + account.arrived(),
                    account.unverified == 0 ? "all" : "NOT " + account.unverified);
        }
        out.println();
        out.println("lost: acknowledged by the light and in no centre's file with a signed time between deed and light. doubled: one id taken");
        out.println("twice, or one content under two ids. repeats: the same id delivered again, which our receivers take once.");
        for (Account account : accounts) {
            show(account.centre + " lost", account.lost);
            show(account.centre + " doubled", account.doubled);
            show(account.centre + " has what nobody did", account.nobody);
        }
        show("error", errors);
    }

    private void show(String what, List<String> each) {
        each.stream().limit(SHOWN).forEach(line -> out.println(what + ": " + line));
        if (each.size() > SHOWN) {
            out.println(what + ": and " + (each.size() - SHOWN) + " more, see the JSON");
        }
    }

    private void write(String rig, List<Account> accounts, HubLog log, boolean right) throws IOException {
        json.put("right", right);
        accounts.forEach(account -> json.withArray("centres").add(account.json()));
        ObjectNode hub = json.putObject("hub");
        hub.put("entries", log.entries()).put("generation", log.generation()).put("stateHash", log.hash());
        hub.put("forks", log.forks().size()).put("chainBreaks", log.breaks()).put("chains", log.chains()).put("tracks", log.tracks());
        ObjectNode gaps = hub.putObject("gapRecords");
        log.gaps().forEach(gaps::put);
        Account.put(hub.putArray("missing"), log.missing());
        Account.put(json.putArray("errors"), errors);
        Path file = city.dir.resolveSibling(rig + ".json");
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        out.println();
        out.println((right ? "OK: nothing acknowledged was lost, nothing doubled. " : "NOT RIGHT; everything is kept in " + city.dir + ". ")
                + "Raw results: " + file);
    }
}
