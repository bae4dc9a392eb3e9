package ansim.edge;

import ansim.wire.Topics;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.tinylog.Logger;

/** The tests' hub behind a real broker that listens: takes what arrives and answers each message with a receipt. */
final class MqttHub implements AutoCloseable {
    private final MqttClient client;
    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "test-hub");
    private final TestHub hub;
    private volatile boolean closed;

    MqttHub(String address, TestHub hub) throws Exception {
        this.hub = hub;
        client = new MqttClient(address, "hub-" + UUID.randomUUID(), new MemoryPersistence());
        client.setCallback(new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {
                Logger.debug("the test hub has lost the broker");
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {
                arrived.add(message.getPayload());
            }

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {}
        });
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(true);
        client.connect(options);
        for (int lane = 1; lane <= 4; lane++) {
            client.subscribe("ansim/1/u/" + hub.unit.hex() + "/" + lane, 1);
        }
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                byte[] message = arrived.take();
                byte[] receipt;
                synchronized (hub) {
                    hub.take(message);
                    receipt = hub.receipt();
                }
                if (receipt.length > 0) {
                    client.publish(Topics.down(hub.unit), receipt, 0, false);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (MqttException e) {
            Logger.debug("the test hub cannot answer: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        thread.interrupt();
        try {
            client.disconnectForcibly(0, 500);
            client.close(true);
        } catch (MqttException e) {
            Logger.debug("the test hub does not close: {}", e.getMessage());
        }
    }
}
