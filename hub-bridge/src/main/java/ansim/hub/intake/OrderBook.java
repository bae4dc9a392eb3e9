package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * What the units were ordered and have not acknowledged, as the log has committed it: nothing else may be sent.
 *
 * <p>The committer's thread writes, any thread reads. Whoever listens is told on the committer's thread and must not wait.
 */
final class OrderBook {
    private final Map<Id16, List<Order>> byUnit = new ConcurrentHashMap<>();
    /** Bounded by {@link Limits#SENT_TO_TELL}; what does not fit is not told. */
    private final BlockingQueue<Sent> sent = new ArrayBlockingQueue<>(Limits.SENT_TO_TELL);

    private final List<Consumer<Id16>> doors = new CopyOnWriteArrayList<>();

    /** Takes what a unit has not acknowledged now, oldest first, and tells the doors. */
    void put(Id16 unit, List<Order> waiting) {
        if (waiting.isEmpty()) {
            byUnit.remove(unit);
        } else {
            byUnit.put(unit, waiting);
        }
        doors.forEach(door -> door.accept(unit));
    }

    /** Oldest first; some of it may be over. */
    List<Order> of(Id16 unit) {
        return byUnit.getOrDefault(unit, List.of());
    }

    boolean has(Id16 unit) {
        return byUnit.containsKey(unit);
    }

    /** Tells of every unit whose orders have changed, until the listener is closed. */
    Listener listen(Consumer<Id16> door) {
        doors.add(door);
        return () -> doors.remove(door);
    }

    /** A command was sent. */
    private record Sent(Id8 request, long atMs) {}

    void sent(Order order, long nowMs) {
        var unused = sent.offer(new Sent(order.request(), nowMs));
    }

    /** The requests of the commands that were sent since the last call, with when that was first, ms since 1970 UTC. */
    Map<Id8, Long> takeSent() {
        List<Sent> taken = new ArrayList<>();
        sent.drainTo(taken);
        Map<Id8, Long> first = new LinkedHashMap<>();
        taken.forEach(each -> first.putIfAbsent(each.request(), each.atMs()));
        return first;
    }

    /** What {@link #listen} began. */
    interface Listener extends AutoCloseable {
        @Override
        void close();
    }
}
