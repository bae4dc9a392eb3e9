package ansim.hub.load;

import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/**
 * Each unit with a DTLS association and a socket of its own to the hub's CoAP door, as in the field: POST, the receipt in the answer (RFC 7252). One
 * POST of a unit is on its way at a time; 5.03 is waited for and sent again. A thread per unit reads its socket, so they are at most {@value #MAX_UNITS}.
 */
final class CoapLink implements Link {
    static final int MAX_UNITS = 1_000;
    private static final int THREADS = 2;
    private static final int FEW = 8;
    private static final int BLOCK_BYTES = 1024;
    private static final int DATAGRAM_BYTES = 1280;

    private final InetSocketAddress door;
    private final Hears hears;
    private final int first;
    private final CoapEndpoint[] endpoints;
    private final AtomicIntegerArray onTheWay;
    private final AtomicLongArray pausedUntilNanos;
    private final ScheduledThreadPoolExecutor threads;

    /**
     * Opens the sockets; the handshake is done with the first message.
     *
     * @param first the number of the first unit that comes this way; all behind it do
     */
    CoapLink(InetSocketAddress door, UnitCertificates certificates, int first, int count, Hears hears)
            throws IOException {
        this.door = door;
        this.hears = hears;
        this.first = first;
        this.endpoints = new CoapEndpoint[count];
        this.onTheWay = new AtomicIntegerArray(count);
        this.pausedUntilNanos = new AtomicLongArray(count);
        this.threads = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "load-coap");
            thread.setDaemon(true);
            return thread;
        });
        threads.setRemoveOnCancelPolicy(true);
        Configuration settings = settings();
        for (int i = 0; i < count; i++) {
            endpoints[i] = endpoint(settings, certificates, first + i);
            endpoints[i].start();
        }
    }

    private static Configuration settings() {
        CoapConfig.register();
        DtlsConfig.register();
        return Configuration.createStandardWithoutFile()
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, UpMessage.MAX_BYTES)
                .set(CoapConfig.MAX_MESSAGE_SIZE, BLOCK_BYTES)
                .set(CoapConfig.PREFERRED_BLOCK_SIZE, BLOCK_BYTES)
                .set(CoapConfig.MAX_ACTIVE_PEERS, FEW)
                .set(CoapConfig.DEDUPLICATOR, CoapConfig.NO_DEDUPLICATOR)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.CLIENT_ONLY)
                .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, FEW)
                .set(DtlsConfig.DTLS_VERIFY_SERVER_CERTIFICATES_SUBJECT, false)
                .set(DtlsConfig.DTLS_MAX_TRANSMISSION_UNIT, DATAGRAM_BYTES)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
    }

    private CoapEndpoint endpoint(Configuration settings, UnitCertificates certificates, int unit) {
        DTLSConnector connector = new DTLSConnector(DtlsConnectorConfig.builder(settings)
                .setAddress(new InetSocketAddress(door.getAddress(), 0))
                .setCertificateIdentityProvider(new SingleCertificateProvider(
                        certificates.key(), certificates.chain(unit), CertificateType.X_509))
                .setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                        .setTrustedCertificates(new X509Certificate[] {certificates.authority()})
                        .build())
                .build());
        connector.setExecutor(threads);
        CoapEndpoint made = CoapEndpoint.builder()
                .setConfiguration(settings)
                .setConnector(connector)
                .build();
        made.setExecutors(threads, threads);
        return made;
    }

    @Override
    public boolean hasRoom(int unit, Lane lane) {
        int at = unit - first;
        return onTheWay.get(at) == 0 && System.nanoTime() - pausedUntilNanos.get(at) >= 0;
    }

    @Override
    public void send(int unit, Lane lane, byte[] signed) {
        onTheWay.incrementAndGet(unit - first);
        post(unit, lane, signed);
    }

    private void post(int unit, Lane lane, byte[] signed) {
        Request request = Request.newPost();
        request.setDestinationContext(new AddressEndpointContext(door));
        request.setScheme(CoAP.COAP_SECURE_URI_SCHEME);
        request.getOptions()
                .addUriPath("u")
                .addUriPath(Integer.toString(lane.number()))
                .setContentFormat(MediaTypeRegistry.APPLICATION_COSE_SIGN1);
        request.setPayload(signed);
        request.addMessageObserver(new MessageObserverAdapter() {
            @Override
            public void onResponse(Response response) {
                answered(unit, lane, signed, response);
            }

            @Override
            protected void failed() {
                onTheWay.decrementAndGet(unit - first);
                hears.lost(unit);
            }
        });
        request.send(endpoints[unit - first]);
    }

    private void answered(int unit, Lane lane, byte[] signed, Response response) {
        if (response.getCode() == ResponseCode.SERVICE_UNAVAILABLE) {
            long pauseS = Math.max(1, response.getOptions().getMaxAge());
            pausedUntilNanos.set(unit - first, System.nanoTime() + TimeUnit.SECONDS.toNanos(pauseS));
            var unused = threads.schedule(() -> post(unit, lane, signed), pauseS, TimeUnit.SECONDS);
            return;
        }
        onTheWay.decrementAndGet(unit - first);
        hears.answered(unit);
        if (response.isSuccess() && response.getPayloadSize() > 0) {
            hears.told(unit, response.getPayload());
        } else if (!response.isSuccess()) {
            hears.lost(unit);
        }
    }

    @Override
    public String words() {
        return String.format("%,d over CoAP with DTLS and a socket each", endpoints.length);
    }

    @Override
    public void close() {
        for (CoapEndpoint each : endpoints) {
            each.destroy();
        }
        threads.shutdownNow();
    }
}
