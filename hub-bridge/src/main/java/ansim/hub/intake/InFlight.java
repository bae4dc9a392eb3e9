package ansim.hub.intake;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The PUBLISHes of one connection that have no PUBACK yet, in their order. On the connection's event loop, but for {@link #size}. */
final class InFlight {
    private final ArrayDeque<Incoming> messages = new ArrayDeque<>();
    private volatile int size;

    void add(Incoming incoming) {
        messages.addLast(incoming);
        size = messages.size();
    }

    /** Those that are answered and have no unanswered one before them: PUBACKs go in the order of the PUBLISHes. */
    List<Incoming> takeAnswered() {
        List<Incoming> ready = new ArrayList<>();
        while (!messages.isEmpty() && messages.element().answered()) {
            ready.add(messages.remove());
        }
        size = messages.size();
        return ready;
    }

    /** Any thread. */
    int size() {
        return size;
    }

    boolean isFull() {
        return messages.size() >= Limits.IN_FLIGHT;
    }

    void clear() {
        messages.clear();
        size = 0;
    }
}
