package ansim.hub.api;

import ansim.hub.enrol.DoorKeys;
import ansim.trust.TlsIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.TimeoutHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.tinylog.Logger;

/**
 * The REST API over TLS 1.2 and 1.3: {@code openapi.json} of this package says what can be asked, and is served at {@value #DOCUMENT}. Errors are
 * {@code application/problem+json} (RFC 9457), who asks is known by a bearer token (RFC 6750).
 *
 * <p>One thread of its own that never waits, and those of {@link Operation.Room}. At most {@value #CONNECTIONS} connections, {@value #REQUESTS}
 * requests under way and {@value #BODY_BYTES} bytes of a body; one more is refused.
 */
public final class ApiDoor implements AutoCloseable {
    /** Connections at once; one more is closed. */
    static final int CONNECTIONS = 1_000;

    /** Requests under way at once; one more is told to come again, unless it is an emergency, which has as many for itself. */
    static final int REQUESTS = 256;

    /** Sign-ins under way at once: each takes {@value Passwords#MEMORY_KIB} KiB when its turn comes. */
    static final int SIGN_INS = 32;

    /** Bytes of a request's body. */
    static final int BODY_BYTES = 64 * 1024;

    static final String DOCUMENT = "/v1/openapi.json";
    private static final int HANDSHAKE_S = 10;
    private static final int IDLE_S = 60;
    private static final int REQUEST_MS = 30_000;
    private static final int START_S = 20;
    private static final int RETRY_S = 5;

    /**
     * Where it listens and as whom.
     *
     * @param address port 0 takes any free one
     * @param identity of the server
     */
    public record Site(InetSocketAddress address, KeyCertOptions identity) {
        /** By the hub's authority; asked for each connection. */
        public static Site own(InetSocketAddress address, Supplier<TlsIdentity> identity) {
            return new Site(address, KeyCertOptions.wrap(new DoorKeys(identity)));
        }

        /** By a certificate that was given: both PEM, the key PKCS #8 and not encrypted. */
        public static Site given(InetSocketAddress address, String key, String certificate) {
            return new Site(
                    address,
                    new PemKeyCertOptions().setKeyValue(Buffer.buffer(key)).setCertValue(Buffer.buffer(certificate)));
        }
    }

    /**
     * What answers.
     *
     * @param accounts who may ask; closed by whoever opened it, after the door
     * @param tokenLife how long a token holds
     * @param provider whose tokens count, too; closed by whoever opened it, after the door
     * @param reads what can be read
     * @param clock the hub's
     */
    record Rooms(
            Accounts accounts,
            Duration tokenLife,
            Optional<ProviderTokens> provider,
            List<Operation> reads,
            InstantSource clock) {}

    private final Vertx vertx;
    private final HttpServer server;
    private final InstantSource clock;
    private final SignIn signIn;
    private final List<Operation> operations = new ArrayList<>();
    private final Map<Operation.Room, WorkerExecutor> rooms = new EnumMap<>(Operation.Room.class);
    private final Map<Operation.Room, AtomicInteger> busy = new EnumMap<>(Operation.Room.class);
    private final AtomicInteger connections = new AtomicInteger();
    private final Map<Problem.Kind, LongAdder> refused = new EnumMap<>(Problem.Kind.class);
    private final LongAdder answered = new LongAdder();
    private final byte[] document = document();

    private ApiDoor(Vertx vertx, Site site, Rooms parts) {
        this.vertx = vertx;
        this.clock = parts.clock();
        this.signIn = new SignIn(parts.accounts(), parts.tokenLife(), parts.provider(), parts.clock());
        operations.addAll(signIn.operations());
        operations.addAll(parts.reads());
        for (Operation.Room room : Operation.Room.values()) {
            rooms.put(
                    room,
                    vertx.createSharedWorkerExecutor(
                            "api-" + room.name().toLowerCase(Locale.ROOT).replace('_', '-'), room.threads()));
            busy.put(room, new AtomicInteger());
        }
        for (Problem.Kind kind : Problem.Kind.values()) {
            refused.put(kind, new LongAdder());
        }
        this.server = vertx.createHttpServer(options(site));
    }

    static ApiDoor start(Site site, Rooms parts) throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        ApiDoor door = new ApiDoor(vertx, site, parts);
        try {
            Router routes = door.routes();
            door.server.connectionHandler(door::welcome).requestHandler(request -> {
                headers(request.response());
                routes.handle(request);
            });
            InetSocketAddress at = site.address();
            await(
                    door.server.listen(),
                    "cannot listen on " + at.getHostString() + ":" + at.getPort() + " (api.listen)");
            return door;
        } catch (IOException e) {
            door.close();
            throw e;
        }
    }

    private static HttpServerOptions options(Site site) {
        return new HttpServerOptions()
                .setHost(site.address().getAddress().getHostAddress())
                .setPort(site.address().getPort())
                .setSsl(true)
                .setUseAlpn(false)
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2")))
                .setKeyCertOptions(site.identity())
                .setSslHandshakeTimeout(HANDSHAKE_S)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_S)
                .setMaxInitialLineLength(4_096)
                .setMaxHeaderSize(8_192);
    }

    private static byte[] document() {
        try (InputStream in = ApiDoor.class.getResourceAsStream("openapi.json")) {
            if (in == null) {
                throw new IllegalStateException("openapi.json is missing in the program");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(Future<?> future, String what) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("api: " + what + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("api: " + what + ": interrupted", e);
        }
    }

    private void welcome(HttpConnection connection) {
        connection.closeHandler(gone -> connections.decrementAndGet());
        if (connections.incrementAndGet() > CONNECTIONS) {
            var unused = connection.close();
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.actualPort();
    }

    /** Answers and refusals so far, by name: {@code api-answered}, {@code api-refused-sign-in} ... Nothing that is zero. */
    public Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        if (answered.sum() > 0) {
            counts.put("api-answered", answered.sum());
        }
        refused.forEach((kind, count) -> {
            if (count.sum() > 0) {
                counts.put("api-refused-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-'), count.sum());
            }
        });
        return counts;
    }

    List<Operation> operations() {
        return List.copyOf(operations);
    }

    private Router routes() {
        Router router = Router.router(vertx);
        for (int status : new int[] {400, 404, 405, 413, 500, 503}) {
            router.errorHandler(status, context -> broken(context, status));
        }
        router.route().handler(TimeoutHandler.create(REQUEST_MS));
        router.route().handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES));
        router.get(DOCUMENT)
                .handler(context -> context.response()
                        .putHeader("Content-Type", "application/json")
                        .end(Buffer.buffer(document)));
        for (Operation each : operations) {
            router.route(HttpMethod.valueOf(each.method()), each.path().replaceAll("\\{([a-z]+)}", ":$1"))
                    .handler(context -> take(context, each));
        }
        return router;
    }

    private static void headers(HttpServerResponse response) {
        response.putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Strict-Transport-Security", "max-age=31536000")
                .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    }

    private void take(RoutingContext context, Operation operation) {
        AtomicInteger under = busy.getOrDefault(operation.room(), new AtomicInteger());
        int most = operation.room() == Operation.Room.SIGN_IN ? SIGN_INS : REQUESTS;
        if (under.incrementAndGet() > most) {
            under.decrementAndGet();
            refuse(context, new Problem(Problem.Kind.UNAVAILABLE, "too many at once", OptionalInt.of(RETRY_S)));
            return;
        }
        Asked asked;
        try {
            asked = asked(context, operation);
        } catch (Problem e) {
            under.decrementAndGet();
            refuse(context, e);
            return;
        }
        WorkerExecutor room = rooms.get(operation.room());
        if (room == null) {
            throw new IllegalStateException("no room " + operation.room());
        }
        room.executeBlocking(() -> operation.work().run(signIn.admit(asked, operation)), false)
                .onComplete(done -> {
                    under.decrementAndGet();
                    if (done.succeeded()) {
                        answer(context, done.result());
                    } else {
                        refuse(context, problem(done.cause()));
                    }
                });
    }

    private Asked asked(RoutingContext context, Operation operation) throws Problem {
        Map<String, String> query = new HashMap<>();
        for (Map.Entry<String, String> each : context.queryParams()) {
            if (!operation.parameters().contains(each.getKey())) {
                throw Asked.bad("there is no parameter \"" + each.getKey() + "\" here; there are "
                        + operation.parameters().stream().sorted().toList());
            }
            if (query.put(each.getKey(), each.getValue()) != null) {
                throw Asked.bad(each.getKey() + " must be given once");
            }
        }
        Map<String, String> headers = new HashMap<>();
        for (String name : List.of("Authorization", "Idempotency-Key")) {
            Optional.ofNullable(context.request().getHeader(name))
                    .ifPresent(value -> headers.put(name.toLowerCase(Locale.ROOT), value));
        }
        byte[] body = Optional.ofNullable(context.body().buffer())
                .map(Buffer::getBytes)
                .orElseGet(() -> new byte[0]);
        return new Asked(
                Optional.empty(),
                Map.copyOf(context.pathParams()),
                Map.copyOf(query),
                Map.copyOf(headers),
                body,
                address(context),
                clock.instant());
    }

    /** To limit: an IPv4 address, or the network that a provider gives to one customer. */
    private static String address(RoutingContext context) {
        String host = context.request().remoteAddress().hostAddress();
        if (!host.contains(":")) {
            return host;
        }
        try {
            byte[] bytes = InetAddress.getByName(host).getAddress();
            return HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length)) + "::/64";
        } catch (UnknownHostException e) {
            return host;
        }
    }

    /** What to say of a failure. */
    static Problem problem(Throwable cause) {
        if (cause instanceof Problem known) {
            return known;
        }
        if (cause instanceof IOException) {
            Logger.error("api: {}", cause.getMessage());
            return new Problem(
                    Problem.Kind.UNAVAILABLE, "the hub cannot read or write that now", OptionalInt.of(RETRY_S));
        }
        Logger.error(cause, "api: a request has failed");
        return new Problem(Problem.Kind.BROKEN, "the hub's log says why");
    }

    private void answer(RoutingContext context, Operation.Answer answer) {
        answered.increment();
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status());
        if (answer.body().isPresent()) {
            response.putHeader("Content-Type", "application/json")
                    .end(answer.body().get().toString());
        } else {
            response.end();
        }
    }

    private void refuse(RoutingContext context, Problem problem) {
        Optional.ofNullable(refused.get(problem.kind())).ifPresent(LongAdder::increment);
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        problem.retryAfterS().ifPresent(seconds -> response.putHeader("Retry-After", Integer.toString(seconds)));
        if (problem.kind() == Problem.Kind.SIGN_IN) {
            response.putHeader("WWW-Authenticate", "Bearer realm=\"ansim\"");
        }
        response.setStatusCode(problem.kind().status())
                .putHeader("Content-Type", "application/problem+json")
                .end(problem.json().toString());
    }

    /** What the server itself refuses: too long, too late, or nothing that is here. */
    private void broken(RoutingContext context, int status) {
        refuse(
                context,
                switch (status) {
                    case 404 -> new Problem(Problem.Kind.NOT_FOUND, "there is nothing at this path");
                    case 405 -> new Problem(Problem.Kind.METHOD, "this path has other methods");
                    case 413 ->
                        new Problem(Problem.Kind.TOO_LARGE, "a body must have at most " + BODY_BYTES + " bytes");
                    case 500 ->
                        problem(Optional.ofNullable(context.failure())
                                .orElseGet(() -> new IllegalStateException("no cause")));
                    case 503 -> new Problem(Problem.Kind.UNAVAILABLE, "that took too long", OptionalInt.of(RETRY_S));
                    default -> Asked.bad("the request is not understood (" + status + ")");
                });
    }

    @Override
    public void close() throws IOException {
        await(vertx.close(), "cannot close");
    }
}
