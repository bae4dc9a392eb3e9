package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.guardian.Way.Verdict;
import ansim.hub.vault.Letter;
import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.vault.RideNotice.Place;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A provider's side of the webhook. */
class WebhookWayTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000));
    private static final Letter LETTER = new Letter(
            1,
            "0123456789abcdef0123456789abcdef",
            "fedcba9876543210fedcba9876543210",
            "sms",
            "010-1234-5678",
            "ko",
            0,
            0,
            new Letter.OfRide(Kind.BOARDED, "서울33바1234", "한강택시", 0, new Place("강남구", "Gangnam-gu")));

    private final AtomicInteger status = new AtomicInteger(202);
    private final List<Headers> headers = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private HttpServer provider;

    @BeforeEach
    void open() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> {
            try (exchange) {
                headers.add(exchange.getRequestHeaders());
                bodies.add(exchange.getRequestBody().readAllBytes());
                exchange.sendResponseHeaders(status.get(), -1);
            }
        });
        provider.start();
    }

    @AfterEach
    void close() {
        provider.stop(0);
    }

    private Way.Outcome send() throws IOException {
        URI url = URI.create("http://127.0.0.1:" + provider.getAddress().getPort() + "/sms");
        try (Way way = new WebhookWay(url, "secret", CLOCK)) {
            return way.send(LETTER, MailCity.texts().of(LETTER));
        }
    }

    private static String hmac(String content) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aProviderGetsWordsAndFieldsSignedAndUnderOneKeyAtEveryTry() throws Exception {
        assertEquals(Verdict.SENT, send().verdict());
        assertEquals(Verdict.SENT, send().verdict());
        String body = new String(bodies.get(0), StandardCharsets.UTF_8);
        JsonNode json = new ObjectMapper().readTree(body);
        assertEquals("010-1234-5678", json.path("to").asText());
        assertEquals("boarded", json.path("kind").asText());
        assertEquals("강남구", json.path("fields").path("district").asText());
        assertTrue(json.path("text").asText().contains("한강택시"), body);
        assertEquals(
                "t=1800000000,v1=" + hmac("1800000000." + body), headers.get(0).getFirst("Ansim-Signature"));
        for (Headers each : headers) {
            assertEquals(LETTER.id(), each.getFirst("Idempotency-Key"));
        }
    }

    @Test
    void whatIsWrongWithTheLetterIsForGoodAndWhatIsWrongWithTheProviderIsNot() throws Exception {
        for (int refusal : List.of(400, 410, 413, 415, 422)) {
            status.set(refusal);
            assertEquals(Verdict.REFUSED, send().verdict(), "status " + refusal);
        }
        for (int failure : List.of(302, 401, 403, 404, 429, 500, 503)) {
            status.set(failure);
            assertEquals(Verdict.UNREACHABLE, send().verdict(), "status " + failure);
        }
        status.set(409);
        assertEquals(Verdict.LATER, send().verdict());
        provider.stop(0);
        assertEquals(Verdict.UNREACHABLE, send().verdict());
    }
}
