package ansim.hub.guardian;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** A provider on a real socket: it takes all letters, but lets those to receivers whose address begins with "hung" wait until it is told to go on. */
final class SlowProvider implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final List<String> arrived = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private int hanging;
    private int atOnce;
    private int mostAtOnce;

    SlowProvider() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode letter = JSON.readTree(exchange.getRequestBody().readAllBytes());
        String to = letter.path("to").asText();
        boolean hangs = to.startsWith("hung");
        synchronized (this) {
            arrived.add(to + " " + letter.path("fields").path("vehicle").asText());
            mostAtOnce = Math.max(mostAtOnce, ++atOnce);
            hanging += hangs ? 1 : 0;
        }
        try {
            if (hangs) {
                latch(to).await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            atOnce--;
            hanging -= hangs ? 1 : 0;
        }
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    private CountDownLatch latch(String to) {
        return held.computeIfAbsent(to, any -> new CountDownLatch(1));
    }

    /** From now on this one takes all. */
    void goOn(String to) {
        latch(to).countDown();
    }

    void goOn(List<String> all) {
        all.forEach(this::goOn);
    }

    /** What came, receiver and vehicle. */
    synchronized List<String> arrived() {
        return List.copyOf(arrived);
    }

    synchronized int hanging() {
        return hanging;
    }

    /** How many letters were on their way at the same time. */
    synchronized int mostAtOnce() {
        return mostAtOnce;
    }

    Supplier<Way> way(InstantSource clock, Duration timeout) {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        return () -> new WebhookWay(url, "secret", clock, timeout);
    }

    @Override
    public void close() {
        goOn(List.copyOf(held.keySet()));
        server.stop(0);
        threads.shutdownNow();
    }
}
