package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaneIndexTest {
    private static final int ITEMS = 20_000;

    @TempDir
    Path folder;

    /** The newest slots are read from memory, in whose place newer ones are put meanwhile. */
    @Test
    void eachSlotReadsTheSameFromMemoryFromTheFileAndWhileOthersAreAppended() throws Exception {
        Path file = folder.resolve("x.idx");
        AtomicBoolean ended = new AtomicBoolean();
        AtomicLong wrong = new AtomicLong();
        AtomicLong read = new AtomicLong();
        try (LaneIndex index = new LaneIndex(file, 7, 0)) {
            Thread reader = new Thread(() -> {
                try {
                    for (long slot = 0; !ended.get() || slot < index.size(); ) {
                        if (slot < index.size()) {
                            // The oldest that may still be in memory, and the newest.
                            wrong.addAndGet(index.at(slot) == 3 * slot + 1 ? 0 : 1);
                            long old = Math.max(0, index.size() - 1024);
                            wrong.addAndGet(index.at(old) == 3 * old + 1 ? 0 : 1);
                            read.incrementAndGet();
                            slot++;
                        }
                    }
                } catch (IOException e) {
                    wrong.incrementAndGet();
                }
            });
            reader.start();
            for (long slot = 0; slot < ITEMS; slot++) {
                index.append(3 * slot + 1);
                if (slot % 7 == 0) {
                    index.flush();
                }
            }
            index.flush();
            ended.set(true);
            reader.join();
            assertEquals(0, wrong.get());
            assertEquals(ITEMS, read.get());
        }
        try (LaneIndex again = new LaneIndex(file, 7, Long.MAX_VALUE)) {
            again.append(3L * ITEMS + 1);
            again.flush();
            for (long slot = 0; slot <= ITEMS; slot++) {
                assertEquals(3 * slot + 1, again.at(slot));
            }
            assertEquals(100, again.slotAfter(298));
        }
    }
}
