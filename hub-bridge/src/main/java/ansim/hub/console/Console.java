package ansim.hub.console;

import ansim.hub.core.DistrictMap;
import ansim.hub.metrics.Probes;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The live page and its API, read-only, over HTTP: {@code /}, {@code /api/districts}, {@code /api/state}, {@code /api/events}
 * (server-sent events) and {@code /healthz}, which also counts what the intake stored and refused.
 *
 * <p>Shows vehicle numbers and rides to whoever can reach it, without a login: so it listens on loopback addresses only, and answers
 * only to the names of this machine, so that no other web page can read it through a name of its own (DNS rebinding).
 *
 * <p>Any thread may publish through the views' tail; the server has one thread of its own.
 */
public final class Console implements AutoCloseable {
    /** How often a page hears that the hub lives, ms. */
    static final long BEAT_MS = 5_000;

    private static final int START_S = 20;
    private static final int IDLE_S = 60;

    private record Drawn(DistrictMap map, JsonNode json) {}

    private final Vertx vertx;
    private final HttpServer server;
    private final Feed feed;
    private final Supplier<Map<String, Long>> intake;
    private final Optional<Probes> probes;
    private final ViewTail tail;
    private final Clock clock;
    private volatile @Nullable Drawn drawn;

    /** What the console shows. */
    private record Sources(ViewTail tail, Clock clock, Supplier<Map<String, Long>> intake, Optional<Probes> probes) {}

    private Console(Vertx vertx, Context context, HttpServerOptions options, Sources sources) {
        this.vertx = vertx;
        this.tail = sources.tail();
        this.clock = sources.clock();
        this.intake = sources.intake();
        this.probes = sources.probes();
        Views views = tail.views();
        this.feed = new Feed(context, views.log());
        this.server = vertx.createHttpServer(options);
    }

    /**
     * Starts listening.
     *
     * @param address a loopback address; port 0 takes any free one
     * @param tail what keeps the views up to date; stays open until this is closed
     * @param clock the hub's, by which ages are told
     * @param intake what came in, was stored and was refused since the start, by name; asked from the server's thread
     * @throws IOException when the address cannot be listened on
     */
    public static Console start(
            InetSocketAddress address, ViewTail tail, Clock clock, Supplier<Map<String, Long>> intake)
            throws IOException {
        return start(address, new Sources(tail, clock, intake, Optional.empty()));
    }

    /** The same with {@code /metrics} and {@code /readyz}. */
    public static Console start(
            InetSocketAddress address, ViewTail tail, Clock clock, Supplier<Map<String, Long>> intake, Probes probes)
            throws IOException {
        return start(address, new Sources(tail, clock, intake, Optional.of(probes)));
    }

    private static Console start(InetSocketAddress address, Sources sources) throws IOException {
        if (!address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("the console must listen on a loopback address (got " + address + ")");
        }
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(2)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        Context context = vertx.getOrCreateContext();
        HttpServerOptions options = new HttpServerOptions()
                .setHost(address.getAddress().getHostAddress())
                .setPort(address.getPort())
                .setIdleTimeout(IDLE_S)
                .setMaxInitialLineLength(2_048)
                .setMaxHeaderSize(8_192);
        Console console = new Console(vertx, context, options, sources);
        try {
            console.listen(context, address);
            return console;
        } catch (IOException e) {
            console.close();
            throw e;
        }
    }

    private void listen(Context context, InetSocketAddress address) throws IOException {
        feed.knowsAfter(tail.tell(feed));
        server.requestHandler(routes());
        Future<HttpServer> listening = Future.future(started -> context.runOnContext(now -> {
            vertx.setPeriodic(BEAT_MS, beat -> feed.beat(() -> now().toString()));
            server.listen().onComplete(started);
        }));
        await(listening, "cannot listen on " + address.getHostString() + ":" + address.getPort() + " (console.listen)");
    }

    private static void await(Future<?> future, String what) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("console: " + what + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("console: " + what + ": interrupted", e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.actualPort();
    }

    Feed feed() {
        return feed;
    }

    private Router routes() {
        Router router = Router.router(vertx);
        router.route().handler(Guard::check);
        Assets assets = new Assets();
        for (String path : assets.paths()) {
            router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(assets::serve);
        }
        router.get("/api/state").handler(context -> answer(context, this::state));
        router.get("/api/districts").handler(context -> answer(context, this::districts));
        router.get("/api/events").handler(this::join);
        router.get("/healthz").handler(this::health);
        probes.ifPresent(each -> each.on(router, vertx));
        return router;
    }

    private void answer(RoutingContext context, Callable<JsonNode> asked) {
        vertx.executeBlocking(asked, false)
                .onSuccess(json -> context.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(json.toString()))
                .onFailure(failure -> {
                    Logger.error("console: {}", failure.getMessage());
                    context.response().setStatusCode(503).end();
                });
    }

    private JsonNode state() throws IOException {
        Instant at = clock.instant();
        Views views = tail.views();
        ObjectNode state = PictureJson.of(views.snapshot(at));
        state.put("id", feed.log() + "-" + state.path("index").asLong());
        state.setAll(now());
        return state;
    }

    private JsonNode districts() throws IOException {
        DistrictMap map = tail.views().districts();
        Drawn last = drawn;
        if (last == null || last.map != map) {
            last = new Drawn(map, Outlines.of(map));
            drawn = last;
        }
        return last.json;
    }

    /** The hub's clock and day, and what keeps the screen from being up to date. */
    private ObjectNode now() {
        Instant at = clock.instant();
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("nowMs", at.toEpochMilli());
        out.put("today", tail.views().day(at));
        tail.trouble().ifPresent(trouble -> out.put("trouble", true));
        return out;
    }

    private void join(RoutingContext context) {
        String header = context.request().getHeader("Last-Event-ID");
        String asked = context.request().getParam("after");
        feed.join(
                context.response(),
                Optional.ofNullable(header).or(() -> Optional.ofNullable(asked)).orElse(""));
    }

    private void health(RoutingContext context) {
        Optional<String> trouble = tail.trouble();
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("status", trouble.isEmpty() ? "ok" : "views do not follow the log");
        out.put("position", tail.views().position());
        out.put("unreadable", tail.unreadable());
        out.put("pages", feed.pages());
        out.put("slowPages", feed.slowClients());
        ObjectNode counts = out.putObject("intake");
        intake.get().forEach(counts::put);
        context.response()
                .setStatusCode(trouble.isEmpty() ? 200 : 503)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(out.toString());
    }

    /** Closes every connection. */
    @Override
    public void close() throws IOException {
        tail.hush(feed);
        await(vertx.close(), "cannot close");
    }
}
