package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Frames between marks: lines of text ({@code terminator}), or a start and an end byte ({@code stx-etx}), with DLE before data bytes
 * that look like marks if the device does that. Gives what stands between the marks. Empty frames, as between CR and LF, are noise;
 * where both marks are the same, such a frame's second mark begins the next one, so that a lost mark costs one frame.
 *
 * <p>Without a start mark every byte belongs to a frame, and the tail of a line is no line: what follows one that was too long is noise
 * up to its end, and so is what follows one that was cut off as the line was opened anew, until its end or a pause. Not guaranteed: that the
 * first line is whole when nothing was held before. Whether it is nobody can tell, and to drop it would lose the first tap of every
 * start; a pattern of a fixed length or beginning refuses a tail.
 */
final class DelimitedFramer implements Framer {
    private static final byte DLE = 0x10;

    /**
     * Options of {@code terminator}.
     *
     * @param end the mark that ends a frame, hex
     * @param strip take CR, LF and blanks off both ends
     * @param longest bytes between two marks
     */
    record Line(
            @Default("0A") String end,
            @Default("true") boolean strip,
            @Default("256") @Range(min = 1, max = 4_096) int longest) {
        Line {
            requireMark("end", end);
        }
    }

    /**
     * Options of {@code stx-etx}.
     *
     * @param start the mark that begins a frame, hex
     * @param end the mark that ends it, hex
     * @param escape how a data byte that looks like a mark is sent
     * @param longest bytes between the marks
     */
    record Enclosed(
            @Default("02") String start,
            @Default("03") String end,
            @Default("none") Escape escape,
            @Default("256") @Range(min = 1, max = 4_096) int longest) {
        Enclosed {
            requireMark("start", start);
            requireMark("end", end);
        }
    }

    /** How a data byte that looks like a mark is sent. */
    enum Escape {
        /** It never comes. */
        NONE,
        /** After a DLE (10), as DLE itself. */
        DLE
    }

    private final byte[] start;
    private final byte[] end;
    private final boolean strip;
    private final boolean escaped;
    private final int longest;
    private final byte[] held;
    private int length;
    private boolean inside;
    private boolean literal;
    /** What comes is the tail of a line that was given up. */
    private boolean skipping;
    /** Of a line that was cut off: if it does not come soon, it does not come. */
    private boolean untilPause;
    /** Held bytes up to here came after a DLE: no mark begins in them. */
    private int data;

    private DelimitedFramer(byte[] start, byte[] end, boolean strip, boolean escaped, int longest) {
        this.start = start;
        this.end = end;
        this.strip = strip;
        this.escaped = escaped;
        this.longest = longest;
        held = new byte[longest + end.length];
    }

    static DelimitedFramer of(Line options) {
        return new DelimitedFramer(
                new byte[0], Markers.parse("end", options.end()), options.strip(), false, options.longest());
    }

    static DelimitedFramer of(Enclosed options) {
        return new DelimitedFramer(
                Markers.parse("start", options.start()),
                Markers.parse("end", options.end()),
                false,
                options.escape() == Escape.DLE,
                options.longest());
    }

    private static void requireMark(String key, String hex) {
        if (Markers.parse(key, hex).length == 0) {
            throw new IllegalArgumentException(key + " must not be empty");
        }
    }

    @Override
    public void accept(byte b, FrameSink sink) {
        if (escaped && !literal && b == DLE && (inside || start[0] != DLE)) {
            literal = true;
            return;
        }
        held[length++] = b;
        if (literal) {
            literal = false;
            data = length;
        }
        if (skipping) {
            skip(sink);
        } else if (!inside) {
            begin(sink);
        } else if (start.length > 0 && start[0] != end[0] && marks(start)) {
            reset();
            inside = true;
            sink.broken(Reject.UNTERMINATED);
        } else if (marks(end)) {
            finish(sink);
        } else if (length == held.length) {
            giveUp();
            sink.broken(Reject.TOO_LONG);
        }
    }

    /** Of a line, the beginning of the end mark may be here already. */
    private void giveUp() {
        int kept = start.length == 0 ? end.length - 1 : 0;
        byte[] tail = Arrays.copyOfRange(held, length - kept, length);
        reset();
        System.arraycopy(tail, 0, held, 0, kept);
        length = kept;
        skipping = start.length == 0;
        untilPause = false;
    }

    private void skip(FrameSink sink) {
        if (marks(end)) {
            noise(sink);
            skipping = false;
        } else if (length >= end.length) {
            dropFirst(sink);
        }
    }

    private void noise(FrameSink sink) {
        for (int i = 0; i < length; i++) {
            sink.noise();
        }
        reset();
    }

    private void dropFirst(FrameSink sink) {
        sink.noise();
        length--;
        System.arraycopy(held, 1, held, 0, length);
        data = Math.max(0, data - 1);
    }

    private boolean marks(byte[] marker) {
        return length - marker.length >= data && Markers.ends(held, length, marker);
    }

    private void begin(FrameSink sink) {
        if (start.length == 0) {
            inside = true;
            if (marks(end)) {
                finish(sink);
            }
        } else if (marks(start)) {
            inside = true;
            length = 0;
            data = 0;
        } else if (length >= start.length) {
            dropFirst(sink);
        }
    }

    private void finish(FrameSink sink) {
        int from = 0;
        int whole = length;
        int to = whole - end.length;
        while (strip && to > from && blank(held[to - 1])) {
            to--;
        }
        while (strip && from < to && blank(held[from])) {
            from++;
        }
        forget();
        if (to == from) {
            inside = Arrays.equals(start, end);
            sink.noise();
        } else if (to - from > longest) {
            sink.broken(Reject.TOO_LONG);
        } else {
            System.arraycopy(held, from, held, 0, to - from);
            sink.frame(held, to - from);
        }
        Arrays.fill(held, 0, whole, (byte) 0);
    }

    /** It may have been a card's number. */
    private void reset() {
        Arrays.fill(held, 0, length, (byte) 0);
        forget();
    }

    private void forget() {
        length = 0;
        data = 0;
        inside = false;
        literal = false;
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    @Override
    public void silence(long silentMs, FrameSink sink) {
        if (skipping && silentMs >= LengthFramer.GAP_MS) {
            noise(sink);
            skipping = !untilPause || silentMs == Long.MAX_VALUE;
            untilPause = silentMs == Long.MAX_VALUE;
        } else if (silentMs == Long.MAX_VALUE && (length > 0 || inside)) {
            reset();
            skipping = start.length == 0;
            untilPause = true;
            sink.broken(Reject.UNTERMINATED);
        }
    }

    @Override
    public int pending() {
        return length + (inside ? start.length : 0) + (literal ? 1 : 0);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.TOO_LONG, Reject.UNTERMINATED);
    }
}
