package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Format;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Posts one courier's events to a URL, each alone or several together. Any 2xx means that the centre has all of them. Redirects are not followed: an
 * event goes where the operator said.
 *
 * <p>CloudEvents go in structured mode; COSE in binary mode, the attributes as {@code ce-} headers (CloudEvents HTTP protocol binding 1.0,
 * 3.1). With a secret each request is signed ({@link Signature}).
 *
 * <p>One request at a time: HTTP gives no order between requests that are on their way together. With a batch of more than one all that waits when the
 * request before is answered goes in the next, up to the batch and {@value #MAX_BATCH_BYTES} bytes, as a JSON array (the same binding, 3.3); nothing
 * waits for a batch to fill. When a centre refuses a batch for good, each of its events goes alone, in order: only those that it refuses then are refused.
 *
 * <p>When a request fails, all that waits behind it fails, and whatever else comes of the same attempt: nothing passes what has failed.
 *
 * <p>Thread-safe.
 */
final class WebhookSink implements Sink {
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** Of a batch, with what stands around and between its events. */
    static final int MAX_BATCH_BYTES = 1024 * 1024;

    /** The request itself is wrong, and would be wrong again. Everything else may be a matter of time. */
    static final Set<Integer> REFUSALS = Set.of(400, 413, 415, 422);

    private record Waiting(Parcel parcel, CompletableFuture<Outcome> taken) {}

    private final HttpClient client;
    private final URI url;
    private final int batch;
    private final Optional<byte[]> secret;
    private final InstantSource clock;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    /** Whether a request is on its way, or the events of a refused batch one by one. */
    private boolean busy;
    /** The newest attempt of which something has failed. */
    private long broken = -1;

    /** @param batch events that may go in one request; more than one only of the format cloudevents */
    WebhookSink(HttpClient client, URI url, int batch, Optional<byte[]> secret, InstantSource clock) {
        this.client = client;
        this.url = url;
        this.batch = batch;
        this.secret = secret.map(byte[]::clone);
        this.clock = clock;
    }

    @Override
    public synchronized CompletableFuture<Outcome> send(Parcel parcel) {
        if (parcel.attempt() <= broken) {
            return CompletableFuture.completedFuture(new Outcome(Verdict.FAILED, "one before it has failed"));
        }
        CompletableFuture<Outcome> taken = new CompletableFuture<>();
        waiting.add(new Waiting(parcel, taken));
        return taken;
    }

    @Override
    public void flush() {
        List<Waiting> next;
        synchronized (this) {
            if (busy || waiting.isEmpty()) {
                return;
            }
            busy = true;
            next = nextBatch();
        }
        var unused = post(next).thenAccept(outcome -> answered(next, outcome));
    }

    private List<Waiting> nextBatch() {
        List<Waiting> all = new ArrayList<>();
        int bytes = 1;
        while (!waiting.isEmpty() && all.size() < batch) {
            bytes += waiting.element().parcel.body().bytes().length + 1;
            if (bytes > MAX_BATCH_BYTES && !all.isEmpty()) {
                break;
            }
            all.add(waiting.remove());
        }
        return all;
    }

    private void answered(List<Waiting> sent, Outcome outcome) {
        if (outcome.verdict() == Verdict.FAILED) {
            fail(sent, outcome);
        } else if (outcome.verdict() == Verdict.REFUSED && sent.size() > 1) {
            oneByOne(sent);
            return;
        } else {
            sent.forEach(each -> each.taken.complete(outcome));
        }
        goOn();
    }

    /** A batch that was refused for good: it may be one of them, or that the centre takes no batches. */
    private void oneByOne(List<Waiting> left) {
        if (left.isEmpty()) {
            goOn();
            return;
        }
        var unused = post(left.subList(0, 1)).thenAccept(outcome -> {
            if (outcome.verdict() == Verdict.FAILED) {
                fail(left, outcome);
                goOn();
            } else {
                left.get(0).taken.complete(outcome);
                oneByOne(left.subList(1, left.size()));
            }
        });
    }

    private void goOn() {
        synchronized (this) {
            busy = false;
        }
        flush();
    }

    private void fail(List<Waiting> sent, Outcome outcome) {
        List<Waiting> behind;
        synchronized (this) {
            sent.forEach(each -> broken = Math.max(broken, each.parcel.attempt()));
            behind = waiting.stream()
                    .filter(each -> each.parcel.attempt() <= broken)
                    .toList();
            waiting.removeAll(behind);
        }
        sent.forEach(each -> each.taken.complete(outcome));
        behind.forEach(each -> each.taken.complete(new Outcome(Verdict.FAILED, "one before it has failed")));
    }

    /** The future never fails. */
    private CompletableFuture<Outcome> post(List<Waiting> all) {
        try {
            CompletableFuture<HttpResponse<Void>> answer =
                    client.sendAsync(request(all), HttpResponse.BodyHandlers.discarding());
            // The request's own time ends with the answer's head: a centre that stops behind it would hold all up.
            return answer.orTimeout(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .handle((response, error) -> {
                        answer.cancel(true);
                        return error == null ? outcome(response.statusCode()) : Outcome.failed(error);
                    });
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(Outcome.failed(e));
        }
    }

    private HttpRequest request(List<Waiting> all) {
        Parcel first = all.get(0).parcel;
        boolean alone = all.size() == 1;
        byte[] bytes = alone ? first.body().bytes() : array(all);
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Content-Type", alone ? first.body().contentType() : CloudEvent.BATCH_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes));
        if (alone && first.body().format() == Format.COSE) {
            for (Map.Entry<String, String> each : first.body().attributes().entrySet()) {
                request.header("ce-" + each.getKey(), each.getValue());
            }
        }
        if (secret.isPresent()) {
            long nowS = clock.instant().getEpochSecond();
            String id = alone ? first.id() : batchId(bytes);
            request.header(Signature.ID, id)
                    .header(Signature.TIMESTAMP, Long.toString(nowS))
                    .header(Signature.SIGNATURE, Signature.of(secret.get(), id, nowS, bytes));
        }
        return request.build();
    }

    private static byte[] array(List<Waiting> all) {
        int length = 1
                + all.stream()
                        .mapToInt(each -> each.parcel.body().bytes().length + 1)
                        .sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream(length);
        char before = '[';
        for (Waiting each : all) {
            out.write(before);
            out.writeBytes(each.parcel.body().bytes());
            before = ',';
        }
        out.write(']');
        return out.toByteArray();
    }

    /** A batch that comes again may be another one: whoever passes over repeated requests by their id must lose nothing by that. */
    private static String batchId(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "batch/" + HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static Outcome outcome(int status) {
        if (status / 100 == 2) {
            return Outcome.TAKEN;
        }
        return new Outcome(REFUSALS.contains(status) ? Verdict.REFUSED : Verdict.FAILED, "HTTP status " + status);
    }

    /** One batch on its way, and one that comes together meanwhile. */
    @Override
    public int window() {
        return batch == 1 ? 1 : 2 * batch;
    }

    @Override
    public void close() {
        // The client is shared.
    }
}
