package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A device that sends bits as pulses on two lines: one on the first line is a 0, one on the second a 1. A frame ends when both have
 * been idle for {@code frame-end}. What is decided at a moment between two calls is decided as of that moment, so the readings do
 * not depend on how often the lines are polled or {@link #tick} is called.
 *
 * <p>The decoder gets a frame with one bit in each byte, first sent first. At most {@value #MOST_BITS} bits are held; a longer
 * frame is refused as a whole.
 */
final class PulseReader implements DeviceReader {
    /** Lines that it needs. */
    static final int LINES = 2;

    static final int MOST_BITS = 64;

    /**
     * Options.
     *
     * @param active the level of a pulse; the lines rest at the other one
     * @param frameEnd without a pulse, the frame is complete
     */
    record Options(
            @Default("low") LineReader.Active active,
            @Default("25ms") @Range(min = 5, max = 1_000) Duration frameEnd) {}

    private final boolean activeHigh;
    private final long frameEndMs;
    private final Decoder decoder;
    private final Set<Reading.Type> wanted;
    private final Map<Reject, Long> rejected = new EnumMap<>(Reject.class);
    private final Consumer<Reading> filter = this::give;
    private final boolean[] active = new boolean[LINES];
    private final byte[] frame = new byte[MOST_BITS];

    private Consumer<Reading> sink = reading -> {};
    private int bits;
    private long lastPulseMs;
    private long levels;
    private long frames;
    private long accepted;
    private long readings;

    PulseReader(Options options, Decoder decoder, Set<Reading.Type> wanted) {
        activeHigh = options.active() == LineReader.Active.HIGH;
        frameEndMs = options.frameEnd().toMillis();
        this.decoder = decoder;
        this.wanted = wanted;
        decoder.rejects().forEach(reason -> rejected.put(reason, 0L));
        rejected.put(Reject.UNTERMINATED, 0L);
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
        if (bits > 0) {
            refuse(Reject.UNTERMINATED);
            Arrays.fill(frame, (byte) 0);
            bits = 0;
        }
        active[0] = false;
        active[1] = false;
        decoder.opened(monoMs);
    }

    @Override
    public byte[] toSend(long monoMs) {
        return Decoder.NOTHING;
    }

    @Override
    public void level(int line, boolean high, long monoMs, Consumer<Reading> to) {
        tick(monoMs, to);
        levels++;
        boolean now = high == activeHigh;
        if (now && !active[line]) {
            if (bits < MOST_BITS) {
                frame[bits] = (byte) line;
            }
            // Counted on: that it was too long is all that there is to know of such a frame.
            bits = Math.min(bits + 1, MOST_BITS + 1);
            lastPulseMs = monoMs;
        }
        active[line] = now;
    }

    @Override
    public void tick(long monoMs, Consumer<Reading> to) {
        sink = to;
        if (bits > 0 && monoMs - lastPulseMs >= frameEndMs) {
            end();
        }
        decoder.tick(monoMs, lastPulseMs, filter);
    }

    private void end() {
        int length = bits;
        bits = 0;
        Reject verdict = length > MOST_BITS ? Reject.TOO_LONG : decoder.checkFrame(frame, length);
        if (verdict == Reject.NONE) {
            verdict = decoder.decodeBody(frame, length, lastPulseMs, filter);
        }
        Arrays.fill(frame, (byte) 0);
        if (verdict == Reject.NONE) {
            frames++;
            accepted++;
        } else {
            refuse(verdict);
        }
    }

    private void refuse(Reject reason) {
        frames++;
        rejected.merge(reason, 1L, Long::sum);
    }

    @Override
    public Counters counters() {
        Map<String, Long> byReason = new LinkedHashMap<>();
        rejected.forEach((reason, count) -> byReason.put(reason.word(), count));
        return new Counters(levels, 0, frames, accepted, byReason, readings);
    }

    private void give(Reading reading) {
        if (wanted.contains(reading.type())) {
            readings++;
            sink.accept(reading);
        }
    }
}
