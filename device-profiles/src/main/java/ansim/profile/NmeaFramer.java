package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.util.EnumSet;
import java.util.Set;

/**
 * NMEA 0183 lines: {@code $} or {@code !}, printable bytes, LF with optional CRs before it. A {@code $} within a line begins the
 * next one, so that a lost line end costs one sentence, not two.
 */
final class NmeaFramer implements Framer {
    /**
     * Options.
     *
     * @param longest bytes between the start and the line end; the standard's 79 are exceeded in the field
     */
    record Options(
            @Default("120") @Range(min = 80, max = 1024) int longest) {}

    private final byte[] line;
    private int length;
    private boolean carriageReturn;

    NmeaFramer(Options options) {
        line = new byte[options.longest() + 1];
    }

    @Override
    public void accept(byte b, FrameSink sink) {
        if (length == 0) {
            outside(b, sink);
        } else if (b == '\n') {
            int ended = length;
            length = 0;
            sink.frame(line, ended);
        } else if (b == '\r') {
            carriageReturn = true;
        } else if (b == '$' || carriageReturn) {
            broken(Reject.UNTERMINATED, b, sink);
        } else if (b < ' ' || b > '~') {
            broken(Reject.BAD_BYTE, b, sink);
        } else if (length == line.length) {
            broken(Reject.TOO_LONG, b, sink);
        } else {
            line[length++] = b;
        }
    }

    @Override
    public int pending() {
        return length;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.UNTERMINATED, Reject.BAD_BYTE, Reject.TOO_LONG);
    }

    private void broken(Reject reason, byte b, FrameSink sink) {
        length = 0;
        sink.broken(reason);
        outside(b, sink);
    }

    private void outside(byte b, FrameSink sink) {
        if (b == '$' || b == '!') {
            line[0] = b;
            length = 1;
            carriageReturn = false;
        } else {
            sink.noise();
        }
    }
}
