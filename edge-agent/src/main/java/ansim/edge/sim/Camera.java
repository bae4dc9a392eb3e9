package ansim.edge.sim;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A camera that answers RTSP OPTIONS on loopback (RFC 2326 10.1), by a thread {@code camera} until closed. */
final class Camera implements AutoCloseable {
    private static final int CLIENT_MS = 2_000;
    private static final int LONGEST_REQUEST = 4_096;
    private static final Pattern SEQUENCE = Pattern.compile("(?im)^CSeq: *(\\d{1,9})\\r?$");

    private final ServerSocket camera;
    private volatile boolean open = true;

    Camera(int port) throws IOException {
        camera = new ServerSocket();
        try {
            camera.setReuseAddress(true);
            camera.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            camera.close();
            throw new IOException("the camera's port " + port + ": " + e.getMessage(), e);
        }
        Thread thread = new Thread(this::answer, "camera");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer() {
        while (open) {
            try (Socket client = camera.accept()) {
                client.setSoTimeout(CLIENT_MS);
                Matcher sequence = SEQUENCE.matcher(head(client.getInputStream()));
                if (sequence.find()) {
                    String reply = "RTSP/1.0 200 OK\r\nCSeq: " + sequence.group(1)
                            + "\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n";
                    client.getOutputStream().write(reply.getBytes(StandardCharsets.US_ASCII));
                    // The probe hangs up once it has read.
                    client.getInputStream().read();
                }
            } catch (SocketTimeoutException slowClient) {
                // The next one is served.
            } catch (IOException gone) {
                // A client that hung up; or the camera is closed, and the loop ends.
            }
        }
    }

    /** A request up to its empty line, or what came of it. */
    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        int b = in.read();
        while (b >= 0 && head.length() < LONGEST_REQUEST && head.indexOf("\r\n\r\n") < 0) {
            head.append((char) b);
            b = head.indexOf("\r\n\r\n") < 0 ? in.read() : b;
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        open = false;
        camera.close();
    }
}
