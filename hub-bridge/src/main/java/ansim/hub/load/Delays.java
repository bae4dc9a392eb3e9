package ansim.hub.load;

import org.HdrHistogram.Histogram;

/**
 * Delays in milliseconds; zero when there was none.
 *
 * @param count of how many
 */
public record Delays(long count, double p50Ms, double p99Ms, double maxMs) {
    private static final double US = 1000.0;

    static Delays of(Histogram us) {
        return new Delays(
                us.getTotalCount(),
                us.getValueAtPercentile(50) / US,
                us.getValueAtPercentile(99) / US,
                us.getMaxValue() / US);
    }
}
