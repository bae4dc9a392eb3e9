package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import ansim.profile.TcpLine;
import ansim.profile.TcpLine.Connect;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/**
 * A device behind a TCP connection. With {@link Connect#WHEN_ASKED} each request has a connection of its own, so that one to a
 * device that lost its power in between is not trusted, and a connection that cannot be made or that the device closes is not the
 * loss of the device: whether it answers is for the profile to judge.
 */
final class TcpDevice implements Device {
    /** At most so much is taken per poll; the kernel holds the rest for the next one. */
    private static final int POLL_BYTES = 16_384;
    /** Silent for so long, the other end's kernel is asked whether it is there: one that lost its power is found out within 25 s. */
    private static final int KEEP_IDLE_S = 10;

    private static final int KEEP_INTERVAL_S = 5;
    private static final int KEEP_COUNT = 3;

    private static final int LAST_PORT = 65_535;

    private final String address;
    private final String host;
    private final int port;
    private final TcpLine line;
    private final ByteBuffer buffer = ByteBuffer.allocate(POLL_BYTES);
    private Optional<SocketChannel> channel = Optional.empty();

    TcpDevice(String address, TcpLine line) throws IOException {
        this.address = address;
        this.line = line;
        int colon = portColon(address);
        this.host = colon > 0 ? address.substring(0, colon) : address;
        this.port = colon > 0 ? port(address, colon + 1) : line.port();
        if (line.connect() == Connect.STAY) {
            channel = Optional.of(connect());
        }
    }

    /** Where the port begins in {@code HOST}, {@code HOST:PORT} or {@code [IPv6]:PORT}; -1 where there is none. */
    private static int portColon(String address) {
        int colon = address.lastIndexOf(':');
        boolean named = colon > 0
                && address.indexOf(']', colon) < 0
                && (address.indexOf(':') == colon || address.charAt(0) == '[');
        return named ? colon : -1;
    }

    private static int port(String address, int from) throws IOException {
        String digits = address.substring(from);
        if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > LAST_PORT) {
            throw new IOException(address + " must be HOST, HOST:PORT or [IPv6]:PORT, the port in [0, 65535]");
        }
        return Integer.parseInt(digits);
    }

    private SocketChannel connect() throws IOException {
        SocketChannel opened = SocketChannel.open();
        try {
            Socket socket = opened.socket();
            socket.setKeepAlive(true);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_IDLE_S);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_INTERVAL_S);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_COUNT);
            socket.setTcpNoDelay(true);
            // Looked up each time: a name may be known later, or mean another address.
            socket.connect(new InetSocketAddress(host, port), (int)
                    line.connectTimeout().toMillis());
            opened.configureBlocking(false);
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw new IOException(address + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException {
        if (channel.isEmpty()) {
            return;
        }
        buffer.clear();
        int length = read(channel.get());
        if (length > 0) {
            reader.accept(buffer.array(), 0, length, monoMs, sink);
            // It may have been a card's number.
            Arrays.fill(buffer.array(), 0, length, (byte) 0);
        } else if (length < 0) {
            close();
            if (line.connect() == Connect.STAY) {
                throw new IOException(address + " hung up");
            }
        }
    }

    private int read(SocketChannel from) throws IOException {
        try {
            return from.read(buffer);
        } catch (IOException e) {
            if (line.connect() == Connect.STAY) {
                throw new IOException(address + ": " + e.getMessage(), e);
            }
            return -1;
        }
    }

    /** A request that a device which is asked only now and then does not take is one that it does not answer. */
    @Override
    public void send(byte[] request) throws IOException {
        try {
            if (line.connect() == Connect.WHEN_ASKED) {
                close();
                channel = Optional.of(connect());
            }
            ByteBuffer bytes = ByteBuffer.wrap(request);
            channel.orElseThrow(() -> new IOException(address + " hung up")).write(bytes);
            if (bytes.hasRemaining()) {
                throw new IOException(address + " took only part of a request");
            }
        } catch (IOException e) {
            close();
            if (line.connect() == Connect.STAY) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        Optional<SocketChannel> open = channel;
        channel = Optional.empty();
        try {
            if (open.isPresent()) {
                open.get().close();
            }
        } catch (IOException alreadyGone) {
            // The descriptor is released all the same.
        }
    }
}
