package ansim.profile;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A fuzzer's bytes as what happens to a device: one byte for which of the target's settings, then steps of a byte for the time that
 * passes before, a byte for a length, and so many bytes that come then.
 *
 * @param setting which of the target's settings, to be taken modulo their number
 */
record FuzzScript(int setting, List<Step> steps) {
    /** More are not played: time would be spent, and nothing learnt. */
    private static final int MOST_STEPS = 60;

    private static final int LONGEST_CHUNK = 255;
    private static final int ANEW = 255;

    /**
     * What happens next.
     *
     * @param afterMs so long after what came before
     * @param anew the line is opened anew
     */
    record Step(int afterMs, boolean anew, byte[] bytes) {}

    static FuzzScript read(byte[] input) {
        List<Step> steps = new ArrayList<>();
        int at = 1;
        while (at + 1 < input.length && steps.size() < MOST_STEPS) {
            int time = input[at] & 0xFF;
            int to = Math.min(input.length, at + 2 + (input[at + 1] & 0xFF));
            steps.add(new Step(time == ANEW ? 0 : ms(time), time == ANEW, Arrays.copyOfRange(input, at + 2, to)));
            at = to;
        }
        return new FuzzScript(input.length == 0 ? 0 : input[0] & 0xFF, steps);
    }

    /** 0 to 63 ms, then steps of 20 ms up to 2.6 s, then of 300 ms up to 19 s. */
    private static int ms(int code) {
        if (code < 64) {
            return code;
        }
        return code < 192 ? (code - 63) * 20 : (code - 191) * 300;
    }

    /** Writes seeds. */
    static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private long nowMs;

        Writer(int setting) {
            out.write(setting);
        }

        /** These bytes come at this time, or as near to it as the steps allow. */
        Writer at(long ms, byte... bytes) {
            int code = code(ms - nowMs);
            while (ms - nowMs > ms(code)) {
                nowMs += ms(code);
                out.write(code);
                out.write(0);
                code = code(ms - nowMs);
            }
            nowMs += ms(code);
            for (int from = 0; from == 0 || from < bytes.length; from += LONGEST_CHUNK) {
                int length = Math.min(LONGEST_CHUNK, bytes.length - from);
                out.write(from == 0 ? code : 0);
                out.write(length);
                out.write(bytes, from, length);
            }
            return this;
        }

        /** The longest that is not longer. */
        private static int code(long ms) {
            int code = ANEW - 1;
            while (code > 0 && ms(code) > ms) {
                code--;
            }
            return code;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
