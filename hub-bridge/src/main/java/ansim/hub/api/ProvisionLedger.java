package ansim.hub.api;

import ansim.hub.core.UnitRide;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Who was given what of which ride, when and why. Any thread. */
public interface ProvisionLedger {
    /**
     * Somebody is given something of a ride.
     *
     * @param who the account's name
     * @param role what it is
     * @param ride of whom
     * @param at when
     * @param reason why
     */
    record Provision(String who, String role, UnitRide ride, Instant at, String reason) {}

    /**
     * Writes down what is about to be given, whole, on disk before it returns.
     *
     * @throws IOException when it could not: then nothing may be given
     */
    void append(List<Provision> provisions) throws IOException;

    /**
     * Some of its lines, as they are kept.
     *
     * @param after number of the last line that is known; 0 from the beginning
     * @param most lines at most
     */
    List<JsonNode> lines(long after, int most) throws IOException;
}
