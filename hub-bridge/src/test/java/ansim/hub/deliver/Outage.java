package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Courier.Books;
import ansim.hub.deliver.Courier.Hub;
import ansim.hub.deliver.Courier.Route;
import ansim.hub.deliver.Destination.Format;
import ansim.hub.ledger.Provisions;
import ansim.journal.Entry;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A centre is down for days while 24 others go on, on a clock that is simulated. Log, index, cursors and couriers are the hub's own; the centres
 * answer after {@value #ANSWER_MS} ms of that clock. One thread runs all couriers: what is shown is what they do and how much they keep, not
 * how they compete for a processor.
 */
final class Outage implements AutoCloseable {
    static final int DISTRICTS = 25;
    private static final int ANSWER_MS = 5;
    private static final long HOUR_MS = 3_600_000;
    private static final int HOURS = 24;
    /** Entries of one flush; the journal takes 16. */
    private static final int GROUP = 13;

    /** Every so many events is an alarm. */
    private static final int ALARM_EVERY = 5;

    /**
     * One day.
     *
     * @param heapBytes in use after a collection
     * @param meanDelayMs of what the other districts got on that day
     * @param worstDelayMs the longest of these
     * @param waiting entries for the centre that is down
     * @param attempts to reach it on that day
     */
    record Day(long heapBytes, double meanDelayMs, long worstDelayMs, long waiting, long attempts) {}

    /**
     * What came of it.
     *
     * @param days the first without an outage, then those with it
     * @param catchUpMs from its return until nothing waited, by the simulated clock
     * @param missing entries that a centre did not get
     * @param disordered entries that came before an older one of their class, for the first time
     * @param repeats entries that came more than once
     */
    record Result(List<Day> days, long events, long catchUpMs, long missing, long disordered, long repeats) {}

    /** A centre, and what it got. */
    private final class Centre implements Sink {
        private long newest;
        long got;
        boolean down;
        long attempts;

        @Override
        public CompletableFuture<Outcome> send(Parcel parcel) {
            CompletableFuture<Outcome> answer = new CompletableFuture<>();
            boolean refused = down;
            attempts++;
            var unused = pool.schedule(
                    () -> {
                        if (!refused) {
                            take(parcel);
                        }
                        answer.complete(refused ? new Outcome(Verdict.FAILED, "down") : Outcome.TAKEN);
                    },
                    ANSWER_MS,
                    TimeUnit.MILLISECONDS);
            return answer;
        }

        private void take(Parcel parcel) {
            long index = parcel.place().logIndex();
            if (index == newest) {
                repeats++;
            } else if (index < newest) {
                disordered++;
            } else {
                newest = index;
                got++;
                if (this != sick.get(0) && this != sick.get(1)) {
                    long delayMs = pool.nowMs() - bornMs[(int) index];
                    delaySumMs += delayMs;
                    delays++;
                    worstMs = Math.max(worstMs, delayMs);
                }
            }
        }

        @Override
        public int window() {
            return 1;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final VirtualPool pool = new VirtualPool(0);
    private final TestLog log;
    private final Indexer indexer;
    private final Thread following;
    private final List<Courier> couriers = new ArrayList<>();
    private final List<Centre> centres = new ArrayList<>();
    private final List<Centre> sick = new ArrayList<>();
    private final List<LaneIndex> indexes = new ArrayList<>();
    private final int perHour;
    private final long[] bornMs;
    private final long[] due;
    private long events;
    private long delaySumMs;
    private long delays;
    private long worstMs;
    private long disordered;
    private long repeats;

    /** @param perHour events of each district in an hour */
    Outage(Path folder, int days, int perHour) throws IOException {
        this.perHour = perHour;
        this.log = new TestLog(folder.resolve("log"));
        this.bornMs = new long[(days + 1) * HOURS * perHour * DISTRICTS + 1];
        this.due = new long[2 * DISTRICTS];
        this.indexer = new Indexer(log.journal, EntryReader.UNSEALED, folder.resolve("index"), index -> {});
        Path books = Files.createDirectories(folder.resolve("books"));
        for (int district = 0; district < DISTRICTS; district++) {
            for (boolean alarm : new boolean[] {true, false}) {
                couriers.add(courier(district, alarm, books));
            }
        }
        sick.addAll(centres.subList(0, 2));
        this.following = new Thread(indexer::run, "outage-index");
        following.start();
    }

    private static String code(int district) {
        return "11" + (100 + district);
    }

    private Courier courier(int district, boolean alarm, Path books) throws IOException {
        Centre centre = new Centre();
        centres.add(centre);
        LaneIndex index = indexer.index(code(district), alarm);
        indexes.add(index);
        String name = code(district) + (alarm ? ".alarm" : ".normal");
        Hub hub = new Hub(
                log.journal, EntryReader.UNSEALED, pool, pool::nowMs, new SplittableRandom(district), Provisions.NONE);
        return new Courier(
                hub,
                new Route(code(district), "simulated", alarm, Format.CLOUDEVENTS, index, indexer, centre),
                new Books(
                        new CursorFile(books.resolve(name + ".cur"), log.journal.journalId()),
                        new DeadLetters(books.resolve(name + ".jsonl")),
                        new Orders(books.resolve(name + ".orders"))));
    }

    /** A day without, then the outage, then the return. */
    Result run(int days) throws IOException {
        List<Day> all = new ArrayList<>();
        all.add(day());
        sick.forEach(each -> each.down = true);
        for (int i = 0; i < days; i++) {
            all.add(day());
        }
        sick.forEach(each -> each.down = false);
        long backMs = pool.nowMs();
        while (couriers.stream().anyMatch(each -> each.waiting() > 0)) {
            pool.runUntil(pool.nowMs() + 1_000);
        }
        long missing = 0;
        for (int i = 0; i < due.length; i++) {
            missing += due[i] - centres.get(i).got;
        }
        return new Result(all, events, pool.nowMs() - backMs, missing, disordered, repeats);
    }

    private Day day() throws IOException {
        delaySumMs = 0;
        delays = 0;
        worstMs = 0;
        long attempts = sick.stream().mapToLong(each -> each.attempts).sum();
        for (int hour = 0; hour < HOURS; hour++) {
            for (int i = 0; i < perHour; i++) {
                append();
                awaitIndexed();
                pool.runUntil(pool.nowMs() + HOUR_MS / perHour);
            }
        }
        long waiting = couriers.get(0).waiting() + couriers.get(1).waiting();
        long tried = sick.stream().mapToLong(each -> each.attempts).sum() - attempts;
        return new Day(heap(), (double) delaySumMs / delays, worstMs, waiting, tried);
    }

    /** One event of each district, in two flushes. */
    private void append() throws IOException {
        List<Entry> group = new ArrayList<>();
        long index = log.journal.durableIndex();
        for (int district = 0; district < DISTRICTS; district++) {
            boolean alarm = events / DISTRICTS % ALARM_EVERY == 0;
            group.add(Entry.message(log.entry(alarm, code(district)).encode()));
            bornMs[(int) index + 1 + district] = pool.nowMs();
            due[2 * district + (alarm ? 0 : 1)]++;
            events++;
        }
        for (List<Entry> part : List.of(group.subList(0, GROUP), group.subList(GROUP, DISTRICTS))) {
            var unused = log.journal.append(part.toArray(new Entry[0]));
        }
    }

    private void awaitIndexed() {
        for (int i = 0; i < due.length; i++) {
            while (indexes.get(i).size() < due[i]) {
                LockSupport.parkNanos(100_000);
            }
        }
        // Not by the index's own thread: the clock must not run ahead before it has told.
        couriers.forEach(Courier::wake);
    }

    private static long heap() {
        var memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < 3; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }

    @Override
    public void close() throws IOException {
        indexer.stop();
        try {
            following.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        couriers.forEach(Courier::stop);
        for (Courier each : couriers) {
            each.close();
        }
        indexer.close();
        log.close();
    }

    /** Usage: Outage DIR DAYS PER_HOUR. Exit 1: what is promised is not so. */
    public static void main(String[] args) throws Exception {
        int days = Integer.parseInt(args[1]);
        int perHour = Integer.parseInt(args[2]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Outage outage = new Outage(Path.of(args[0]), days, perHour)) {
            Result result = outage.run(days);
            System.exit(print(out, result) ? 0 : 1);
        }
    }

    private static boolean print(PrintStream out, Result result) {
        out.printf(
                "%-10s %12s %20s %20s %16s %16s%n",
                "day", "heap KiB", "others' delay ms", "the longest ms", "waiting", "attempts");
        for (int i = 0; i < result.days.size(); i++) {
            Day day = result.days.get(i);
            out.printf(
                    "%-10s %,12d %20.2f %20d %,16d %,16d%n",
                    i == 0 ? "before" : "outage " + i,
                    day.heapBytes / 1024,
                    day.meanDelayMs,
                    day.worstDelayMs,
                    day.waiting,
                    day.attempts);
        }
        Day before = result.days.get(0);
        Day first = result.days.get(1);
        Day last = result.days.get(result.days.size() - 1);
        double heap = 100.0 * (last.heapBytes - first.heapBytes) / first.heapBytes;
        double delay = 100.0 * (last.meanDelayMs - before.meanDelayMs) / before.meanDelayMs;
        out.printf(
                "%n%,d events in %d districts; heap of the last day against the first of the outage %+.1f %% (promised: 5),"
                        + " the others' delay %+.1f %% (promised: 5)%n",
                result.events, DISTRICTS, heap, delay);
        out.printf(
                "back again: nothing waits after %.1f s of the simulated clock; missing %d, out of order %d, repeated %d%n",
                result.catchUpMs / 1000.0, result.missing, result.disordered, result.repeats);
        return Math.abs(delay) <= 5 && heap <= 5 && result.missing == 0 && result.disordered == 0;
    }
}
