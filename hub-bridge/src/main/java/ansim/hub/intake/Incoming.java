package ansim.hub.intake;

import ansim.wire.Lane;

/**
 * One PUBLISH on its way through the intake, to be answered with one PUBACK.
 *
 * <p>All but the answer is set once; the answer belongs to the connection's event loop.
 */
final class Incoming {
    final MqttSession session;
    final int packetId;
    final Lane lane;
    final byte[] bytes;
    final long arrivedMs;

    private boolean answered;
    private byte code;

    Incoming(MqttSession session, int packetId, Lane lane, byte[] bytes, long arrivedMs) {
        this.session = session;
        this.packetId = packetId;
        this.lane = lane;
        this.bytes = bytes;
        this.arrivedMs = arrivedMs;
    }

    boolean answered() {
        return answered;
    }

    /** The PUBACK's reason code in MQTT 5. */
    byte code() {
        return code;
    }

    void answer(byte with) {
        code = with;
        answered = true;
    }
}
