package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Format;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Posts each event to a URL. Any 2xx means that the centre has it. Redirects are not followed: an event goes where the operator said.
 *
 * <p>CloudEvents go in structured mode; COSE in binary mode, the attributes as {@code ce-} headers (CloudEvents HTTP protocol binding 1.0,
 * 3.1). With a secret each request is signed ({@link Signature}).
 *
 * <p>One at a time: HTTP gives no order between requests that are on their way together.
 */
final class WebhookSink implements Sink {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** The request itself is wrong, and would be wrong again. Everything else may be a matter of time. */
    static final Set<Integer> REFUSALS = Set.of(400, 413, 415, 422);

    private final HttpClient client;
    private final URI url;
    private final Optional<byte[]> secret;
    private final InstantSource clock;

    WebhookSink(HttpClient client, URI url, Optional<byte[]> secret, InstantSource clock) {
        this.client = client;
        this.url = url;
        this.secret = secret.map(byte[]::clone);
        this.clock = clock;
    }

    @Override
    public CompletableFuture<Outcome> send(Parcel parcel) {
        Body body = parcel.body();
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", body.contentType())
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.bytes()));
        if (body.format() == Format.COSE) {
            for (Map.Entry<String, String> each : body.attributes().entrySet()) {
                request.header("ce-" + each.getKey(), each.getValue());
            }
        }
        if (secret.isPresent()) {
            long nowS = clock.instant().getEpochSecond();
            request.header(Signature.ID, parcel.id())
                    .header(Signature.TIMESTAMP, Long.toString(nowS))
                    .header(Signature.SIGNATURE, Signature.of(secret.get(), parcel.id(), nowS, body.bytes()));
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding())
                .handle((response, error) -> error == null ? outcome(response.statusCode()) : Outcome.failed(error));
    }

    private static Outcome outcome(int status) {
        if (status / 100 == 2) {
            return Outcome.TAKEN;
        }
        return new Outcome(REFUSALS.contains(status) ? Verdict.REFUSED : Verdict.FAILED, "HTTP status " + status);
    }

    @Override
    public int window() {
        return 1;
    }

    @Override
    public void close() {
        // The client is shared.
    }
}
