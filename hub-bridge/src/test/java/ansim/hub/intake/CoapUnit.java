package ansim.hub.intake;

import ansim.trust.Authority;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.UpMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/** A unit at the CoAP door, with Californium's own client: what the door gives to anybody. */
final class CoapUnit implements AutoCloseable {
    static final int ANSWER_MS = 60_000;
    /** Before the first retransmission: short, so that a test that loses much goes on. */
    private static final int ACK_MS = 200;

    /** The hub's authority and the door's identity. */
    record Hub(Authority authority, TlsIdentity door) {
        static Hub found() {
            Authority authority =
                    Authority.found("test hub", TlsKey.generate(TestUnit.RANDOM), Instant.now(), TestUnit.RANDOM);
            TlsKey key = TlsKey.generate(TestUnit.RANDOM);
            X509Certificate leaf = authority.server(key.publicKey(), List.of("127.0.0.1", "localhost"), Instant.now());
            return new Hub(authority, new TlsIdentity(key, List.of(leaf)));
        }

        CoapDoor open(Rig rig) throws Exception {
            return open(rig, 100);
        }

        CoapDoor open(Rig rig, int maxConnections) throws Exception {
            PeerTrust trust = new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Instant::now));
            return rig.intake.openCoap(new CoapDoor.Site(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> door, trust, maxConnections));
        }

        TlsIdentity of(String name, Instant issued) {
            TlsKey key = TlsKey.generate(TestUnit.RANDOM);
            return new TlsIdentity(key, List.of(authority.unit(key.publicKey(), name, issued)));
        }

        CoapUnit unit(TestUnit unit, int port) throws Exception {
            return new CoapUnit(of(unit.id.hex(), Instant.now()), authority.certificate(), port);
        }
    }

    final BlockingQueue<byte[]> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<Response> ended = new LinkedBlockingQueue<>();
    private final CoapEndpoint endpoint;
    private final int port;

    CoapUnit(TlsIdentity identity, X509Certificate authority, int port) throws Exception {
        this.port = port;
        CoapConfig.register();
        DtlsConfig.register();
        Configuration settings = Configuration.createStandardWithoutFile()
                .set(CoapConfig.MAX_MESSAGE_SIZE, 1024)
                .set(CoapConfig.PREFERRED_BLOCK_SIZE, 1024)
                .set(CoapConfig.ACK_TIMEOUT, ACK_MS, TimeUnit.MILLISECONDS)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.CLIENT_ONLY)
                .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0)
                .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1)
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
        DTLSConnector connector = new DTLSConnector(DtlsConnectorConfig.builder(settings)
                .setAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .setCertificateIdentityProvider(new SingleCertificateProvider(
                        identity.key().privateKey(),
                        identity.chain().toArray(X509Certificate[]::new),
                        CertificateType.X_509))
                .setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                        .setTrustedCertificates(authority)
                        .build())
                .build());
        endpoint = CoapEndpoint.builder()
                .setConfiguration(settings)
                .setConnector(connector)
                .build();
        endpoint.addNotificationListener((request, response) -> {
            if (response.isSuccess()) {
                told.add(response.getPayload());
            } else {
                ended.add(response);
            }
        });
        endpoint.start();
    }

    /** Sends without waiting. */
    Request post(Lane lane, byte[] bytes) {
        return post(lane, bytes, MediaTypeRegistry.APPLICATION_COSE_SIGN1);
    }

    Request post(Lane lane, byte[] bytes, int format) {
        Request request = Request.newPost();
        request.setURI("coaps://127.0.0.1:" + port + "/u/" + lane.number());
        request.getOptions().setContentFormat(format);
        request.setPayload(bytes);
        return request.send(endpoint);
    }

    Response answer(UpMessage message) throws InterruptedException {
        return answer(post(message.batch().lane(), message.bytes()));
    }

    Response get(String path) throws InterruptedException {
        Request request = Request.newGet();
        request.setURI("coaps://127.0.0.1:" + port + path);
        return answer(request.send(endpoint));
    }

    /** As a unit does: again until it is answered. */
    Response answerAtLast(UpMessage message) throws InterruptedException {
        Response response = null;
        while (response == null) {
            response = post(message.batch().lane(), message.bytes()).waitForResponse(ANSWER_MS);
        }
        return response;
    }

    Request observe() {
        Request request = Request.newGet().setObserve();
        request.setURI("coaps://127.0.0.1:" + port + "/d");
        return request.send(endpoint);
    }

    static Response answer(Request request) throws InterruptedException {
        Response response = request.waitForResponse(ANSWER_MS);
        if (response == null) {
            throw new AssertionError("no answer; send error " + request.getSendError());
        }
        return response;
    }

    /** What comes by Observe next. */
    byte[] nextTold() throws InterruptedException {
        byte[] next = told.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing was told");
        }
        return next;
    }

    /** With what an observation has ended. */
    Response nextEnded() throws InterruptedException {
        Response last = ended.poll(30, TimeUnit.SECONDS);
        if (last == null) {
            throw new AssertionError("no observation has ended");
        }
        return last;
    }

    /** The receipts in a signed message that verifies. */
    static List<Receipted> receipted(Rig rig, Lane lane, byte[] signed) throws Exception {
        DownMessage message = DownMessage.parse(signed);
        if (!message.verify(ansim.wire.Ed25519Verifier.INSTANCE, rig.key.verifyKey())) {
            throw new AssertionError("the hub's signature must verify");
        }
        Command command = message.command();
        return command.verb() instanceof Receipt receipt ? receipt.lanes().getOrDefault(lane, List.of()) : List.of();
    }

    @Override
    public void close() {
        endpoint.destroy();
    }
}
