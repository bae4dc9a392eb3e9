package ansim.edge.link;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling from {@value #FIRST_MS} ms to {@value #LONGEST_MS} ms, each drawn from
 * the upper half, so that a city of units does not come back in step. One thread.
 */
final class Backoff {
    static final long FIRST_MS = 500;
    static final long LONGEST_MS = 16_000;

    private final RandomGenerator random;
    private long nextMs = FIRST_MS;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    long nextDelayMs() {
        long delayMs = nextMs / 2 + random.nextLong(nextMs / 2 + 1);
        nextMs = Math.min(LONGEST_MS, nextMs * 2);
        return delayMs;
    }

    void reset() {
        nextMs = FIRST_MS;
    }
}
