package ansim.edge.link;

import ansim.edge.keys.TlsSource;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * MQTT 3.1.1 by Paho, clean session always, QoS 1 up, nothing kept by the client.
 *
 * <p>One thread of its own connects, subscribes and reconnects with {@link Backoff}; after {@value #FAILURES_MAX} failures in
 * a row it takes a fresh client, since a client was seen to stay stuck. Callbacks only pass on. Paho's own reconnect is off.
 * A failed publish is "unknown": nothing is concluded from it. TLS is 1.2 or 1.3.
 */
public final class MqttUplink implements Uplink {
    /** Seconds between pings on a silent link. */
    static final int KEEP_ALIVE_S = 20;
    /** Seconds for a CONNECT or SUBSCRIBE to be answered. */
    static final int ANSWER_S = 10;
    /** Messages handed to the client and not yet acknowledged by the broker; more are refused to the caller. */
    static final int IN_FLIGHT_MAX = 64;
    /** Connects failing in a row before a fresh client is taken. */
    static final int FAILURES_MAX = 3;

    private static final long CLOSE_MS = 1_000;

    private final String address;
    private final String clientUri;
    private final Id16 unit;
    private final @Nullable TlsSource tls;
    private final Backoff backoff;
    private final Semaphore lost = new Semaphore(0);
    private final Thread thread;

    private volatile @Nullable MqttAsyncClient client;
    private volatile @Nullable Listener listener;
    private volatile boolean connected;
    private volatile boolean closed;
    private volatile Status status;

    /**
     * Creates a link over TLS with the unit's certificate; {@link #start} connects. The hub's certificate must bear the name of
     * the address.
     *
     * @param address {@code tls://host:port}
     * @param tls asked for each connection
     */
    public MqttUplink(String address, Id16 unit, TlsSource tls, RandomGenerator random) {
        this(address, unit, random, tls);
    }

    /**
     * Creates a link without TLS: for this machine, or for who has said that it may be.
     *
     * @param address {@code tcp://host:port}
     */
    public MqttUplink(String address, Id16 unit, RandomGenerator random) {
        this(address, unit, random, null);
    }

    private MqttUplink(String address, Id16 unit, RandomGenerator random, @Nullable TlsSource tls) {
        this.address = address;
        this.clientUri = tls == null ? address : address.replaceFirst("^tls:", "ssl:");
        this.tls = tls;
        this.unit = unit;
        this.backoff = new Backoff(random);
        this.status = new Status(address, false, 0, "not tried yet");
        this.thread = new Thread(this::run, "link-mqtt");
        this.thread.setDaemon(true);
    }

    @Override
    public void start(Listener to) {
        listener = to;
        thread.start();
    }

    private void run() {
        int attempts = 0;
        try {
            while (!closed) {
                attempts++;
                try {
                    connect();
                    attempts = 0;
                    backoff.reset();
                    lost.acquire();
                } catch (IOException e) {
                    status = new Status(address, false, attempts, String.valueOf(e.getMessage()));
                    Logger.debug("{}: {}", address, e.getMessage());
                } catch (MqttException e) {
                    status = new Status(address, false, attempts, reason(e));
                    Logger.debug("{}: {}", address, reason(e));
                    if (attempts % FAILURES_MAX == 0) {
                        discard();
                    }
                }
                if (!closed) {
                    TimeUnit.MILLISECONDS.sleep(backoff.nextDelayMs());
                }
            }
        } catch (InterruptedException e) {
            Logger.debug("{}: stopped", address);
        }
        discard();
    }

    private static String reason(MqttException e) {
        Throwable cause = e.getCause();
        return cause == null
                ? String.valueOf(e.getMessage())
                : cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private void connect() throws MqttException, IOException {
        MqttAsyncClient open = client;
        if (open == null) {
            open = new MqttAsyncClient(clientUri, unit.hex(), new MemoryPersistence());
            open.setCallback(new Callback());
            client = open;
        }
        lost.drainPermits();
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(true);
        options.setAutomaticReconnect(false);
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setKeepAliveInterval(KEEP_ALIVE_S);
        options.setConnectionTimeout(ANSWER_S);
        options.setMaxInflight(IN_FLIGHT_MAX);
        if (tls != null) {
            options.setSocketFactory(tls.context().getSocketFactory());
            options.setHttpsHostnameVerificationEnabled(true);
        }
        options.setWill(Topics.will(unit), "lost".getBytes(StandardCharsets.US_ASCII), 1, false);
        open.connect(options).waitForCompletion(TimeUnit.SECONDS.toMillis(ANSWER_S));
        try {
            open.subscribe(Topics.down(unit), 1).waitForCompletion(TimeUnit.SECONDS.toMillis(ANSWER_S));
        } catch (MqttException e) {
            discard();
            throw e;
        }
        connected = true;
        status = new Status(address, true, 0, "");
        Logger.info("{}: connected", address);
        Listener to = listener;
        if (to != null) {
            to.connected();
        }
    }

    /** Gives the client up, whatever state it is in. */
    private void discard() {
        MqttAsyncClient old = client;
        client = null;
        connected = false;
        if (old == null) {
            return;
        }
        try {
            if (old.isConnected()) {
                old.disconnect(0).waitForCompletion(CLOSE_MS);
            }
        } catch (MqttException e) {
            Logger.debug("{}: disconnect: {}", address, reason(e));
        }
        try {
            old.disconnectForcibly(0, CLOSE_MS, false);
        } catch (MqttException e) {
            Logger.debug("{}: forced disconnect: {}", address, reason(e));
        }
        try {
            old.close(true);
        } catch (MqttException e) {
            Logger.debug("{}: close: {}", address, reason(e));
        }
    }

    @Override
    public boolean send(Lane lane, byte[] message) {
        MqttAsyncClient open = client;
        if (!connected || open == null) {
            return false;
        }
        try {
            open.publish(Topics.up(unit, lane), message, 1, false);
            return true;
        } catch (MqttException e) {
            Logger.debug("{}: not taken: {}", address, reason(e));
            return false;
        }
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public void close() {
        closed = true;
        lost.release();
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(ANSWER_S));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Paho's callbacks: they pass on and return. */
    private final class Callback implements MqttCallback {
        @Override
        public void connectionLost(Throwable cause) {
            connected = false;
            status = new Status(address, false, 0, String.valueOf(cause.getMessage()));
            Logger.info("{}: connection lost", address);
            Listener to = listener;
            if (to != null) {
                to.disconnected();
            }
            lost.release();
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            Listener to = listener;
            if (to != null) {
                to.received(message.getPayload());
            }
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // A broker's PUBACK is not a receipt, but says that somebody is there.
            Listener to = listener;
            if (to != null) {
                to.heard();
            }
        }
    }
}
