package ansim.edge.sim;

import java.time.Instant;

/**
 * A moment by both clocks.
 *
 * @param at UTC, for people
 * @param monoMs CLOCK_MONOTONIC, ms: the clock of the agent's signed records on the same machine
 */
record Moment(Instant at, long monoMs) {
    private static final long NS_PER_MS = 1_000_000;

    static Moment now() {
        return new Moment(Instant.now(), System.nanoTime() / NS_PER_MS);
    }
}
