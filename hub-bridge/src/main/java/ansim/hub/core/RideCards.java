package ansim.hub.core;

import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.UpMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sealed cards of a message, in its order.
 *
 * @param ride whose ride they are sealed for
 * @param sealed at least one, at most {@link Ride#MAX_RIDERS}: further ones are not asked for
 */
public record RideCards(Id8 ride, List<Bytes> sealed) {
    /**
     * Those that the vault is to open; empty when a message has none, and for a test: whose card a fitter used concerns nobody. All records
     * of a message are of one ride.
     */
    public static Optional<RideCards> of(UpMessage message) {
        if (message.batch().test()) {
            return Optional.empty();
        }
        List<Bytes> sealed = new ArrayList<>(1);
        message.batch().records().forEach(each -> sealedIn(each.body()).ifPresent(sealed::add));
        return message.batch()
                .ride()
                .filter(ride -> !sealed.isEmpty())
                .map(ride -> new RideCards(ride, sealed.subList(0, Math.min(sealed.size(), Ride.MAX_RIDERS))));
    }

    static Optional<Bytes> sealedIn(Body body) {
        return body.kind() == Kind.BOARDED ? ((Boarded) body).change().sealedCard() : Optional.empty();
    }
}
