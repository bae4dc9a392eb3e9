package ansim.edge.port;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A camera that answers RTSP OPTIONS on loopback, dies, hangs and comes back at the same port. */
final class RtspCamera implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("CSeq: (\\d+)\r\n");

    private final int port;
    private ServerSocket server;
    private volatile boolean hanging;
    private volatile String asked = "";

    RtspCamera() throws IOException {
        server = bind(0);
        port = server.getLocalPort();
        serve(server);
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return server;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** The last request. */
    String asked() {
        return asked;
    }

    void die() throws IOException {
        server.close();
    }

    void live() throws IOException {
        server = bind(port);
        serve(server);
    }

    /** Takes connections and requests, and says nothing. */
    void hang() {
        hanging = true;
    }

    private void serve(ServerSocket on) {
        Thread thread = new Thread(() -> accept(on), "rtsp-camera");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket on) {
        while (!on.isClosed()) {
            try (Socket client = on.accept()) {
                answer(client);
            } catch (IOException hungUp) {
                // The probe closes each connection; a dead camera closes its own.
            }
        }
    }

    private void answer(Socket client) throws IOException {
        StringBuilder request = new StringBuilder();
        InputStream in = client.getInputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            request.append((char) b);
            if (request.toString().endsWith("\r\n\r\n")) {
                asked = request.toString();
                Matcher number = NUMBER.matcher(asked);
                if (!hanging && number.find()) {
                    client.getOutputStream()
                            .write(("RTSP/1.0 401 Unauthorized\r\nCSeq: " + number.group(1)
                                            + "\r\nWWW-Authenticate: Digest realm=\"camera\"\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                request.setLength(0);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
