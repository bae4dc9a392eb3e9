package ansim.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** What messages of 300 bytes cost in a unit's journal, by the counter of JournalCostTest and by the device's own. See scripts/rig/cost. */
public final class JournalCost {
    public static final int SEGMENT_BYTES = 2 * 1024 * 1024;
    public static final int LONE = 1;
    public static final int GROUP = Journal.MAX_GROUP;

    private static final int MESSAGE_BYTES = 300;
    /** Frames of 20 + 300 bytes in a segment, in whole groups. */
    private static final int PER_SEGMENT = 6_544;
    /** Segments that a journal with removals keeps, as a lane at its quota does. */
    private static final int KEPT_SEGMENTS = 3;

    private static final int GROUPS_PER_FORCE = 256;
    private static final int WARM_UP = 300;

    private JournalCost() {}

    /** Real files with a counter of pages and flushes. */
    public static final class Counted {
        private final CountingFiles files = new CountingFiles(JournalFiles.real());

        public JournalFiles files() {
            return files;
        }

        public long bytes() {
            return files.bytesWritten();
        }

        public long flushes() {
            return files.flushes;
        }
    }

    /**
     * What some messages cost.
     *
     * @param pageBytes bytes of the pages that were dirty at a flush
     * @param deviceBytes what the device was given, the file system's own journal included
     */
    public record Spent(long messages, long pageBytes, long deviceBytes, long flushes) {}

    private static Entry[] group(int messages) {
        Entry[] group = new Entry[messages];
        Arrays.setAll(group, i -> Entry.message(new byte[MESSAGE_BYTES]));
        return group;
    }

    private static JournalOptions options() {
        return JournalOptions.unit(SEGMENT_BYTES);
    }

    /**
     * Appends groups to a journal that is older than one segment.
     *
     * @param removing whether each is removed at once, and segments go when there are too many; otherwise the backlog grows
     */
    public static Spent append(Path directory, int perGroup, boolean removing, int messages, LongSupplier deviceBytes) throws IOException {
        Counted counted = new Counted();
        try (Journal journal = Journal.open(directory, options(), counted.files())) {
            int before = removing ? (KEPT_SEGMENTS + 1) * PER_SEGMENT : PER_SEGMENT;
            appendAll(journal, GROUP, removing, before);
            long device = deviceBytes.getAsLong();
            long pages = counted.bytes();
            long flushes = counted.flushes();
            appendAll(journal, perGroup, removing, messages);
            return new Spent(messages, counted.bytes() - pages, deviceBytes.getAsLong() - device, counted.flushes() - flushes);
        }
    }

    private static void appendAll(Journal journal, int perGroup, boolean removing, int messages) throws IOException {
        for (int i = 0; i < messages; i += perGroup) {
            journal.append(group(perGroup));
            if (removing) {
                journal.remove(journal.durableIndex());
                if (journal.bytes() > (KEPT_SEGMENTS + 1L) * SEGMENT_BYTES) {
                    journal.dropOldestSegment();
                }
            }
        }
    }

    /** Makes a journal of so many stored messages, quickly: many groups to one flush. */
    public static void fill(Path directory, long messages) throws IOException {
        try (Journal journal = Journal.open(directory, options(), JournalFiles.real())) {
            Entry[] group = group(GROUP);
            for (long i = 0; i < messages; i += GROUP) {
                journal.write(group);
                if (i / GROUP % GROUPS_PER_FORCE == 0) {
                    journal.force();
                }
            }
            journal.force();
        }
    }

    /** Bytes, flushes and time of one append and one removal. */
    public record Pair(double pageBytes, double flushes, double appendUs, double removeUs) {}

    /** The same work on two journals in turn, so that whatever else the machine does falls on both alike. */
    public static List<Pair> inTurn(List<Path> directories, int rounds) throws IOException {
        List<Counted> counters = new ArrayList<>();
        List<Journal> journals = new ArrayList<>();
        try {
            for (Path each : directories) {
                Counted counted = new Counted();
                counters.add(counted);
                journals.add(Journal.open(each, options(), counted.files()));
            }
            List<long[]> appendNs = new ArrayList<>();
            List<long[]> removeNs = new ArrayList<>();
            long[] pages = new long[journals.size()];
            long[] flushes = new long[journals.size()];
            journals.forEach(each -> {
                appendNs.add(new long[rounds]);
                removeNs.add(new long[rounds]);
            });
            for (int i = -WARM_UP; i < rounds; i++) {
                for (int j = 0; j < journals.size(); j++) {
                    if (i == 0) {
                        pages[j] = counters.get(j).bytes();
                        flushes[j] = counters.get(j).flushes();
                    }
                    Journal journal = journals.get(j);
                    long startNs = System.nanoTime();
                    journal.append(group(LONE));
                    long appendedNs = System.nanoTime();
                    journal.remove(journal.removedThrough() + 1);
                    if (i >= 0) {
                        appendNs.get(j)[i] = appendedNs - startNs;
                        removeNs.get(j)[i] = System.nanoTime() - appendedNs;
                    }
                }
            }
            List<Pair> pairs = new ArrayList<>();
            for (int j = 0; j < journals.size(); j++) {
                pairs.add(new Pair(
                        (double) (counters.get(j).bytes() - pages[j]) / rounds,
                        (double) (counters.get(j).flushes() - flushes[j]) / rounds,
                        medianUs(appendNs.get(j)),
                        medianUs(removeNs.get(j))));
            }
            return pairs;
        } finally {
            for (Journal each : journals) {
                each.close();
            }
        }
    }

    private static double medianUs(long[] ns) {
        long[] sorted = ns.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1_000.0;
    }

    /** Appends per flush with so many threads that append all the time. */
    public static double perFlush(Path directory, int threads, int appendsEach) throws IOException, InterruptedException {
        Counted counted = new Counted();
        AtomicReference<IOException> failure = new AtomicReference<>();
        AtomicLong appended = new AtomicLong();
        try (Journal journal = Journal.open(directory, options(), counted.files())) {
            fillOne(journal);
            long flushes = counted.flushes();
            CountDownLatch start = new CountDownLatch(1);
            List<Thread> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Thread thread = new Thread(
                        () -> {
                            try {
                                start.await();
                                for (int n = 0; n < appendsEach; n++) {
                                    journal.append(group(LONE));
                                    appended.incrementAndGet();
                                }
                            } catch (IOException e) {
                                failure.set(e);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "appender-" + i);
                thread.start();
                all.add(thread);
            }
            start.countDown();
            for (Thread each : all) {
                each.join();
            }
            if (failure.get() != null) {
                throw failure.get();
            }
            return (double) appended.get() / (counted.flushes() - flushes);
        }
    }

    /** The first append makes the segment. */
    private static void fillOne(Journal journal) throws IOException {
        journal.append(group(LONE));
    }
}
