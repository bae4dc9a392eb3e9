import ansim.edge.TaxiDay;
import ansim.journal.JournalCost;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** What the store costs an SD card, beside what was promised. See scripts/rig/cost. Usage: Cost DIR SEED JSON. */
final class Cost {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DISK_MIB = 320;
    private static final double MB = 1e6;

    private static final double DAY_MOST_MB = 25;
    private static final double GROUPED_MOST = 900;
    private static final double LONE_MOST = 4_800;
    private static final double RATIO_MOST = 1.2;
    private static final long OPEN_MOST_MS = 2_000;
    private static final double MEMORY_MOST_MB = 5;

    private static final int GROUPED_MESSAGES = 3 * 6_544;
    private static final int LONE_MESSAGES = 6_544;
    private static final int FEW = 1_000;
    private static final int MANY = 1_000_000;
    private static final int ROUNDS = 1_500;
    private static final int REOPENINGS = 5;
    private static final int[] APPENDERS = {1, 4, 16, 64};
    private static final int APPENDS = 2_048;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final ObjectNode json = JSON.createObjectNode();
    private final Path dir;
    private final long seed;
    private final Optional<LoopDisk> disk;
    private int broken;

    private Cost(Path dir, long seed, Optional<LoopDisk> disk) {
        this.dir = dir;
        this.seed = seed;
        this.disk = disk;
    }

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        boolean root = "root".equals(System.getProperty("user.name"));
        Runtime.getRuntime().addShutdownHook(new Thread(LoopDisk::removeAll, "unmount"));
        Optional<LoopDisk> disk = root ? Optional.of(new LoopDisk(Files.createDirectories(dir.resolve("loop")), DISK_MIB)) : Optional.empty();
        Cost cost = new Cost(dir, Long.parseLong(args[1]), disk);
        cost.run();
        cost.json.put("seed", cost.seed).put("device", root ? "loop-mounted ext4" : "none: pages counted").put("right", cost.broken == 0);
        Files.writeString(Path.of(args[2]), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(cost.json) + "\n");
        System.exit(cost.broken == 0 ? 0 : 1);
    }

    private void run() throws Exception {
        out.println(disk.isPresent()
                ? "device: what an ext4 on a loop device handed to it, its journal included. pages: dirty pages of 4 KiB at each flush."
                : "not root: no device to ask; the pages of 4 KiB that are dirty at each flush are counted instead.");
        out.printf("%n%-66s %14s %16s%n", "", "measured", "promised");
        days();
        perMessage();
        Path few = dir.resolve("few");
        Path many = dir.resolve("many");
        JournalCost.fill(few, FEW);
        JournalCost.fill(many, MANY);
        // Before anything is appended to them again.
        reopening(many);
        few1000AndAMillion(few, many);
        groupCommit();
        out.println();
        out.println(broken == 0 ? "OK: every promise about bytes, flushes and memory is kept." : "NOT KEPT: " + broken + " promises, marked <--.");
    }

    private void row(String what, String measured, String promised, boolean kept) {
        broken += kept ? 0 : 1;
        out.printf("%-66s %14s %16s%s%n", what, measured, promised, kept ? "" : "  <--");
    }

    private void row(String what, String measured) {
        row(what, measured, "", true);
    }

    /** The store's place, and what was written to it. */
    private Path place(String name) {
        return disk.map(each -> each.mount).orElse(dir).resolve(name);
    }

    private LongSupplier device() {
        return () -> {
            try {
                if (disk.isEmpty()) {
                    return 0;
                }
                disk.get().commit();
                return disk.get().bytesWritten();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        };
    }

    // ---- a taxi's day

    private void days() throws Exception {
        JournalCost.Counted counted = new JournalCost.Counted();
        TaxiDay.Disk under = new TaxiDay.Disk() {
            @Override
            public long flushes() {
                return counted.flushes();
            }

            @Override
            public void commit() throws Exception {
                if (disk.isPresent()) {
                    disk.get().commitTimes();
                }
            }
        };
        LongSupplier device = device();
        long deviceBefore = device.getAsLong();
        try (TaxiDay taxi = new TaxiDay(place("taxi"), counted.files(), under, seed)) {
            for (Plan plan : PLANS) {
                long pagesBefore = counted.bytes();
                long flushesBefore = counted.flushes();
                long messagesBefore = taxi.messages;
                long hiredBefore = taxi.hiredS;
                taxi.day(plan.commitS);
                long pages = counted.bytes() - pagesBefore;
                long now = device.getAsLong();
                day(plan, taxi, new Day(now - deviceBefore, pages, counted.flushes() - flushesBefore, taxi.messages - messagesBefore, taxi.hiredS - hiredBefore));
                deviceBefore = now;
            }
        }
    }

    /** A day, and how often the file system commits; what was promised holds for the second. */
    private record Plan(String name, int commitS, boolean promised) {}

    private static final List<Plan> PLANS = List.of(
            new Plan("first day (segments are made)", 5, false),
            new Plan("second day", 5, true),
            new Plan("third day, mounted with commit=60", 60, true));

    private record Day(long device, long pages, long flushes, long messages, long hiredS) {}

    private void day(Plan plan, TaxiDay taxi, Day day) {
        long bytes = disk.isPresent() ? day.device : day.pages;
        String title = String.format("a taxi's %s: %.1f h hired, %d messages", plan.name, day.hiredS / 3600.0, day.messages);
        row(title, String.format("%.1f MB", bytes / MB), plan.promised ? "<= 25 MB" : "", !plan.promised || bytes <= DAY_MOST_MB * MB);
        row("  of it pages of the store, in flushes", String.format("%.1f MB, %d", day.pages / MB, day.flushes));
        row("  left without a receipt, dropped", taxi.waiting() + ", " + taxi.dropped(), "0, 0", taxi.waiting() == 0 && taxi.dropped() == 0);
        json.withArray("days").addObject().put("day", plan.name).put("deviceBytes", day.device).put("pageBytes", day.pages)
                .put("flushes", day.flushes).put("messages", day.messages).put("hiredS", day.hiredS).put("waiting", taxi.waiting())
                .put("dropped", taxi.dropped()).put("signals", taxi.signals);
    }

    // ---- one message

    private void perMessage() throws IOException {
        message("in groups of 16, backlog grows", "grouped-growing", JournalCost.GROUP, false, GROUPED_MESSAGES, GROUPED_MOST);
        message("in groups of 16, removed again", "grouped-removed", JournalCost.GROUP, true, GROUPED_MESSAGES, GROUPED_MOST);
        message("alone, backlog grows", "lone-growing", JournalCost.LONE, false, LONE_MESSAGES, LONE_MOST);
        message("alone, removed again", "lone-removed", JournalCost.LONE, true, LONE_MESSAGES, LONE_MOST);
    }

    private void message(String title, String key, int perGroup, boolean removing, int messages, double most) throws IOException {
        JournalCost.Spent spent = JournalCost.append(place(key), perGroup, removing, messages, device());
        double pages = (double) spent.pageBytes() / messages;
        double bytes = disk.isPresent() ? (double) spent.deviceBytes() / messages : pages;
        row("a message of 300 bytes " + title, String.format("%.0f bytes", bytes), String.format("<= %.0f bytes", most), bytes <= most);
        row("  of it pages of the store", String.format("%.0f bytes", pages));
        double flushes = (double) spent.flushes() / (messages / perGroup);
        row("  flushes for each append, those of new segments included", String.format("%.4f", flushes), "1", flushes < 1.01);
        json.putObject(key).put("deviceBytes", spent.deviceBytes()).put("pageBytes", spent.pageBytes()).put("flushes", spent.flushes()).put("messages", messages);
    }

    // ---- a million

    private void few1000AndAMillion(Path few, Path many) throws IOException {
        List<JournalCost.Pair> pairs = JournalCost.inTurn(List.of(few, many), ROUNDS);
        JournalCost.Pair a = pairs.get(0);
        JournalCost.Pair b = pairs.get(1);
        double bytes = b.pageBytes() / a.pageBytes();
        double flushes = b.flushes() / a.flushes();
        row("append and remove, 1,000,000 stored against 1,000: page bytes", String.format("%.0f / %.0f = %.2f", b.pageBytes(), a.pageBytes(), bytes), "<= 1.2", bytes <= RATIO_MOST);
        row("  flushes", String.format("%.3f / %.3f = %.2f", b.flushes(), a.flushes(), flushes), "<= 1.2", flushes <= RATIO_MOST);
        row("  time of an append, median (in turn, one run)", String.format("%.0f / %.0f us = %.2f", b.appendUs(), a.appendUs(), b.appendUs() / a.appendUs()), "(<= 1.2)", true);
        row("  time of a removal, median", String.format("%.2f / %.2f us = %.2f", b.removeUs(), a.removeUs(), b.removeUs() / a.removeUs()), "(<= 1.2)", true);
        ObjectNode node = json.putObject("million");
        node.put("pageBytes1000", a.pageBytes()).put("pageBytesMillion", b.pageBytes()).put("flushes1000", a.flushes()).put("flushesMillion", b.flushes());
        node.put("appendUs1000", a.appendUs()).put("appendUsMillion", b.appendUs()).put("removeUs1000", a.removeUs()).put("removeUsMillion", b.removeUs());
    }

    private record Opened(long openMs, long heap, long rss) {}

    private void reopening(Path many) throws Exception {
        Path empty = dir.resolve("empty");
        Opened[] full = new Opened[REOPENINGS];
        Opened[] none = new Opened[REOPENINGS];
        for (int i = 0; i < REOPENINGS; i++) {
            none[i] = reopen(empty, 0);
            full[i] = reopen(many, MANY);
        }
        // The least: the rest is whatever else the machine did.
        long openMs = Arrays.stream(full).mapToLong(Opened::openMs).min().orElseThrow();
        long openEmptyMs = Arrays.stream(none).mapToLong(Opened::openMs).min().orElseThrow();
        double heap = (median(full, Opened::heap) - median(none, Opened::heap)) / MB;
        double rss = (median(full, Opened::rss) - median(none, Opened::rss)) / MB;
        row("reopening 1,000,000 messages in a fresh process, least of " + REOPENINGS, openMs + " ms", "< 2000 ms", openMs < OPEN_MOST_MS);
        row("  an empty store", openEmptyMs + " ms");
        row("  more heap after collection", String.format("%.2f MB", heap), "< 5 MB", heap < MEMORY_MOST_MB);
        row("  more resident memory", String.format("%.2f MB", rss), "< 5 MB", rss < MEMORY_MOST_MB);
        json.putObject("reopen").put("openMs", openMs).put("openMsEmpty", openEmptyMs).put("heapMoreBytes", median(full, Opened::heap) - median(none, Opened::heap))
                .put("rssMoreBytes", median(full, Opened::rss) - median(none, Opened::rss));
    }

    private static long median(Opened[] all, ToLongFunction<Opened> field) {
        long[] values = Arrays.stream(all).mapToLong(field).sorted().toArray();
        return values[values.length / 2];
    }

    private static Opened reopen(Path journal, long expected) throws IOException, InterruptedException {
        String said = Tool.run(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx48m",
                "-Xss512k",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                "Reopen",
                journal.toString(),
                String.valueOf(JournalCost.SEGMENT_BYTES));
        String[] fields = said.strip().split(" ");
        if (Long.parseLong(fields[0]) != expected) {
            throw new IOException(journal + " must hold " + expected + " messages (got " + fields[0] + ")");
        }
        return new Opened(Long.parseLong(fields[1]), Long.parseLong(fields[2]), Long.parseLong(fields[3]));
    }

    // ---- group commit

    private void groupCommit() throws IOException, InterruptedException {
        ObjectNode node = json.putObject("appendsPerFlush");
        for (int threads : APPENDERS) {
            double perFlush = JournalCost.perFlush(dir.resolve("appenders-" + threads), threads, APPENDS / threads);
            row("appends to one flush with " + threads + (threads == 1 ? " appender" : " appenders"), String.format("%.1f", perFlush));
            node.put(String.valueOf(threads), perFlush);
        }
    }
}
