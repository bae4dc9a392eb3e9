package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The roof lamp of a taxi (방범등), which the driver's hidden button makes flash about every 5 s. So many flashes in a row, each
 * {@code period-min} to {@code period-max} after the start of the one before, are the driver's silent panic; a steady light, a
 * faster or a slower blinking is nothing. One episode raises once: it is over when no flash has come in that rhythm for
 * {@code over-after}, so that a lost flash does not make two of one.
 *
 * <p>A lamp that is found lit has not begun to shine then: its first flash is the next one.
 */
final class AlarmLamp implements LineDecoder {
    /**
     * Options.
     *
     * @param flashes in a row that raise
     * @param periodMin from the start of a flash to the start of the next, at least
     * @param periodMax the same, at most
     * @param overAfter without a flash in that rhythm: the next episode raises again
     */
    record Options(
            @Default("3") @Range(min = 2, max = 20) int flashes,
            @Default("3s") @Range(min = 200, max = 60_000) Duration periodMin,
            @Default("7s") @Range(min = 200, max = 60_000) Duration periodMax,

            @Default("30s") @Range(min = 1_000, max = 600_000)
            Duration overAfter) {
        Options {
            if (periodMin.compareTo(periodMax) > 0) {
                throw new IllegalArgumentException("period-min must not be above period-max (got "
                        + periodMin.toMillis() + " ms and " + periodMax.toMillis() + " ms)");
            }
            if (overAfter.compareTo(periodMax) <= 0) {
                throw new IllegalArgumentException("over-after must be above period-max (got " + overAfter.toMillis()
                        + " ms and " + periodMax.toMillis() + " ms)");
            }
        }
    }

    private final Options options;
    private boolean seenFlash;
    private long lastFlashMs;
    /** When a flash last came in the rhythm. */
    private long lastFitMs;

    private int inRow;
    private boolean raised;
    private int episodes;

    AlarmLamp(Options options) {
        this.options = options;
    }

    @Override
    public void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink) {
        if (!active || initial) {
            return;
        }
        long periodMs = sinceMs - lastFlashMs;
        boolean fits = seenFlash
                && periodMs >= options.periodMin().toMillis()
                && periodMs <= options.periodMax().toMillis();
        if (raised && sinceMs - lastFitMs > options.overAfter().toMillis()) {
            raised = false;
        }
        inRow = fits ? Math.min(inRow + 1, options.flashes()) : 1;
        if (fits) {
            lastFitMs = sinceMs;
        }
        seenFlash = true;
        lastFlashMs = sinceMs;
        if (inRow == options.flashes() && !raised) {
            raised = true;
            sink.accept(new Reading.PanicPress(Reading.Origin.LAMP, Reading.Pattern.FLASH, true, ++episodes));
        }
    }
}
