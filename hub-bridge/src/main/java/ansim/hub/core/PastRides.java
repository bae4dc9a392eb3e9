package ansim.hub.core;

import ansim.wire.Id8;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is left of the rides of a unit that are gone from memory: that they were, where in the log their boarding and their alighting stand, and whether
 * the vault has named a rider, by the district in which that one lives: after a long outage all boardings come before the first track, and a track
 * goes where the ride goes. The oldest goes first. Changed only by {@link HubState#apply}.
 */
final class PastRides {
    /** More than a taxi makes in three days: a name may come so late. */
    static final int KEPT = 128;

    private static final int ITEM = 3;
    private static final long[] NONE = {};
    private static final String NOBODY = "";

    /** Id, log index of the boarding, that of the alighting, and so on; 0 for an index that is not known. */
    private long[] items = NONE;

    /** Of each of them the home, {@link #NOBODY} while no rider is known. One text per district, however many rides. */
    private List<String> homes = new ArrayList<>(0);

    /**
     * One of them.
     *
     * @param boardedIndex log index of the event that told of its boarding, 0 if not known
     * @param alightedIndex likewise of its alighting
     * @param home where the rider lives who was named first; empty when nobody was
     */
    record Past(long boardedIndex, long alightedIndex, Optional<String> home) {
        static final Past UNKNOWN = new Past(0, 0, Optional.empty());
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
        return at < 0
                ? Past.UNKNOWN
                : new Past(
                        items[at + 1],
                        items[at + 2],
                        Optional.of(homes.get(at / ITEM)).filter(home -> !home.equals(NOBODY)));
    }

    void add(Ride ride) {
        int at = at(ride.id);
        if (at < 0) {
            int from = items.length == ITEM * KEPT ? ITEM : 0;
            long[] more = Arrays.copyOfRange(items, from, items.length + ITEM);
            at = items.length - from;
            more[at] = ride.id.bits();
            items = more;
            if (from > 0) {
                homes.remove(0);
            }
            homes.add(NOBODY);
        }
        items[at + 1] = ride.boardedIndex;
        items[at + 2] = ride.alightedIndex;
        ride.home().ifPresent(home -> name(ride.id, home));
    }

    /** The vault knows a rider of it; the first one's home stays. Nothing for a ride that is not among these. */
    void name(Id8 id, String home) {
        int at = at(id);
        if (at >= 0 && homes.get(at / ITEM).equals(NOBODY)) {
            homes.set(at / ITEM, home.intern());
        }
    }

    void remove(Id8 id) {
        int at = at(id);
        if (at >= 0) {
            long[] less = new long[items.length - ITEM];
            System.arraycopy(items, 0, less, 0, at);
            System.arraycopy(items, at + ITEM, less, at, less.length - at);
            items = less;
            homes.remove(at / ITEM);
        }
    }

    void write(DataOutput out) throws IOException {
        Encoding.longs(out, items);
        Encoding.texts(out, homes);
    }

    void read(DataInput in) throws IOException {
        items = Encoding.longs(in, "past rides of a unit", ITEM * KEPT);
        homes = new ArrayList<>(Encoding.texts(in, "homes of past rides", KEPT));
        homes.replaceAll(String::intern);
        if (items.length != homes.size() * ITEM) {
            throw new IOException("past rides that cannot be");
        }
    }
}
