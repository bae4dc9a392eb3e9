package ansim.hub.intake;

import java.net.InetSocketAddress;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.DtlsEndpointContext;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.MessageCallback;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.util.Bytes;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.Connection;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.ResumptionSupportingConnectionStore;
import org.jspecify.annotations.Nullable;

/**
 * DTLS 1.2 with Connection IDs (RFC 9146) in both directions: what goes to a unit goes to where it was heard last, by its connection id.
 *
 * <p>Scandium alone looks the association up by the address that the request came from; an answer or a notification would be dropped
 * once the unit's NAT has given it another port. Any thread.
 */
final class CidConnector extends DTLSConnector {
    private final ResumptionSupportingConnectionStore store;

    CidConnector(DtlsConnectorConfig config) {
        this(config, createConnectionStore(config));
    }

    private CidConnector(DtlsConnectorConfig config, ResumptionSupportingConnectionStore store) {
        super(config, store);
        this.store = store;
    }

    @Override
    public void send(RawData message) {
        InetSocketAddress now = whereItIs(message.getEndpointContext());
        super.send(now == null || now.equals(message.getInetSocketAddress()) ? message : readdressed(message, now));
    }

    private @Nullable InetSocketAddress whereItIs(EndpointContext peer) {
        Bytes cid = peer.get(DtlsEndpointContext.KEY_READ_CONNECTION_ID);
        Connection connection = cid == null ? null : store.get(new ConnectionId(cid.getBytes()));
        return connection == null ? null : connection.getPeerAddress();
    }

    private static RawData readdressed(RawData message, InetSocketAddress to) {
        EndpointContext peer =
                new AddressEndpointContext(to, message.getEndpointContext().getPeerIdentity());
        return RawData.outbound(message.getBytes(), peer, new Passing(message), false);
    }

    /** Tells the message that was given what becomes of the one that goes in its place. */
    private record Passing(RawData to) implements MessageCallback {
        @Override
        public void onConnecting() {
            to.onConnecting();
        }

        @Override
        public void onDtlsRetransmission(int flight) {
            to.onDtlsRetransmission(flight);
        }

        @Override
        public void onContextEstablished(EndpointContext context) {
            to.onContextEstablished(context);
        }

        @Override
        public void onSent() {
            to.onSent();
        }

        @Override
        public void onError(Throwable error) {
            to.onError(error);
        }
    }
}
