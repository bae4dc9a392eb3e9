package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.deliver.Destination.Format;
import ansim.hub.deliver.Sink.Body;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.hub.deliver.Sink.Place;
import ansim.hub.deliver.Sink.Verdict;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes in which request, and what becomes of each event when a request of several is refused or fails. */
class WebhookSinkTest {
    private static final String ALONE = "application/cloudevents+json ";
    private static final String BATCH = "application/cloudevents-batch+json ";
    private static final Outcome BEHIND = new Outcome(Verdict.FAILED, "one before it has failed");

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    /** Requests that the centre may answer. */
    private final Semaphore answers = new Semaphore(Integer.MAX_VALUE / 2);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ToIntFunction<String> status = request -> 204;
    private HttpServer server;
    private HttpClient client;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                String request = exchange.getRequestHeaders().getFirst("Content-Type") + " " + body;
                requests.add(request);
                answers.acquireUninterruptibly();
                exchange.sendResponseHeaders(status.applyAsInt(request), -1);
            }
        });
        server.start();
        client = HttpClient.newBuilder().executor(threads).build();
    }

    @AfterEach
    void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private WebhookSink sink(int batch) {
        return new WebhookSink(
                client, URI.create(TestCentre.url(server)), batch, Optional.empty(), InstantSource.system());
    }

    private static CompletableFuture<Outcome> send(Sink sink, int number, long attempt) {
        return sendSized(sink, Integer.toString(number), attempt);
    }

    private static CompletableFuture<Outcome> sendSized(Sink sink, String json, long attempt) {
        Body body = new Body(Format.CLOUDEVENTS, json.getBytes(StandardCharsets.UTF_8), "aa".repeat(16), Map.of());
        return sink.send(new Parcel("u/c/2/" + json, new Place(1, 0), "11680", false, false, attempt, body));
    }

    private static List<CompletableFuture<Outcome>> sendAll(Sink sink, int from, int to) {
        List<CompletableFuture<Outcome>> all = new ArrayList<>();
        for (int number = from; number <= to; number++) {
            all.add(send(sink, number, 0));
        }
        return all;
    }

    private static List<Verdict> verdicts(List<CompletableFuture<Outcome>> all) throws Exception {
        List<Verdict> verdicts = new ArrayList<>();
        for (CompletableFuture<Outcome> each : all) {
            verdicts.add(each.get(60, TimeUnit.SECONDS).verdict());
        }
        return verdicts;
    }

    @Test
    void whatWaitsGoesTogetherInOrderUpToTheBatchAndWhatComesMeanwhileInTheNextOne() throws Exception {
        WebhookSink sink = sink(4);
        answers.drainPermits();
        List<CompletableFuture<Outcome>> all = sendAll(sink, 1, 3);
        sink.flush();
        TestCentre.await("the first request", () -> requests.size() == 1);
        all.addAll(sendAll(sink, 4, 8));
        sink.flush();
        answers.release(100);
        assertEquals(Collections.nCopies(8, Verdict.TAKEN), verdicts(all));
        assertEquals(List.of(BATCH + "[1,2,3]", BATCH + "[4,5,6,7]", ALONE + "8"), requests);
    }

    @Test
    void oneThatIsThereAloneWaitsForNoOtherAndGoesAsItDoesWithoutBatches() throws Exception {
        WebhookSink sink = sink(64);
        CompletableFuture<Outcome> alarm = send(sink, 1, 0);
        sink.flush();
        assertEquals(Outcome.TAKEN, alarm.get(60, TimeUnit.SECONDS));
        assertEquals(List.of(ALONE + "1"), requests);
    }

    @Test
    void withoutABatchEachGoesAlone() throws Exception {
        WebhookSink sink = sink(1);
        List<CompletableFuture<Outcome>> all = sendAll(sink, 1, 3);
        sink.flush();
        assertEquals(Collections.nCopies(3, Verdict.TAKEN), verdicts(all));
        assertEquals(List.of(ALONE + "1", ALONE + "2", ALONE + "3"), requests);
        assertEquals(1, sink.window());
    }

    @Test
    void aBatchHasNoMoreThanItsBytes() throws Exception {
        WebhookSink sink = sink(64);
        String half = "1".repeat(WebhookSink.MAX_BATCH_BYTES / 2 - 2);
        List<CompletableFuture<Outcome>> all =
                List.of(sendSized(sink, half, 0), sendSized(sink, half, 0), sendSized(sink, half, 0));
        sink.flush();
        assertEquals(Collections.nCopies(3, Verdict.TAKEN), verdicts(all));
        assertEquals(2, requests.size());
        assertEquals(
                BATCH.length() + WebhookSink.MAX_BATCH_BYTES - 1,
                requests.get(0).length());
    }

    @Test
    void ofARefusedBatchEachGoesAloneAndOnlyTheOneThatIsRefusedThenIsRefused() throws Exception {
        status = request -> request.contains("3") ? 400 : 204;
        WebhookSink sink = sink(4);
        List<CompletableFuture<Outcome>> all = sendAll(sink, 1, 6);
        sink.flush();
        assertEquals(
                List.of(Verdict.TAKEN, Verdict.TAKEN, Verdict.REFUSED, Verdict.TAKEN, Verdict.TAKEN, Verdict.TAKEN),
                verdicts(all));
        assertEquals(
                List.of(BATCH + "[1,2,3,4]", ALONE + "1", ALONE + "2", ALONE + "3", ALONE + "4", BATCH + "[5,6]"),
                requests);
    }

    @Test
    void aCentreThatTakesNoBatchesGetsEachAlone() throws Exception {
        status = request -> request.startsWith(BATCH) ? 415 : 204;
        WebhookSink sink = sink(8);
        List<CompletableFuture<Outcome>> all = sendAll(sink, 1, 3);
        sink.flush();
        assertEquals(Collections.nCopies(3, Verdict.TAKEN), verdicts(all));
    }

    @Test
    void whenABatchFailsAllBehindItFailsAndWhatElseComesOfTheSameAttempt() throws Exception {
        status = request -> 503;
        WebhookSink sink = sink(2);
        answers.drainPermits();
        List<CompletableFuture<Outcome>> all = sendAll(sink, 1, 5);
        sink.flush();
        TestCentre.await("the first request", () -> requests.size() == 1);
        answers.release(100);
        assertEquals(Collections.nCopies(5, Verdict.FAILED), verdicts(all));
        assertEquals(BEHIND, send(sink, 6, 0).get());
        status = request -> 204;
        CompletableFuture<Outcome> again = send(sink, 1, 1);
        assertFalse(again.isDone());
        sink.flush();
        assertEquals(Outcome.TAKEN, again.get(60, TimeUnit.SECONDS));
        assertEquals(List.of(BATCH + "[1,2]", ALONE + "1"), requests);
    }

    @Test
    void whenOneOfARefusedBatchFailsNothingBehindItIsSent() throws Exception {
        status = request -> request.startsWith(BATCH) ? 400 : request.endsWith("2") ? 503 : 204;
        WebhookSink sink = sink(3);
        List<CompletableFuture<Outcome>> all = sendAll(sink, 1, 4);
        sink.flush();
        assertEquals(List.of(Verdict.TAKEN, Verdict.FAILED, Verdict.FAILED, Verdict.FAILED), verdicts(all));
        assertEquals(List.of(BATCH + "[1,2,3]", ALONE + "1", ALONE + "2"), requests);
        assertTrue(sink.window() >= 3);
    }
}
