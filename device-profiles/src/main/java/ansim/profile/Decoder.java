package ansim.profile;

import java.util.Set;
import java.util.function.Consumer;

/** Frames to readings, in two steps, so that each can be fuzzed alone. Never throws on any frame. */
interface Decoder {
    /** What {@link #ask} returns when there is nothing to say. */
    byte[] NOTHING = {};

    /** Are the check digits right? Touches no state. */
    Reject checkFrame(byte[] frame, int length);

    /** What of {@link #checkFrame} tells a frame from any other bytes, for a framer that does not know the device. */
    default LengthFramer.Proof proof() {
        return LengthFramer.Proof.NONE;
    }

    /** Takes the content of a frame that {@link #checkFrame} let pass. */
    Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink);

    /** Lets time pass; {@code lastByteMs} is when the line last said anything. */
    void tick(long monoMs, long lastByteMs, Consumer<Reading> sink);

    /** Why this decoder refuses a frame. */
    Set<Reject> rejects();

    /** The line was opened, the first time or anew: the device may have forgotten everything. */
    default void opened(long monoMs) {}

    /**
     * An earlier run told of this fault and not yet of its end. Called before anything else.
     *
     * @return false if this decoder does not know such a fault and so will never tell of its end
     */
    default boolean resume(Reading.Fault.What fault) {
        return false;
    }

    /**
     * What the device is to be told now, {@link #NOTHING} for most of the time and for every device that only speaks. Each request
     * is given once. An answer that does not come is noticed in {@link #tick}.
     */
    default byte[] ask(long monoMs) {
        return NOTHING;
    }
}
