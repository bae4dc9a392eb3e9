package ansim.edge;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the newest stored state of a lane says, and how many messages stand behind it: whether the next ones need a state with them.
 * Guarded by {@link Lanes}.
 */
final class StoredState {
    /**
     * Messages that may stand behind the newest stored state: chain, number and hash are in the messages themselves. Opening reads
     * at most so many.
     */
    static final int UNLISTED_MAX = 256;

    /** All but the end of its newest chain; null when there is no state to rely on. */
    private byte @Nullable [] beside;

    private Map<Integer, byte[]> slots = Map.of();
    private int unlisted;

    /** Nothing is known to be stored but these slots, and everything else is to be written. */
    void found(Map<Integer, byte[]> storedSlots, int messagesBehind) {
        beside = null;
        slots = Map.copyOf(storedSlots);
        unlisted = messagesBehind;
    }

    void stored(LaneState state) {
        beside = state.encodeBeside();
        slots = new TreeMap<>(state.slots());
        unlisted = 0;
    }

    void storedBehind(int messages) {
        unlisted += messages;
    }

    /** Whether opening finds out the same without another state: no slot, receipt, new or closed chain, and not too many messages. */
    boolean covers(LaneState now, int messages) {
        return unlisted + messages <= UNLISTED_MAX && Arrays.equals(beside, now.encodeBeside());
    }

    /** Whether it names the ends of all chains, too. */
    boolean isWhole() {
        return unlisted == 0;
    }

    Map<Integer, byte[]> slots() {
        return slots;
    }
}
