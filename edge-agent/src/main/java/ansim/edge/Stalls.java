package ansim.edge;

import ansim.wire.Id8;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * The chains whose next message is held but cannot be had now, each with the time of the next try: {@value #FIRST_MS} ms later, then
 * after twice as long, at most {@value #LONGEST_MS} ms. As many as there are chains. Guarded by {@link Lanes}.
 */
final class Stalls {
    static final long FIRST_MS = 1_000;
    static final long LONGEST_MS = 60_000;

    private final Map<Id8, Stall> stalls = new HashMap<>();

    private record Stall(long n, int tries, long pauseMs, long againAtMs) {
        Stall again(long afterMs, long nowMs) {
            return new Stall(n, tries + 1, afterMs, nowMs + afterMs);
        }
    }

    /** Whether this chain is not to be tried yet. */
    boolean waits(Id8 chain, long nowMs) {
        Stall stall = stalls.get(chain);
        return stall != null && nowMs < stall.againAtMs;
    }

    /**
     * A try has failed.
     *
     * @return how many have, for this message
     */
    int failed(Id8 chain, long n, long nowMs) {
        Stall last = stalls.get(chain);
        Stall next = last == null || last.n != n
                ? new Stall(n, 1, FIRST_MS, nowMs + FIRST_MS)
                : last.again(Math.min(LONGEST_MS, 2 * last.pauseMs), nowMs);
        stalls.put(chain, next);
        return next.tries;
    }

    /** Forgets those for which this holds of chain and number. */
    void forgetIf(BiPredicate<Id8, Long> over) {
        stalls.entrySet().removeIf(each -> over.test(each.getKey(), each.getValue().n));
    }
}
