package ansim.hub.deliver;

import ansim.hub.deliver.Receiver.Malformed;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tinylog.Logger;

/**
 * A centre's webhook: takes CloudEvents by POST on any path, each alone or several as a batch. 204 when all of them are remembered, 400, 413 or 415 for what will never be
 * taken, 500 when it should come again. With a secret every request must be signed ({@link Signature}), or it is 401. Four threads; for tests,
 * demonstrations, and as an example.
 */
public final class CentreHttp implements AutoCloseable {
    private static final int THREADS = 4;
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    private CentreHttp(InetSocketAddress address, Receiver receiver, Optional<byte[]> secret) throws IOException {
        server = HttpServer.create(address, BACKLOG);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange, receiver, secret);
            }
        });
    }

    /** Listens at once; port 0 takes any free one. */
    public static CentreHttp start(InetSocketAddress address, Receiver receiver) throws IOException {
        return start(address, receiver, Optional.empty());
    }

    /**
     * Listens at once.
     *
     * @param secret a file with the secret by which the hub signs its requests
     */
    public static CentreHttp start(InetSocketAddress address, Receiver receiver, Optional<Path> secret)
            throws IOException {
        Optional<byte[]> known = secret.isPresent() ? Optional.of(SecretFile.read(secret.get())) : Optional.empty();
        CentreHttp centre = new CentreHttp(address, receiver, known);
        centre.server.start();
        return centre;
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    private static void answer(HttpExchange exchange, Receiver receiver, Optional<byte[]> secret) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            say(exchange, 405, "POST a CloudEvent");
            return;
        }
        boolean batch = isType(exchange, CloudEvent.BATCH_TYPE);
        if (!batch && !isType(exchange, CloudEvent.CONTENT_TYPE)) {
            say(exchange, 415, "Content-Type must be " + CloudEvent.CONTENT_TYPE + " or " + CloudEvent.BATCH_TYPE);
            return;
        }
        int most = batch ? Receiver.MAX_BATCH_BYTES : Receiver.MAX_BYTES;
        byte[] body = exchange.getRequestBody().readNBytes(most + 1);
        if (body.length > most) {
            say(exchange, 413, "at most " + most + " bytes");
            return;
        }
        if (secret.isPresent() && !isSigned(exchange.getRequestHeaders(), secret.get(), body)) {
            say(exchange, 401, "signed by nobody that is known here, or too long ago");
            return;
        }
        try {
            if (batch) {
                receiver.takeBatch(body);
            } else {
                receiver.take(body);
            }
            exchange.sendResponseHeaders(204, -1);
        } catch (Malformed e) {
            say(exchange, 400, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            Logger.error("an event could not be stored: {}", Problems.words(e));
            say(exchange, 500, "not stored");
        }
    }

    private static boolean isType(HttpExchange exchange, String due) {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        return type != null && type.split(";", -1)[0].strip().equalsIgnoreCase(due);
    }

    private static boolean isSigned(Headers headers, byte[] secret, byte[] body) {
        String id = headers.getFirst(Signature.ID);
        String timestamp = headers.getFirst(Signature.TIMESTAMP);
        String signature = headers.getFirst(Signature.SIGNATURE);
        return id != null
                && timestamp != null
                && signature != null
                && Signature.verifies(
                        secret, id, timestamp, signature, body, Instant.now().getEpochSecond());
    }

    private static void say(HttpExchange exchange, int status, String words) throws IOException {
        byte[] bytes = (words + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
