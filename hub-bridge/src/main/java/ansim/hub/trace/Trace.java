package ansim.hub.trace;

import ansim.hub.core.Disposition;
import ansim.wire.UpMessage;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Is told of the way of some messages through the hub, stage by stage. Which ones follows from a message's id alone, so that all stages, also after a
 * restart, agree without telling each other.
 *
 * <p>Whoever works on a message asks {@link #begin} and tells the rest only if that is not 0. No method waits, fails or keeps what it is given. What
 * can be told is numbers, enums and names of places: nothing of what a message says of a person gets in. Any thread, unless a method says otherwise.
 */
public interface Trace {
    /** Whoever does not want to know: costs a call that does nothing, and no memory. */
    Trace NONE = new Trace() {
        @Override
        public long begin(UpMessage message) {
            return 0;
        }

        @Override
        public void verified(UpMessage message, long arrivedMs, long begun) {
            // Nobody asks.
        }

        @Override
        public void decided(Followed message, long begun) {
            // Nobody asks.
        }

        @Override
        public void committed(Followed message, int entries, long begun) {
            // Nobody asks.
        }

        @Override
        public void answered(Followed message) {
            // Nobody asks.
        }

        @Override
        public void receipted(Object session) {
            // Nobody asks.
        }

        @Override
        public void routed(UpMessage message, long index, int events, long begun) {
            // Nobody asks.
        }

        @Override
        public void delivered(UpMessage message, long index, Place to, Enum<?> outcome, long begun) {
            // Nobody asks.
        }

        @Override
        public Map<String, Long> counts() {
            return Map.of();
        }
    };

    /**
     * A message that is followed, once it is decided.
     *
     * @param index in the log, if it is logged
     * @param session of the unit that gets the receipt; only compared
     */
    record Followed(UpMessage message, long arrivedMs, Disposition disposition, OptionalLong index, Object session) {}

    /**
     * Where something goes.
     *
     * @param district its code
     * @param sink what kind of sink: never its address, which may hold a password
     */
    record Place(String district, String sink) {}

    /** The time now, {@link System#nanoTime}, if this message is followed; otherwise 0. */
    long begin(UpMessage message);

    /** Its signature was right; asked of every message, followed or not. */
    void verified(UpMessage message, long arrivedMs, long begun);

    /** What becomes of it. The committer's thread, like the next three. */
    void decided(Followed message, long begun);

    /** It is on the disk, with what shared its fsync. */
    void committed(Followed message, int entries, long begun);

    /** The door has its answer; the receipt may come later. */
    void answered(Followed message);

    /** A session was given all receipts that were due to it. */
    void receipted(Object session);

    /** It is in the indexes of where its events go. */
    void routed(UpMessage message, long index, int events, long begun);

    /** A sink has taken an event of it, or has not. */
    void delivered(UpMessage message, long index, Place to, Enum<?> outcome, long begun);

    /** What became of what was told, by name. */
    Map<String, Long> counts();
}
