package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A button that calls for help. Raised once per press, however long it is held:
 *
 * <table>
 * <caption>What raises</caption>
 * <tr><th>kind</th><th>raised by</th><th>origin</th><th>silent</th></tr>
 * <tr><td>rider</td><td>a press of {@code long-press}, or a second press within {@code double-press} of the first</td><td>rider</td><td>no</td></tr>
 * <tr><td>hidden, foot</td><td>a press of {@code hold}</td><td>driver</td><td>yes</td></tr>
 * <tr><td>bell</td><td>the edge at which it latches, also when it is found latched at the start</td><td>bell</td><td>no</td></tr>
 * </table>
 *
 * <p>Held means held at that moment: a press that ends a bounce earlier does not raise.
 */
final class PanicButton implements LineDecoder {
    /** Which button it is. */
    enum Kind {
        RIDER,
        HIDDEN,
        FOOT,
        BELL
    }

    /**
     * Options.
     *
     * @param kind which button it is
     * @param longPress a rider's press that raises by itself
     * @param doublePress from the start of a rider's first press to the start of the second; 0s for no double press
     * @param hold a hidden or foot switch's press that raises
     * @param silent shown nowhere on the unit; by default for hidden and foot switches
     */
    record Options(
            @Default("rider") Kind kind,
            @Default("1s") @Range(min = 100, max = 30_000) Duration longPress,
            @Default("600ms") @Range(min = 0, max = 5_000) Duration doublePress,
            @Default("300ms") @Range(min = 0, max = 30_000) Duration hold,
            Optional<Boolean> silent) {}

    private static final long NEVER = Long.MAX_VALUE;

    private final Kind kind;
    private final long holdMs;
    private final long doubleMs;
    private final boolean silent;
    private long dueMs = NEVER;
    private long firstPressMs = NEVER;
    private int presses;

    PanicButton(Options options) {
        kind = options.kind();
        holdMs = (kind == Kind.RIDER ? options.longPress() : options.hold()).toMillis();
        doubleMs = options.doublePress().toMillis();
        silent = options.silent().orElse(kind == Kind.HIDDEN || kind == Kind.FOOT);
    }

    @Override
    public void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink) {
        dueMs = NEVER;
        if (!active) {
            return;
        }
        if (kind == Kind.BELL) {
            raise(Reading.Pattern.LATCHED, sink);
        } else if (kind == Kind.RIDER && firstPressMs != NEVER && sinceMs - firstPressMs <= doubleMs) {
            firstPressMs = NEVER;
            raise(Reading.Pattern.DOUBLE, sink);
        } else {
            firstPressMs = sinceMs;
            dueMs = sinceMs + holdMs;
        }
    }

    @Override
    public long dueMs() {
        return dueMs;
    }

    @Override
    public void due(Consumer<Reading> sink) {
        dueMs = NEVER;
        firstPressMs = NEVER;
        raise(kind == Kind.RIDER ? Reading.Pattern.LONG : Reading.Pattern.PRESS, sink);
    }

    private void raise(Reading.Pattern pattern, Consumer<Reading> sink) {
        Reading.Origin origin = switch (kind) {
            case RIDER -> Reading.Origin.RIDER;
            case HIDDEN, FOOT -> Reading.Origin.DRIVER;
            case BELL -> Reading.Origin.BELL;
        };
        sink.accept(new Reading.PanicPress(origin, pattern, silent, ++presses));
    }
}
