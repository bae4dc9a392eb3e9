package ansim.edge.keys;

import ansim.edge.keys.KeysException.Reason;
import ansim.trust.AnyPeer;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.wire.Id8;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * The unit's questions over HTTPS: those of EST (RFC 7030), which any EST server answers, and the hub's own (docs/enrolment.md). Each
 * answer is at most {@value #MAX_ANSWER} bytes; each question ends after {@link #TIMEOUT}. One thread.
 */
final class HubClient {
    static final Duration TIMEOUT = Duration.ofSeconds(30);
    static final int MAX_ANSWER = 64 * 1024;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int NONCE_BYTES = 16;
    private static final int REASON_MAX = 200;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;

    private final URI hub;
    private final SSLContext tls;
    private final SecureRandom random;

    private HubClient(URI hub, SSLContext tls, SecureRandom random) {
        this.hub = hub;
        this.tls = tls;
        this.random = random;
    }

    /** Before anything is known of the hub. Only for what proves itself. */
    static HubClient unverified(URI hub, SecureRandom random) {
        return new HubClient(hub, TlsIdentity.anonymous(new AnyPeer(), random), random);
    }

    /** Without a certificate. */
    static HubClient anonymous(URI hub, PeerTrust trust, SecureRandom random) {
        return new HubClient(hub, TlsIdentity.anonymous(trust, random), random);
    }

    /** With the unit's certificate. */
    static HubClient as(TlsIdentity unit, URI hub, PeerTrust trust, SecureRandom random) {
        return new HubClient(hub, unit.context(trust, random), random);
    }

    /** Step 1 with a typed code: the authority that the hub proves to be its own. */
    X509Certificate pin(ClaimCode code) throws KeysException, InterruptedException {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        String query = "/ansim/v1/pin?locator=" + code.locator() + "&nonce="
                + HexFormat.of().formatHex(nonce);
        Answer answer = send(request(query).GET());
        if (answer.status() == NOT_FOUND) {
            throw new KeysException(
                    Reason.CODE,
                    "the hub knows no such code",
                    "the code again, and a new one if it is older than 30 days");
        }
        try {
            Map<String, String> fields = FlatJson.read(answer.expect(OK).text());
            X509Certificate authority =
                    Certificates.fromPem(fields.getOrDefault("ca", "")).get(0);
            byte[] proof = ClaimCode.pin(code.pinKey(), nonce, Certificates.keyHash(authority));
            if (MessageDigest.isEqual(proof, HexFormat.of().parseHex(fields.getOrDefault("mac", "")))) {
                return authority;
            }
        } catch (IOException | IllegalArgumentException e) {
            throw notTheHub("what answers at " + hub + " is no hub: " + e.getMessage());
        }
        throw notTheHub("what answers at " + hub + " does not know the code that it is asked about");
    }

    /** EST 4.1: the authorities. */
    List<X509Certificate> authorities() throws KeysException, InterruptedException {
        return send(request("/.well-known/est/cacerts").GET()).expect(OK).certificates();
    }

    /** EST 4.2 with a claim; what comes is certificates in no order. */
    List<X509Certificate> enrol(byte[] request, Claim claim) throws KeysException, InterruptedException {
        String user = claim.serial() + "/" + claim.code().locator();
        String credentials = Base64.getEncoder()
                .encodeToString((user + ":" + claim.code().secret()).getBytes(StandardCharsets.UTF_8));
        Answer answer =
                send(est("/.well-known/est/simpleenroll", request).header("Authorization", "Basic " + credentials));
        if (answer.status() == UNAUTHORIZED) {
            throw new KeysException(
                    Reason.REFUSED,
                    "the hub refuses the claim" + answer.why(),
                    "at the hub: hub-bridge units claims list; a new code for this vehicle or site: hub-bridge units import");
        }
        return answer.expect(OK).certificates();
    }

    /** EST 4.2.2 with the present certificate. */
    List<X509Certificate> renew(byte[] request) throws KeysException, InterruptedException {
        return send(est("/.well-known/est/simplereenroll", request)).expect(OK).certificates();
    }

    /**
     * Step 4: the hub's keys and addresses.
     *
     * @param asked what the signed part of the answer repeats
     */
    Map<String, String> hub(Id8 asked) throws KeysException, InterruptedException {
        try {
            return FlatJson.read(
                    send(request("/ansim/v1/hub?nonce=" + asked.hex()).GET())
                            .expect(OK)
                            .text());
        } catch (IOException e) {
            throw notTheHub("the hub's answer is no JSON: " + e.getMessage());
        }
    }

    /** Step 5: registers a message key; the bytes of the confirmation. */
    byte[] register(byte[] registration) throws KeysException, InterruptedException {
        return send(request("/ansim/v1/message-key")
                        .header("Content-Type", "application/cose")
                        .POST(BodyPublishers.ofByteArray(registration)))
                .expect(OK)
                .body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(hub.resolve(path)).timeout(TIMEOUT);
    }

    private HttpRequest.Builder est(String path, byte[] der) {
        return request(path)
                .header("Content-Type", "application/pkcs10")
                .header("Content-Transfer-Encoding", "base64")
                .POST(BodyPublishers.ofString(Base64.getMimeEncoder().encodeToString(der)));
    }

    private Answer send(HttpRequest.Builder question) throws KeysException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        try {
            HttpResponse<InputStream> response = client.send(question.build(), BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(MAX_ANSWER + 1);
                if (bytes.length > MAX_ANSWER) {
                    throw notTheHub("the hub's answer has more than " + MAX_ANSWER + " bytes");
                }
                return new Answer(
                        hub, response.statusCode(), bytes, response.headers().firstValue("Retry-After"));
            }
        } catch (SSLException e) {
            throw new KeysException(
                    Reason.NOT_THE_HUB,
                    "no trusted connection to " + hub + ": " + e.getMessage(),
                    "the hub's name as its certificate has it; if that is right, somebody may be in the way");
        } catch (IOException e) {
            throw new KeysException(
                    Reason.UNREACHABLE,
                    "the hub at " + hub + " cannot be reached: " + (e.getMessage() == null ? e : e.getMessage()),
                    "the same again when the link is up; what is done is not done again");
        }
    }

    private KeysException notTheHub(String error) {
        return new KeysException(
                Reason.NOT_THE_HUB,
                error,
                "the address of the hub and the code; if both are right, somebody is in the way");
    }

    /** What came back. */
    private record Answer(URI hub, int status, byte[] body, Optional<String> retryAfter) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        Answer expect(int wanted) throws KeysException {
            if (status == wanted) {
                return this;
            }
            if (status == ACCEPTED || status == TOO_MANY || status >= 500) {
                throw new KeysException(
                        Reason.UNREACHABLE,
                        "the hub at " + hub + " cannot answer yet (HTTP " + status + ")" + why(),
                        "the same again"
                                + retryAfter
                                        .filter(after -> after.matches("[0-9]{1,6}"))
                                        .map(after -> " after " + after + " s")
                                        .orElse(" later"));
            }
            throw new KeysException(
                    Reason.REFUSED,
                    "the hub at " + hub + " refuses (HTTP " + status + ")" + why(),
                    "at the hub: hub-bridge units list, whether the unit is in force");
        }

        /** What the hub says about it, as far as it can be printed. */
        String why() {
            String first = text().lines()
                    .findFirst()
                    .orElse("")
                    .replaceAll("[^ -~]", " ")
                    .strip();
            return first.isEmpty() ? "" : ": " + first.substring(0, Math.min(REASON_MAX, first.length()));
        }

        List<X509Certificate> certificates() throws KeysException {
            try {
                return Certificates.fromPkcs7(Base64.getMimeDecoder().decode(body));
            } catch (IllegalArgumentException e) {
                throw new KeysException(
                        Reason.NOT_THE_HUB,
                        "the answer of " + hub + " holds no certificates: " + e.getMessage(),
                        "the address of the hub");
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Answer that && status == that.status && Arrays.equals(body, that.body);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(body);
        }
    }
}
