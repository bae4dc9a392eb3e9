package ansim.hub.model;

import java.util.ArrayList;
import java.util.List;

/** {@code ansim.edge.Chain} with what its journal holds of it. */
final class UnitChain {
    final int lane;
    final int id;
    final List<Message> held = new ArrayList<>(4);
    int lastN;
    int receiptedN;
    int everReceiptedN;
    boolean closed;
    /** {@code Forwarder.Flight.lastN}: in memory only. */
    int sentN;

    UnitChain(int lane, int id) {
        this.lane = lane;
        this.id = id;
    }

    UnitChain copy(boolean withMemory) {
        UnitChain copy = new UnitChain(lane, id);
        copy.held.addAll(held);
        copy.lastN = lastN;
        copy.receiptedN = receiptedN;
        copy.everReceiptedN = everReceiptedN;
        copy.closed = closed;
        copy.sentN = withMemory ? sentN : 0;
        return copy;
    }

    Message get(int n) {
        for (Message each : held) {
            if (each.n() == n) {
                return each;
            }
        }
        return null;
    }

    void raise(int n) {
        receiptedN = Math.max(receiptedN, n);
        everReceiptedN = Math.max(everReceiptedN, receiptedN);
    }

    /** Sent and not receipted. */
    int flying() {
        int count = 0;
        for (Message each : held) {
            if (each.n() > receiptedN && each.n() <= sentN) {
                count++;
            }
        }
        return count;
    }

    int waiting() {
        return Math.max(0, lastN - receiptedN);
    }

    long mix() {
        long mixed =
                Mix.of(lane * 64L + id, lastN * 64L + receiptedN, everReceiptedN * 64L + sentN * 2L + (closed ? 1 : 0));
        for (Message each : held) {
            mixed = Mix.of(mixed, each.mix());
        }
        return mixed;
    }
}
