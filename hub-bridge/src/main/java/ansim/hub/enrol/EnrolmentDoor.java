package ansim.hub.enrol;

import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.wire.Id16;
import ansim.wire.Id8;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.TimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.tinylog.Logger;

/**
 * The HTTPS door where boxes become units and units renew their certificates: docs/enrolment.md's endpoints, those of EST (RFC 7030) among
 * them so that a city's own EST server can take their place. Beside them, on the same port, {@link ClaimRoutes}.
 *
 * <p>Asks for a client's certificate and believes the hub's authorities only; one that has ended gets in and reaches nothing but
 * {@code simplereenroll}. Every refusal is counted with its reason. The server has one thread of its own and {@value #WORKERS} that wait for the disk.
 */
public final class EnrolmentDoor implements AutoCloseable {
    /** Connections at once; one more is closed. */
    static final int CONNECTIONS = 1_000;

    /** Requests under way at once; one more is told to come again. */
    static final int REQUESTS = 256;

    /** Bytes of a request's body. */
    static final int BODY_BYTES = 16 * 1024;

    private static final int WORKERS = 4;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final int HANDSHAKE_S = 10;
    private static final int IDLE_S = 30;
    private static final int REQUEST_MS = 30_000;
    private static final int START_S = 20;
    private static final int RETRY_S = 5;

    /**
     * Where it listens and as whom.
     *
     * @param address port 0 takes any free one
     * @param identity who the hub is now; asked for each connection
     */
    public record Site(InetSocketAddress address, Supplier<TlsIdentity> identity) {}

    private final Vertx vertx;
    private final HttpServer server;
    private final Enrolment enrolment;
    private final ClaimRoutes phones;
    private final Directions directions;
    private final InstantSource clock;
    private final Refused refused = new Refused();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();

    private EnrolmentDoor(Vertx vertx, HttpServerOptions options, Enrolment.Tools tools, Directions directions) {
        this.vertx = vertx;
        this.enrolment = new Enrolment(tools, new Tries(tools.clock()));
        ClaimPage page = new ClaimPage(tools.registry(), new PinTries(tools.clock()), tools.clock(), tools.random());
        this.phones = new ClaimRoutes(page, refused);
        this.directions = directions;
        this.clock = tools.clock();
        this.server = vertx.createHttpServer(options);
    }

    /**
     * Starts listening.
     *
     * @param tools the registry in it is the door's own; closed by whoever opened it, after this
     * @throws IOException when the address cannot be listened on
     */
    public static EnrolmentDoor start(Site site, Enrolment.Tools tools, Directions directions) throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        EnrolmentDoor door = new EnrolmentDoor(vertx, options(site, tools), tools, directions);
        try {
            door.listen(site.address());
            return door;
        } catch (IOException e) {
            door.close();
            throw e;
        }
    }

    private static HttpServerOptions options(Site site, Enrolment.Tools tools) {
        PeerTrust trust = new PeerTrust(tools.trusted(), alsoEnded(tools.clock()));
        return new HttpServerOptions()
                .setHost(site.address().getAddress().getHostAddress())
                .setPort(site.address().getPort())
                .setSsl(true)
                .setUseAlpn(false)
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(List.of("TLSv1.3", "TLSv1.2")))
                .setKeyCertOptions(KeyCertOptions.wrap(new DoorKeys(site.identity())))
                .setTrustOptions(TrustOptions.wrap(trust))
                .setClientAuth(ClientAuth.REQUEST)
                .setSslHandshakeTimeout(HANDSHAKE_S)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setIdleTimeout(IDLE_S)
                .setMaxInitialLineLength(2_048)
                .setMaxHeaderSize(8_192);
    }

    /** A unit's certificate that has ended was valid at its end; what it may do then is asked later. */
    private static PeerTrust.Moment alsoEnded(InstantSource clock) {
        return chain -> {
            Instant now = clock.instant();
            Instant end = chain.get(0).getNotAfter().toInstant();
            return end.isBefore(now) ? end : now;
        };
    }

    private void listen(InetSocketAddress at) throws IOException {
        server.connectionHandler(this::welcome)
                .exceptionHandler(failure -> refused.count("enrolment-refused-handshake"))
                .requestHandler(routes());
        await(server.listen(), "cannot listen on " + at.getHostString() + ":" + at.getPort() + " (enrolment.listen)");
    }

    private void welcome(HttpConnection connection) {
        connection.closeHandler(gone -> connections.decrementAndGet());
        if (connections.incrementAndGet() > CONNECTIONS) {
            refused.count(
                    Denied.Reason.TOO_MANY_CONNECTIONS,
                    connection.remoteAddress().hostAddress());
            var unused = connection.close();
        }
    }

    private static void await(Future<?> future, String what) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("enrolment: " + what + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("enrolment: " + what + ": interrupted", e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.actualPort();
    }

    /** What was done and refused so far, by name: {@code enrolled}, {@code enrolment-refused-claim} ... Nothing that is zero. */
    public Map<String, Long> counts() {
        return refused.counts();
    }

    private Router routes() {
        Router router = Router.router(vertx);
        router.route().failureHandler(this::broken).handler(TimeoutHandler.create(REQUEST_MS));
        router.route().handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES));
        router.get("/ansim/v1/pin").handler(context -> answer(context, () -> pin(context)));
        router.get("/.well-known/est/cacerts").handler(context -> answer(context, this::authorities));
        router.post("/.well-known/est/simpleenroll").handler(context -> answer(context, () -> enrol(context)));
        router.post("/.well-known/est/simplereenroll").handler(context -> answer(context, () -> renew(context)));
        router.get("/ansim/v1/hub").handler(context -> answer(context, () -> hub(context)));
        router.post("/ansim/v1/message-key").handler(context -> answerLater(context, () -> register(context)));
        phones.addTo(router, this::answer);
        return router;
    }

    /** Too long, too late, or nothing that is here. */
    private void broken(RoutingContext context) {
        int status = context.statusCode() < 0 ? 500 : context.statusCode();
        refused.count(Denied.Reason.REQUEST, address(context));
        if (!context.response().ended()) {
            var unused = context.response().setStatusCode(status).end();
        }
    }

    private Answer pin(RoutingContext context) throws Denied, IOException {
        return Answer.json(enrolment.pin(parameter(context, "locator"), parameter(context, "nonce"), address(context)));
    }

    private Answer authorities() {
        return Answer.certificates(enrolment.authorities());
    }

    private Answer enrol(RoutingContext context) throws Denied, IOException {
        X509Certificate certificate = enrolment.enrol(credentials(context), pkcs10(context), address(context));
        refused.count("enrolled");
        return Answer.certificates(List.of(certificate));
    }

    private Answer renew(RoutingContext context) throws Denied, IOException {
        X509Certificate certificate = enrolment.renew(peer(context), pkcs10(context));
        refused.count("certificates-renewed");
        return Answer.certificates(List.of(certificate));
    }

    private Answer hub(RoutingContext context) throws Denied, IOException {
        Id16 unit = enrolment.unit(peer(context)).unit().unit();
        String nonce = parameter(context, "nonce");
        Optional<Id8> asked;
        try {
            asked = nonce.isEmpty() ? Optional.empty() : Optional.of(Id8.parse(nonce));
        } catch (IllegalArgumentException e) {
            throw new Denied(Denied.Reason.REQUEST, "nonce must be 16 hexadecimal digits");
        }
        return Answer.json(directions.answer(unit, asked, clock.instant()));
    }

    private CompletableFuture<Answer> register(RoutingContext context) throws Denied, IOException {
        return enrolment.register(peer(context), bytes(context)).thenApply(confirmation -> {
            refused.count("message-keys-registered");
            return new Answer("application/cose; cose-type=\"cose-sign1\"", false, confirmation);
        });
    }

    static String parameter(RoutingContext context, String name) {
        return Optional.ofNullable(context.request().getParam(name)).orElse("");
    }

    private static Optional<Certified> peer(RoutingContext context) {
        return Certified.of(context.request().sslSession());
    }

    /** To blame and to limit: an IPv4 address, or the network that a provider gives to one customer. */
    static String address(RoutingContext context) {
        String host = context.request().remoteAddress().hostAddress();
        if (!host.contains(":")) {
            return host;
        }
        try {
            byte[] bytes = java.net.InetAddress.getByName(host).getAddress();
            return java.util.HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length)) + "::/64";
        } catch (java.net.UnknownHostException e) {
            return host;
        }
    }

    static byte[] bytes(RoutingContext context) {
        return Optional.ofNullable(context.body().buffer())
                .map(Buffer::getBytes)
                .orElseGet(() -> new byte[0]);
    }

    private static byte[] pkcs10(RoutingContext context) throws Denied {
        try {
            return Base64.getMimeDecoder().decode(bytes(context));
        } catch (IllegalArgumentException e) {
            throw new Denied(Denied.Reason.REQUEST, "a PKCS#10 in base64 is needed");
        }
    }

    private static Enrolment.Credentials credentials(RoutingContext context) throws Denied {
        String header = Optional.ofNullable(context.request().getHeader("Authorization"))
                .orElse("");
        if (!header.regionMatches(true, 0, "Basic ", 0, 6)) {
            throw new Denied(Denied.Reason.CREDENTIALS);
        }
        try {
            String both =
                    new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
            int colon = both.indexOf(':');
            if (colon < 0) {
                throw new Denied(Denied.Reason.CREDENTIALS);
            }
            return Enrolment.Credentials.parse(both.substring(0, colon), both.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            throw new Denied(Denied.Reason.CREDENTIALS);
        }
    }

    private void answer(RoutingContext context, Callable<Answer> asked) {
        answerLater(context, () -> CompletableFuture.completedFuture(asked.call()));
    }

    private void answerLater(RoutingContext context, Callable<CompletableFuture<Answer>> asked) {
        if (requests.incrementAndGet() > REQUESTS) {
            requests.decrementAndGet();
            fail(context, new Denied(Denied.Reason.BUSY));
            return;
        }
        vertx.executeBlocking(asked, false)
                .compose(later -> Future.fromCompletionStage(later, vertx.getOrCreateContext()))
                .onComplete(done -> {
                    requests.decrementAndGet();
                    if (context.response().ended()) {
                        return;
                    }
                    if (done.succeeded()) {
                        send(context, done.result());
                    } else {
                        fail(context, done.cause());
                    }
                });
    }

    private static void send(RoutingContext context, Answer answer) {
        if (answer.base64()) {
            context.response().putHeader("Content-Transfer-Encoding", "base64");
        }
        var unused = context.response()
                .putHeader("Content-Type", answer.type())
                .putHeader("Cache-Control", "no-store")
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .end(Buffer.buffer(answer.body()));
    }

    private void fail(RoutingContext context, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Denied denied;
        if (cause instanceof Denied known) {
            denied = known;
        } else {
            Logger.error(cause, "enrolment: {} failed", context.request().path());
            denied = new Denied(Denied.Reason.DEFECT);
        }
        refused.count(denied.reason(), address(context));
        if (denied.reason().status() == 401 && !context.request().path().startsWith("/claim")) {
            context.response().putHeader("WWW-Authenticate", "Basic realm=\"ansim enrolment\"");
        }
        if (denied.reason().status() == 503) {
            context.response().putHeader("Retry-After", String.valueOf(RETRY_S));
        }
        var unused = context.response()
                .setStatusCode(denied.reason().status())
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(denied.getMessage() + "\n");
    }

    /** Closes every connection. */
    @Override
    public void close() throws IOException {
        await(vertx.close(), "cannot close");
    }
}
