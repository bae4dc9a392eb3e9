package ansim.edge.port;

import ansim.profile.Counters;
import java.util.Optional;

/**
 * How a port is. Immutable.
 *
 * @param state see {@link State}
 * @param error why it is not up
 * @param counters what its reader has counted since the start; empty while the profile is broken
 * @param openings how often the device was opened; more than 1 after it was unplugged
 */
public record PortStatus(State state, Optional<String> error, Optional<Counters> counters, long openings) {
    /** The states; the order is that of the codes in a health record. */
    public enum State {
        /** Not tried yet. */
        STARTING,
        /** Open and read. */
        UP,
        /** No such device, or unplugged: tried again for ever. */
        ABSENT,
        /** Its profile cannot be used: loaded again for ever. */
        BROKEN_PROFILE
    }
}
