package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import ansim.wire.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The commands of one MQTT connection: QoS 1, at most {@link Limits#ORDERS_IN_FLIGHT} without a PUBACK. A PUBACK only makes room: a
 * command is done with when the unit has acknowledged it in lane 2. On the channel's event loop.
 */
final class MqttOrders implements OrdersDue.Way {
    private static final int LAST_PACKET_ID = 65_535;

    private final MqttDoor door;
    private final MqttSession session;
    private final Id16 unit;
    private final OrdersDue due;
    private final int most;
    private final Set<Integer> unacknowledged = new HashSet<>();
    private boolean acknowledges;
    private int lastPacketId;

    MqttOrders(MqttDoor door, MqttSession session, Id16 unit, int receiveMaximum) {
        this.door = door;
        this.session = session;
        this.unit = unit;
        this.most = Math.min(Limits.ORDERS_IN_FLIGHT, receiveMaximum);
        this.due = new OrdersDue(door.rooms().orders(), unit, door.rooms().clock(), this);
    }

    /**
     * The client has subscribed.
     *
     * @param clientAcknowledges with QoS 1
     */
    void begin(boolean clientAcknowledges) {
        acknowledges = clientAcknowledges;
        due.begin();
    }

    void end() {
        due.end();
    }

    void look() {
        due.look();
    }

    /** False for a PUBACK of nothing. */
    boolean acknowledged(int packetId) {
        boolean known = unacknowledged.remove(packetId);
        due.look();
        return known;
    }

    @Override
    public boolean send(Order order) {
        if (!session.isReady() || unacknowledged.size() >= most || !door.rooms().isAllowed(unit)) {
            return false;
        }
        byte[] signed = door.rooms().signer().order(order);
        if (!session.fits(signed)) {
            door.rooms().tally().count(Refusal.ORDER_NOT_SENT, session.source(), "command " + order.number());
            return true;
        }
        session.tell(Packets.publish(Topics.down(unit), signed, acknowledges ? nextPacketId() : Packets.NO_PACKET_ID));
        return true;
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId % LAST_PACKET_ID + 1;
        } while (!unacknowledged.add(lastPacketId));
        return lastPacketId;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        session.after(delay, task);
    }
}
