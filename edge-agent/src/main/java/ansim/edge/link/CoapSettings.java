package ansim.edge.link;

import ansim.edge.keys.CoapIdentity;
import ansim.wire.UpMessage;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;

/** Californium and Scandium as a small unit needs them. */
final class CoapSettings {
    /** Bytes of one datagram's payload; above it a message goes block by block (RFC 7959). */
    static final int BLOCK_BYTES = 1024;
    /** Bytes of an IP packet: what every path carries (RFC 8200 section 5). */
    static final int DATAGRAM_BYTES = 1280;
    /** Before the first retransmission, then doubling (RFC 7252 section 4.8). */
    static final int ACK_TIMEOUT_MS = 2_000;
    /** Retransmissions of one message. A POST is begun anew after that. */
    static final int RETRANSMIT_MAX = 3;
    /** Peers, exchanges and records that are remembered: there is one hub. */
    private static final int FEW = 8;

    private CoapSettings() {}

    /** An endpoint on a free port that works on this one thread, not started. */
    static CoapEndpoint endpoint(CoapIdentity identity, String host, ScheduledThreadPoolExecutor thread) {
        Configuration settings = settings();
        DTLSConnector connector = new DTLSConnector(DtlsConnectorConfig.builder(settings)
                .setAddress(new InetSocketAddress(0))
                .setCertificateIdentityProvider(new SingleCertificateProvider(
                        identity.own().key().privateKey(),
                        identity.own().chain().toArray(X509Certificate[]::new),
                        CertificateType.X_509))
                .setAdvancedCertificateVerifier(new HubCertificate(identity.hub(), host))
                .build());
        connector.setExecutor(thread);
        CoapEndpoint endpoint = CoapEndpoint.builder()
                .setConfiguration(settings)
                .setConnector(connector)
                .build();
        endpoint.setExecutors(thread, thread);
        return endpoint;
    }

    private static Configuration settings() {
        CoapConfig.register();
        DtlsConfig.register();
        return Configuration.createStandardWithoutFile()
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, UpMessage.MAX_BYTES)
                .set(CoapConfig.MAX_MESSAGE_SIZE, BLOCK_BYTES)
                .set(CoapConfig.PREFERRED_BLOCK_SIZE, BLOCK_BYTES)
                .set(CoapConfig.ACK_TIMEOUT, ACK_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .set(CoapConfig.MAX_RETRANSMIT, RETRANSMIT_MAX)
                .set(CoapConfig.MAX_ACTIVE_PEERS, FEW)
                .set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP)
                .set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, FEW)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.CLIENT_ONLY)
                // Takes part in Connection ID for what it sends; what it receives comes to its own socket.
                .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, FEW)
                .set(DtlsConfig.DTLS_MAX_TRANSMISSION_UNIT, DATAGRAM_BYTES)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
    }
}
