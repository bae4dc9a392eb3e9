package ansim.hub.deliver;

import ansim.hub.deliver.Receiver.Malformed;
import ansim.wire.Topics;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.tinylog.Logger;

/**
 * Takes a district's events from a centre's own broker. Connects again for ever, with a new client each time, under the same client id and with the
 * same session: the broker keeps for {@value #SESSION_S} s what comes while it is away, as far as its own limits go, and gives again what was not
 * stored. Behind these limits something is missed: a centre that must not miss anything takes the webhook. Only one may run for a district at a
 * broker: a second one takes the first one's connection.
 */
public final class CentreMqtt implements AutoCloseable {
    private static final int CONNECT_S = 5;
    private static final long RETRY_MS = 1000;
    private static final int QOS = 1;
    private static final long SESSION_S = 7 * 86_400;

    private final BrokerAccess access;
    private final String topic;
    private final String clientId;
    private final Receiver receiver;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile CountDownLatch session = new CountDownLatch(0);
    private final Thread thread = new Thread(this::run, "centre-mqtt");

    private CentreMqtt(BrokerAccess access, String district, Receiver receiver) {
        this.access = access;
        String any = district.equals(Destination.ALL) ? "+" : district;
        this.topic = Topics.centre(any, true).replace("/alarm", "/+");
        this.clientId = "ansim-centre-" + (district.equals(Destination.ALL) ? "all" : district);
        this.receiver = receiver;
        thread.setDaemon(true);
    }

    /**
     * Connects in the background.
     *
     * @param district a code, or {@code "*"} for all
     */
    public static CentreMqtt start(BrokerAccess access, String district, Receiver receiver) {
        CentreMqtt centre = new CentreMqtt(access, district, receiver);
        centre.thread.start();
        return centre;
    }

    /** Whether the first subscription stands by then. */
    boolean awaitSubscribed(long timeoutMs) throws InterruptedException {
        return subscribed.await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            while (stopped.getCount() > 0) {
                try {
                    session();
                } catch (IOException | MqttException e) {
                    Logger.warn("{}: {}", access.url(), BrokerReasons.connecting(e, access));
                }
                var unused = stopped.await(RETRY_MS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void session() throws IOException, MqttException, InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        session = over;
        MqttAsyncClient client = new MqttAsyncClient(access.url(), clientId, new MemoryPersistence());
        try {
            client.setManualAcks(true);
            client.setCallback(new Inbox(client, over));
            MqttConnectionOptions options = access.options();
            options.setCleanStart(false);
            options.setSessionExpiryInterval(SESSION_S);
            options.setConnectionTimeout(CONNECT_S);
            client.connect(options).waitForCompletion(TimeUnit.SECONDS.toMillis(CONNECT_S));
            IMqttToken granted = client.subscribe(topic, QOS);
            granted.waitForCompletion(TimeUnit.SECONDS.toMillis(CONNECT_S));
            Optional<String> refusal = BrokerReasons.refusal(granted, "the subscription to " + topic);
            if (refusal.isPresent()) {
                throw new IOException(refusal.get());
            }
            subscribed.countDown();
            if (stopped.getCount() == 0) {
                return;
            }
            over.await();
        } finally {
            end(client);
        }
    }

    private static void end(MqttAsyncClient client) {
        try {
            client.disconnectForcibly(0, 0, false);
        } catch (MqttException notConnected) {
            Logger.trace(notConnected);
        }
        try {
            client.close(true);
        } catch (MqttException leftover) {
            Logger.debug("closing an MQTT client: {}", Problems.words(leftover));
        }
    }

    /** What Paho calls. */
    private final class Inbox implements MqttCallback {
        private final MqttAsyncClient client;
        private final CountDownLatch over;

        Inbox(MqttAsyncClient client, CountDownLatch over) {
            this.client = client;
            this.over = over;
        }

        @Override
        public void messageArrived(String from, MqttMessage message) throws MqttException {
            if (over.getCount() == 0) {
                // Without a PUBACK: the broker gives it again in the next session, behind the one that could not be
                // stored.
                return;
            }
            try {
                receiver.take(message.getPayload());
            } catch (Malformed e) {
                Logger.warn("{} carried something else: {}", from, Problems.words(e));
            } catch (IOException | RuntimeException e) {
                Logger.error("an event could not be stored: {}", Problems.words(e));
                over.countDown();
                return;
            }
            client.messageArrivedComplete(message.getId(), message.getQos());
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            over.countDown();
        }

        @Override
        public void mqttErrorOccurred(MqttException error) {
            Logger.warn("{}: {}", access.url(), Problems.words(error));
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Nothing is sent.
        }

        @Override
        public void connectComplete(boolean reconnect, String server) {
            // The session subscribes by itself.
        }

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {
            // No enhanced authentication.
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        session.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CONNECT_S));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
