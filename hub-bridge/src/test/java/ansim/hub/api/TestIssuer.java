package ansim.hub.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/** A city's identity provider on loopback: publishes its keys and signs what it is told to. */
final class TestIssuer implements AutoCloseable {
    static final String AUDIENCE = "ansim-hub";

    /** Asked for its configuration, and for its keys. */
    final AtomicInteger asked = new AtomicInteger();

    final AtomicInteger keysAsked = new AtomicInteger();
    private final List<JsonWebKey> published = new CopyOnWriteArrayList<>();
    private final InetSocketAddress address;
    private final Optional<SSLContext> tls;
    private HttpServer server;
    private volatile Optional<String> otherIssuer = Optional.empty();
    private volatile Optional<byte[]> otherKeys = Optional.empty();

    TestIssuer() throws IOException {
        this(Optional.empty());
    }

    TestIssuer(Optional<SSLContext> tls) throws IOException {
        this.tls = tls;
        server = listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls);
        address = server.getAddress();
    }

    private HttpServer listen(InetSocketAddress at, Optional<SSLContext> tls) throws IOException {
        HttpServer made;
        if (tls.isPresent()) {
            HttpsServer secure = HttpsServer.create(at, 0);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
            made = secure;
        } else {
            made = HttpServer.create(at, 0);
        }
        made.createContext("/realms/ansim/.well-known/openid-configuration", exchange -> {
            asked.incrementAndGet();
            say(
                    exchange,
                    ("{\"issuer\":\"" + otherIssuer.orElse(url().toString()) + "\",\"jwks_uri\":\"" + url()
                                    + "/keys\"}")
                            .getBytes(StandardCharsets.UTF_8));
        });
        made.createContext("/realms/ansim/keys", exchange -> {
            keysAsked.incrementAndGet();
            say(
                    exchange,
                    otherKeys.orElseGet(() ->
                            new JsonWebKeySet(List.copyOf(published)).toJson().getBytes(StandardCharsets.UTF_8)));
        });
        made.start();
        return made;
    }

    private static void say(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    URI url() {
        return URI.create((tls.isPresent() ? "https" : "http") + "://localhost:" + address.getPort() + "/realms/ansim");
    }

    OidcSettings settings() {
        return settings(Map.of());
    }

    OidcSettings settings(Map<String, String> roles) {
        return new OidcSettings(url(), AUDIENCE, "roles", "", roles, Optional.empty(), Duration.ofHours(24));
    }

    /** From now on it says that it is somebody else. */
    void calledOtherwise(String issuer) {
        otherIssuer = Optional.of(issuer);
    }

    /** From now on these are its keys. */
    void publishes(byte[] document) {
        otherKeys = Optional.of(document);
    }

    void publish(JsonWebKey key) {
        published.add(key);
    }

    void withdraw(JsonWebKey key) {
        published.remove(key);
    }

    void down() {
        server.stop(0);
    }

    void up() throws IOException {
        server = listen(address, tls);
    }

    static PublicJsonWebKey named(PublicJsonWebKey key, String kid) {
        key.setKeyId(kid);
        key.setUse("sig");
        return key;
    }

    /** A token that holds, for somebody with this role. */
    JwtClaims claims(Instant now, String subject, String... roles) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(url().toString());
        claims.setAudience(List.of("somebody-else", AUDIENCE));
        claims.setSubject(subject);
        claims.setIssuedAt(NumericDate.fromMilliseconds(now.toEpochMilli()));
        claims.setNotBefore(NumericDate.fromMilliseconds(now.toEpochMilli()));
        claims.setExpirationTime(
                NumericDate.fromMilliseconds(now.plusSeconds(300).toEpochMilli()));
        claims.setClaim("roles", new ArrayList<>(List.of(roles)));
        return claims;
    }

    static String sign(JwtClaims claims, PublicJsonWebKey key, String algorithm) throws JoseException {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(claims.toJson());
        jws.setKey(key.getPrivateKey());
        jws.setKeyIdHeaderValue(key.getKeyId());
        jws.setAlgorithmHeaderValue(algorithm);
        return jws.getCompactSerialization();
    }

    static String signed(JwtClaims claims, PublicJsonWebKey key) throws JoseException {
        return sign(
                claims,
                key,
                switch (key.getKeyType()) {
                    case "RSA" -> AlgorithmIdentifiers.RSA_USING_SHA256;
                    case "EC" -> AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256;
                    default -> AlgorithmIdentifiers.EDDSA;
                });
    }

    @Override
    public void close() {
        down();
    }
}
