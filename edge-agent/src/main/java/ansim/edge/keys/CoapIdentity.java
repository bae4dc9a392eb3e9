package ansim.edge.keys;

import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import java.io.IOException;

/**
 * Who a CoAP link is, and whom it believes.
 *
 * @param own the unit's certificate and key
 * @param hub whose certificate the hub must have
 */
public record CoapIdentity(TlsIdentity own, PeerTrust hub) {
    /** Asked for each connection: the certificate may have been renewed since the last one. */
    @FunctionalInterface
    public interface Source {
        /**
         * As of now. The same object as before while nothing has changed, so that a session can be resumed.
         *
         * @throws IOException if there is no connection to be had, because the certificate has ended
         */
        CoapIdentity identity() throws IOException;
    }
}
