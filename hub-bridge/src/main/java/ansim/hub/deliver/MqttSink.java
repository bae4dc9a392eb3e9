package ansim.hub.deliver;

import ansim.wire.Topics;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Publishes each event at {@code ansim/1/g/{district}/{alarm|normal}}, QoS 1, to a centre's own broker (MQTT 5). The broker's PUBACK
 * counts as delivered: what that broker then loses is beyond the hub.
 *
 * <p>A clean start always: with a kept session the client loops for ever after a broker's restart with publishes in flight. A client
 * that has failed once is thrown away, and the next delivery makes a new one.
 */
final class MqttSink implements Sink {
    static final int TIMEOUT_S = 15;
    private static final int CONNECT_S = 5;
    private static final int KEEP_ALIVE_S = 30;
    private static final int WINDOW = 16;
    private static final int QOS = 1;

    private final String url;
    private final Optional<SSLContext> tls;
    private @Nullable CompletableFuture<MqttAsyncClient> connection;
    private boolean closed;

    MqttSink(String url, Optional<SSLContext> tls) {
        this.url = url;
        this.tls = tls;
    }

    @Override
    public CompletableFuture<Outcome> send(Parcel parcel) {
        CompletableFuture<MqttAsyncClient> connected = connected();
        return connected
                .thenCompose(client -> publish(client, parcel))
                .orTimeout(TIMEOUT_S, TimeUnit.SECONDS)
                .handle((taken, error) -> {
                    if (error == null) {
                        return Outcome.TAKEN;
                    }
                    discard(connected);
                    return Outcome.failed(error);
                });
    }

    private static CompletableFuture<Void> publish(MqttAsyncClient client, Parcel parcel) {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        MqttProperties properties = new MqttProperties();
        Body body = parcel.body();
        properties.setContentType(body.contentType());
        if (body.format() == Destination.Format.COSE) {
            // CloudEvents MQTT protocol binding 1.0, binary mode.
            properties.setUserProperties(body.attributes().entrySet().stream()
                    .map(each -> new UserProperty(each.getKey(), each.getValue()))
                    .toList());
        } else {
            properties.setPayloadFormat(true);
        }
        MqttMessage message = new MqttMessage(body.bytes(), QOS, false, properties);
        try {
            client.publish(Topics.centre(parcel.district(), parcel.alarm()), message, null, completing(taken));
        } catch (MqttException e) {
            taken.completeExceptionally(e);
        }
        return taken;
    }

    private static MqttActionListener completing(CompletableFuture<Void> future) {
        return new MqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                future.complete(null);
            }

            @Override
            public void onFailure(IMqttToken token, Throwable error) {
                future.completeExceptionally(error);
            }
        };
    }

    private synchronized CompletableFuture<MqttAsyncClient> connected() {
        if (closed) {
            return CompletableFuture.failedFuture(new IllegalStateException("closed"));
        }
        if (connection == null) {
            connection = connect();
        }
        return connection;
    }

    private CompletableFuture<MqttAsyncClient> connect() {
        try {
            MqttAsyncClient client =
                    new MqttAsyncClient(url, "ansim-hub-" + UUID.randomUUID(), new MemoryPersistence());
            MqttConnectionOptions options = new MqttConnectionOptions();
            options.setCleanStart(true);
            options.setAutomaticReconnect(false);
            options.setConnectionTimeout(CONNECT_S);
            options.setKeepAliveInterval(KEEP_ALIVE_S);
            tls.ifPresent(context -> options.setSocketFactory(context.getSocketFactory()));
            CompletableFuture<Void> up = new CompletableFuture<>();
            client.connect(options, null, completing(up));
            return up.handle((ok, error) -> {
                if (error != null) {
                    close(client);
                    throw new CompletionException(error);
                }
                return client;
            });
        } catch (MqttException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized void discard(CompletableFuture<MqttAsyncClient> failed) {
        if (connection == failed) {
            connection = null;
            var unused = failed.thenAccept(MqttSink::close);
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
    public int window() {
        return WINDOW;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (connection != null) {
            discard(connection);
        }
    }
}
