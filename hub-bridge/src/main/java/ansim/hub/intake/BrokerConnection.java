package ansim.hub.intake;

import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Topics;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.tinylog.Logger;

/**
 * One connection to the city's broker, from its CONNECT to its end; never used again. Each unit that is registered and was heard here has a
 * {@link BrokerSession} until it has been silent for {@link Limits#BROKER_IDLE}.
 *
 * <p>What comes, what is in flight and its PUBACKs are on the client's loop. Any thread may call {@link #answered} and what publishes, which may
 * wait for room.
 */
final class BrokerConnection implements BrokerClient.Owner, AutoCloseable {
    private final CityBroker broker;
    private final BrokerClient client;
    private final Map<Id16, BrokerSession> sessions = new ConcurrentHashMap<>();
    private final Semaphore outgoing = new Semaphore(Limits.BROKER_OUT_IN_FLIGHT);
    private final InFlight inFlight = new InFlight();
    private final ArrayDeque<Incoming> waitingForRoom = new ArrayDeque<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile String why = "";

    private BrokerConnection(CityBroker broker, BrokerClient client) {
        this.broker = broker;
        this.client = client;
    }

    /**
     * Connects and subscribes, waiting for both.
     *
     * @throws IOException when the broker is not reached, or does not take it
     */
    static BrokerConnection open(CityBroker.Site site, CityBroker broker, String name, List<String> filters)
            throws IOException, InterruptedException {
        BrokerClient client = BrokerClient.connect(site, name, "ansim-" + name + "-" + UUID.randomUUID());
        BrokerConnection made = new BrokerConnection(broker, client);
        try {
            client.subscribe(filters, made);
        } catch (IOException | InterruptedException e) {
            client.close();
            throw e;
        }
        long everyMs = Limits.BROKER_SWEEP.toMillis();
        var unused = client.loop().scheduleWithFixedDelay(made::sweep, everyMs, everyMs, TimeUnit.MILLISECONDS);
        return made;
    }

    /** Waits until it is over, and says why. */
    String awaitEnd() throws InterruptedException {
        over.await();
        return why;
    }

    private void sweep() {
        sessions.values().removeIf(each -> CityBroker.isOver(each.heardNanos(), Limits.BROKER_IDLE));
    }

    private Rooms rooms() {
        return broker.rooms();
    }

    @Override
    public void heard(BrokerClient.Published published) {
        if (inFlight.size() >= Limits.BROKER_IN_FLIGHT) {
            client.end("the broker sends more than " + Limits.BROKER_IN_FLIGHT + " messages without a PUBACK");
            return;
        }
        Optional<Topics.Up> up = Topics.parseUp(published.topic());
        Optional<Refusal> refusal = up.isEmpty() ? Optional.of(Refusal.TOPIC) : refusal(published);
        if (refusal.isPresent()) {
            rooms().tally().count(refusal.get(), "the city's broker", "");
            if (published.qos() != MqttQoS.AT_MOST_ONCE) {
                answerAtOnce(published.packetId());
            }
            return;
        }
        BrokerSession session = session(up.get().unit());
        Incoming incoming =
                new Incoming(session, published.packetId(), up.get().lane(), published.payload(), rooms().nowMs());
        inFlight.add(incoming);
        if (waitingForRoom.isEmpty() && rooms().verification().offer(incoming)) {
            return;
        }
        waitingForRoom.addLast(incoming);
        if (waitingForRoom.size() == 1) {
            offerLater();
        }
    }

    private void offerLater() {
        var unused =
                client.loop().schedule(this::offerWaiting, Limits.TO_VERIFY_RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void offerWaiting() {
        while (!waitingForRoom.isEmpty() && rooms().verification().offer(waitingForRoom.getFirst())) {
            waitingForRoom.removeFirst();
        }
        if (!waitingForRoom.isEmpty()) {
            offerLater();
        }
    }

    /** In its turn: PUBACKs go in the order of the PUBLISHes (MQTT 5 section 4.6). */
    private void answerAtOnce(int packetId) {
        BrokerSession nobody = new BrokerSession(broker, this, new Id16(0, 0), false);
        Incoming incoming = new Incoming(nobody, packetId, Lane.STATUS, new byte[0], 0);
        inFlight.add(incoming);
        incoming.answer((byte) 0);
        acknowledge();
    }

    private static Optional<Refusal> refusal(BrokerClient.Published published) {
        if (published.qos() != MqttQoS.AT_LEAST_ONCE) {
            return Optional.of(Refusal.QOS);
        }
        return published.retained() ? Optional.of(Refusal.RETAINED) : Optional.empty();
    }

    /** Who is not registered gets none to keep: anybody's topics must not fill the memory. */
    private BrokerSession session(Id16 unit) {
        BrokerSession known = sessions.get(unit);
        if (known != null) {
            known.heard();
            broker.heard(unit);
            return known;
        }
        boolean registered = rooms().verification().isKnown(unit);
        BrokerSession made = new BrokerSession(broker, this, unit, registered);
        if (registered) {
            sessions.put(unit, made);
            rooms().committer().greet(made);
            broker.heard(unit);
        }
        return made;
    }

    /** The PUBACKs of these may go. Any thread; does not wait. */
    void answered(List<Incoming> messages) {
        try {
            client.loop().execute(() -> {
                messages.forEach(each -> each.answer((byte) 0));
                acknowledge();
            });
        } catch (RejectedExecutionException e) {
            Logger.debug("the broker is gone, its units send again: {}", e.toString());
        }
    }

    private void acknowledge() {
        List<Incoming> ready = inFlight.takeAnswered();
        if (!ready.isEmpty()) {
            ready.forEach(each -> client.acknowledge(each.packetId));
            client.flush();
        }
    }

    /** QoS 0: a receipt that is lost comes again with the unit's next message. False when there is no room for it within a while. */
    boolean publish(Id16 unit, byte[] signed) throws InterruptedException {
        if (!hasRoom()) {
            return false;
        }
        client.publish(Topics.down(unit), signed, written -> outgoing.release());
        return true;
    }

    /** QoS 1: the broker's PUBACK says that it has it, not that the unit does. {@code taken} is told once, unless this gives back false. */
    boolean publishOrder(Id16 unit, byte[] signed, Consumer<Boolean> taken) throws InterruptedException {
        if (!hasRoom()) {
            return false;
        }
        client.publishAcknowledged(Topics.down(unit), signed, has -> {
            outgoing.release();
            taken.accept(has);
        });
        return true;
    }

    private boolean hasRoom() throws InterruptedException {
        return !isOver() && outgoing.tryAcquire(Limits.UNSENT.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean isOver() {
        return over.getCount() == 0;
    }

    int inFlight() {
        return inFlight.size();
    }

    int units() {
        return sessions.size();
    }

    @Override
    public void ended(String reason) {
        why = reason;
        over.countDown();
        waitingForRoom.clear();
        inFlight.clear();
    }

    @Override
    public void close() {
        client.close();
    }
}
