package ansim.hub.guardian;

import ansim.hub.vault.Letter;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A provider of SMS, KakaoTalk or the like, by POST:
 *
 * <pre>
 * Content-Type: application/json
 * Idempotency-Key: the letter's id, the same at every try
 * Ansim-Signature: t=unix seconds,v1=hex of HMAC-SHA256 under the shared secret over "t.body"
 *
 * {"id","channel","to","language","kind","title","text","fields":{"vehicle","company","time","district"}}
 * </pre>
 *
 * <p>Any 2xx means that the provider has it. Redirects are not followed: an address goes where the operator said. One thread at a time.
 */
final class WebhookWay implements Way {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** This letter is wrong, and would be wrong again. */
    static final Set<Integer> REFUSALS = Set.of(400, 410, 413, 415, 422);

    private static final String HMAC = "HmacSHA256";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI url;
    private final SecretKeySpec secret;
    private final InstantSource clock;
    private final Duration timeout;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    WebhookWay(URI url, String secret, InstantSource clock) {
        this(url, secret, clock, TIMEOUT);
    }

    WebhookWay(URI url, String secret, InstantSource clock, Duration timeout) {
        this.url = url;
        this.secret = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), HMAC);
        this.clock = clock;
        this.timeout = timeout;
    }

    @Override
    public Outcome send(Letter letter, Text text) {
        String body = body(letter, text);
        long now = clock.millis() / 1000;
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", letter.id())
                .header("Ansim-Signature", "t=" + now + ",v1=" + signature(now + "." + body))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return outcome(
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
        } catch (IOException e) {
            String message = e.getMessage();
            return new Outcome(
                    Verdict.UNREACHABLE, message == null ? e.getClass().getSimpleName() : message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(Verdict.UNREACHABLE, "stopped");
        }
    }

    private static Outcome outcome(int status) {
        if (status / 100 == 2) {
            return Outcome.SENT;
        }
        String why = "HTTP status " + status;
        if (REFUSALS.contains(status)) {
            return new Outcome(Verdict.REFUSED, why);
        }
        return new Outcome(status == 409 ? Verdict.LATER : Verdict.UNREACHABLE, why);
    }

    private static String body(Letter letter, Text text) {
        ObjectNode json = JSON.createObjectNode();
        json.put("id", letter.id()).put("channel", letter.channel()).put("to", letter.address());
        json.put("language", letter.language()).put("kind", text.kind());
        json.put("title", text.title()).put("text", text.body());
        ObjectNode fields = json.putObject("fields");
        text.fields().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(each -> fields.put(each.getKey(), each.getValue()));
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can always be written", e);
        }
    }

    private String signature(String content) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(secret);
            return HexFormat.of().formatHex(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(HMAC + " is in every Java runtime", e);
        }
    }

    @Override
    public void close() {
        // The client ends with its last request.
    }
}
