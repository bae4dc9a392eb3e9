package ansim.edge.port;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A camera's ONVIF service on the JDK's HTTP server: tells its clock to everybody, as the standard demands, and nothing else. */
final class OnvifCamera implements AutoCloseable {
    private static final String CLOCK = """
            <?xml version="1.0" encoding="UTF-8"?>
            <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://www.onvif.org/ver10/device/wsdl"><s:Body>
            <d:GetSystemDateAndTimeResponse/></s:Body></s:Envelope>
            """;

    final AtomicInteger asked = new AtomicInteger();
    /** What it answers with; 503 for one that restarts. */
    volatile int status = 200;

    private final int port;
    private HttpServer server;

    OnvifCamera() throws IOException {
        server = serve(0);
        port = server.getAddress().getPort();
    }

    private HttpServer serve(int at) throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
        http.createContext("/onvif/device_service", this::answer);
        http.start();
        return http;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean post = exchange.getRequestMethod().equals("POST") && body.contains("GetSystemDateAndTime");
        byte[] clock = CLOCK.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(post ? status : 400, clock.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(clock);
        }
        asked.incrementAndGet();
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    void die() {
        server.stop(0);
    }

    void live() throws IOException {
        server = serve(port);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
