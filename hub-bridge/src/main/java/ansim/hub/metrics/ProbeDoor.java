package ansim.hub.metrics;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@link Probes} on an address of their own, over plain HTTP, for a Prometheus or a load balancer on another machine. Numbers only; still nothing
 * for a public network. At most {@value #CONNECTIONS} connections.
 */
public final class ProbeDoor implements AutoCloseable {
    static final int CONNECTIONS = 64;
    private static final int START_S = 20;
    private static final int IDLE_S = 30;

    private final Vertx vertx;
    private final HttpServer server;
    private final AtomicInteger connections = new AtomicInteger();

    private ProbeDoor(Vertx vertx, InetSocketAddress address) {
        this.vertx = vertx;
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setHost(address.getAddress().getHostAddress())
                .setPort(address.getPort())
                .setIdleTimeout(IDLE_S)
                .setMaxInitialLineLength(1_024)
                .setMaxHeaderSize(8_192));
    }

    /** Listens; port 0 takes any free one. */
    public static ProbeDoor start(InetSocketAddress address, Probes probes) throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        ProbeDoor door = new ProbeDoor(vertx, address);
        try {
            Router router = Router.router(vertx);
            probes.on(router, vertx);
            door.server.connectionHandler(door::welcome).requestHandler(router);
            await(
                    door.server.listen(),
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + " (metrics.listen)");
            return door;
        } catch (IOException e) {
            door.close();
            throw e;
        }
    }

    private void welcome(HttpConnection connection) {
        connection.closeHandler(gone -> connections.decrementAndGet());
        if (connections.incrementAndGet() > CONNECTIONS) {
            var unused = connection.close();
        }
    }

    private static void await(Future<?> future, String what) throws IOException {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("metrics: " + what + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("metrics: " + what + ": interrupted", e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() throws IOException {
        await(vertx.close(), "cannot close");
    }
}
