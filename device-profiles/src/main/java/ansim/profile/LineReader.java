package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A device on one GPIO line: debounce, a decoder, and their counters. A level counts once it has stood for {@code debounce};
 * what is decided at a moment between two calls is decided as of that moment, so the readings do not depend on how often the
 * line is polled or {@link #tick} is called.
 */
final class LineReader implements DeviceReader {
    /** The electrical level at which the input is active: a button pressed, a contact closed, a lamp lit. */
    enum Active {
        HIGH,
        LOW
    }

    /**
     * Options.
     *
     * @param active the level that means active
     * @param debounce how long a level must stand
     */
    record Options(
            @Default("high") Active active,
            @Default("50ms") @Range(min = 0, max = 10_000) Duration debounce) {}

    private static final long NEVER = Long.MAX_VALUE;

    private final boolean activeHigh;
    private final long debounceMs;
    private final LineDecoder decoder;
    private final Set<Reading.Type> wanted;
    private final Consumer<Reading> filter = this::give;

    private Consumer<Reading> sink = reading -> {};
    private boolean seen;
    private boolean raw;
    private long rawSinceMs;
    private boolean settling;
    private boolean settledOnce;
    private boolean settled;
    private long levels;
    private long accepted;
    private long bounced;
    private long readings;

    LineReader(Options options, LineDecoder decoder, Set<Reading.Type> wanted) {
        activeHigh = options.active() == Active.HIGH;
        debounceMs = options.debounce().toMillis();
        this.decoder = decoder;
        this.wanted = wanted;
    }

    @Override
    public void accept(byte[] bytes, int offset, int length, long monoMs, Consumer<Reading> to) {
        throw new IllegalStateException("a GPIO profile takes levels, not bytes");
    }

    @Override
    public void resume(Set<Reading.Fault.What> faults, Consumer<Reading> to) {
        faults.forEach(fault -> to.accept(new Reading.Fault(fault, false)));
    }

    @Override
    public void opened(long monoMs, Consumer<Reading> to) {
        tick(monoMs, to);
    }

    @Override
    public byte[] toSend(long monoMs) {
        return Decoder.NOTHING;
    }

    @Override
    public void level(int line, boolean high, long monoMs, Consumer<Reading> to) {
        tick(monoMs, to);
        levels++;
        boolean active = high == activeHigh;
        if (seen && active == raw) {
            return;
        }
        if (settling) {
            bounced++;
        }
        seen = true;
        raw = active;
        rawSinceMs = monoMs;
        settling = true;
        tick(monoMs, to);
    }

    @Override
    public void tick(long monoMs, Consumer<Reading> to) {
        sink = to;
        while (true) {
            long settlesAt = settling ? rawSinceMs + debounceMs : NEVER;
            long dueAt = raw && settled ? decoder.dueMs() : NEVER;
            if (Math.min(settlesAt, dueAt) > monoMs) {
                return;
            }
            if (settlesAt <= dueAt) {
                settle();
            } else {
                decoder.due(filter);
            }
        }
    }

    @Override
    public Counters counters() {
        return new Counters(levels, 0, accepted + bounced, accepted, Map.of(Reject.BOUNCE.word(), bounced), readings);
    }

    private void settle() {
        settling = false;
        accepted++;
        if (!settledOnce || settled != raw) {
            boolean initial = !settledOnce;
            settledOnce = true;
            settled = raw;
            decoder.settled(raw, initial, rawSinceMs, filter);
        }
    }

    private void give(Reading reading) {
        if (wanted.contains(reading.type())) {
            readings++;
            sink.accept(reading);
        }
    }
}
