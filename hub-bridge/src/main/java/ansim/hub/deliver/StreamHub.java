package ansim.hub.deliver;

import ansim.hub.core.Event;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.X509KeyManager;

/**
 * Where centres read their event streams: {@code GET /v1/streams/DISTRICT/alarm} and {@code /normal}, {@code Accept: text/event-stream},
 * {@code Authorization: Bearer TOKEN}; {@code POST .../ack} with {@code Last-Event-ID: ID} acknowledges up to an event. DISTRICT is a code,
 * {@code all} or {@code outside}. 401 without a token that opens that stream, 409 for an acknowledgement of what was not sent.
 *
 * <p>Over TLS, without only on a loopback address. At most {@value #CONNECTIONS} connections. One thread of its own.
 */
public final class StreamHub implements AutoCloseable {
    static final int CONNECTIONS = 512;
    private static final int IDLE_S = 60;
    private static final int START_S = 20;
    private static final long BEAT_MS = 1_000;
    private static final String PREFIX = "/v1/streams/";
    private static final String BEARER = "Bearer ";

    /** A hub without a place for streams: a sink of that kind is a mistake in the settings. */
    public static final StreamHub NONE = new StreamHub("");

    private final String idPrefix;
    private final Map<String, List<StreamSink>> sinks = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong denied = new AtomicLong();
    private Optional<Server> serving = Optional.empty();

    private record Server(Vertx vertx, HttpServer http) {}

    private StreamHub(String idPrefix) {
        this.idPrefix = idPrefix;
    }

    /**
     * Starts listening.
     *
     * @param address with {@code tls} any, without a loopback address; port 0 takes any free one
     * @param tls who the hub is
     * @param journalId the log's
     * @param generation the hub's, which a restore raises
     * @throws IOException when the address cannot be listened on
     */
    public static StreamHub start(
            InetSocketAddress address, Optional<X509KeyManager> tls, long journalId, long generation)
            throws IOException {
        if (tls.isEmpty() && !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "event streams without TLS must be on a loopback address (got " + address + ")");
        }
        StreamHub hub = new StreamHub(StreamSink.prefix(journalId, generation));
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        HttpServerOptions options = new HttpServerOptions()
                .setHost(address.getAddress().getHostAddress())
                .setPort(address.getPort())
                .setIdleTimeout(IDLE_S)
                .setMaxInitialLineLength(2_048)
                .setMaxHeaderSize(8_192);
        tls.ifPresent(identity -> options.setSsl(true)
                .setUseAlpn(false)
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2")))
                .setKeyCertOptions(KeyCertOptions.wrap(identity)));
        HttpServer http = vertx.createHttpServer(options);
        hub.serving = Optional.of(new Server(vertx, http));
        http.connectionHandler(hub::welcome).requestHandler(hub::answer);
        try {
            await(
                    http.listen().toCompletionStage().toCompletableFuture(),
                    "cannot listen on " + address.getHostString() + ":" + address.getPort()
                            + " (deliveries.streams.listen)");
        } catch (IOException e) {
            hub.close();
            throw e;
        }
        vertx.setPeriodic(BEAT_MS, beat -> hub.all().forEach(StreamSink::beat));
        return hub;
    }

    private static void await(Future<?> future, String what) throws IOException {
        try {
            future.get(START_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("event streams: " + what + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("event streams: " + what + ": interrupted", e);
        }
    }

    private List<StreamSink> all() {
        List<StreamSink> all = new ArrayList<>();
        sinks.values().forEach(all::addAll);
        return all;
    }

    /** The port that it listens on. */
    public int port() {
        return serving.orElseThrow().http.actualPort();
    }

    /** Requests without the right token. */
    public long denied() {
        return denied.get();
    }

    Sink sink(String district, boolean alarm, byte[] token) throws IOException {
        if (serving.isEmpty()) {
            throw new IOException("a stream sink is set for district " + district
                    + " but no place where centres read it: streams: {listen: ADDRESS:PORT}");
        }
        StreamSink sink = new StreamSink(idPrefix, token, Clock.systemUTC());
        sinks.computeIfAbsent(path(district, alarm), none -> new CopyOnWriteArrayList<>())
                .add(sink);
        return sink;
    }

    private static String path(String district, boolean alarm) {
        String name = switch (district) {
            case Destination.ALL -> "all";
            case Event.OUTSIDE -> "outside";
            default -> district;
        };
        return PREFIX + name + (alarm ? "/alarm" : "/normal");
    }

    private void welcome(HttpConnection connection) {
        connection.closeHandler(gone -> connections.decrementAndGet());
        if (connections.incrementAndGet() > CONNECTIONS) {
            connection.close();
        }
    }

    private void answer(HttpServerRequest request) {
        String path = request.path() == null ? "" : request.path();
        boolean ack = path.endsWith("/ack");
        String stream = ack ? path.substring(0, path.length() - "/ack".length()) : path;
        String header = request.getHeader("Authorization");
        String token = header != null && header.startsWith(BEARER) ? header.substring(BEARER.length()) : "";
        Optional<StreamSink> sink = sinks.getOrDefault(stream, List.of()).stream()
                .filter(each -> each.opensTo(token))
                .findFirst();
        if (sink.isEmpty()) {
            denied.incrementAndGet();
            request.response()
                    .setStatusCode(401)
                    .putHeader("WWW-Authenticate", "Bearer")
                    .end("this token opens no such stream\n");
            return;
        }
        if (!request.method().equals(ack ? HttpMethod.POST : HttpMethod.GET)) {
            request.response()
                    .setStatusCode(405)
                    .putHeader("Allow", ack ? "POST" : "GET")
                    .end();
            return;
        }
        String said = request.getHeader("Last-Event-ID");
        String id = said == null ? "" : said;
        if (ack) {
            boolean taken = sink.get().acknowledge(id);
            request.response().setStatusCode(taken ? 204 : 409).end();
        } else {
            join(sink.get(), request, id);
        }
    }

    private void join(StreamSink sink, HttpServerRequest request, String lastEventId) {
        HttpServerResponse response = request.response();
        response.setChunked(true)
                .putHeader("Content-Type", "text/event-stream; charset=utf-8")
                .putHeader("Cache-Control", "no-store")
                .write("retry: 1000\n\n");
        StreamSink.Reader reader =
                new Writing(response, serving.orElseThrow().vertx.getOrCreateContext());
        response.closeHandler(closed -> sink.leave(reader));
        response.exceptionHandler(failed -> sink.leave(reader));
        sink.join(reader, lastEventId);
    }

    /** Writes on the server's thread, in the order in which it is told. */
    private static final class Writing implements StreamSink.Reader {
        private final HttpServerResponse response;
        private final Context context;

        Writing(HttpServerResponse response, Context context) {
            this.response = response;
            this.context = context;
        }

        @Override
        public void write(String frame) {
            context.runOnContext(now -> {
                if (!response.ended() && !response.closed()) {
                    response.write(Buffer.buffer(frame));
                }
            });
        }

        @Override
        public void end() {
            context.runOnContext(now -> {
                if (!response.ended() && !response.closed()) {
                    response.end();
                }
            });
        }
    }

    @Override
    public void close() throws IOException {
        if (serving.isPresent()) {
            await(serving.get().vertx.close().toCompletionStage().toCompletableFuture(), "cannot close");
        }
    }
}
