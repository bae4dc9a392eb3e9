package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which commands go to one unit over one way, and when again: all that are not acknowledged at each beginning, each new one at once, and
 * all of them once more after {@link Limits#ORDER_AGAIN_FIRST}, doubling to {@link Limits#ORDER_AGAIN_LONGEST}.
 *
 * <p>Guarantees that a command never goes before an older one over this way, since a unit does not do what is older than the last that it
 * did. Does not guarantee that it goes once: the unit does it once.
 *
 * <p>One thread: that of its way.
 */
final class OrdersDue {
    /** How commands reach the unit. */
    interface Way {
        /** Signs and sends; false when it cannot now. Then {@link #look} is called when it can. */
        boolean send(Order order);

        /** Runs something later on the same thread. */
        void after(Duration delay, Runnable task);
    }

    private final OrderBook book;
    private final Id16 unit;
    private final LongSupplier nowMs;
    private final Way way;
    private boolean begun;
    private boolean scheduled;
    private long sentThrough;
    private long oldest;
    private Duration again = Limits.ORDER_AGAIN_FIRST;

    OrdersDue(OrderBook book, Id16 unit, LongSupplier nowMs, Way way) {
        this.book = book;
        this.unit = unit;
        this.nowMs = nowMs;
        this.way = way;
    }

    /** The unit is there, or there anew: it may have missed everything. */
    void begin() {
        begun = true;
        again = Limits.ORDER_AGAIN_FIRST;
        sentThrough = 0;
        look();
    }

    /** It is gone: nothing is sent until {@link #begin}. */
    void end() {
        begun = false;
    }

    /** Whether it may be sent something. */
    boolean isBegun() {
        return begun;
    }

    /** What was sent last did not get through: it goes again with the next turn. */
    void failed() {
        sentThrough = 0;
    }

    /** There may be something new to send, or room to send it. */
    void look() {
        if (!begun) {
            return;
        }
        List<Order> waiting = waiting();
        if (!waiting.isEmpty() && waiting.get(0).number() != oldest) {
            oldest = waiting.get(0).number();
            again = Limits.ORDER_AGAIN_FIRST;
        }
        Optional<Order> next = next(waiting);
        while (next.isPresent() && way.send(next.get())) {
            sentThrough = next.get().number();
            book.sent(next.get(), nowMs.getAsLong());
            next = next(waiting);
        }
        schedule(!waiting.isEmpty());
    }

    private List<Order> waiting() {
        long now = nowMs.getAsLong();
        return book.of(unit).stream().filter(order -> !order.isOver(now)).toList();
    }

    private Optional<Order> next(List<Order> waiting) {
        return waiting.stream().filter(order -> order.number() > sentThrough).findFirst();
    }

    private void schedule(boolean waiting) {
        if (waiting && !scheduled) {
            scheduled = true;
            way.after(again, this::again);
        }
    }

    private void again() {
        scheduled = false;
        if (begun) {
            again = again.multipliedBy(2).compareTo(Limits.ORDER_AGAIN_LONGEST) < 0
                    ? again.multipliedBy(2)
                    : Limits.ORDER_AGAIN_LONGEST;
            sentThrough = 0;
            look();
        }
    }
}
