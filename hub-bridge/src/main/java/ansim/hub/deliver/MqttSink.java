package ansim.hub.deliver;

import java.util.concurrent.CompletableFuture;

/**
 * Publishes each event of one courier at {@code ansim/1/g/{district}/{alarm|normal}}, QoS 1, to a centre's own broker (MQTT 5), on a
 * {@link MqttLine} that all districts at that broker share. The broker's PUBACK counts as delivered: what that broker then loses is beyond the hub.
 *
 * <p>When one fails, whatever else comes of the same attempt fails too: nothing passes what has failed. Thread-safe.
 */
final class MqttSink implements Sink {
    private static final int WINDOW = 16;

    private final MqttLine line;
    /** The newest attempt of which something has failed. Only the line looks at it, under its lock. */
    long broken = -1;

    MqttSink(MqttLine line) {
        this.line = line;
    }

    @Override
    public CompletableFuture<Outcome> send(Parcel parcel) {
        return line.send(this, parcel);
    }

    @Override
    public int window() {
        return WINDOW;
    }

    @Override
    public int windowAfterFailure() {
        return 1;
    }

    @Override
    public void close() {
        // The line is shared.
    }
}
