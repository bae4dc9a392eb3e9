package ansim.edge.link;

import ansim.edge.keys.TlsSource;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
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
 * <p>One thread of its own connects, subscribes and reconnects with {@link Backoff}, each time with a fresh client, since one was
 * seen to stay stuck. Connected means that the broker has granted the subscription: without it no receipt and no command would come
 * (Paho takes the refusal of MQTT 3.1.1 section 3.9.3 for a success, paho.mqtt.java#216). A broker that answers pings and no longer
 * acknowledges is given up after {@value #SILENT_S} s. Callbacks only pass on. Paho's own reconnect is off. A failed publish is
 * "unknown": nothing is concluded from it. TLS is 1.2 or 1.3.
 */
public final class MqttUplink implements Uplink {
    /** Seconds between pings on a silent link. */
    static final int KEEP_ALIVE_S = 20;
    /** Seconds for a CONNECT or SUBSCRIBE to be answered. */
    static final int ANSWER_S = 10;
    /** Messages handed to the client and not yet acknowledged by the broker; more are refused to the caller. */
    static final int IN_FLIGHT_MAX = 64;
    /** Of these, kept for lane 1: what the other lanes fill does not hold up an alarm. */
    static final int ALARM_RESERVE = 16;
    /** Of the rest, kept for lane 4: it stays fresh while lanes 2 and 3 catch up. */
    static final int STATUS_RESERVE = 4;
    /** Owing acknowledgements and giving none for so long, a broker is given up. */
    static final int SILENT_S = 60;

    private static final int QOS = 1;
    private static final long WATCH_MS = 500;
    private static final long CLOSE_MS = 1_000;

    private final String address;
    private final String clientUri;
    private final Id16 unit;
    private final @Nullable TlsSource tls;
    private final LongSupplier monoMs;
    private final Backoff backoff;
    private final Thread thread;

    /** Of link-mqtt. */
    private final Complaints complaints = new Complaints();

    /** Of link-mqtt. */
    private @Nullable MqttAsyncClient client;

    private volatile @Nullable Connection connection;
    private volatile @Nullable Listener listener;
    private volatile boolean closed;
    private volatile Status status;

    /**
     * Creates a link over TLS with the unit's certificate; {@link #start} connects. The hub's certificate must bear the name of
     * the address.
     *
     * @param address {@code tls://host:port}
     * @param tls asked for each connection
     * @param monoMs CLOCK_MONOTONIC, ms
     */
    public MqttUplink(String address, Id16 unit, TlsSource tls, LongSupplier monoMs, RandomGenerator random) {
        this(address, unit, monoMs, random, tls);
    }

    /**
     * Creates a link without TLS: for this machine, or for who has said that it may be.
     *
     * @param address {@code tcp://host:port}
     * @param monoMs CLOCK_MONOTONIC, ms
     */
    public MqttUplink(String address, Id16 unit, LongSupplier monoMs, RandomGenerator random) {
        this(address, unit, monoMs, random, null);
    }

    private MqttUplink(
            String address, Id16 unit, LongSupplier monoMs, RandomGenerator random, @Nullable TlsSource tls) {
        this.address = address;
        this.clientUri = tls == null ? address : address.replaceFirst("^tls:", "ssl:");
        this.tls = tls;
        this.unit = unit;
        this.monoMs = monoMs;
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
                String why;
                try {
                    Connection open = connect();
                    attempts = 0;
                    why = untilLost(open);
                } catch (IOException e) {
                    why = Complaints.words(e);
                } catch (MqttException e) {
                    why = reason(e);
                } catch (RuntimeException | LinkageError e) {
                    // Paho throws such, too: a defect costs this connection, not the link.
                    why = e.toString();
                }
                ended(attempts, why);
                discard();
                if (!closed) {
                    TimeUnit.MILLISECONDS.sleep(backoff.nextDelayMs());
                }
            }
        } catch (InterruptedException e) {
            Logger.debug("{}: stopped", address);
        }
        connection = null;
        discard();
    }

    private static String reason(MqttException e) {
        Throwable cause = e.getCause();
        return Complaints.words(cause == null ? e : cause);
    }

    private Connection connect() throws MqttException, IOException {
        MqttConnectOptions options = options();
        MqttAsyncClient fresh = new MqttAsyncClient(clientUri, unit.hex(), new MemoryPersistence());
        client = fresh;
        Connection made = new Connection(fresh);
        fresh.setCallback(made);
        fresh.connect(options).waitForCompletion(TimeUnit.SECONDS.toMillis(ANSWER_S));
        IMqttToken subscribed = fresh.subscribe(Topics.down(unit), QOS);
        subscribed.waitForCompletion(TimeUnit.SECONDS.toMillis(ANSWER_S));
        int[] granted = subscribed.getGrantedQos();
        if (granted.length != 1 || granted[0] > QOS) {
            throw new IOException("the broker refuses the subscription to " + Topics.down(unit)
                    + ": let this unit read it, or no receipt comes");
        }
        connection = made;
        status = new Status(address, true, 0, "");
        complaints.forget();
        Logger.info("{}: connected", address);
        Listener to = listener;
        if (to != null) {
            to.connected();
        }
        return made;
    }

    private MqttConnectOptions options() throws IOException {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(true);
        options.setAutomaticReconnect(false);
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setKeepAliveInterval(KEEP_ALIVE_S);
        options.setConnectionTimeout(ANSWER_S);
        options.setMaxInflight(IN_FLIGHT_MAX);
        if (tls != null) {
            options.setSocketFactory(new LingeringSockets(tls.context().getSocketFactory()));
            options.setHttpsHostnameVerificationEnabled(true);
        }
        options.setWill(Topics.will(unit), "lost".getBytes(StandardCharsets.US_ASCII), QOS, false);
        return options;
    }

    /** Returns why the connection is none any more. */
    private String untilLost(Connection open) throws InterruptedException {
        long sinceMs = monoMs.getAsLong();
        long answeredMs = sinceMs;
        while (!open.lost.await(WATCH_MS, TimeUnit.MILLISECONDS)) {
            long nowMs = monoMs.getAsLong();
            if (open.takeAnswered() || open.outstanding.get() == 0) {
                answeredMs = nowMs;
            } else if (nowMs - answeredMs >= TimeUnit.SECONDS.toMillis(SILENT_S)) {
                open.why = "the broker has acknowledged nothing for " + SILENT_S + " s";
                break;
            }
        }
        backoff.stood(monoMs.getAsLong() - sinceMs);
        return open.why;
    }

    private void ended(int attempts, String why) {
        boolean was = connection != null;
        connection = null;
        status = new Status(address, false, attempts, why);
        if (was) {
            Logger.info("{}: connection lost: {}", address, why);
            Listener to = listener;
            if (to != null) {
                to.disconnected();
            }
        } else if (complaints.due(why, monoMs.getAsLong())) {
            Logger.warn("{}: cannot connect, tried again and again: {}", address, why);
        } else {
            Logger.debug("{}: {}", address, why);
        }
    }

    /** Gives the client up, whatever state it is in. */
    private void discard() {
        MqttAsyncClient old = client;
        client = null;
        if (old == null) {
            return;
        }
        tryTo("disconnect", () -> {
            if (old.isConnected()) {
                old.disconnect(0).waitForCompletion(CLOSE_MS);
            }
        });
        tryTo("forced disconnect", () -> old.disconnectForcibly(0, CLOSE_MS, false));
        tryTo("close", () -> old.close(true));
    }

    /** A step of giving a client up. */
    private interface Step {
        void take() throws MqttException;
    }

    private void tryTo(String what, Step step) {
        try {
            step.take();
        } catch (MqttException | RuntimeException e) {
            Logger.debug("{}: {}: {}", address, what, e.toString());
        }
    }

    @Override
    public boolean send(Lane lane, byte[] message) {
        Connection open = connection;
        if (open == null) {
            return false;
        }
        if (open.outstanding.incrementAndGet() <= room(lane) && publish(open.client, lane, message)) {
            return true;
        }
        open.outstanding.decrementAndGet();
        return false;
    }

    private static int room(Lane lane) {
        return switch (lane) {
            case ALARM -> IN_FLIGHT_MAX;
            case EVENT, TRACK -> IN_FLIGHT_MAX - ALARM_RESERVE - STATUS_RESERVE;
            case STATUS -> IN_FLIGHT_MAX - ALARM_RESERVE;
        };
    }

    private boolean publish(MqttAsyncClient open, Lane lane, byte[] message) {
        try {
            open.publish(Topics.up(unit, lane), message, QOS, false);
            return true;
        } catch (MqttException | RuntimeException e) {
            // Also of a client that is given up at this moment.
            Logger.debug("{}: not taken: {}", address, e.toString());
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
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(ANSWER_S));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection, and Paho's callbacks for it: they note or pass on, and return. */
    private final class Connection implements MqttCallback {
        final MqttAsyncClient client;
        final CountDownLatch lost = new CountDownLatch(1);
        /** Handed to Paho and not acknowledged; its own limit counts only what its thread has begun to send. */
        final AtomicInteger outstanding = new AtomicInteger();

        volatile String why = "";
        private volatile boolean answered;

        Connection(MqttAsyncClient client) {
            this.client = client;
        }

        /** Whether the broker has acknowledged something since the last call. */
        boolean takeAnswered() {
            boolean was = answered;
            answered = false;
            return was;
        }

        @Override
        public void connectionLost(Throwable cause) {
            why = String.valueOf(cause.getMessage());
            lost.countDown();
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
            if (token.getException() != null) {
                // Lost with the connection.
                return;
            }
            outstanding.decrementAndGet();
            answered = true;
            // A broker's PUBACK is not a receipt, but says that somebody is there.
            Listener to = listener;
            if (to != null) {
                to.heard();
            }
        }
    }
}
