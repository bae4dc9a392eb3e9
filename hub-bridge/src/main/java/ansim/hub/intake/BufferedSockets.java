package ansim.hub.intake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Plaintext connections for the MQTT client, read in large pieces: it asks its socket for each byte of a packet's head by itself, and before
 * each packet whether there is more, which is five system calls a message. One over TLS has its record in memory and needs none of this.
 */
final class BufferedSockets extends SocketFactory {
    private static final int BYTES = 64 * 1024;

    /** What is in memory is enough to say that there is more. */
    private static final class Ahead extends BufferedInputStream {
        Ahead(InputStream in) {
            super(in, BYTES);
        }

        @Override
        public synchronized int available() throws IOException {
            return count > pos ? count - pos : super.available();
        }
    }

    private static final class Buffered extends Socket {
        private final Object lock = new Object();
        private @Nullable InputStream input;

        /** The same each time: another one would miss what the first has read ahead. */
        @Override
        public InputStream getInputStream() throws IOException {
            synchronized (lock) {
                InputStream made = input == null ? new Ahead(super.getInputStream()) : input;
                input = made;
                return made;
            }
        }
    }

    @Override
    public Socket createSocket() {
        return new Buffered();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket(InetAddress.getByName(host), port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        Socket socket = createSocket();
        socket.bind(new InetSocketAddress(localAddress, localPort));
        socket.connect(new InetSocketAddress(address, port));
        return socket;
    }

    private Socket connected(InetSocketAddress where) throws IOException {
        Socket socket = createSocket();
        socket.connect(where);
        return socket;
    }
}
