package ansim.hub.deliver;

import ansim.hub.core.LogEntry;
import ansim.hub.deliver.Courier.Route;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** What operators may ask of one cursor: where an event is, to deliver again, to skip. Thread-safe: it only gives orders. */
final class CursorDesk {
    /** So many waiting entries are looked through for an id. */
    static final int LOOK_AHEAD = 10_000;
    /** So many delivered ones. */
    static final int LOOK_BACK = 100_000;

    /** Reads the log. */
    interface Entries {
        Optional<LogEntry> at(long logIndex) throws IOException;
    }

    private final Route route;
    private final DeadLetters deadLetters;
    private final Orders orders;
    private final Entries entries;
    private final LongSupplier settledSlot;
    private final BooleanSupplier ready;
    private final Runnable wake;

    /** @param ready whether the index reaches to the cursor: only then is known what was delivered */
    CursorDesk(
            Route route,
            DeadLetters deadLetters,
            Orders orders,
            Entries entries,
            LongSupplier settledSlot,
            BooleanSupplier ready,
            Runnable wake) {
        this.route = route;
        this.deadLetters = deadLetters;
        this.orders = orders;
        this.entries = entries;
        this.settledSlot = settledSlot;
        this.ready = ready;
        this.wake = wake;
    }

    boolean isReady() {
        return ready.getAsBoolean();
    }

    Route route() {
        return route;
    }

    /** Where a settled event is: among the dead letters, or among the newest of the others. */
    OptionalLong settled(String id) throws IOException {
        OptionalLong dead = deadLetters.find(id);
        long end = settledSlot.getAsLong();
        for (long slot = end - 1; dead.isEmpty() && slot >= Math.max(0, end - LOOK_BACK); slot--) {
            dead = at(slot, id);
        }
        return dead;
    }

    /** Where a waiting event is: among the oldest. */
    OptionalLong waiting(String id) throws IOException {
        OptionalLong found = OptionalLong.empty();
        long from = settledSlot.getAsLong();
        long end = Math.min(route.index().size(), from + LOOK_AHEAD);
        for (long slot = from; found.isEmpty() && slot < end; slot++) {
            found = at(slot, id);
        }
        return found;
    }

    private OptionalLong at(long slot, String id) throws IOException {
        long logIndex = route.index().at(slot);
        Optional<LogEntry> entry = entries.at(logIndex);
        return entry.isPresent() && names(entry.get(), id) ? OptionalLong.of(logIndex) : OptionalLong.empty();
    }

    private boolean names(LogEntry entry, String id) throws IOException {
        return Shipping.notices(entry, entries::at, route.district(), route.alarm()).stream()
                .anyMatch(each -> each.id().equals(id));
    }

    void again(long logIndex) throws IOException {
        orders.again(new Orders.Range(logIndex, logIndex));
        wake.run();
    }

    void skip(long logIndex) throws IOException {
        orders.skip(logIndex);
        wake.run();
    }

    /** All that is settled and came to the hub then or later. Returns how many entries. */
    long againFrom(Instant from) throws IOException {
        long low = 0;
        long end = settledSlot.getAsLong();
        long high = end;
        while (low < high) {
            long middle = (low + high) >>> 1;
            Optional<LogEntry> entry = entries.at(route.index().at(middle));
            // What does not read any more was there before: it is looked for above it.
            if (entry.isEmpty() || entry.get().arrivedMs() < from.toEpochMilli()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low < end) {
            orders.again(new Orders.Range(route.index().at(low), route.index().at(end - 1)));
            wake.run();
        }
        return end - low;
    }
}
