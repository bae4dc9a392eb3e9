package ansim.hub.core;

import ansim.wire.TimeQuality;
import java.util.Locale;

/**
 * When something happened, as far as the hub can tell: a point, or an interval for a message whose unit had no clock yet.
 *
 * @param fromMs ms since 1970 UTC, the earliest
 * @param toMs the latest, not before {@code fromMs}; the same for a point
 * @param quality what the unit said of its clock
 * @param source where this date comes from
 */
public record When(long fromMs, long toMs, TimeQuality quality, Source source) {
    /** Where a date comes from. */
    public enum Source implements Numbered {
        /** The unit's own clock. */
        UNIT(1),
        /** The anchor of the unit's boot and the monotonic clock. */
        ANCHOR(2),
        /** Between the message before and the arrival. */
        NEIGHBOURS(3),
        /** The hub's clock: it is the hub that says so. */
        HUB(4);

        private final int number;

        Source(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }

        /** The name in events. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public When {
        if (toMs < fromMs) {
            throw new IllegalArgumentException(
                    "an interval must not end (" + toMs + ") before it begins (" + fromMs + ")");
        }
    }

    static When at(long ms, TimeQuality quality, Source source) {
        return new When(ms, ms, quality, source);
    }

    /** The same, so many milliseconds later. */
    public When later(long ms) {
        return new When(fromMs + ms, toMs + ms, quality, source);
    }

    /** Whether this is a point in time rather than an interval. */
    public boolean exact() {
        return fromMs == toMs;
    }

    /** One number to sort and show by: the point, or the latest it can have been. */
    public long ms() {
        return toMs;
    }
}
