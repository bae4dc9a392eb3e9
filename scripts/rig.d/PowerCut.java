import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Power cuts of real agents on loop-mounted disks. See scripts/rig/powercut.
 *
 * <p>Several slots side by side; in each, unit after unit: a new unit on a new disk, cut while its store is young, then cut again while
 * it is old, then left to deliver what it holds while the next one begins.
 */
final class PowerCut {
    private static final int SLOTS = 3;
    private static final int CUTS_PER_UNIT = 3;
    private static final int YOUNG_MS = 4_000;
    /** The youngest cuts come before the store has been there for so long. */
    private static final int FIRST_CUT_MS = 3_500;
    /** Between two cuts of an old store: the file system's own commit, every 5 s, falls into some and not into others. */
    private static final int OLD_LEAST_MS = 1_500;

    private static final int OLD_MOST_MS = 7_000;
    private static final int LINK_UP_MS = 8_000;
    private static final int LINK_DOWN_MS = 5_000;
    private static final int PROGRESS_MS = 10_000;
    private static final Duration DRAIN = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(20);

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final City city;
    private final int cuts;
    private final long seed;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger young = new AtomicInteger();
    private final AtomicInteger old = new AtomicInteger();
    private final AtomicInteger copiedAgain = new AtomicInteger();
    private final AtomicInteger withoutLink = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger unitNumber = new AtomicInteger();
    private final AtomicInteger retired = new AtomicInteger();
    private final List<String> errors = new ArrayList<>();
    private volatile boolean linkMoves = true;

    private PowerCut(City city, int cuts, long seed) {
        this.city = city;
        this.cuts = cuts;
        this.seed = seed;
    }

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        int cuts = Integer.parseInt(args[1]);
        long seed = Long.parseLong(args[2]);
        Runtime.getRuntime().addShutdownHook(new Thread(PowerCut::putAway, "unmount"));
        LoopDisk.prove(dir.resolve("proof"));
        System.out.println("Tried on this machine: what was fsynced before a cut is there after it, what was only written is not.");
        int code;
        try (City city = new City(dir)) {
            code = new PowerCut(city, cuts, seed).run();
        }
        System.exit(code);
    }

    /** The agents are killed by {@link Program}'s own hook at the same time: a lazy unmount does not wait for that. */
    private static void putAway() {
        LoopDisk.removeAll();
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private Thread thread(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException e) {
                        error(name + ": " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void error(String what) {
        synchronized (errors) {
            errors.add(what);
        }
        out.println("Error: " + what);
    }

    private int run() throws Exception {
        long startNs = System.nanoTime();
        Thread link = thread("link", this::moveLink);
        List<Thread> slots = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            int slot = i;
            slots.add(thread("slot-" + slot, () -> slot(new Random(seed * 31 + slot))));
        }
        long tellNs = System.nanoTime();
        while (slots.stream().anyMatch(Thread::isAlive)) {
            if (System.nanoTime() - tellNs > PROGRESS_MS * 1_000_000L) {
                tellNs = System.nanoTime();
                if (young.get() + old.get() == cuts) {
                    linkMoves = false;
                }
                out.printf("cuts so far: young %d, old %d; units begun %d, ended %d%n", young.get(), old.get(), unitNumber.get(), retired.get());
            }
            Thread.sleep(200);
        }
        linkMoves = false;
        link.join();
        return verdict(startNs);
    }

    private void moveLink() throws IOException, InterruptedException {
        Random random = new Random(seed * 31 + SLOTS);
        while (linkMoves) {
            Thread.sleep(random.nextInt(LINK_UP_MS));
            Files.createFile(city.linkCut());
            Thread.sleep(random.nextInt(LINK_DOWN_MS));
            Files.delete(city.linkCut());
        }
    }

    private void slot(Random random) throws IOException, InterruptedException {
        List<Thread> retiring = new ArrayList<>();
        while (taken.get() < cuts) {
            int number = unitNumber.incrementAndGet();
            boolean taxi = number % 2 == 0;
            String name = (taxi ? "taxi-" : "pole-") + number;
            LoopDisk disk = new LoopDisk(Files.createDirectories(city.dir.resolve("disks/" + name)));
            City.SimUnit unit = city.unit(name, taxi, disk.mount.resolve("data"), seed * 1_000 + number);
            unit.people().start();
            unit.agent().start();
            Path store = unit.data().resolve("lane-1");
            if (!unit.agent().waitFor(() -> Files.exists(store), City.START_PATIENCE)) {
                failed.incrementAndGet();
                error(name + " did not start");
                return;
            }
            long madeNs = System.nanoTime();
            for (int i = 0; i < CUTS_PER_UNIT && taken.getAndIncrement() < cuts; i++) {
                Thread.sleep(i == 0 ? random.nextInt(FIRST_CUT_MS) : random.nextInt(OLD_LEAST_MS, OLD_MOST_MS));
                if (!cut(unit, disk, madeNs)) {
                    return;
                }
            }
            Thread.sleep(random.nextInt(OLD_LEAST_MS, OLD_MOST_MS));
            unit.people().end(STOP);
            retiring.add(thread(name + "-retires", () -> retire(unit, disk)));
        }
        for (Thread each : retiring) {
            each.join();
        }
    }

    /** The cut: false when the agent did not start on what was left. */
    private boolean cut(City.SimUnit unit, LoopDisk disk, long madeNs) throws IOException, InterruptedException {
        unit.agent().signal("STOP");
        long ageMs = (System.nanoTime() - madeNs) / 1_000_000;
        int before = disk.copiedAgain;
        Path left = disk.copy();
        copiedAgain.addAndGet(disk.copiedAgain - before);
        withoutLink.addAndGet(Files.exists(city.linkCut()) ? 1 : 0);
        unit.agent().kill();
        disk.become(left);
        (ageMs < YOUNG_MS ? young : old).incrementAndGet();
        if (!unit.startAgent()) {
            failed.incrementAndGet();
            error(unit.name() + " did not start after a cut; see " + unit.agent().log());
            return false;
        }
        return true;
    }

    /** Waits until the unit holds nothing any more, and puts it away. */
    private void retire(City.SimUnit unit, LoopDisk disk) throws IOException, InterruptedException {
        if (!Verdict.drained(unit, DRAIN)) {
            error(unit.name() + " still holds messages: " + unit.status());
            return; // its disk is kept for whoever looks into it
        }
        unit.agent().end(STOP);
        disk.remove();
        retired.incrementAndGet();
    }

    private int verdict(long startNs) throws Exception {
        Verdict verdict = new Verdict(city);
        verdict.errors.addAll(errors);
        verdict.rows.put("power cuts", young.get() + old.get() + " on " + unitNumber + " units and disks");
        verdict.rows.put("  young stores (under 4 s) / old", young + " / " + old);
        verdict.rows.put("  while the link was cut", withoutLink.toString());
        verdict.rows.put("  copied again: the disk was just written", copiedAgain.toString());
        verdict.rows.put("agent starts failed (must be 0)", failed.toString());
        verdict.json.put("rig", "powercut").put("seed", seed).put("cuts", young.get() + old.get());
        verdict.json.put("young", young.get()).put("old", old.get()).put("withoutLink", withoutLink.get());
        verdict.json.put("units", unitNumber.get()).put("startsFailed", failed.get()).put("copiedAgain", copiedAgain.get());
        verdict.json.put("seconds", (System.nanoTime() - startNs) / 1_000_000_000);
        int code = verdict.tell("powercut", City.generation(city.hub.log()));
        out.println("Not shown: a device whose cache lies or reorders writes, and a write torn in its middle: each copy is of a moment");
        out.println("at which no write was under way. JournalModelTest does those with an injected file layer.");
        return code;
    }
}
