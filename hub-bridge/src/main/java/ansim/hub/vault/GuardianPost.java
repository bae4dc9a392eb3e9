package ansim.hub.vault;

import java.io.IOException;
import java.util.List;

/** Where notices of rides are handed in: the vault that knows whom to tell, in this process ({@link Vault}) or another ({@link RemoteVault}). */
public interface GuardianPost {
    /** Takes them over: they are on disk when this returns. Handed in again they change nothing. */
    void hand(List<RideNotice> notices) throws IOException;

    /** Rides were erased: what still waits to be told of them is told no more. */
    void forget(List<String> handles) throws IOException;
}
