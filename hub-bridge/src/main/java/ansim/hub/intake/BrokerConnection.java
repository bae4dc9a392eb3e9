package ansim.hub.intake;

import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Topics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.tinylog.Logger;

/**
 * One connection to the city's broker, from its CONNECT to its end; never used again. Each unit that is registered and was heard here has a
 * {@link BrokerSession} until it has been silent for {@link Limits#BROKER_IDLE}.
 *
 * <p>The lock guards what is in flight; it is held for memory only. The client calls {@link #messageArrived} from one thread, the committer
 * and the verification {@link #answered} from theirs, and the link's own thread sends the PUBACKs.
 */
final class BrokerConnection implements MqttCallback, AutoCloseable {
    private static final int QOS = 1;
    private static final int CONNECT_S = 10;
    private static final int KEEP_ALIVE_S = 30;
    /** MQTT 5 section 3.8.3.1: what is retained is not sent. */
    private static final int NO_RETAINED = 2;

    private final CityBroker broker;
    private final CityBroker.Site site;
    private final String name;
    private final MqttAsyncClient client;
    private final Map<Id16, BrokerSession> sessions = new ConcurrentHashMap<>();
    private final Semaphore outgoing = new Semaphore(Limits.BROKER_OUT_IN_FLIGHT);
    private final InFlight inFlight = new InFlight();
    private final ArrayDeque<Incoming> waitingForRoom = new ArrayDeque<>();
    private volatile boolean over;
    private long sweptNanos = System.nanoTime();

    BrokerConnection(CityBroker.Site site, CityBroker broker, String name) throws MqttException {
        this.site = site;
        this.broker = broker;
        this.name = name;
        this.client =
                new MqttAsyncClient(site.url(), "ansim-" + name + "-" + UUID.randomUUID(), new MemoryPersistence());
        client.setManualAcks(true);
        client.setCallback(this);
    }

    /** Connects and subscribes, waiting for both. */
    void open(List<String> filters) throws MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setAutomaticReconnect(false);
        options.setConnectionTimeout(CONNECT_S);
        options.setKeepAliveInterval(KEEP_ALIVE_S);
        options.setReceiveMaximum(Limits.BROKER_IN_FLIGHT);
        options.setMaximumPacketSize((long) Limits.PACKET_BYTES);
        if (site.isEncrypted()) {
            options.setSocketFactory(site.tls().apply(name).getSocketFactory());
            options.setHttpsHostnameVerificationEnabled(true);
        } else {
            options.setSocketFactory(new BufferedSockets());
        }
        long waitMs = TimeUnit.SECONDS.toMillis(CONNECT_S);
        client.connect(options).waitForCompletion(waitMs);
        MqttSubscription[] subscriptions = filters.stream()
                .map(filter -> {
                    MqttSubscription subscription = new MqttSubscription(filter, QOS);
                    subscription.setRetainAsPublished(true);
                    subscription.setRetainHandling(NO_RETAINED);
                    return subscription;
                })
                .toArray(MqttSubscription[]::new);
        IMqttToken granted = client.subscribe(subscriptions);
        granted.waitForCompletion(waitMs);
        for (int code : granted.getReasonCodes()) {
            if (code != QOS) {
                throw new MqttException(code);
            }
        }
    }

    /**
     * Works until the end: sends PUBACKs, offers again what had no room, forgets who is silent. The PUBACKs of one thread, and never the
     * committer's: this client may wait for its socket, as when a broker dies.
     */
    void awaitEnd() throws InterruptedException {
        while (!over) {
            puback(nextAnswered());
        }
    }

    private synchronized List<Integer> nextAnswered() throws InterruptedException {
        List<Integer> ready = new ArrayList<>();
        while (!over && ready.isEmpty()) {
            offerWaiting();
            sweep();
            inFlight.takeAnswered().forEach(each -> ready.add(each.packetId));
            if (ready.isEmpty()) {
                wait(waitingForRoom.isEmpty() ? Limits.BROKER_SWEEP.toMillis() : Limits.TO_VERIFY_RETRY.toMillis());
            }
        }
        return ready;
    }

    private void offerWaiting() {
        while (!waitingForRoom.isEmpty() && rooms().verification().offer(waitingForRoom.getFirst())) {
            waitingForRoom.removeFirst();
        }
    }

    private void sweep() {
        if (CityBroker.isOver(sweptNanos, Limits.BROKER_SWEEP)) {
            sweptNanos = System.nanoTime();
            sessions.values().removeIf(each -> CityBroker.isOver(each.heardNanos(), Limits.BROKER_IDLE));
        }
    }

    private Rooms rooms() {
        return broker.rooms();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        Optional<Topics.Up> up = Topics.parseUp(topic);
        Optional<Refusal> refusal = up.isEmpty() ? Optional.of(Refusal.TOPIC) : refusal(message);
        if (refusal.isPresent()) {
            rooms().tally().count(refusal.get(), "the city's broker", "");
            if (message.getQos() > 0) {
                answerAtOnce(message.getId());
            }
            return;
        }
        BrokerSession session = session(up.get().unit());
        long nowMs = rooms().nowMs();
        take(new Incoming(session, message.getId(), up.get().lane(), message.getPayload(), nowMs));
    }

    /** In its turn: PUBACKs go in the order of the PUBLISHes (MQTT 5 section 4.6). */
    private synchronized void answerAtOnce(int packetId) {
        BrokerSession nobody = new BrokerSession(broker, this, new Id16(0, 0), false);
        Incoming incoming = new Incoming(nobody, packetId, Lane.STATUS, new byte[0], 0);
        inFlight.add(incoming);
        incoming.answer((byte) 0);
        notifyAll();
    }

    private static Optional<Refusal> refusal(MqttMessage message) {
        if (message.getQos() != QOS) {
            return Optional.of(Refusal.QOS);
        }
        return message.isRetained() ? Optional.of(Refusal.RETAINED) : Optional.empty();
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

    private synchronized void take(Incoming incoming) {
        inFlight.add(incoming);
        if (!waitingForRoom.isEmpty() || !rooms().verification().offer(incoming)) {
            waitingForRoom.addLast(incoming);
            notifyAll();
        }
    }

    /** The PUBACKs of these may go. Any thread; does not wait. */
    synchronized void answered(List<Incoming> messages) {
        messages.forEach(each -> each.answer((byte) 0));
        notifyAll();
    }

    private void puback(List<Integer> packetIds) {
        try {
            for (int id : packetIds) {
                client.messageArrivedComplete(id, QOS);
            }
        } catch (MqttException e) {
            Logger.debug("the broker is gone, its units send again: {}", e.toString());
        }
    }

    /** QoS 0: a receipt that is lost comes again with the unit's next message. */
    boolean publish(Id16 unit, byte[] signed) throws InterruptedException {
        return publish(unit, signed, 0, taken -> {});
    }

    /** QoS 1: the broker's PUBACK says that it has it, not that the unit does. */
    boolean publishOrder(Id16 unit, byte[] signed, Consumer<Boolean> taken) throws InterruptedException {
        return publish(unit, signed, QOS, taken);
    }

    private boolean publish(Id16 unit, byte[] signed, int qos, Consumer<Boolean> taken) throws InterruptedException {
        if (over || !outgoing.tryAcquire(Limits.UNSENT.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        try {
            client.publish(Topics.down(unit), signed, qos, false, null, releasing(taken));
            return true;
        } catch (MqttException e) {
            outgoing.release();
            return false;
        }
    }

    private MqttActionListener releasing(Consumer<Boolean> taken) {
        return new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                outgoing.release();
                taken.accept(true);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable error) {
                outgoing.release();
                taken.accept(false);
            }
        };
    }

    boolean isOver() {
        return over;
    }

    int inFlight() {
        return inFlight.size();
    }

    int units() {
        return sessions.size();
    }

    /** Any thread. */
    synchronized void end() {
        over = true;
        notifyAll();
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        end();
    }

    @Override
    public void mqttErrorOccurred(MqttException error) {
        Logger.debug("the city's broker: {}", error.toString());
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Receipts are QoS 0, and a command's token tells of itself.
    }

    @Override
    public void connectComplete(boolean reconnect, String server) {
        // The link subscribes by itself.
    }

    @Override
    public void authPacketArrived(int reason, MqttProperties properties) {
        // No enhanced authentication.
    }

    @Override
    public void close() {
        end();
        try {
            client.disconnectForcibly(0, 0, false);
        } catch (MqttException notConnected) {
            Logger.trace(notConnected);
        }
        try {
            client.close(true);
        } catch (MqttException leftover) {
            Logger.debug("closing an MQTT client: {}", leftover.toString());
        }
    }
}
