package ansim.edge.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/**
 * TLS sockets that can be closed while the network takes nothing more.
 *
 * <p>{@code SSLSocket.close} sends a last message and waits for the lock of whoever is writing; on a network that is gone that is until
 * the kernel gives up, after a quarter of an hour. With SO_LINGER it waits for so long only (JDK 17, {@code
 * SSLSocketImpl.closeNotify}), and the connection is reset. Any thread.
 */
final class LingeringSockets extends SSLSocketFactory {
    private static final int LINGER_S = 1;

    private final SSLSocketFactory factory;

    LingeringSockets(SSLSocketFactory factory) {
        this.factory = factory;
    }

    private static Socket lingering(Socket socket) throws IOException {
        socket.setSoLinger(true, LINGER_S);
        return socket;
    }

    @Override
    public Socket createSocket() throws IOException {
        return lingering(factory.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return lingering(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return lingering(factory.createSocket(host, port, from, fromPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return lingering(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return lingering(factory.createSocket(host, port, from, fromPort));
    }

    @Override
    public Socket createSocket(Socket through, String host, int port, boolean autoClose) throws IOException {
        return lingering(factory.createSocket(through, host, port, autoClose));
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return factory.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return factory.getSupportedCipherSuites();
    }
}
