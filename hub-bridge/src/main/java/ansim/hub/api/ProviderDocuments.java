package ansim.hub.api;

import ansim.trust.Certificates;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/**
 * Reads what an identity provider publishes: its configuration (OpenID Connect Discovery 1.0) and the keys that stand there (RFC 7517).
 *
 * <p>Guarantees that no document takes more than {@value #MAX_BYTES} bytes of memory and {@value #TIMEOUT_S} s, and that none comes by a redirect or
 * unencrypted over a network. One thread at a time.
 */
final class ProviderDocuments {
    /** Of one document. */
    static final int MAX_BYTES = 256 * 1024;

    /** Of one set; a provider has a handful. */
    static final int MAX_KEYS = 64;

    /** For one document, with its connection. */
    static final int TIMEOUT_S = 10;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final OidcSettings settings;
    private final HttpClient client;

    /** @throws IOException when the given authorities do not read */
    ProviderDocuments(OidcSettings settings) throws IOException {
        this.settings = settings;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(TIMEOUT_S))
                .followRedirects(HttpClient.Redirect.NEVER);
        if (settings.ca().isPresent()) {
            Path file = settings.ca().get();
            try {
                builder.sslContext(Certificates.trusting(
                        Certificates.fromPem(Files.readString(file, StandardCharsets.ISO_8859_1))));
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException("api.oidc.ca: " + file + " holds no certificates that can be trusted: " + e, e);
            }
        }
        this.client = builder.build();
    }

    /**
     * The keys that tokens may be signed with now.
     *
     * @throws IOException when the provider does not say, or says something else; the message is for an operator
     */
    List<PublicJsonWebKey> keys() throws IOException, InterruptedException {
        JsonNode configuration = JSON.readTree(document(settings.discovery()));
        String issuer = configuration.path("issuer").asText();
        if (!issuer.equals(settings.issuer().toString())) {
            throw new IOException("it is the issuer \"" + issuer + "\", not " + settings.issuer());
        }
        return keysOf(document(keysAt(configuration)));
    }

    private static URI keysAt(JsonNode configuration) throws IOException {
        String text = configuration.path("jwks_uri").asText();
        try {
            URI url = URI.create(text);
            if (OidcSettings.isSafe(url)) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("its jwks_uri is no address (" + text + ")", e);
        }
        throw new IOException("its jwks_uri must be https:// (got \"" + text + "\")");
    }

    private static List<PublicJsonWebKey> keysOf(byte[] document) throws IOException {
        List<JsonWebKey> all;
        try {
            // Passes over what it does not know, as RFC 7517 section 5 has it.
            all = new JsonWebKeySet(new String(document, StandardCharsets.UTF_8)).getJsonWebKeys();
        } catch (JoseException e) {
            throw new IOException("its keys do not read: " + e.getMessage(), e);
        }
        if (all.size() > MAX_KEYS) {
            throw new IOException("it has " + all.size() + " keys, at most " + MAX_KEYS + " are taken");
        }
        List<PublicJsonWebKey> keys = new ArrayList<>();
        for (JsonWebKey each : all) {
            boolean signs = each.getUse() == null || each.getUse().equals("sig");
            if (each instanceof PublicJsonWebKey key && signs && each.getKeyId() != null) {
                keys.add(key);
            }
        }
        if (keys.isEmpty()) {
            throw new IOException("it has no key to sign with that is public and has a kid");
        }
        return keys;
    }

    private byte[] document(URI url) throws IOException, InterruptedException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Accept", "application/json")
                .GET()
                .build();
        CompletableFuture<HttpResponse<Void>> asked =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArrayConsumer(part -> keep(got, part)));
        try {
            int status = asked.get(TIMEOUT_S, TimeUnit.SECONDS).statusCode();
            if (status != 200) {
                throw new IOException(url + " says HTTP status " + status);
            }
        } catch (ExecutionException e) {
            throw new IOException(url + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            asked.cancel(true);
            throw new IOException(url + " has not answered within " + TIMEOUT_S + " s", e);
        }
        if (got.size() > MAX_BYTES) {
            throw new IOException(url + " has more than " + MAX_BYTES + " bytes");
        }
        return got.toByteArray();
    }

    /** One byte too many is kept, and no more: an answer without end is ended by the clock. */
    private static void keep(ByteArrayOutputStream got, Optional<byte[]> part) {
        if (part.isPresent()) {
            got.write(part.get(), 0, Math.min(part.get().length, MAX_BYTES + 1 - got.size()));
        }
    }
}
