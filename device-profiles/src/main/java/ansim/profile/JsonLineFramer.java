package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.util.EnumSet;
import java.util.Set;

/**
 * JSON objects, one a line: from a brace at the beginning of a line to LF, with optional CRs before it. A line that begins with
 * anything else is noise, and so is the rest of a line that broke: a brace in the middle of one begins nothing.
 */
final class JsonLineFramer implements Framer {
    /**
     * Options.
     *
     * @param longest bytes of a line
     */
    record Options(
            @Default("16384") @Range(min = 256, max = 65_536)
            int longest) {}

    private final byte[] line;
    private int length;
    private boolean skipping;
    private boolean carriageReturn;

    JsonLineFramer(Options options) {
        line = new byte[options.longest()];
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
        } else if (carriageReturn || (b >= 0 && b < ' ' && b != '\t')) {
            broken(Reject.BAD_BYTE, sink);
        } else if (length == line.length) {
            broken(Reject.TOO_LONG, sink);
        } else {
            line[length++] = b;
        }
    }

    /** A connection that was made anew begins with a new line. */
    @Override
    public void silence(long silentMs, FrameSink sink) {
        if (silentMs == Long.MAX_VALUE) {
            if (length > 0) {
                length = 0;
                sink.broken(Reject.TOO_SHORT);
            }
            skipping = false;
        }
    }

    @Override
    public int pending() {
        return length;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.BAD_BYTE, Reject.TOO_LONG, Reject.TOO_SHORT);
    }

    private void broken(Reject reason, FrameSink sink) {
        length = 0;
        skipping = true;
        sink.broken(reason);
        sink.noise();
    }

    private void outside(byte b, FrameSink sink) {
        if (b == '{' && !skipping) {
            line[0] = b;
            length = 1;
            carriageReturn = false;
        } else {
            skipping = b != '\n' && (skipping || b != '\r');
            sink.noise();
        }
    }
}
