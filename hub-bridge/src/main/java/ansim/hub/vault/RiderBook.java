package ansim.hub.vault;

import java.io.IOException;
import java.util.List;

/** What the hub's API does with the riders of a vault, in this process ({@link Vault}) or another ({@link RemoteVault}). Any thread. */
public interface RiderBook {
    /** The vault is not open to the hub for this. */
    final class NotAllowed extends IOException {
        private static final long serialVersionUID = 1L;

        NotAllowed() {
            super("this vault lets no hub do anything with its riders");
        }
    }

    /**
     * Riders in the order of their ids.
     *
     * @param after the id behind which to go on; empty from the beginning
     */
    List<Riders.Listed> list(String after, int most) throws IOException;

    /**
     * Adds one rider by cards as units sealed them, or nothing; whoever asks again under the same id gets the same answer and no second rider. That
     * the cards were opened, for what and for whom stands in the ledger, on disk, before anybody is added.
     *
     * @param id 32 hexadecimal digits
     * @param by who took the consents down
     */
    Riders.Added add(String id, Riders.NewRider rider, String by) throws IOException;

    /**
     * Suspends a rider, or lets one be known again; false when there is none.
     *
     * @param by who said so
     */
    boolean suspend(String id, boolean suspended, String by) throws IOException;
}
