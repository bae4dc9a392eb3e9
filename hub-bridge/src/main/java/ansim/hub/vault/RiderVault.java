package ansim.hub.vault;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.Optional;

/** Turns a sealed card into a rider. In this process ({@link Vault}) or in another ({@link RemoteVault}). Any thread. */
public interface RiderVault extends AutoCloseable {
    /**
     * Opens one card; that it was opened, for what and for whom stands in the ledger, on disk, before this returns.
     *
     * <p>Who is suspended now, or was when the ride began, is nobody: a ride that is told of late is judged by its own time, too.
     *
     * @param began when the ride began
     * @param why in a word or two: what it is opened for
     * @return empty when the card does not open or is nobody's
     * @throws IOException when the vault cannot answer: to be asked again
     */
    Optional<Rider> open(Bytes sealed, Id16 unit, Id8 ride, Began began, String why) throws IOException;

    @Override
    void close() throws IOException;
}
