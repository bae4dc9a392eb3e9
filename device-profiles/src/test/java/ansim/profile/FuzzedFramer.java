package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.fuzz.FuzzTarget;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A framer alone under a fuzzer. It never throws and never holds more than its longest frame; no frame is empty or longer than that;
 * every byte is in a frame, is told as noise, or is held; every bad end has a reason that the framer names.
 */
final class FuzzedFramer implements FuzzTarget.Body, Framer.FrameSink {
    /**
     * One of the target's settings.
     *
     * @param longest frame, and the most bytes that may be held
     */
    record Setting(Supplier<Framer> framer, int longest) {}

    private final List<Setting> settings;

    private Framer framer;
    private int longest;
    private long ends;
    private long noises;

    FuzzedFramer(List<Setting> settings) {
        this.settings = settings;
        framer = settings.get(0).framer().get();
    }

    @Override
    public void take(byte[] input) {
        FuzzScript script = FuzzScript.read(input);
        Setting setting = settings.get(script.setting() % settings.size());
        framer = setting.framer().get();
        longest = setting.longest();
        for (FuzzScript.Step step : script.steps()) {
            if (step.anew()) {
                silence(Long.MAX_VALUE);
            } else if (step.afterMs() > 0) {
                silence(step.afterMs());
            }
            for (byte b : step.bytes()) {
                accept(b);
            }
        }
        silence(Long.MAX_VALUE);
    }

    private void accept(byte b) {
        long heldBefore = framer.pending();
        ends = 0;
        noises = 0;
        framer.accept(b, this);
        account(heldBefore + 1);
        // A byte of which nothing is told is held, or is a mark of the frame that it is in: never more than the one.
        assertTrue(ends + noises > 0 || framer.pending() >= heldBefore, "bytes have gone and nobody was told");
    }

    private void silence(long ms) {
        long heldBefore = framer.pending();
        ends = 0;
        noises = 0;
        framer.silence(ms, this);
        account(Math.max(heldBefore, 1));
        assertTrue(ends + noises > 0 || framer.pending() == heldBefore, "silence changed what is held");
    }

    private void account(long had) {
        assertTrue(framer.pending() >= 0 && framer.pending() <= longest, "held: " + framer.pending());
        assertTrue(ends + noises + framer.pending() <= had, "more bytes were told of than came");
    }

    @Override
    public void frame(byte[] frame, int length) {
        ends++;
        assertTrue(length > 0 && length <= longest && length <= frame.length, "length: " + length);
    }

    @Override
    public void broken(Reject reason) {
        ends++;
        assertTrue(framer.rejects().contains(reason), reason + " is not among " + framer.rejects());
    }

    @Override
    public void noise() {
        noises++;
    }

    /** Levels of one line: what settles alternates, is told in order, and has stood for the debounce. */
    static void levels(byte[] input) {
        FuzzScript script = FuzzScript.read(input);
        int debounceMs = 1 + script.setting();
        long[] now = new long[1];
        LevelCheck check = new LevelCheck(debounceMs, now);
        LineReader reader = new LineReader(
                new LineReader.Options(LineReader.Active.HIGH, Duration.ofMillis(debounceMs)), check, Set.of());
        for (FuzzScript.Step step : script.steps()) {
            now[0] += step.afterMs();
            reader.tick(now[0], reading -> {});
            for (byte b : step.bytes()) {
                reader.level(0, (b & 1) == 1, now[0], reading -> {});
                now[0] += (b & 0xFF) >> 1;
                reader.tick(now[0], reading -> {});
            }
        }
        Counters counters = reader.counters();
        assertEquals(Set.of("bounce"), counters.rejected().keySet());
        assertEquals(
                counters.frames(), counters.accepted() + counters.rejected().getOrDefault("bounce", 0L));
    }

    private static final class LevelCheck implements LineDecoder {
        private final int debounceMs;
        private final long[] now;
        private boolean any;
        private boolean last;
        private long lastMs;

        LevelCheck(int debounceMs, long[] now) {
            this.debounceMs = debounceMs;
            this.now = now;
        }

        @Override
        public void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink) {
            assertEquals(!any, initial);
            assertTrue(initial || (active != last && sinceMs >= lastMs), "a level settled twice");
            assertTrue(sinceMs + debounceMs <= now[0], "a level settled too soon");
            any = true;
            last = active;
            lastMs = sinceMs;
        }
    }

    /** Pulses on two lines: a frame is zeros and ones, and at most as many as can be held. */
    static void pulses(byte[] input) {
        FuzzScript script = FuzzScript.read(input);
        long nowMs = 0;
        long pulses = 0;
        PulseCheck check = new PulseCheck();
        PulseReader reader = new PulseReader(
                new PulseReader.Options(LineReader.Active.HIGH, Duration.ofMillis(5 + script.setting())),
                check,
                Set.of());
        for (FuzzScript.Step step : script.steps()) {
            nowMs += step.afterMs();
            reader.tick(nowMs, reading -> {});
            for (byte b : step.bytes()) {
                reader.level(b & 1, (b & 2) == 0, nowMs, reading -> {});
                pulses++;
                nowMs += (b & 0xFF) >> 2;
            }
        }
        reader.tick(nowMs + 1_000, reading -> {});
        assertTrue(check.bits <= pulses, "more bits than pulses");
        assertEquals(pulses, reader.counters().bytes());
    }

    private static final class PulseCheck implements Decoder {
        private int bits;

        @Override
        public Reject checkFrame(byte[] frame, int length) {
            assertTrue(length > 0 && length <= PulseReader.MOST_BITS, "bits: " + length);
            for (int i = 0; i < length; i++) {
                assertTrue(frame[i] == 0 || frame[i] == 1, "bit: " + frame[i]);
            }
            bits += length;
            return Reject.NONE;
        }

        @Override
        public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
            return Reject.NONE;
        }

        @Override
        public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {}

        @Override
        public Set<Reject> rejects() {
            return Set.of();
        }
    }

    /** An output: whatever is ordered, it is never on for longer than it may be. */
    static void driven(byte[] input) {
        FuzzScript script = FuzzScript.read(input);
        int longestMs = 100 + 10 * script.setting();
        Relay relay = new Relay(new Relay.Options(LineReader.Active.LOW, Duration.ofMillis(longestMs)));
        long nowMs = 0;
        long onSinceMs = 0;
        for (FuzzScript.Step step : script.steps()) {
            nowMs += step.afterMs();
            relay.tick(nowMs);
            for (byte b : step.bytes()) {
                boolean before = relay.on();
                if (b < 0) {
                    relay.off();
                } else {
                    relay.on(nowMs, b == 0 ? OptionalLong.empty() : OptionalLong.of(b * b));
                }
                onSinceMs = before ? onSinceMs : nowMs;
                assertTrue(!relay.on() || nowMs - onSinceMs < longestMs, "on for too long");
                nowMs += b & 0x0F;
                relay.tick(nowMs);
            }
            assertTrue(!relay.on() || nowMs - onSinceMs < longestMs, "on for too long");
        }
    }
}
