package ansim.edge;

import ansim.edge.link.Uplink;
import ansim.wire.Lane;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A link that takes everything and delivers when told. */
final class FakeLink implements Uplink {
    final List<byte[]> sent = new ArrayList<>();
    final List<Lane> lanes = new ArrayList<>();
    private boolean up;
    /** Messages taken before the link is full; negative: no limit. */
    int room = -1;
    /** The same for each lane, as with CoAP. */
    int laneRoom = -1;
    /** Whether what is taken is acknowledged before {@link #send} returns. */
    boolean quick;

    private Listener listener = new Listener() {
        @Override
        public void connected() {}

        @Override
        public void disconnected() {}

        @Override
        public void received(byte[] message) {}
    };

    @Override
    public void start(Listener to) {
        listener = to;
    }

    @Override
    public boolean send(Lane lane, byte[] message) {
        if (!up || sent.size() == room || Collections.frequency(lanes, lane) == laneRoom) {
            return false;
        }
        lanes.add(lane);
        if (quick) {
            hear();
        }
        return sent.add(message);
    }

    @Override
    public Status status() {
        return new Status("fake", up, 0, "");
    }

    @Override
    public void close() {
        up = false;
    }

    void connect() {
        up = true;
        listener.connected();
    }

    void disconnect() {
        up = false;
        listener.disconnected();
    }

    void down(byte[] message) {
        listener.received(message);
    }

    /** The other end acknowledges, and that is all. */
    void hear() {
        listener.heard();
    }

    /** What was sent since the last call. */
    List<byte[]> drain() {
        List<byte[]> drained = List.copyOf(sent);
        sent.clear();
        lanes.clear();
        return drained;
    }
}
