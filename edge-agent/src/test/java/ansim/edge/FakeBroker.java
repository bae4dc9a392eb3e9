package ansim.edge;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.tinylog.Logger;

/** As much of an MQTT 3.1.1 broker as a test needs to let it do wrong what real ones do wrong. On loopback, a thread per connection. */
final class FakeBroker implements AutoCloseable {
    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int SUBSCRIBE = 8;
    private static final int PINGREQ = 12;

    /** The return code of each SUBACK; 0x80 refuses. */
    volatile int granted = 1;
    /** Whether a PUBLISH is answered with a PUBACK. */
    volatile boolean acknowledging = true;
    /** Whether it hangs up as soon as the subscription is granted. */
    volatile boolean hangingUp;

    final AtomicInteger subscribed = new AtomicInteger();
    /** Connections on which it did not hang up at once. */
    final AtomicInteger standing = new AtomicInteger();

    final AtomicInteger published = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    /** Those that are open and read no more. */
    private final Set<Socket> deaf = ConcurrentHashMap.newKeySet();

    private final CountDownLatch over = new CountDownLatch(1);
    private final ServerSocket server;

    FakeBroker() throws IOException {
        this(new ServerSocket());
    }

    /**
     * One that listens on another kind of socket.
     *
     * @param unbound with room for little, so that a connection that is not read soon takes no more
     */
    FakeBroker(ServerSocket unbound) throws IOException {
        server = unbound;
        server.setReceiveBufferSize(4_096);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start("fake-broker", this::accept);
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    String address() {
        return "tcp://127.0.0.1:" + port();
    }

    int port() {
        return server.getLocalPort();
    }

    /** Reads nothing more from the connections that there are. */
    void deafen() {
        deaf.addAll(sockets);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                sockets.add(socket);
                start("fake-broker-connection", () -> serve(socket));
            }
        } catch (IOException e) {
            Logger.debug("fake broker: closed");
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int first = in.read(); first >= 0; first = in.read()) {
                byte[] packet = in.readNBytes(length(in));
                if (!answer(first >> 4, packet, socket.getOutputStream())) {
                    return;
                }
                if (deaf.contains(socket)) {
                    over.await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            Logger.debug("fake broker: a connection has ended");
        }
    }

    /** MQTT 3.1.1 section 2.2.3. */
    private static int length(DataInputStream in) throws IOException {
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        } while (digit > 0x7f);
        return length;
    }

    /** False when it hangs up. */
    private boolean answer(int type, byte[] packet, OutputStream out) throws IOException {
        switch (type) {
            case CONNECT -> say(out, 0x20, 2, 0, 0);
            case SUBSCRIBE -> {
                say(out, 0x90, 3, packet[0], packet[1], granted);
                subscribed.incrementAndGet();
                boolean staying = !hangingUp;
                standing.addAndGet(staying ? 1 : 0);
                return staying;
            }
            case PUBLISH -> {
                published.incrementAndGet();
                int id = 2 + (packet[0] & 0xff) * 256 + (packet[1] & 0xff);
                if (acknowledging) {
                    say(out, 0x40, 2, packet[id], packet[id + 1]);
                }
            }
            case PINGREQ -> say(out, 0xd0, 0);
            default -> Logger.debug("fake broker: packet type {}", type);
        }
        return true;
    }

    private static void say(OutputStream out, int... octets) throws IOException {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        out.write(bytes);
        out.flush();
    }

    /** Ends every connection. */
    void hangUp() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        server.close();
        hangUp();
    }
}
