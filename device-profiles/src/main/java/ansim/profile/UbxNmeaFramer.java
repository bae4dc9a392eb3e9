package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * UBX frames and NMEA lines on one line: {@code B5 62 class id length(LE) payload ckA ckB} (u-blox 8/M8 interface description 32.2)
 * and what {@link NmeaFramer} takes. Gives a UBX frame as a whole, from B5 to ckB, and a text line as {@link NmeaFramer} does.
 *
 * <p>Guarantee: a good binary frame within a text line loses neither. What begins like a binary frame and is none costs its first
 * byte only: everything after it is looked at again, so a good frame or line inside a broken one is found. Not guaranteed: that
 * this happens at once. A wrong length is known when so many bytes have come, or when the line has been silent for
 * {@code frame-gap}.
 */
final class UbxNmeaFramer implements Framer {
    /**
     * Options.
     *
     * @param longest bytes between the start and the end of a text line
     * @param longestPayload of a binary frame
     * @param frameGap a silence that ends a binary frame
     */
    record Options(
            @Default("120") @Range(min = 80, max = 1024) int longest,
            @Default("4096") @Range(min = 92, max = 8192) int longestPayload,
            @Default("300ms") @Range(min = 50, max = 5_000) Duration frameGap) {}

    /** B5, 62, class, id, two bytes of length. */
    static final int HEADER = 6;
    /** The header and ckA, ckB. */
    static final int AROUND = HEADER + 2;

    static final byte SYNC_1 = (byte) 0xB5;
    static final byte SYNC_2 = 0x62;

    private final NmeaFramer text;
    private final int longestPayload;
    private final long frameGapMs;
    /** What may be a binary frame; begins with {@link #SYNC_1} unless empty. */
    private final byte[] held;

    private final byte[] frame;
    private int count;
    /** So many held bytes decide what they are. */
    private int needed;

    UbxNmeaFramer(Options options) {
        text = new NmeaFramer(new NmeaFramer.Options(options.longest()));
        longestPayload = options.longestPayload();
        frameGapMs = options.frameGap().toMillis();
        held = new byte[AROUND + longestPayload];
        frame = new byte[held.length];
    }

    @Override
    public void accept(byte b, FrameSink sink) {
        if (count == 0 && b != SYNC_1) {
            text.accept(b, sink);
            return;
        }
        held[count++] = b;
        if (count == 1) {
            needed = 2;
        } else if (count >= needed) {
            settle(sink, false);
        }
    }

    @Override
    public void silence(long silentMs, FrameSink sink) {
        if (count > 0 && silentMs >= frameGapMs) {
            settle(sink, true);
        }
    }

    @Override
    public int pending() {
        return count + text.pending();
    }

    @Override
    public Set<Reject> rejects() {
        Set<Reject> rejects = EnumSet.of(Reject.CHECKSUM, Reject.TOO_SHORT);
        rejects.addAll(text.rejects());
        return rejects;
    }

    /** Is it a frame whose check bytes are right? They are the 8-bit Fletcher sum of class to payload (32.4). */
    static boolean checks(byte[] bytes, int from, int length) {
        int a = 0;
        int b = 0;
        for (int i = from + 2; i < from + length - 2; i++) {
            a += bytes[i];
            b += a;
        }
        return bytes[from + length - 2] == (byte) a && bytes[from + length - 1] == (byte) b;
    }

    /**
     * Says of the held bytes what they are, up to the first that more bytes must decide.
     *
     * @param ended no more bytes come
     */
    private void settle(FrameSink sink, boolean ended) {
        int from = 0;
        while (from < count) {
            if (held[from] != SYNC_1 || (count - from > 1 && held[from + 1] != SYNC_2)) {
                text.accept(held[from++], sink);
                continue;
            }
            int have = count - from;
            needed = needed(from, have);
            if (needed > held.length) {
                from = broken(from, Reject.TOO_LONG, sink);
            } else if (have < needed) {
                if (!ended) {
                    break;
                }
                from = broken(from, Reject.TOO_SHORT, sink);
            } else if (checks(held, from, needed)) {
                System.arraycopy(held, from, frame, 0, needed);
                from += needed;
                sink.frame(frame, needed);
            } else {
                from = broken(from, Reject.CHECKSUM, sink);
            }
        }
        count -= from;
        System.arraycopy(held, from, held, 0, count);
    }

    private int needed(int from, int have) {
        if (have < 2) {
            return 2;
        }
        return have < HEADER ? HEADER : AROUND + LeBytes.u2(held, from + 4);
    }

    private static int broken(int from, Reject reason, FrameSink sink) {
        sink.broken(reason);
        return from + 1;
    }
}
