package ansim.edge.link;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling from {@value #FIRST_MS} ms to {@value #LONGEST_MS} ms, each drawn from
 * the upper half, so that a city of units does not come back in step. From the first again only after a connection that stood for
 * {@value #STOOD_MS} ms: one that is taken and dropped at once is as good as none. One thread.
 */
final class Backoff {
    static final long FIRST_MS = 500;
    static final long LONGEST_MS = 16_000;
    static final long STOOD_MS = 30_000;

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

    /** A connection has ended that stood for so long. */
    void stood(long ms) {
        if (ms >= STOOD_MS) {
            nextMs = FIRST_MS;
        }
    }
}
