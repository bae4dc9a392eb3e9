package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import java.util.List;
import java.util.Map;
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

    /** What {@link #listen} began. */
    interface Listener extends AutoCloseable {
        @Override
        void close();
    }
}
