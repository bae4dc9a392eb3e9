package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.fuzz.FuzzTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A decoder with its framer under a fuzzer: as the line is read in the field, asked and answered. Nothing throws, the counters add up,
 * memory is bounded, every reading is one that the rest of the program may rely on, and the same bytes cut elsewhere give the same.
 */
final class FuzzedDevice implements FuzzTarget.Body {
    /** Puts the frame around a body, with the right check digits, as an answer to what the device was told last. */
    interface Wrap {
        /** The bytes go out as they are. */
        Wrap NONE = (body, request) -> body;

        byte[] around(byte[] body, byte[] request);
    }

    /** One of the target's settings. */
    record Setting(Profile profile, Wrap wrap) {}

    /** Longer than a device may be left alone, so that a silence of seconds is not a thousand calls. */
    private static final int TICK_MS = 50;

    private static final int AFTERWARDS_MS = 3_000;
    /** No framer's options allow a longer frame. */
    private static final int MOST_PENDING = 65_536;

    private final List<Setting> settings;

    FuzzedDevice(List<Setting> settings) {
        this.settings = settings;
    }

    @Override
    public void take(byte[] input) {
        FuzzScript script = FuzzScript.read(input);
        Setting setting = settings.get(script.setting() % settings.size());
        Play whole = new Play(setting);
        whole.play(script, new Random(0), false);
        Play cut = new Play(setting);
        cut.play(script, new Random(Arrays.hashCode(input)), true);
        assertEquals(whole.given, cut.given, "readings depend on how the bytes are cut");
        assertEquals(whole.reader.counters(), cut.reader.counters(), "counters depend on how the bytes are cut");
    }

    private static final class Play {
        final List<Reading> given = new ArrayList<>();
        final DeviceReader reader;
        private final Setting setting;
        private byte[] request = Decoder.NOTHING;
        private long nowMs;
        private long fed;

        Play(Setting setting) {
            this.setting = setting;
            reader = setting.profile().open();
        }

        void play(FuzzScript script, Random random, boolean cut) {
            reader.opened(0, this::check);
            pass(0);
            for (FuzzScript.Step step : script.steps()) {
                pass(step.afterMs());
                if (step.anew()) {
                    reader.opened(nowMs, this::check);
                }
                if (setting.profile().wire() == Wire.GPIO) {
                    levels(step.bytes());
                } else if (step.bytes().length > 0) {
                    bytes(setting.wrap().around(step.bytes(), request), random, cut);
                }
                ask();
                addUp();
            }
            pass(AFTERWARDS_MS);
            addUp();
        }

        private void bytes(byte[] bytes, Random random, boolean cut) {
            for (int from = 0; from < bytes.length; ) {
                int length = cut ? 1 + random.nextInt(bytes.length - from) : bytes.length;
                reader.accept(bytes, from, length, nowMs, this::check);
                from += length;
            }
            fed += bytes.length;
        }

        /** Bit 0: the line; bit 1: a level (bit 2) instead of a pulse; bits 3 to 7: ms that pass after it. */
        private void levels(byte[] bytes) {
            for (byte b : bytes) {
                int line = setting.profile().lines().size() > 1 ? b & 1 : 0;
                boolean high = (b & 2) == 0 ? setting.profile().edges() == GpioLine.Edges.RISING : (b & 4) != 0;
                reader.level(line, high, nowMs, this::check);
                fed++;
                if ((b & 2) == 0) {
                    reader.level(line, !high, nowMs, this::check);
                    fed++;
                }
                pass((b & 0xFF) >> 3);
            }
        }

        private void pass(int ms) {
            long untilMs = nowMs + ms;
            while (nowMs < untilMs) {
                nowMs = Math.min(untilMs, nowMs + TICK_MS);
                reader.tick(nowMs, this::check);
                ask();
            }
        }

        private void ask() {
            for (byte[] next = reader.toSend(nowMs); next.length > 0; next = reader.toSend(nowMs)) {
                request = next;
            }
        }

        private void addUp() {
            Counters counters = reader.counters();
            long rejected = counters.rejected().values().stream()
                    .mapToLong(each -> each)
                    .sum();
            assertEquals(fed, counters.bytes());
            assertEquals(counters.frames(), counters.accepted() + rejected, counters::toString);
            assertEquals(given.size(), counters.readings());
            if (reader instanceof ByteReader bytes) {
                assertTrue(bytes.pending() >= 0 && bytes.pending() <= MOST_PENDING, "pending: " + bytes.pending());
                long elsewhere = counters.noiseBytes() + bytes.pending();
                assertTrue(
                        elsewhere + counters.frames() <= counters.bytes(), counters + ", pending " + bytes.pending());
            }
        }

        private void check(Reading reading) {
            assertTrue(setting.profile().readings().contains(reading.type()), reading::toString);
            LegalReading.check(reading);
            given.add(reading);
        }
    }
}
