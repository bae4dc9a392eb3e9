package ansim.edge;

import java.util.Arrays;
import java.util.OptionalLong;

/** How long the last appends took: the newest {@value #KEPT}. Guarded by {@link Lanes}. */
final class FsyncTimes {
    static final int KEPT = 128;

    private final long[] times = new long[KEPT];
    private long count;

    void add(long ns) {
        times[(int) (count++ % KEPT)] = ns;
    }

    /** The 99th percentile, microseconds; empty before the first. */
    OptionalLong p99Us() {
        int held = (int) Math.min(count, KEPT);
        if (held == 0) {
            return OptionalLong.empty();
        }
        long[] sorted = Arrays.copyOf(times, held);
        Arrays.sort(sorted);
        return OptionalLong.of(sorted[(held * 99 - 1) / 100] / 1_000);
    }
}
