package ansim.profile;

import java.util.Set;
import java.util.function.Consumer;

/** Frames to readings, in two steps, so that each can be fuzzed alone. Never throws on any frame. */
interface Decoder {
    /** Are the check digits right? Touches no state. */
    Reject checkFrame(byte[] frame, int length);

    /** Takes the content of a frame that {@link #checkFrame} let pass. */
    Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink);

    /** Lets time pass; {@code lastByteMs} is when the line last said anything. */
    void tick(long monoMs, long lastByteMs, Consumer<Reading> sink);

    /** Why this decoder refuses a frame. */
    Set<Reject> rejects();
}
