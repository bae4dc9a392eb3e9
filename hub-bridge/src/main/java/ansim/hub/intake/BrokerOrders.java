package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The commands of one unit behind the city's broker: one at a time, each until the broker has taken it, so that none passes another.
 * Whether the unit listens only the broker knows; what it missed goes again. On the thread {@code broker-orders}.
 */
final class BrokerOrders implements OrdersDue.Way {
    private final CityBroker broker;
    private final Id16 unit;
    private final ScheduledExecutorService thread;
    private final OrdersDue due;
    private boolean inHand;
    private long handedNanos;
    private int handed;
    private volatile long heardNanos = System.nanoTime();

    BrokerOrders(CityBroker broker, Id16 unit, ScheduledExecutorService thread) {
        this.broker = broker;
        this.unit = unit;
        this.thread = thread;
        this.due = new OrdersDue(broker.rooms().orders(), unit, broker.rooms().clock(), this);
        thread.execute(due::begin);
    }

    /** The unit has said something; after a silence it may be connected anew. Any thread. */
    void heard() {
        boolean silent = CityBroker.isOver(heardNanos, Limits.BROKER_SILENT);
        heardNanos = System.nanoTime();
        if (silent) {
            thread.execute(due::begin);
        }
    }

    long heardNanos() {
        return heardNanos;
    }

    /** What the unit is ordered has changed. Any thread. */
    void look() {
        thread.execute(due::look);
    }

    /** It is not heard any more. Any thread. */
    void end() {
        thread.execute(due::end);
    }

    @Override
    public boolean send(Order order) {
        // A client that was closed by force may never say what became of it.
        boolean waits = inHand && !CityBroker.isOver(handedNanos, Limits.ORDER_AGAIN_FIRST);
        if (waits || !broker.rooms().isAllowed(unit)) {
            return false;
        }
        handed++;
        int mine = handed;
        handedNanos = System.nanoTime();
        inHand = broker.order(order, taken -> thread.execute(() -> handed(mine, taken)));
        return inHand;
    }

    private void handed(int which, boolean taken) {
        if (which != handed) {
            return;
        }
        inHand = false;
        if (taken) {
            due.look();
        } else {
            due.failed();
        }
    }

    @Override
    public void after(Duration delay, Runnable task) {
        var unused = thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
}
