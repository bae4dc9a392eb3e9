package ansim.hub.intake;

import ansim.wire.Id16;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Keeps one connection to the city's broker: connects, waits for its end, and connects again with a new client, after a pause that doubles
 * and of which the upper half is random. One thread of its own.
 */
final class BrokerLink implements AutoCloseable {
    private static final int CLOSE_MS = 5_000;

    /** What it works with. */
    record Way(CityBroker.Site site, CityBroker broker, RandomGenerator random, CityBroker.Pace pace) {}

    private final List<String> filters;
    private final Way way;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable BrokerConnection connection;
    private final AtomicLong connects = new AtomicLong();
    private Duration pause;

    BrokerLink(String name, List<String> filters, Way way) {
        this.filters = filters;
        this.way = way;
        this.pause = way.pace().first();
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (stopped.getCount() > 0) {
                try (BrokerConnection next =
                        BrokerConnection.open(way.site(), way.broker(), thread.getName(), filters)) {
                    serve(next);
                } catch (IOException | RuntimeException e) {
                    tell(String.valueOf(e.getMessage()));
                } finally {
                    connection = null;
                }
                var unused = stopped.await(nextPauseMs(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(BrokerConnection next) throws InterruptedException {
        connects.incrementAndGet();
        pause = way.pace().first();
        connection = next;
        Logger.info("{}: subscribed at {}", thread.getName(), way.site().url());
        if (stopped.getCount() > 0) {
            tell(next.awaitEnd());
        }
    }

    private void tell(String why) {
        if (stopped.getCount() > 0 && way.broker().rooms().tally().mayTell(thread.getName())) {
            Logger.warn(
                    "{}: {} does not serve, trying again: {}",
                    thread.getName(),
                    way.site().url(),
                    why);
        }
    }

    private long nextPauseMs() {
        long nowMs = pause.toMillis();
        pause = pause.multipliedBy(2).compareTo(way.pace().longest()) < 0
                ? pause.multipliedBy(2)
                : way.pace().longest();
        return nowMs / 2 + way.random().nextLong(nowMs / 2 + 1);
    }

    /** Gives a signed message to the broker, waiting a moment for room; false when there is no connection, or it does not take it. */
    boolean publish(Id16 unit, byte[] signed) throws InterruptedException {
        BrokerConnection now = connection;
        return now != null && now.publish(unit, signed);
    }

    /** A command, with QoS 1; {@code taken} is told once, unless this gives back false. */
    boolean publishOrder(Id16 unit, byte[] signed, Consumer<Boolean> taken) throws InterruptedException {
        BrokerConnection now = connection;
        return now != null && now.publishOrder(unit, signed, taken);
    }

    boolean isSubscribed() {
        BrokerConnection now = connection;
        return now != null && !now.isOver();
    }

    long connects() {
        return connects.get();
    }

    int inFlight() {
        BrokerConnection now = connection;
        return now == null ? 0 : now.inFlight();
    }

    int units() {
        BrokerConnection now = connection;
        return now == null ? 0 : now.units();
    }

    @Override
    public void close() {
        stopped.countDown();
        BrokerConnection now = connection;
        if (now != null) {
            now.close();
        }
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
