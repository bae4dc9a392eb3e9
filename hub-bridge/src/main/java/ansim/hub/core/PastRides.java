package ansim.hub.core;

import ansim.wire.Id8;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * What is left of the rides of a unit that are gone from memory: that they were, and where in the log their boarding and their alighting stand. The oldest goes
 * first. Changed only by {@link HubState#apply}.
 */
final class PastRides {
    /** More than a taxi makes in three days: a name may come so late. */
    static final int KEPT = 128;

    private static final int ITEM = 3;
    private static final long[] NONE = {};

    /** Id, log index of the boarding, that of the alighting, and so on; 0 for an index that is not known. */
    private long[] items = NONE;

    /**
     * One of them.
     *
     * @param boardedIndex log index of the event that told of its boarding, 0 if not known
     * @param alightedIndex likewise of its alighting
     */
    record Past(long boardedIndex, long alightedIndex) {
        static final Past UNKNOWN = new Past(0, 0);
    }

    private int at(Id8 id) {
        for (int i = 0; i < items.length; i += ITEM) {
            if (items[i] == id.bits()) {
                return i;
            }
        }
        return -1;
    }

    boolean contains(Id8 id) {
        return at(id) >= 0;
    }

    Past find(Id8 id) {
        int at = at(id);
        return at < 0 ? Past.UNKNOWN : new Past(items[at + 1], items[at + 2]);
    }

    void add(Ride ride) {
        int at = at(ride.id);
        if (at < 0) {
            int from = items.length == ITEM * KEPT ? ITEM : 0;
            long[] more = Arrays.copyOfRange(items, from, items.length + ITEM);
            at = items.length - from;
            more[at] = ride.id.bits();
            items = more;
        }
        items[at + 1] = ride.boardedIndex;
        items[at + 2] = ride.alightedIndex;
    }

    void remove(Id8 id) {
        int at = at(id);
        if (at >= 0) {
            long[] less = new long[items.length - ITEM];
            System.arraycopy(items, 0, less, 0, at);
            System.arraycopy(items, at + ITEM, less, at, less.length - at);
            items = less;
        }
    }

    void write(DataOutput out) throws IOException {
        Encoding.longs(out, items);
    }

    void read(DataInput in) throws IOException {
        items = Encoding.longs(in, "past rides of a unit", ITEM * KEPT);
        if (items.length % ITEM != 0) {
            throw new IOException("past rides that cannot be");
        }
    }
}
