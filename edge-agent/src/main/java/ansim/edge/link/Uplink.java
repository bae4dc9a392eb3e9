package ansim.edge.link;

import ansim.wire.Lane;

/**
 * A way to the hub. It carries bytes and promises nothing: what was sent may be lost, arrive twice, or arrive although the
 * link said otherwise. Only the hub's signed receipt counts, and that is the caller's business.
 *
 * <p>No method blocks. {@link Listener} methods come on the link's own threads and must not block either.
 */
public interface Uplink extends AutoCloseable {
    /** Begins to connect, and goes on trying until {@link #close}. */
    void start(Listener listener);

    /** Hands a message over. Returns false when the link is down or its own queue is full: try again later. */
    boolean send(Lane lane, byte[] message);

    /** How the link is now. */
    Status status();

    @Override
    void close();

    /**
     * How a link is.
     *
     * @param name where it leads, without secrets
     * @param connected whether messages can be handed over
     * @param attempts connects tried since it was last connected
     * @param error why the last attempt failed, or what is wrong although it is connected; empty when nothing is
     */
    record Status(String name, boolean connected, int attempts, String error) {}

    /** What a link tells. */
    interface Listener {
        /** Connected, and subscribed to what comes down. */
        void connected();

        /** The connection is gone; what was handed over is unknown. */
        void disconnected();

        /** Bytes from the hub, not verified. */
        void received(byte[] message);

        /** The other end has answered something, whatever it was: the way is open. */
        default void heard() {}
    }
}
