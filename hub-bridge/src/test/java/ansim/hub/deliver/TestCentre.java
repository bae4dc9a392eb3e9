package ansim.hub.deliver;

import ansim.hub.deliver.Receiver.Taken;
import ansim.wire.Ed25519Verifier;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Assertions;

/** A centre that notes what it takes, and one that answers as told. */
final class TestCentre implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final List<Taken> taken = new ArrayList<>();
    private final EventBook book;
    final Receiver receiver;
    private CentreHttp http;
    private final int port;

    TestCentre(TestLog log, Path file) throws IOException {
        this(log, file, 0);
    }

    /** One that was there before, under the same port. */
    TestCentre(TestLog log, Path file, int before) throws IOException {
        book = EventBook.open(file);
        receiver = new Receiver(log.keys(), Ed25519Verifier.INSTANCE, book, each -> {
            synchronized (taken) {
                taken.add(each);
            }
        });
        http = CentreHttp.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), before), receiver);
        port = http.address().getPort();
    }

    int port() {
        return port;
    }

    String url() {
        return "http://127.0.0.1:" + port + "/events";
    }

    void down() {
        http.close();
    }

    void up() throws IOException {
        http = CentreHttp.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), receiver);
    }

    /** Ids in the order in which they came first. */
    List<String> ids() {
        synchronized (taken) {
            return taken.stream().filter(Taken::first).map(t -> t.text("id")).toList();
        }
    }

    int repeats() {
        synchronized (taken) {
            return (int) taken.stream().filter(t -> !t.first()).count();
        }
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                Assertions.fail("not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** An HTTP server that answers its n-th request (from 1) with the status that it is told. */
    static HttpServer answering(AtomicInteger requests, IntUnaryOperator status) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(status.applyAsInt(requests.incrementAndGet()), -1);
            }
        });
        server.start();
        return server;
    }

    static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() throws IOException {
        http.close();
        book.close();
    }
}
