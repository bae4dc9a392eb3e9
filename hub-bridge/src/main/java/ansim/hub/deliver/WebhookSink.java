package ansim.hub.deliver;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Posts each event to a URL. Any 2xx means that the centre has it. Redirects are not followed: an event goes where the operator said.
 *
 * <p>One at a time: HTTP gives no order between requests that are on their way together.
 */
final class WebhookSink implements Sink {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** The request itself is wrong, and would be wrong again. Everything else may be a matter of time. */
    static final Set<Integer> REFUSALS = Set.of(400, 413, 415, 422);

    private final HttpClient client;
    private final URI url;

    WebhookSink(HttpClient client, URI url) {
        this.client = client;
        this.url = url;
    }

    @Override
    public CompletableFuture<Outcome> send(Parcel parcel) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", CloudEvent.CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(parcel.json()))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .handle((response, error) -> error == null
                        ? outcome(response.statusCode())
                        : new Outcome(Verdict.FAILED, Problems.words(error)));
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
