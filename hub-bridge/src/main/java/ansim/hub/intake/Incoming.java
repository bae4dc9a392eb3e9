package ansim.hub.intake;

import ansim.wire.Lane;

/**
 * One message on its way through the intake: a PUBLISH to be answered with one PUBACK, or a POST with one response.
 *
 * <p>All but the fate and the answer is set once. The fate is set by the thread that settles it, before it tells the session; the answer
 * belongs to the connection's event loop.
 */
final class Incoming {
    /** What became of a message. */
    enum Fate {
        /** It is committed, or was before. */
        TAKEN,
        /** It lies behind a hole. */
        HOLE,
        /** It can never be taken, and the unit is told so. */
        REFUSED,
        /** Not taken from this unit, or not by this version: the unit keeps it. */
        NOT_ALLOWED,
        /** A defect of the hub. */
        DEFECT
    }

    final Session session;
    /** Tells the messages of a session apart. */
    final int packetId;

    final Lane lane;
    final byte[] bytes;
    final long arrivedMs;

    private Fate fate = Fate.DEFECT;
    private boolean answered;
    private byte code;

    Incoming(Session session, int packetId, Lane lane, byte[] bytes, long arrivedMs) {
        this.session = session;
        this.packetId = packetId;
        this.lane = lane;
        this.bytes = bytes;
        this.arrivedMs = arrivedMs;
    }

    Fate fate() {
        return fate;
    }

    void settle(Fate as) {
        fate = as;
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
