import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The radio link between units and the hub, for the demo: a TCP relay on loopback that can be cut.
 *
 * <p>{@code java LinkRelay.java LISTEN_PORT HUB_PORT CUT_FILE}. While CUT_FILE exists nothing passes and nothing is told
 * to either side, as in a tunnel: bytes already under way are lost with the connection, and new connections are not
 * answered. When the file goes, every old connection is reset, as by a carrier that has forgotten them.
 */
final class LinkRelay {
    private static final int POLL_MS = 50;

    private final Path cutFile;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    private LinkRelay(Path cutFile) {
        this.cutFile = cutFile;
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 3) {
            System.err.println("Usage: java LinkRelay.java LISTEN_PORT HUB_PORT CUT_FILE");
            System.exit(2);
        }
        new LinkRelay(Path.of(args[2])).run(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
    }

    private void run(int listenPort, int hubPort) throws IOException {
        Thread watch = new Thread(this::watchCutFile, "cut-watch");
        watch.setDaemon(true);
        watch.start();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(listenPort, 64, loopback)) {
            System.out.println("relay: 127.0.0.1:" + server.getLocalPort() + " -> 127.0.0.1:" + hubPort);
            while (true) {
                Socket unit = server.accept();
                open.add(unit);
                if (cut) {
                    continue; // held without an answer; reset when the link is back
                }
                try {
                    Socket hub = new Socket(loopback, hubPort);
                    open.add(hub);
                    pump(unit, hub);
                    pump(hub, unit);
                } catch (IOException hubIsDown) {
                    close(unit);
                }
            }
        }
    }

    private void pump(Socket from, Socket to) {
        Thread thread = new Thread(() -> copy(from, to), "pump");
        thread.setDaemon(true);
        thread.start();
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[16_384];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!cut) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException reset) {
            // Either end may go at any moment: what matters is that the other one then goes as well.
        }
        if (!cut) {
            close(from);
            close(to);
        }
    }

    private void watchCutFile() {
        while (true) {
            boolean now = Files.exists(cutFile);
            if (cut && !now) {
                open.forEach(this::close);
            }
            cut = now;
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyGone) {
            // closed is what we wanted
        }
    }
}
