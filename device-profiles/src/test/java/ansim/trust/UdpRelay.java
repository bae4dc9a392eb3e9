package ansim.trust;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The network between one client and a server, as a moving taxi behind a carrier's NAT sees it: it gives the client another source port
 * in mid-session, loses and reorders datagrams, or swallows all of them.
 */
public final class UdpRelay implements AutoCloseable {
    private static final int BYTES = 65_536;

    private final SocketAddress server;
    private final DatagramSocket inner;
    private final Random random = new Random(20_261_127);
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger swapped = new AtomicInteger();
    private volatile DatagramSocket outer;
    private volatile @Nullable SocketAddress client;
    private volatile double loss;
    private volatile boolean swallowing;
    private volatile boolean closed;
    private @Nullable DatagramPacket heldUp;
    private @Nullable DatagramPacket heldDown;

    public UdpRelay(InetSocketAddress server) throws IOException {
        this.server = server;
        inner = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        outer = open();
        start("relay-up", this::up);
    }

    private DatagramSocket open() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start("relay-down", () -> down(socket));
        return socket;
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Where the client is to send. */
    public int port() {
        return inner.getLocalPort();
    }

    /** From now on the server sees another source port; what comes to the old one is lost. */
    public void changePort() throws IOException {
        DatagramSocket old = outer;
        outer = open();
        old.close();
    }

    /** Loses this share of the datagrams either way, and swaps as many with their next. */
    public void lose(double share) {
        loss = share;
    }

    /** Lets nothing through, without telling anybody. */
    public void swallow(boolean on) {
        swallowing = on;
    }

    /** Datagrams lost so far. */
    public int lost() {
        return lost.get();
    }

    /** Datagrams that came after their next so far. */
    public int swapped() {
        return swapped.get();
    }

    private void up() {
        while (!closed) {
            Optional<DatagramPacket> packet = receive(inner);
            if (packet.isEmpty()) {
                return;
            }
            client = packet.get().getSocketAddress();
            packet.get().setSocketAddress(server);
            DatagramPacket before = heldUp;
            heldUp = null;
            if (fate(packet.get(), before) == Fate.HELD) {
                heldUp = packet.get();
            } else {
                send(outer, packet.get(), before);
            }
        }
    }

    private void down(DatagramSocket from) {
        while (!closed) {
            Optional<DatagramPacket> packet = receive(from);
            SocketAddress to = client;
            if (packet.isEmpty() || to == null) {
                return;
            }
            packet.get().setSocketAddress(to);
            synchronized (this) {
                DatagramPacket before = heldDown;
                heldDown = null;
                if (fate(packet.get(), before) == Fate.HELD) {
                    heldDown = packet.get();
                } else {
                    send(inner, packet.get(), before);
                }
            }
        }
    }

    private enum Fate {
        SENT,
        HELD
    }

    private Fate fate(DatagramPacket packet, @Nullable DatagramPacket before) {
        boolean drawn;
        boolean held;
        synchronized (random) {
            drawn = random.nextDouble() < loss;
            held = random.nextDouble() < loss;
        }
        if (swallowing || drawn) {
            lost.incrementAndGet();
            packet.setLength(0);
        }
        return held && before == null ? Fate.HELD : Fate.SENT;
    }

    private void send(DatagramSocket by, DatagramPacket packet, @Nullable DatagramPacket before) {
        try {
            if (packet.getLength() > 0) {
                by.send(packet);
            }
            if (before != null && before.getLength() > 0) {
                by.send(before);
                swapped.incrementAndGet();
            }
        } catch (IOException e) {
            lost.incrementAndGet();
        }
    }

    private static Optional<DatagramPacket> receive(DatagramSocket from) {
        DatagramPacket packet = new DatagramPacket(new byte[BYTES], BYTES);
        try {
            from.receive(packet);
            return Optional.of(packet);
        } catch (IOException closed) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        closed = true;
        inner.close();
        outer.close();
    }
}
