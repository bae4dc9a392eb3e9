package ansim.hub.guardian;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.tinylog.Logger;

/**
 * A mail server that is played, since GreenMail knows no STARTTLS: it notes what is said to it in the clear and what by TLS, and asks for a password at
 * once, as one between might do that wants it. One connection after the other.
 */
final class PlayedMail implements AutoCloseable {
    /** How it stands to RFC 3207. */
    enum StartTls {
        OFFERED,
        NOT_OFFERED,
        /** Offered, and not there when it is asked for: 454. */
        FAILING,
        /** Said to begin, and everything stays in the clear. */
        PRETENDED
    }

    final List<String> clear = Collections.synchronizedList(new ArrayList<>());
    final List<String> encrypted = Collections.synchronizedList(new ArrayList<>());
    private final StartTls startTls;
    private final SSLContext identity;
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final Thread thread = new Thread(this::serve, "played-mail");

    PlayedMail(StartTls startTls, SSLContext identity) throws IOException {
        this.startTls = startTls;
        this.identity = identity;
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(30));
                speak(socket);
            } catch (IOException ended) {
                // The client has gone or takes no such TLS, or the test is over: the loop's condition tells which.
                Logger.trace(ended);
            }
        }
    }

    private void speak(Socket socket) throws IOException {
        say(socket.getOutputStream(), "220 played.example ESMTP");
        if (!converse(socket, clear, true)) {
            return;
        }
        try (SSLSocket tls = (SSLSocket) identity.getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true)) {
            tls.setUseClientMode(false);
            tls.startHandshake();
            var unused = converse(tls, encrypted, false);
        }
    }

    /** Until the client ends it; true when TLS is to begin. */
    private boolean converse(Socket socket, List<String> said, boolean mayBegin) throws IOException {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        while (true) {
            String line = line(in);
            said.add(line);
            if (line.startsWith("EHLO")) {
                say(out, "250-played.example");
                if (mayBegin && startTls != StartTls.NOT_OFFERED) {
                    say(out, "250-STARTTLS");
                }
                say(out, "250 AUTH PLAIN");
            } else if (line.equals("STARTTLS")) {
                say(out, startTls == StartTls.FAILING ? "454 TLS is not available" : "220 go ahead");
                if (startTls == StartTls.OFFERED) {
                    return true;
                }
            } else if (line.startsWith("AUTH")) {
                say(out, "235 you are in");
            } else if (line.equals("DATA")) {
                say(out, "354 go on");
                for (String text = line(in); !text.equals("."); text = line(in)) {
                    said.add(text);
                }
                say(out, "250 taken");
            } else if (line.equals("QUIT")) {
                say(out, "221 bye");
                return false;
            } else {
                say(out, "250 well");
            }
        }
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Byte by byte: what comes behind it may be TLS. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the client has gone");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
