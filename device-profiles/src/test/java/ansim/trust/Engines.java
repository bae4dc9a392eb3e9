package ansim.trust;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two ends of a TLS connection without a network between them. */
final class Engines {
    private static final int BYTES = 64 * 1024;
    private static final int MOST_TURNS = 100;

    private Engines() {}

    /** Lets them shake hands; throws what either of them refuses. */
    static void handshake(SSLEngine client, SSLEngine server) throws SSLException {
        ByteBuffer up = ByteBuffer.allocate(BYTES);
        ByteBuffer down = ByteBuffer.allocate(BYTES);
        client.beginHandshake();
        server.beginHandshake();
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            move(client, up, down);
            move(server, down, up);
        }
    }

    private static void move(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws SSLException {
        in.flip();
        for (HandshakeStatus now = engine.getHandshakeStatus(); ; now = engine.getHandshakeStatus()) {
            if (now == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (now == HandshakeStatus.NEED_WRAP) {
                engine.wrap(ByteBuffer.allocate(0), out);
            } else if (in.hasRemaining()) {
                engine.unwrap(in, ByteBuffer.allocate(BYTES));
            } else {
                break;
            }
        }
        in.compact();
    }
}
