package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Receiver.Malformed;
import ansim.hub.deliver.Receiver.Taken;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Ed25519Verifier;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks by https: a real server on loopback, whose certificate an authority of its own has issued, or has not. */
@Timeout(120)
class WebhookTlsTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder = Path.of("");

    private final Authority authority = CentreBroker.authority("centre");
    private final List<Taken> taken = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger requests = new AtomicInteger();
    private Path trusted = Path.of("");

    @BeforeEach
    void trust() throws IOException {
        trusted = Files.writeString(folder.resolve("ca.pem"), Certificates.toPem(List.of(authority.certificate())));
    }

    private static SSLContext context(Authority issuer, String name) {
        TlsKey key = TlsKey.generate(RANDOM);
        TlsIdentity identity =
                new TlsIdentity(key, List.of(issuer.server(key.publicKey(), List.of(name), Instant.now())));
        return identity.context(new PeerTrust(List.of(issuer.certificate()), PeerTrust.now(Clock.systemUTC())), RANDOM);
    }

    /** A centre that takes what it verifies. */
    private HttpsServer centre(TestLog log, SSLContext identity, int port) throws IOException {
        Receiver receiver = new Receiver(log.keys(), Ed25519Verifier.INSTANCE, EventBook.inMemory(), taken::add);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity));
        server.createContext("/events", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                receiver.take(exchange.getRequestBody().readAllBytes());
                exchange.sendResponseHeaders(204, -1);
            } catch (Malformed e) {
                throw new IOException(e);
            }
        });
        server.start();
        return server;
    }

    private Delivery delivery(TestLog log, int port) throws IOException {
        Destination.Target target = Targets.trusting("https://localhost:" + port + "/events", trusted);
        return Delivery.start(
                log.journal,
                EntryReader.UNSEALED,
                folder.resolve("index"),
                List.of(new Destination("11680", List.of(target))));
    }

    private static List<String> added(TestLog log) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(log.add(false, "11680"));
        }
        return ids;
    }

    private static CursorStatus status(Delivery delivery) {
        return delivery.status().stream()
                .filter(each -> !each.alarm())
                .findFirst()
                .orElseThrow();
    }

    private List<String> ids() {
        synchronized (taken) {
            return taken.stream().map(each -> each.text("id")).toList();
        }
    }

    @Test
    void aServerWhoseCertificateTheAuthorityHasIssuedGetsEveryEventInOrder() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("log"))) {
            List<String> sent = added(log);
            HttpsServer server = centre(log, context(authority, "localhost"), 0);
            try (Delivery delivery = delivery(log, server.getAddress().getPort())) {
                TestCentre.await("all", () -> status(delivery).delivered() == 10);
                assertEquals(Optional.empty(), status(delivery).lastError());
            } finally {
                server.stop(0);
            }
            assertEquals(sent, ids());
            assertTrue(taken.stream().allMatch(Taken::verified));
        }
    }

    @Test
    void aServerWithAnotherAuthoritysCertificateIsSentNothingUntilTheRightOneStandsThere() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("log"))) {
            List<String> sent = added(log);
            HttpsServer foreign = centre(log, context(CentreBroker.authority("other"), "localhost"), 0);
            int port = foreign.getAddress().getPort();
            try (Delivery delivery = delivery(log, port)) {
                try {
                    awaitRefused(delivery);
                } finally {
                    foreign.stop(0);
                }
                HttpsServer right = centre(log, context(authority, "localhost"), port);
                try {
                    TestCentre.await("all", () -> status(delivery).delivered() == 10);
                } finally {
                    right.stop(0);
                }
                assertEquals(0, status(delivery).deadLettered());
            }
            assertEquals(sent, ids());
        }
    }

    @Test
    void aServerWhoseCertificateHasAnotherNameIsSentNothing() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("log"))) {
            added(log);
            HttpsServer misnamed = centre(log, context(authority, "centre.example"), 0);
            try (Delivery delivery = delivery(log, misnamed.getAddress().getPort())) {
                String why = awaitRefused(delivery);
                assertTrue(why.contains("localhost"), why);
            } finally {
                misnamed.stop(0);
            }
        }
    }

    /** Without an {@code authority} Java's own list counts: nobody's certificate of his own is believed by accident. */
    @Test
    void withoutAnAuthorityAServerOfAnUnknownOneIsSentNothing() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("log"))) {
            added(log);
            HttpsServer server = centre(log, context(authority, "localhost"), 0);
            Destination.Target target =
                    Targets.webhook("https://localhost:" + server.getAddress().getPort() + "/events");
            try (Delivery delivery = Delivery.start(
                    log.journal,
                    EntryReader.UNSEALED,
                    folder.resolve("index"),
                    List.of(new Destination("11680", List.of(target))))) {
                awaitRefused(delivery);
            } finally {
                server.stop(0);
            }
        }
    }

    private String awaitRefused(Delivery delivery) throws Exception {
        List<String> last = new ArrayList<>(List.of(""));
        try {
            TestCentre.await("the reason shows", () -> {
                last.set(0, status(delivery).lastError().orElse(""));
                return last.get(0).startsWith("the server's certificate is not believed: ");
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", last: " + last.get(0), e);
        }
        assertEquals(10, status(delivery).waiting());
        assertEquals(0, status(delivery).deadLettered());
        assertEquals(0, requests.get());
        return last.get(0);
    }
}
