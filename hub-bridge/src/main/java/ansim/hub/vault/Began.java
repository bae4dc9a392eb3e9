package ansim.hub.vault;

/**
 * When a ride began, as far as anybody knows: a point, or an interval for a unit that had no clock.
 *
 * @param fromMs ms since 1970 UTC, the earliest
 * @param toMs the latest
 */
public record Began(long fromMs, long toMs) {
    public Began {
        if (toMs < fromMs) {
            throw new IllegalArgumentException("toMs must be at least fromMs (got " + fromMs + " and " + toMs + ")");
        }
    }

    /** At a moment that is known. */
    public static Began at(long ms) {
        return new Began(ms, ms);
    }
}
