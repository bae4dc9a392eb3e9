package ansim.hub.api;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** What the API may do with the riders of the vault. Nobody is named: a rider is the vault's own id. Any thread. */
public interface RiderDesk {
    /**
     * A rider as an operator sees one.
     *
     * @param id the vault's own, 32 hexadecimal digits
     * @param home the district where they live
     * @param language ko or en
     * @param cards how many they have
     * @param guardians how many there are
     * @param added when
     */
    record Rider(String id, String home, String language, int cards, int guardians, Instant added) {}

    /**
     * Riders in the order of their ids.
     *
     * @param after the id behind which to go on; empty from the beginning
     */
    List<Rider> list(String after, int most) throws IOException;

    /** Whether the vault can suspend and resume. */
    boolean suspends();

    /** Gives nobody anything of a rider from now on; false when there is none of this id. */
    boolean suspend(String id) throws IOException;

    /** Takes that back; false when there is none of this id. */
    boolean resume(String id) throws IOException;
}
