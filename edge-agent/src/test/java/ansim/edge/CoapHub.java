package ansim.edge;

import ansim.edge.keys.CoapIdentity;
import ansim.trust.Authority;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/** The tests' hub behind CoAP over DTLS with Connection ID: takes what is posted and answers each with a receipt. */
final class CoapHub implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    final Authority authority = Authority.found("test hub", TlsKey.generate(RANDOM), Instant.now(), RANDOM);
    final AtomicInteger posts = new AtomicInteger();
    /** So many posts are told to come back first. */
    final AtomicInteger busy = new AtomicInteger();

    private final TestHub hub;
    private final CoapServer server;
    private final DTLSConnector connector;
    private final Down down = new Down();
    private volatile byte[] telling = new byte[0];

    CoapHub(TestHub hub) {
        this.hub = hub;
        CoapConfig.register();
        DtlsConfig.register();
        Configuration settings = Configuration.createStandardWithoutFile()
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.SERVER_ONLY)
                .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 6)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, 16)
                .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
        TlsKey key = TlsKey.generate(RANDOM);
        X509Certificate leaf = authority.server(key.publicKey(), List.of("127.0.0.1"), Instant.now());
        connector = new DTLSConnector(DtlsConnectorConfig.builder(settings)
                .setAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .setCertificateIdentityProvider(new SingleCertificateProvider(
                        key.privateKey(), new X509Certificate[] {leaf}, CertificateType.X_509))
                .setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                        .setTrustedCertificates(authority.certificate())
                        .build())
                .build());
        server = new CoapServer(settings);
        server.addEndpoint(CoapEndpoint.builder()
                .setConfiguration(settings)
                .setConnector(connector)
                .build());
        CoapResource up = new CoapResource("u");
        for (int lane = 1; lane <= 4; lane++) {
            up.add(new Up(lane));
        }
        server.add(up, down);
        server.start();
    }

    private final class Up extends CoapResource {
        Up(int lane) {
            super(Integer.toString(lane));
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            posts.incrementAndGet();
            if (busy.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                exchange.respondOverload(1);
                return;
            }
            synchronized (hub) {
                hub.take(exchange.getRequestPayload());
                exchange.respond(ResponseCode.CHANGED, hub.receipt(), 18);
            }
        }
    }

    private final class Down extends CoapResource {
        Down() {
            super("d");
            setObservable(true);
            setObserveType(CoAP.Type.CON);
        }

        @Override
        public void handleGET(CoapExchange exchange) {
            exchange.respond(ResponseCode.CONTENT, telling, 18);
        }
    }

    /** Tells whoever observes. */
    void tell(byte[] message) {
        telling = message;
        down.changed();
    }

    int observers() {
        return down.getObserverCount();
    }

    InetSocketAddress address() {
        return connector.getAddress();
    }

    /** Who a unit is, and that it believes this hub. */
    CoapIdentity unit(String id) {
        return unit(id, authority);
    }

    CoapIdentity unit(String id, Authority believed) {
        TlsKey key = TlsKey.generate(RANDOM);
        TlsIdentity own = new TlsIdentity(key, List.of(authority.unit(key.publicKey(), id, Instant.now())));
        return new CoapIdentity(own, new PeerTrust(List.of(believed.certificate()), PeerTrust.now(Instant::now)));
    }

    @Override
    public void close() {
        server.destroy();
    }

    /** Waits for a condition that other threads bring about. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not so: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
