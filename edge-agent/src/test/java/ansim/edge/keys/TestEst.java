package ansim.edge.keys;

import ansim.trust.Authority;
import ansim.trust.CertificateRequest;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.HubStatement;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.NextHubKey;
import ansim.wire.OpeningKey;
import ansim.wire.OtherVerb;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * An EST server that is not ours (RFC 7030, on the JDK's HttpsServer), with the hub's own questions beside it: what a unit's tests stand
 * against. It listens on loopback.
 */
public final class TestEst implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");

    final SecureRandom random = new SecureRandom();
    public final Authority authority;
    /** Signs confirmations. */
    public volatile SigningKey hub = SigningKey.generate(random);
    /** The vault's. */
    volatile OpeningKey vault = OpeningKey.generate(new SecureRandom());
    /** Whether there is one yet. */
    volatile boolean hasVault = true;
    /** Whether step 4 is answered as today: an earlier hub neither signed it nor showed how its keys follow each other. */
    volatile boolean signs = true;
    /** Who signs step 4 in the hub's place. */
    volatile Optional<SigningKey> forger = Optional.empty();
    /** The keys before, oldest first. */
    private final List<SigningKey> before = new CopyOnWriteArrayList<>();
    /** By which certificates are dated. */
    volatile Instant now = NOW;
    /** What was asked, in order. */
    final List<String> asked = new CopyOnWriteArrayList<>();
    /** Answers that get lost on the way: paths; each once. */
    final List<String> lost = new CopyOnWriteArrayList<>();
    /** The message keys of each unit in the order of their registration. */
    public final Map<Id16, List<VerifyKey>> messageKeys = new ConcurrentHashMap<>();
    /** Told by step 4. */
    volatile String mqtt = "tls://127.0.0.1:8883";

    private final Map<String, ClaimCode> claims = new ConcurrentHashMap<>();
    private final Map<String, Id16> units = new ConcurrentHashMap<>();
    private volatile Optional<TestEst> relayed = Optional.empty();
    private final Instant serverFrom;
    private final HttpsServer server;

    public TestEst() throws IOException {
        this(NOW);
    }

    /** Its own certificate begins then. */
    TestEst(Instant begin) throws IOException {
        serverFrom = begin;
        authority = Authority.found("Test hub", TlsKey.generate(random), NOW, random);
        TlsIdentity identity = server("127.0.0.1", "localhost");
        PeerTrust anyDate = new PeerTrust(
                List.of(authority.certificate()),
                chain -> chain.get(0).getNotBefore().toInstant().plusSeconds(1));
        SSLContext tls = identity.context(anyDate, random);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = tls.getDefaultSSLParameters();
                ssl.setWantClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/", this::answer);
        server.start();
    }

    /** A server's identity of this authority. */
    public TlsIdentity server(String... names) {
        TlsKey key = TlsKey.generate(random);
        return new TlsIdentity(key, List.of(authority.server(key.publicKey(), List.of(names), serverFrom)));
    }

    public URI url() {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A claim that this server knows. */
    public Claim claim() {
        ClaimCode code = ClaimCode.random(random);
        claims.put(code.locator(), code);
        return new Claim(url(), code, Optional.empty(), "BOX-1");
    }

    /** The same with the authority's hash, as a file has it. */
    Claim fileClaim() {
        Claim claim = claim();
        String hash = HexFormat.of().formatHex(Certificates.keyHash(authority.certificate()));
        return new Claim(claim.hub(), claim.code(), Optional.of(hash), claim.serial());
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        byte[] body = exchange.getRequestBody().readAllBytes();
        Answer answer;
        try {
            answer = answer(path, exchange, body);
        } catch (WireException | IllegalArgumentException e) {
            answer = Answer.of(400, String.valueOf(e.getMessage()));
        }
        if (lost.remove(path)) {
            exchange.close();
            return;
        }
        exchange.getResponseHeaders().set("Connection", "close");
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
        exchange.close();
    }

    private record Answer(int status, byte[] body) {
        static Answer of(int status, String body) {
            return new Answer(status, body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Answer answer(String path, HttpExchange exchange, byte[] body) throws WireException {
        return switch (path) {
            case "/.well-known/est/cacerts" -> pkcs7(List.of(authority.certificate()));
            case "/.well-known/est/simpleenroll" -> enrol(exchange, body);
            case "/.well-known/est/simplereenroll" ->
                peer(exchange).map(unit -> issue(unit, body)).orElse(Answer.of(401, "no certificate"));
            case "/ansim/v1/pin" -> pin(exchange.getRequestURI().getQuery());
            case "/ansim/v1/hub" ->
                peer(exchange).isEmpty()
                        ? Answer.of(401, "no certificate")
                        : hub(peer(exchange).get(), exchange.getRequestURI().getQuery());
            case "/ansim/v1/message-key" -> register(peer(exchange), body);
            default -> Answer.of(404, "");
        };
    }

    /** The next key signs from now on, and the one before has said so. */
    void rotate(SigningKey next) {
        before.add(hub);
        hub = next;
    }

    private Answer hub(Id16 unit, String query) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("hub", hub.verifyKey().toPem());
        Optional<SealingKey> sealing = hasVault ? Optional.of(vault.sealingKey()) : Optional.empty();
        sealing.ifPresent(key -> fields.put("vault", key.toPem()));
        fields.put("mqtt", mqtt);
        if (signs) {
            List<String> line = new ArrayList<>();
            for (int i = 0; i < before.size(); i++) {
                SigningKey next = i + 1 < before.size() ? before.get(i + 1) : hub;
                OtherVerb verb = new NextHubKey(next.verifyKey(), 1_000).verb();
                Command command = new Command("hub", unit, OptionalLong.empty(), 1_000, 0, 0, verb);
                line.add(base64(DownMessage.sign(command, before.get(i)).bytes()));
            }
            fields.put("keys", String.join(" ", line));
            Id8 asked = Id8.parse(query.replaceFirst("nonce=", ""));
            HubStatement.Said said = new HubStatement.Said(sealing, mqtt, Optional.empty());
            fields.put(
                    "signed",
                    base64(HubStatement.sign(unit, asked, said, forger.orElse(hub))
                            .bytes()));
        }
        return Answer.of(200, FlatJson.write(fields));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Answer pkcs7(List<X509Certificate> certificates) {
        return Answer.of(200, Base64.getMimeEncoder().encodeToString(Certificates.toPkcs7(certificates)));
    }

    /** Answers questions after a code that it does not know with a proof that it makes up. */
    void pretend(String locator) {
        claims.put(locator, ClaimCode.random(random));
    }

    /** Answers questions after codes with what the other server says. */
    void relayPinsOf(TestEst other) {
        relayed = Optional.of(other);
    }

    private Answer pin(String query) {
        if (relayed.isPresent()) {
            return relayed.get().pin(query);
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (String each : query.split("&", -1)) {
            fields.put(each.split("=", -1)[0], each.split("=", -1)[1]);
        }
        ClaimCode code = claims.get(fields.getOrDefault("locator", ""));
        if (code == null) {
            return Answer.of(404, "");
        }
        byte[] nonce = HexFormat.of().parseHex(fields.getOrDefault("nonce", ""));
        byte[] mac = ClaimCode.pin(code.pinKey(), nonce, Certificates.keyHash(authority.certificate()));
        return Answer.of(
                200,
                FlatJson.write(Map.of(
                        "ca",
                        Certificates.toPem(List.of(authority.certificate())),
                        "mac",
                        HexFormat.of().formatHex(mac))));
    }

    private Answer enrol(HttpExchange exchange, byte[] body) {
        String basic = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        String[] parts = new String(
                        Base64.getDecoder().decode(basic.replaceFirst("Basic ", "")), StandardCharsets.UTF_8)
                .split("[/:]", -1);
        ClaimCode code = claims.get(parts[1]);
        if (code == null || !code.secret().equals(parts[2])) {
            return Answer.of(401, "no such claim");
        }
        Id16 unit = units.computeIfAbsent(parts[1], each -> new Id16(random.nextLong(), random.nextLong()));
        return issue(unit, body);
    }

    private Answer issue(Id16 unit, byte[] body) {
        CertificateRequest request =
                CertificateRequest.parse(Base64.getMimeDecoder().decode(body));
        return pkcs7(List.of(authority.certificate(), authority.unit(request.publicKey(), unit.hex(), now)));
    }

    private Answer register(Optional<Id16> peer, byte[] body) throws WireException {
        KeyRegistration request = KeyRegistration.parse(body);
        List<VerifyKey> known = messageKeys.computeIfAbsent(request.unit(), unit -> new ArrayList<>());
        boolean again = known.contains(request.key());
        boolean signed = request.verify(Ed25519Verifier.INSTANCE)
                && (known.isEmpty()
                        || again
                        || known.stream().anyMatch(key -> request.verifyPresent(Ed25519Verifier.INSTANCE, key)));
        if (!peer.equals(Optional.of(request.unit())) || !signed) {
            return Answer.of(403, "the key in force has not signed");
        }
        if (!again) {
            known.add(request.key());
        }
        return new Answer(200, KeyConfirmation.sign(request, now, hub).bytes());
    }

    private static Optional<Id16> peer(HttpExchange exchange) {
        try {
            X509Certificate leaf =
                    (X509Certificate) ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0];
            return Certificates.commonName(leaf).map(Id16::parse);
        } catch (SSLPeerUnverifiedException anonymous) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
