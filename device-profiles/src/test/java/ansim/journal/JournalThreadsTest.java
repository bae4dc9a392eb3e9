package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.MemoryFiles.PowerCut;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Appends from many threads at once: each that returned is durable, and those that wait together share one fsync. */
class JournalThreadsTest {
    private static final Path DIRECTORY = Path.of("journal");
    private static final int THREADS = 8;

    /** A disk whose forces wait at a gate. */
    private static final class GatedFiles extends ForwardingFiles {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch gate = new CountDownLatch(1);
        private volatile boolean gated;
        /** Done before each force. */
        private volatile Runnable atForce = () -> {};
        /** The next write ends in an error that no journal expects. */
        private volatile boolean error;

        GatedFiles(MemoryFiles disk) {
            super(disk);
        }

        private void await() throws IOException {
            if (!gated) {
                return;
            }
            reached.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException("nobody interrupts this test", e);
            }
        }

        @Override
        public OpenFile open(Path file, boolean write) throws IOException {
            return new File(super.open(file, write)) {
                @Override
                public void write(ByteBuffer from, long position) throws IOException {
                    if (error) {
                        error = false;
                        throw new OutOfMemoryError("made up");
                    }
                    super.write(from, position);
                }

                @Override
                public void force(boolean metadata) throws IOException {
                    atForce.run();
                    await();
                    super.force(metadata);
                }
            };
        }
    }

    private static byte[] payload(int thread, int number) {
        return ByteBuffer.allocate(120).putInt(thread).putInt(number).array();
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void append(Journal journal, Map<Long, byte[]> returned, byte[] payload) {
        try {
            returned.put(journal.append(Entry.message(payload)), payload);
        } catch (JournalException notDurable) {
            // Nobody was told that it is.
        }
    }

    /** Seven appends arrive while the first one's fsync runs: one more fsync makes them all durable. */
    @Test
    void appendsThatWaitForTheSameFsyncShareTheNextOne() throws Exception {
        MemoryFiles disk = new MemoryFiles(1);
        GatedFiles files = new GatedFiles(disk);
        Journal journal = Journal.open(DIRECTORY, JournalOptions.unit(64 * 1024), files);
        journal.append(Entry.message(payload(-1, 0)));
        Map<Long, byte[]> returned = new ConcurrentSkipListMap<>();
        long before = disk.flushes;
        files.gated = true;
        List<Thread> appenders = new ArrayList<>();
        appenders.add(start("append-0", () -> append(journal, returned, payload(0, 0))));
        files.reached.await();
        for (int i = 1; i < THREADS; i++) {
            int number = i;
            appenders.add(start("append-" + i, () -> append(journal, returned, payload(number, 0))));
        }
        for (Thread appender : appenders) {
            while (appender.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        assertTrue(returned.isEmpty(), "nothing returns before its fsync");
        files.gate.countDown();
        for (Thread appender : appenders) {
            appender.join();
        }
        assertEquals(2, disk.flushes - before);
        assertEquals(THREADS, returned.size());
        assertAllThere(disk.powerCut(), returned);
    }

    /** A sharer whose group was never written took the next, empty commit for its own. */
    @Test
    void anErrorInASharedCommitIsNobodysSuccess() throws Exception {
        MemoryFiles disk = new MemoryFiles(2);
        GatedFiles files = new GatedFiles(disk);
        Journal journal = Journal.open(DIRECTORY, JournalOptions.unit(64 * 1024), files);
        journal.append(Entry.message(payload(-1, 0)));
        Map<Long, byte[]> returned = new ConcurrentSkipListMap<>();
        files.gated = true;
        List<Thread> appenders = new ArrayList<>();
        appenders.add(start("append-0", () -> append(journal, returned, payload(0, 0))));
        files.reached.await();
        for (int i = 1; i < THREADS; i++) {
            int number = i;
            appenders.add(start("append-" + i, () -> appendThroughAnError(journal, returned, number)));
        }
        for (Thread appender : appenders) {
            while (appender.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        files.error = true;
        files.gate.countDown();
        for (Thread appender : appenders) {
            appender.join();
        }
        assertEquals(1, returned.size(), "only the one before the error");
        assertAllThere(disk.powerCut(), returned);
    }

    private static void appendThroughAnError(Journal journal, Map<Long, byte[]> returned, int number) {
        try {
            append(journal, returned, payload(number, 0));
        } catch (OutOfMemoryError madeUp) {
            // It ends this thread's append only.
        }
    }

    @Test
    void whatHasReturnedToAnyThreadIsThereAfterAPowerCut() throws Exception {
        int cutEarly = 0;
        for (int seed = 1; seed <= 60; seed++) {
            MemoryFiles disk = new MemoryFiles(seed);
            Journal journal = Journal.open(DIRECTORY, JournalOptions.unit(4096), disk);
            Map<Long, byte[]> returned = new ConcurrentSkipListMap<>();
            disk.cutAfter(10 + seed * 2L);
            List<Thread> appenders = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                appenders.add(start("append-" + t, () -> appendUntilTheCut(journal, returned, thread)));
            }
            for (Thread appender : appenders) {
                appender.join();
            }
            cutEarly += returned.isEmpty() ? 1 : 0;
            assertAllThere(disk.powerCut(), returned);
        }
        assertTrue(cutEarly < 10, "most cuts must come after an append has returned");
    }

    private static void appendUntilTheCut(Journal journal, Map<Long, byte[]> returned, int thread) {
        try {
            for (int i = 0; i < 10_000; i++) {
                append(journal, returned, payload(thread, i));
            }
        } catch (PowerCut gone) {
            return;
        }
        throw new AssertionError("the power must have gone");
    }

    private static void assertAllThere(MemoryFiles after, Map<Long, byte[]> returned) throws JournalException {
        try (Journal journal = Journal.open(DIRECTORY, JournalOptions.unit(4096), after)) {
            for (Map.Entry<Long, byte[]> each : returned.entrySet()) {
                byte[] there = journal.read(each.getKey()).orElseThrow().payload();
                assertArrayEquals(each.getValue(), there, "message " + each.getKey());
            }
        }
    }

    /**
     * Whoever was durable once stood in line for the writer to learn of it and held up the next commit there: 64 threads that appended all
     * the time shared each flush with one other on average.
     */
    @Test
    void thoseThatAppendAllTheTimeShareFlushesWithAllOthers() throws Exception {
        GatedFiles files = new GatedFiles(new MemoryFiles(3));
        try (Journal journal = Journal.open(DIRECTORY, JournalOptions.unit(1024 * 1024), files)) {
            journal.append(Entry.message(payload(-1, 0)));
            Appenders all = new Appenders(journal);
            files.atForce = all::beforeForce;
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                threads.add(start("append-" + i, all::appendUntilEnough));
            }
            for (Thread each : threads) {
                each.join();
            }
            assertEquals(0, all.inVain.get(), "flushes during which somebody whose append was durable did not go on");
            double perFlush = (double) journal.durableIndex() / all.flushes.get();
            assertTrue(perFlush >= THREADS / 4.0, perFlush + " appends to a flush");
        }
    }

    /** Threads that append all the time, to a disk whose flush takes until each of them has begun an append that is not durable yet. */
    private static final class Appenders {
        private static final int FLUSHES = 40;
        private static final Duration PATIENCE = Duration.ofSeconds(10);

        private final Journal journal;
        private final AtomicLong begun = new AtomicLong();
        private final AtomicInteger flushes = new AtomicInteger();
        private final AtomicInteger inVain = new AtomicInteger();

        Appenders(Journal journal) {
            this.journal = journal;
        }

        private boolean enough() {
            return flushes.get() >= FLUSHES;
        }

        void appendUntilEnough() {
            while (!enough()) {
                begun.incrementAndGet();
                append(journal, new ConcurrentSkipListMap<>(), payload(0, 0));
            }
        }

        void beforeForce() {
            long endNs = System.nanoTime() + PATIENCE.toNanos();
            long durable = journal.durableIndex() - 1;
            while (!enough() && begun.get() < durable + THREADS && System.nanoTime() < endNs) {
                Thread.onSpinWait();
            }
            inVain.addAndGet(enough() || begun.get() >= durable + THREADS ? 0 : 1);
            flushes.incrementAndGet();
        }
    }
}
