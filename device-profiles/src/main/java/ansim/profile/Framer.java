package ansim.profile;

import java.util.Set;

/** Cuts a stream of bytes into frames. Holds at most one frame; never throws on any byte. */
interface Framer {
    /** Takes the next byte. */
    void accept(byte b, FrameSink sink);

    /** The line has said nothing for so long; called again and again while it lasts. {@link Long#MAX_VALUE}: it was opened anew. */
    default void silence(long silentMs, FrameSink sink) {}

    /** Bytes held of a frame that has not ended. */
    int pending();

    /** Why this framer ends a frame badly. */
    Set<Reject> rejects();

    /** Where frames go. */
    interface FrameSink {
        /** A whole frame, without its end marks; the buffer is valid during the call only. */
        void frame(byte[] frame, int length);

        /** A frame that ended badly. */
        void broken(Reject reason);

        /** A byte outside any frame. */
        void noise();
    }
}
