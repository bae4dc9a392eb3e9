package ansim.edge.port;

import ansim.edge.port.GpioUapi.Edge;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the edges of a request into the order of their interrupts. The kernel numbers them there, but queues them from a thread
 * per line, so that two edges close together may be queued the other way round.
 *
 * <p>An edge that is missing is waited for until the next {@link #take}; then it is lost, as is what the kernel had no room for.
 * Holds at most {@link GpioUapi#EVENT_BUFFER} edges and those of one read. One thread.
 */
final class EdgeOrder {
    private final TreeMap<Long, Edge> held = new TreeMap<>();
    private long next = 1;
    private long waitedFor;

    /** Takes what comes out. */
    interface Sink {
        /** The next edge. */
        void edge(Edge edge);

        /** Here so many edges are missing. */
        void lost(long count);
    }

    /** Takes an edge as it was read. */
    void add(Edge edge) {
        // 32 bits that wrap: as the number nearest to the one that is expected.
        long seqno = next + (edge.seqno() - (int) next);
        if (seqno >= next) {
            held.put(seqno, edge);
        }
    }

    /** Gives what can be given now. */
    void take(Sink to) {
        for (Map.Entry<Long, Edge> first = held.firstEntry(); first != null; first = held.firstEntry()) {
            long seqno = first.getKey();
            if (seqno > next) {
                if (waitedFor != next) {
                    waitedFor = next;
                    return;
                }
                to.lost(seqno - next);
            }
            next = seqno + 1;
            held.remove(seqno);
            to.edge(first.getValue());
        }
    }
}
