package ansim.edge;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the forwarder counted since the start. Any thread. */
final class Counts {
    /** Reasons are a small closed set; anything beyond is counted as one. */
    private static final int REASONS_MAX = 16;

    final LongAdder sent = new LongAdder();
    final LongAdder refusedByHub = new LongAdder();
    final LongAdder inboxFull = new LongAdder();
    /** CLOCK_MONOTONIC ms of the last verified receipt, -1 before the first. */
    final AtomicLong receiptAtMs = new AtomicLong(-1);

    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();

    /** Something from the hub was not taken. */
    void refuse(String reason) {
        String key = refused.size() < REASONS_MAX || refused.containsKey(reason) ? reason : "other";
        refused.computeIfAbsent(key, each -> new LongAdder()).increment();
    }

    Map<String, Long> refusedDown() {
        Map<String, Long> counts = new TreeMap<>();
        refused.forEach((reason, count) -> counts.put(reason, count.sum()));
        return counts;
    }
}
