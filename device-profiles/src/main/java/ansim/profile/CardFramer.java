package ansim.profile;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** The frames of 125 kHz card readers (ID-12LA, RDM6300): 02, 12 hex digits, optional 0D 0A, 03. Gives the 12 digits, and wipes them. */
final class CardFramer implements Framer {
    static final int DIGITS = 12;

    private static final byte START = 0x02;
    private static final byte END = 0x03;

    private final byte[] frame = new byte[DIGITS + 2];
    private int length;
    private boolean inside;

    @Override
    public void accept(byte b, FrameSink sink) {
        if (b == START) {
            if (inside) {
                sink.broken(Reject.UNTERMINATED);
            }
            inside = true;
            clear();
        } else if (!inside) {
            sink.noise();
        } else if (b == END) {
            inside = false;
            if (length == DIGITS || length == DIGITS + 2) {
                sink.frame(frame, DIGITS);
            } else {
                sink.broken(Reject.TOO_SHORT);
            }
            clear();
        } else if (length == frame.length) {
            inside = false;
            clear();
            sink.broken(Reject.TOO_LONG);
            sink.noise();
        } else if (!fits(b)) {
            inside = false;
            clear();
            sink.broken(Reject.BAD_BYTE);
            sink.noise();
        } else {
            frame[length++] = b;
        }
    }

    private void clear() {
        Arrays.fill(frame, (byte) 0);
        length = 0;
    }

    @Override
    public int pending() {
        return inside ? length + 1 : 0;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.UNTERMINATED, Reject.BAD_BYTE, Reject.TOO_LONG, Reject.TOO_SHORT);
    }

    private boolean fits(byte b) {
        if (length < DIGITS) {
            return Hex.digit(b) >= 0;
        }
        return b == (length == DIGITS ? '\r' : '\n');
    }
}
