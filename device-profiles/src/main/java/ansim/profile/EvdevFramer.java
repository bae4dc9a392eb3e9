package ansim.profile;

import ansim.settings.Default;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Records of a Linux input device: {@code struct input_event} (linux/input.h) is 24 bytes where the kernel's long has 64 bits, 16
 * where it has 32. The kernel gives whole records; half a one, as after a loss on a line that stands in for a device, is given up
 * when the line has been silent for {@value #GAP_MS} ms.
 */
final class EvdevFramer implements Framer {
    /**
     * Options.
     *
     * @param word bits of the kernel's long: 64 or 32
     */
    record Options(@Default("64") int word) {
        Options {
            if (word != 64 && word != 32) {
                throw new IllegalArgumentException("word must be 64 or 32 (got " + word + ")");
            }
        }
    }

    static final int RECORD_64 = 24;
    static final int RECORD_32 = 16;
    static final long GAP_MS = 200;

    private final byte[] record;
    private int length;

    EvdevFramer(Options options) {
        record = new byte[options.word() == 64 ? RECORD_64 : RECORD_32];
    }

    @Override
    public void accept(byte b, FrameSink sink) {
        record[length++] = b;
        if (length == record.length) {
            length = 0;
            sink.frame(record, record.length);
            // It may have been a digit of a card's number.
            Arrays.fill(record, (byte) 0);
        }
    }

    @Override
    public void silence(long silentMs, FrameSink sink) {
        if (length > 0 && silentMs >= GAP_MS) {
            length = 0;
            sink.broken(Reject.TOO_SHORT);
        }
    }

    @Override
    public int pending() {
        return length;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.TOO_SHORT);
    }
}
