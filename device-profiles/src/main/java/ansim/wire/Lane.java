package ansim.wire;

import java.util.Optional;

/** The four lanes of a unit, most urgent first. Order is strict within a lane's chain and free between lanes. */
public enum Lane implements Coded {
    /** Panic, tamper, gaps. Always first, never evicted. */
    ALARM(1),
    /** Boarded, alighted, contacts, anchors, command-acks. */
    EVENT(2),
    /** The evidence of a ride. */
    TRACK(3),
    /** Health, presence, live position: memory only, displaced by newer ones. */
    STATUS(4);

    private final int number;

    Lane(int number) {
        this.number = number;
    }

    private static final Lane[] ALL = values();

    /** The number on the wire and in topics. */
    public int number() {
        return number;
    }

    /** The lane with that number on the wire. */
    public static Optional<Lane> of(long number) {
        return number < 1 || number > ALL.length ? Optional.empty() : Optional.of(ALL[(int) number - 1]);
    }

    @Override
    public int code() {
        return number;
    }

    static Lane read(Item item, Object what) throws WireException {
        return Coded.read(ALL, item, what);
    }
}
