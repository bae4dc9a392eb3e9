package ansim.profile;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Frames that say themselves how long they are. A byte with which no frame can begin is noise, and so is the first byte of a frame
 * whose check digits do not hold, so that a glitch does not swallow the frame behind it. Where check digits prove a frame, a pause is no
 * end of what stands behind the first byte either: a wrong length was waited for in vain.
 */
final class LengthFramer implements Framer {
    /** A frame that pauses for so long is over: longer than a busy machine forgets a port, shorter than any device's timeout. */
    static final long GAP_MS = 200;

    /** How the frames of one protocol begin and end. Stateless. */
    interface Layout {
        /** More bytes are needed to tell. */
        int UNKNOWN = Integer.MAX_VALUE;

        /** The length of the frame that begins with what is held, at least one byte; 0 when none begins so. */
        int whole(byte[] held, int length);

        /** No frame is longer. */
        int longest();

        /** Is a frame to be given up as a whole? False: only its first byte, for it may be no frame at all. */
        default boolean firm(byte[] frame, int length) {
            return true;
        }

        /** Does {@link #firm} tell a frame from any other bytes? */
        default boolean proves() {
            return false;
        }
    }

    /** What tells a frame from any other bytes of its length: its check digits. */
    interface Proof {
        /** There are none. */
        Proof NONE = (frame, length) -> true;

        boolean holds(byte[] frame, int length);
    }

    private final Layout layout;
    private final byte[] held;
    private int length;

    LengthFramer(Layout layout) {
        this.layout = layout;
        held = new byte[layout.longest()];
    }

    @Override
    public void accept(byte b, FrameSink sink) {
        held[length++] = b;
        while (length > 0) {
            int whole = layout.whole(held, length);
            boolean mayCome = whole == Layout.UNKNOWN || whole <= held.length;
            if (whole > length && mayCome && length < held.length) {
                return;
            }
            if (whole == 0 || whole > length) {
                sink.noise();
                drop(1);
            } else {
                sink.frame(held, whole);
                drop(layout.firm(held, whole) ? whole : 1);
            }
        }
    }

    @Override
    public void silence(long silentMs, FrameSink sink) {
        if (length > 0 && silentMs >= GAP_MS) {
            drop(layout.proves() ? 1 : length);
            sink.broken(Reject.TOO_SHORT);
            behind(sink);
        }
    }

    /** Nothing more will come of what is held: only whole frames count. */
    private void behind(FrameSink sink) {
        while (length > 0) {
            int whole = layout.whole(held, length);
            if (whole > 0 && whole <= length && layout.firm(held, whole)) {
                sink.frame(held, whole);
                drop(whole);
            } else {
                sink.noise();
                drop(1);
            }
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

    /** What is dropped may have been a card's number. */
    private void drop(int bytes) {
        System.arraycopy(held, bytes, held, 0, length - bytes);
        Arrays.fill(held, length - bytes, length, (byte) 0);
        length -= bytes;
    }
}
