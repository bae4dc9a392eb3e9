package ansim.hub.deliver;

import ansim.hub.deliver.Sink.Body;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.hub.deliver.Sink.Verdict;
import ansim.wire.Topics;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The connection to one broker under one login, for one class of events of every district there.
 *
 * <p>What is sent is published in that order, also what was sent before the connection stood, and no more of it is on its way without a PUBACK than
 * the broker takes (its Receive Maximum, MQTT 5, 3.2.2.3.3). What the broker refuses fails, with what waits behind it for the same sink; that is a
 * matter of its rights there and leaves the other sinks alone. When the connection fails, all that is on its way or waits fails, and the client is
 * thrown away; the next that is sent makes a new one, with the login and the certificates that its files hold by then.
 *
 * <p>A clean start always: with a kept session the client loops for ever after a broker's restart with publishes in flight.
 *
 * <p>Bounded: what waits is no more than the windows of the sinks; each is answered within {@value #TIMEOUT_S} s of being published, and
 * connecting takes no longer. Thread-safe; nothing is called under its lock.
 */
final class MqttLine implements AutoCloseable {
    static final int TIMEOUT_S = 15;
    private static final int CONNECT_S = 5;
    private static final int KEEP_ALIVE_S = 30;
    private static final int QOS = 1;
    /** Of a broker that does not say how many it takes. */
    private static final int MOST = 65_535;

    private static final String BEHIND = "one before it has failed";

    /** One that is to go. */
    private static final class Due {
        final MqttSink from;
        final Parcel parcel;
        final CompletableFuture<Outcome> taken = new CompletableFuture<>();

        Due(MqttSink from, Parcel parcel) {
            this.from = from;
            this.parcel = parcel;
        }
    }

    /** A client from its making to its failure. */
    private static final class Connection {
        final Set<Due> inFlight = new HashSet<>();

        @Nullable
        MqttAsyncClient client;
        /** None before the broker has said so. */
        int most;
    }

    private final BrokerAccess access;
    private final ArrayDeque<Due> waiting = new ArrayDeque<>();
    private @Nullable Connection connection;
    /** Whether a thread is publishing: it looks again when it has. */
    private boolean publishing;

    private boolean closed;

    MqttLine(BrokerAccess access) {
        this.access = access;
    }

    CompletableFuture<Outcome> send(MqttSink from, Parcel parcel) {
        Due due = new Due(from, parcel);
        Connection begun = null;
        synchronized (this) {
            if (closed || parcel.attempt() <= from.broken) {
                from.broken = Math.max(from.broken, parcel.attempt());
                return CompletableFuture.completedFuture(new Outcome(Verdict.FAILED, closed ? "closed" : BEHIND));
            }
            waiting.add(due);
            if (connection == null) {
                begun = new Connection();
                connection = begun;
            }
        }
        if (begun != null) {
            connect(begun);
        }
        publish();
        return due.taken;
    }

    private void connect(Connection begun) {
        try {
            MqttConnectionOptions options = access.options();
            options.setCleanStart(true);
            options.setConnectionTimeout(CONNECT_S);
            options.setKeepAliveInterval(KEEP_ALIVE_S);
            MqttAsyncClient client =
                    new MqttAsyncClient(access.url(), "ansim-hub-" + UUID.randomUUID(), new MemoryPersistence());
            synchronized (this) {
                begun.client = client;
            }
            CompletableFuture<IMqttToken> up = new CompletableFuture<>();
            client.connect(options, null, completing(up));
            var unused = up.orTimeout(TIMEOUT_S, TimeUnit.SECONDS).whenComplete((token, error) -> {
                if (error != null) {
                    fail(begun, BrokerReasons.connecting(error, access));
                } else {
                    isUp(begun, token);
                }
            });
        } catch (IOException | MqttException | RuntimeException e) {
            fail(begun, BrokerReasons.connecting(e, access));
        }
    }

    private void isUp(Connection up, IMqttToken token) {
        MqttProperties said = token.getResponseProperties();
        Integer most = said == null ? null : said.getReceiveMaximum();
        synchronized (this) {
            up.most = most == null ? MOST : most;
        }
        publish();
    }

    /** Publishes all that may go, in order; while a thread does, others leave it to that one. */
    private void publish() {
        while (true) {
            Connection through;
            MqttAsyncClient client;
            Due next;
            synchronized (this) {
                through = connection;
                client = through == null ? null : through.client;
                if (publishing || through == null || client == null || through.inFlight.size() >= through.most) {
                    return;
                }
                next = waiting.poll();
                if (next == null) {
                    return;
                }
                through.inFlight.add(next);
                publishing = true;
            }
            try {
                publish(through, client, next);
            } finally {
                synchronized (this) {
                    publishing = false;
                }
            }
        }
    }

    private void publish(Connection through, MqttAsyncClient client, Due due) {
        CompletableFuture<IMqttToken> acknowledged = new CompletableFuture<>();
        try {
            client.publish(
                    Topics.centre(due.parcel.district(), due.parcel.alarm()),
                    message(due.parcel.body()),
                    null,
                    completing(acknowledged));
        } catch (MqttException e) {
            if (e.getReasonCode() != MqttClientException.REASON_CODE_MAX_INFLIGHT || !heldBack(through, due)) {
                fail(through, BrokerReasons.words(e));
            }
            return;
        } catch (RuntimeException e) {
            fail(through, Problems.words(e));
            return;
        }
        var unused = acknowledged.orTimeout(TIMEOUT_S, TimeUnit.SECONDS).whenComplete((token, error) -> {
            if (error != null) {
                fail(through, BrokerReasons.words(error));
            } else {
                answered(through, due, BrokerReasons.refusal(token, "what is published"));
            }
        });
    }

    /** The client counts for itself: when it has more on its way than this, the next PUBACK makes room. False when there is none to come. */
    private synchronized boolean heldBack(Connection through, Due due) {
        if (connection != through || !through.inFlight.remove(due) || through.inFlight.isEmpty()) {
            return false;
        }
        waiting.addFirst(due);
        through.most = through.inFlight.size();
        return true;
    }

    private static MqttMessage message(Body body) {
        MqttProperties properties = new MqttProperties();
        properties.setContentType(body.contentType());
        if (body.format() == Destination.Format.COSE) {
            // CloudEvents MQTT protocol binding 1.0, binary mode.
            properties.setUserProperties(body.attributes().entrySet().stream()
                    .map(each -> new UserProperty(each.getKey(), each.getValue()))
                    .toList());
        } else {
            properties.setPayloadFormat(true);
        }
        return new MqttMessage(body.bytes(), QOS, false, properties);
    }

    private static MqttActionListener completing(CompletableFuture<IMqttToken> future) {
        return new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                future.complete(token);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable error) {
                future.completeExceptionally(error);
            }
        };
    }

    /** By a PUBACK. One that refuses says no more than that this login may not, or not now: it is no reason to give the event up. */
    private void answered(Connection through, Due due, Optional<String> refusal) {
        List<Due> behind = List.of();
        synchronized (this) {
            if (!through.inFlight.remove(due)) {
                // It has failed with its connection.
                return;
            }
            if (refusal.isPresent()) {
                MqttSink from = due.from;
                from.broken = Math.max(from.broken, due.parcel.attempt());
                behind = waiting.stream()
                        .filter(each -> each.from == from && each.parcel.attempt() <= from.broken)
                        .toList();
                waiting.removeAll(behind);
            }
        }
        due.taken.complete(refusal.map(why -> new Outcome(Verdict.FAILED, why)).orElse(Outcome.TAKEN));
        behind.forEach(each -> each.taken.complete(new Outcome(Verdict.FAILED, BEHIND)));
        publish();
    }

    private void fail(Connection failed, String why) {
        List<Due> all = new ArrayList<>();
        MqttAsyncClient client;
        synchronized (this) {
            if (connection != failed) {
                return;
            }
            connection = null;
            all.addAll(failed.inFlight);
            all.addAll(waiting);
            failed.inFlight.clear();
            waiting.clear();
            client = failed.client;
            all.forEach(each -> each.from.broken = Math.max(each.from.broken, each.parcel.attempt()));
        }
        Outcome outcome = new Outcome(Verdict.FAILED, why);
        all.forEach(each -> each.taken.complete(outcome));
        if (client != null) {
            close(client);
        }
    }

    /** On another thread: Paho's own callbacks must not wait for Paho. */
    private static void close(MqttAsyncClient client) {
        var unused = CompletableFuture.runAsync(() -> {
            try {
                client.disconnectForcibly(0, 0, false);
            } catch (MqttException notConnected) {
                Logger.trace(notConnected);
            }
            try {
                client.close(true);
            } catch (MqttException leftover) {
                Logger.debug("closing an MQTT client: {}", leftover.getMessage());
            }
        });
    }

    @Override
    public void close() {
        Connection open;
        synchronized (this) {
            closed = true;
            open = connection;
        }
        if (open != null) {
            fail(open, "closed");
        }
    }
}
