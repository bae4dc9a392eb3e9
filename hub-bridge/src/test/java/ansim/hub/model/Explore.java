package ansim.hub.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The rig: explores the tiny worlds, runs random schedules in the large ones, breaks every rule once, and prints what came of it. */
public final class Explore {
    private static final int LENGTH = 60;
    private static final int STATES_MAX = 2_000_000;
    private static final int BROKEN_STATES = 60_000;
    private static final int BROKEN_SCHEDULES = 50_000;

    /** What is asked for. */
    private record Order(int schedules, int depth, int states, long seed, Path json) {}

    private final Order order;
    private final List<String> rows = new ArrayList<>();
    private final List<String> json = new ArrayList<>();
    private int failures;

    private Explore(Order order) {
        this.order = order;
    }

    /** {@code [--schedules N] [--depth D] [--states N] [--seed S] [--json FILE]}; exits 1 on a broken promise. */
    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        Explore explore = new Explore(order(args));
        explore.run();
        System.exit(explore.failures == 0 ? 0 : 1);
    }

    private static Order order(String[] args) {
        int schedules = 10_000;
        int depth = 200;
        int states = 50_000;
        long seed = 1;
        Path json = Path.of("target/rig/model.json");
        for (int i = 0; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--schedules" -> schedules = Integer.parseInt(value);
                case "--depth" -> depth = Integer.parseInt(value);
                case "--states" -> states = Math.min(STATES_MAX, Integer.parseInt(value));
                case "--seed" -> seed = Long.parseLong(value);
                case "--json" -> json = Path.of(value);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        return new Order(schedules, depth, states, seed, json);
    }

    private void run() throws IOException, InterruptedException, ExecutionException {
        row("configuration", "states", "schedules", "actions", "crashes", "losses", "doubles", "deadlocks", "other");
        for (Setting setting : Settings.TINY) {
            System.err.println("every state: " + setting.name());
            Exhaustive.Result result = new Exhaustive(setting, order.depth, order.states).run();
            String end = result.whole() ? "all" : "depth " + result.depth();
            report(setting.name() + " (" + end + ")", result.states(), 0, result.transitions(), 0, result.found());
        }
        ExecutorService pool = Executors.newFixedThreadPool(2, task -> new Thread(task, "schedules"));
        try {
            List<Future<Schedules.Result>> results = new ArrayList<>();
            int each = Math.max(1, order.schedules / Settings.LARGE.size());
            for (Setting setting : Settings.LARGE) {
                results.add(pool.submit(() -> {
                    System.err.println("random schedules: " + setting.name());
                    return new Schedules(setting, LENGTH, order.seed).run(each);
                }));
            }
            int compared = 0;
            long decisions = 0;
            for (Future<Schedules.Result> future : results) {
                Schedules.Result result = future.get();
                compared += result.compared();
                decisions += result.decisions();
                report(
                        result.setting().name(),
                        0,
                        result.schedules(),
                        result.actions(),
                        result.crashes(),
                        result.found());
            }
            rows.add("compared with ansim.hub.core: " + compared + " schedules, " + decisions + " decisions");
            json.add("{\"compared\": " + compared + ", \"decisions\": " + decisions + "}");
        } finally {
            pool.shutdownNow();
        }
        breakRules();
        rows.forEach(System.out::println);
        write();
    }

    private void row(Object... cells) {
        rows.add(String.format(Locale.ROOT, "%-32s %10s %10s %12s %10s %7s %8s %10s %6s", cells));
    }

    private void report(
            String name, int states, int schedules, long actions, long crashes, Optional<Exhaustive.Found> found) {
        int losses = count(found, Violation.Of.LOSS, Violation.Of.REMOVAL);
        int doubles = count(found, Violation.Of.DOUBLE, Violation.Of.NUMBER);
        int deadlocks = count(found, Violation.Of.DEADLOCK, Violation.Of.DEADLOCK);
        int other = found.isPresent() ? 1 - losses - doubles - deadlocks : 0;
        row(name, states, schedules, actions, crashes, losses, doubles, deadlocks, other);
        json.add(String.format(
                Locale.ROOT,
                "{\"configuration\": \"%s\", \"states\": %d, \"schedules\": %d, \"actions\": %d, \"crashes\": %d,"
                        + " \"losses\": %d, \"doubles\": %d, \"deadlocks\": %d, \"other\": %d}",
                name,
                states,
                schedules,
                actions,
                crashes,
                losses,
                doubles,
                deadlocks,
                other));
        found.ifPresent(each -> {
            failures++;
            rows.add("  " + each.violation().getMessage());
            each.schedule().forEach(action -> rows.add("    " + action));
        });
    }

    private static int count(Optional<Exhaustive.Found> found, Violation.Of one, Violation.Of two) {
        return found.filter(each -> each.violation().of == one || each.violation().of == two)
                        .isPresent()
                ? 1
                : 0;
    }

    private void breakRules() {
        int caught = 0;
        int rules = 0;
        for (Broken rule : Broken.values()) {
            if (rule == Broken.NONE) {
                continue;
            }
            System.err.println("broken on purpose: " + rule);
            rules++;
            Optional<Exhaustive.Found> found = catching(rule, BROKEN_STATES, BROKEN_SCHEDULES, order.seed);
            caught += found.isPresent() ? 1 : 0;
            String how = found.map(each ->
                            each.violation().of + " after " + each.schedule().size() + " actions")
                    .orElse("NOT CAUGHT");
            rows.add(String.format(Locale.ROOT, "  broken %-26s %s", rule, how));
            json.add("{\"broken\": \"" + rule + "\", \"caught\": \"" + how + "\"}");
        }
        rows.add("broken rules caught: " + caught + " of " + rules);
        failures += rules - caught;
    }

    /** The first schedule by which a broken rule is found out. */
    static Optional<Exhaustive.Found> catching(Broken rule, int states, int schedules, long seed) {
        for (Setting setting : Settings.TINY) {
            Optional<Exhaustive.Found> found = new Exhaustive(setting.breaking(rule), 200, Math.min(states, 20_000))
                    .run()
                    .found();
            if (found.isPresent()) {
                return found;
            }
        }
        for (Setting setting : Settings.LARGE) {
            Optional<Exhaustive.Found> found = new Schedules(setting.breaking(rule), LENGTH, seed)
                    .run(schedules)
                    .found();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private void write() throws IOException {
        Files.createDirectories(order.json.toAbsolutePath().getParent());
        Files.writeString(
                order.json,
                "{\"seed\": " + order.seed + ", \"results\": [\n  " + String.join(",\n  ", json) + "\n]}\n");
    }
}
