package ansim.hub.api;

import ansim.hub.core.Input;
import ansim.hub.core.UnitRide;
import ansim.wire.Id16;
import ansim.wire.Pos;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Brings what the city's app says into the hub's log. Any thread.
 *
 * @param emergencies calls for help
 * @param destinations where rides are to go; empty where the hub takes none
 * @param riders those of the vault
 * @param notices what waits for the app's users; empty where guardians are not told, or by a vault in another process
 */
public record AppDesk(
        Emergencies emergencies, Optional<Destinations> destinations, RiderDesk riders, Optional<NoticeDesk> notices) {
    /** Calls for help. */
    public interface Emergencies {
        /** Completes when it is durable. */
        CompletableFuture<Void> raise(Input.AppEmergency emergency) throws InterruptedException;
    }

    /** Where rides are to go. */
    public interface Destinations {
        /**
         * Completes when it is durable; with a {@link ansim.hub.core.RefusedInput} for a ride that has ended, or of which nothing is known.
         *
         * @param ride whose
         * @param to where it is to go
         * @param atMs when the rider said so, ms since 1970 UTC
         * @param key of the request: asked again it is the same
         */
        CompletableFuture<Void> said(UnitRide ride, Pos to, long atMs, Id16 key) throws InterruptedException;
    }
}
