package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.tinylog.Logger;

/**
 * A city's own MQTT broker in place of the door: one hub subscribes to what the units publish there, and publishes its receipts and
 * commands. The broker is trusted with nothing: topic, payload and the key's owner must name the same unit, the signature must verify, and
 * what the broker loses (mosquitto PUBACKs what it holds in memory) the units send again, since only the hub's receipt counts.
 *
 * <p>Two connections, so that an alarm does not wait in the broker's queue behind a backlog of tracks: one for lane 1, one for the others.
 * Each starts clean: what the broker would keep the units keep anyway. At most {@link Limits#BROKER_IN_FLIGHT} messages of a connection wait
 * for their PUBACK, which goes out after the commit or the refusal, in the order of the PUBLISHes; the broker keeps the rest, or loses it.
 *
 * <p>Does not notice that a unit connects to the broker: it is greeted with a receipt of everything at its first message of a connection of
 * ours, and sent its commands when it is heard after a silence. Threads: {@code hub-alarms} and {@code hub-others} connect, {@code
 * broker-down} signs and sends, {@code broker-orders} says which commands.
 */
public final class CityBroker implements AutoCloseable {
    private static final int CLOSE_MS = 5_000;

    /**
     * Where the broker is.
     *
     * @param url {@code tcp://HOST:PORT} or {@code ssl://HOST:PORT}
     * @param tls who the hub is there and whom it believes, asked again for each connection with its name, {@code hub-alarms} or
     *     {@code hub-others}: a broker may take the name in the certificate for the client id, of which it allows one. Nobody is asked for a
     *     plaintext one
     */
    public record Site(String url, Function<String, SSLContext> tls) {
        boolean isEncrypted() {
            return url.startsWith("ssl://");
        }
    }

    /**
     * Something to be signed and sent to a unit.
     *
     * @param taken told whether the broker has taken it: of a command, which goes with QoS 1
     */
    private record Down(Id16 unit, Supplier<byte[]> signing, Optional<Consumer<Boolean>> taken) {}

    private final Rooms rooms;
    private final BrokerLink alarms;
    private final BrokerLink others;
    private final BlockingQueue<Down> down = new ArrayBlockingQueue<>(Limits.BROKER_TO_SEND);
    private final Thread sender = new Thread(this::send, "broker-down");
    private final Map<Id16, BrokerOrders> orders = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor orderThread;
    private final OrderBook.Listener ordered;

    private CityBroker(Site site, Rooms rooms, RandomGenerator random, Pace pace) {
        this.rooms = rooms;
        this.alarms = new BrokerLink("hub-alarms", List.of(filter(1)), new BrokerLink.Way(site, this, random, pace));
        this.others = new BrokerLink(
                "hub-others", List.of(filter(2), filter(3), filter(4)), new BrokerLink.Way(site, this, random, pace));
        this.orderThread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "broker-orders");
            thread.setDaemon(true);
            return thread;
        });
        orderThread.setRejectedExecutionHandler((task, closing) -> Logger.debug("the broker is given up"));
        long sweepMs = Limits.BROKER_SWEEP.toMillis();
        var unused = orderThread.scheduleWithFixedDelay(this::sweep, sweepMs, sweepMs, TimeUnit.MILLISECONDS);
        this.ordered = rooms.orders().listen(unit -> {
            BrokerOrders known = orders.get(unit);
            if (known != null) {
                known.look();
            }
        });
        sender.setDaemon(true);
        sender.start();
    }

    /** A registered unit has said something, on whichever connection. */
    void heard(Id16 unit) {
        orders.computeIfAbsent(unit, id -> new BrokerOrders(this, id, orderThread))
                .heard();
    }

    private void sweep() {
        orders.values().removeIf(each -> {
            boolean silent = isOver(each.heardNanos(), Limits.BROKER_IDLE);
            if (silent) {
                each.end();
            }
            return silent;
        });
    }

    /**
     * Signs and sends a command when its turn comes.
     *
     * @param taken told once whether the broker has taken it, on any thread
     * @return false when too much waits
     */
    boolean order(Order order, Consumer<Boolean> taken) {
        return down.offer(new Down(order.unit(), () -> rooms.signer().order(order), Optional.of(taken)));
    }

    /**
     * How it comes again.
     *
     * @param first before the second attempt; doubled for each further one
     * @param longest between two attempts
     */
    record Pace(Duration first, Duration longest) {}

    private static String filter(int lane) {
        return "ansim/1/u/+/" + lane;
    }

    /** Connects in the background, for ever, with a new client each time. */
    static CityBroker start(Site site, Rooms rooms, RandomGenerator random) {
        return start(site, rooms, random, new Pace(Limits.BROKER_RETRY_FIRST, Limits.BROKER_RETRY_LONGEST));
    }

    static CityBroker start(Site site, Rooms rooms, RandomGenerator random, Pace pace) {
        CityBroker broker = new CityBroker(site, rooms, random, pace);
        broker.alarms.start();
        broker.others.start();
        return broker;
    }

    Rooms rooms() {
        return rooms;
    }

    /** Signs and sends it when its turn comes; when too much waits it is counted as not sent, and the next receipt says the same and more. */
    void tell(Id16 unit, Supplier<byte[]> signing) {
        if (!down.offer(new Down(unit, signing, Optional.empty()))) {
            rooms.tally().count(Refusal.RECEIPT_NOT_SENT);
        }
    }

    /** By the connection of the alarms, which carries little upwards; by the other one while that is away. */
    private void send() {
        try {
            while (true) {
                Down next = down.take();
                byte[] signed = next.signing().get();
                if (next.taken().isPresent()) {
                    // By one connection only: over two a command could pass another.
                    Consumer<Boolean> taken = next.taken().get();
                    if (!alarms.publishOrder(next.unit(), signed, taken)) {
                        taken.accept(false);
                    }
                } else if (!alarms.publish(next.unit(), signed) && !others.publish(next.unit(), signed)) {
                    rooms.tally().count(Refusal.RECEIPT_NOT_SENT);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether both subscriptions stand now. */
    public boolean isSubscribed() {
        return alarms.isSubscribed() && others.isSubscribed();
    }

    /**
     * {@code broker-subscribed}: of its two connections those that stand; {@code broker-connects} since the start; {@code broker-in-flight}
     * and {@code broker-units}: what waits for its PUBACK, and units that were heard lately.
     */
    public Map<String, Long> counts() {
        return Map.of(
                "broker-subscribed", (alarms.isSubscribed() ? 1L : 0) + (others.isSubscribed() ? 1L : 0),
                "broker-connects", alarms.connects() + others.connects(),
                "broker-in-flight", (long) alarms.inFlight() + others.inFlight(),
                "broker-units", (long) Math.max(alarms.units(), others.units()));
    }

    /** Takes nothing more. What has not been answered has no PUBACK; the units send it again. */
    @Override
    public void close() {
        ordered.close();
        orderThread.shutdownNow();
        alarms.close();
        others.close();
        sender.interrupt();
        try {
            sender.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The current time in ns, for what is forgotten after a while. */
    static boolean isOver(long sinceNanos, Duration span) {
        return System.nanoTime() - sinceNanos > TimeUnit.MILLISECONDS.toNanos(span.toMillis());
    }
}
