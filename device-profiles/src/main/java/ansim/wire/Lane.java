package ansim.wire;

import java.util.Arrays;
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

    /** The number on the wire and in topics. */
    public int number() {
        return number;
    }

    /** The lane with that number on the wire. */
    public static Optional<Lane> of(long number) {
        return Arrays.stream(values()).filter(each -> each.number == number).findFirst();
    }

    @Override
    public int code() {
        return number;
    }

    static Lane read(Item item, String what) throws WireException {
        return Coded.read(values(), item, what);
    }
}
