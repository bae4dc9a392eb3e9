package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Frames that end when the line is silent: framer {@code idle-gap}. A serial port is looked at every 20 ms, so pauses shorter than
 * that are not seen; on a line where they matter, frame by length.
 */
final class GapFramer implements Framer {
    /**
     * Options.
     *
     * @param gap a silence that ends a frame
     * @param shortest fewer bytes are no frame
     * @param longest more bytes are no frame
     */
    record Options(
            @Default("50ms") @Range(min = 25, max = 10_000) Duration gap,
            @Default("1") @Range(min = 1, max = 4_096) int shortest,
            @Default("256") @Range(min = 1, max = 4_096) int longest) {
        Options {
            if (shortest > longest) {
                throw new IllegalArgumentException("shortest must not be above longest (got " + shortest + ")");
            }
        }
    }

    private final long gapMs;
    private final int shortest;
    private final byte[] held;
    private int length;
    private boolean overrun;

    GapFramer(Options options) {
        gapMs = options.gap().toMillis();
        shortest = options.shortest();
        held = new byte[options.longest()];
    }

    @Override
    public void accept(byte b, FrameSink sink) {
        if (overrun) {
            sink.noise();
        } else if (length == held.length) {
            overrun = true;
            Arrays.fill(held, (byte) 0);
            length = 0;
            sink.broken(Reject.TOO_LONG);
        } else {
            held[length++] = b;
        }
    }

    @Override
    public void silence(long silentMs, FrameSink sink) {
        if (silentMs < gapMs) {
            return;
        }
        int whole = length;
        length = 0;
        overrun = false;
        if (whole >= shortest) {
            sink.frame(held, whole);
        } else if (whole > 0) {
            sink.broken(Reject.TOO_SHORT);
        }
        // It may have been a card's number.
        Arrays.fill(held, 0, whole, (byte) 0);
    }

    @Override
    public int pending() {
        return length;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.TOO_LONG, Reject.TOO_SHORT);
    }
}
