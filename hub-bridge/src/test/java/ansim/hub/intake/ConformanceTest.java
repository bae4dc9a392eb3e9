package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that others wrote: Paho for MQTT 3.1.1 and 5, and mosquitto's. */
@Timeout(180)
final class ConformanceTest {
    private static final int MESSAGES = 100;

    @TempDir
    private Path directory = Path.of("");

    private static List<UpMessage> messages(TestUnit unit) {
        TestUnit.Chain chain = unit.chain(Lane.EVENT);
        List<UpMessage> messages = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            messages.add(chain.next());
        }
        return messages;
    }

    /** Reads receipts until the last message is receipted. */
    private static void awaitReceipt(Rig rig, BlockingQueue<byte[]> down, UpMessage last) throws Exception {
        Receipted wanted = new Receipted(last.batch().chain(), last.batch().n(), last.payloadHash8());
        while (true) {
            byte[] bytes = down.poll(60, TimeUnit.SECONDS);
            assertTrue(bytes != null, "no receipt of the last message within 60 s");
            DownMessage message = DownMessage.parse(bytes);
            assertTrue(message.verify(Ed25519Verifier.INSTANCE, rig.key.verifyKey()));
            Receipt receipt = (Receipt) message.command().verb();
            if (receipt.lanes().getOrDefault(Lane.EVENT, List.of()).contains(wanted)) {
                return;
            }
        }
    }

    @Test
    void pahoForVersion311PublishesAndIsReceipted() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            List<UpMessage> messages = messages(unit);
            BlockingQueue<byte[]> down = new LinkedBlockingQueue<>();
            try (var client = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + rig.port(), unit.id.hex(), new MemoryPersistence())) {
                MqttConnectOptions options = new MqttConnectOptions();
                options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
                options.setCleanSession(false);
                options.setWill(Topics.will(unit.id), new byte[] {1}, 1, false);
                assertFalse(client.connectWithResult(options).getSessionPresent());
                IMqttMessageListener listener = (topic, message) -> down.add(message.getPayload());
                client.subscribe(Topics.down(unit.id), 1, listener);
                for (UpMessage each : messages) {
                    client.publish(Topics.up(unit.id, Lane.EVENT), each.bytes(), 1, false);
                }
                awaitReceipt(rig, down, messages.get(MESSAGES - 1));
                assertThrows(
                        org.eclipse.paho.client.mqttv3.MqttException.class, () -> client.subscribe("ansim/1/d/#", 1));
                client.unsubscribe(Topics.down(unit.id));
                client.disconnect();
            }
            assertEquals(MESSAGES, rig.count("stored"));
        }
    }

    @Test
    void pahoForVersion5PublishesAndIsReceipted() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            List<UpMessage> messages = messages(unit);
            BlockingQueue<byte[]> down = new LinkedBlockingQueue<>();
            var client = new org.eclipse.paho.mqttv5.client.MqttClient(
                    "tcp://127.0.0.1:" + rig.port(),
                    unit.id.hex(),
                    new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
            try {
                MqttConnectionOptions options = new MqttConnectionOptions();
                options.setCleanStart(true);
                var connected = client.connectWithResult(options);
                assertFalse(connected.getSessionPresent());
                assertEquals(Limits.IN_FLIGHT, connected.getResponseProperties().getReceiveMaximum());
                assertEquals(1, connected.getResponseProperties().getMaximumQoS());
                client.subscribe(
                        new org.eclipse.paho.mqttv5.common.MqttSubscription[] {
                            new org.eclipse.paho.mqttv5.common.MqttSubscription(Topics.down(unit.id), 1)
                        },
                        new org.eclipse.paho.mqttv5.client.IMqttMessageListener[] {
                            (topic, message) -> down.add(message.getPayload())
                        });
                for (UpMessage each : messages) {
                    client.publish(Topics.up(unit.id, Lane.EVENT), each.bytes(), 1, false);
                }
                awaitReceipt(rig, down, messages.get(MESSAGES - 1));
                client.disconnect();
            } finally {
                client.close();
            }
            assertEquals(MESSAGES, rig.count("stored"));
        }
    }

    /** A command, skipped by name where it is not installed. */
    private static String installed(String command) {
        boolean found = Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getenv().getOrDefault("PATH", ""))
                .anyMatch(each -> Files.isExecutable(Path.of(each, command)));
        Assumptions.assumeTrue(found, command + " is not installed: sudo apt install mosquitto-clients");
        return command;
    }

    private static int run(List<String> command, Path output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), command + " did not end");
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> mosquitto(String command, Rig rig, TestUnit unit, String version) {
        return new ArrayList<>(List.of(
                installed(command),
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(rig.port()),
                "-V",
                version,
                "-i",
                unit.id.hex()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void mosquittosPublisherIsAcknowledgedAndItsSubscriberGreeted(String version) throws Exception {
        Path output = directory.resolve("output");
        try (Rig rig = new Rig(directory.resolve("log"))) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            Path file = Files.write(directory.resolve("message.cose"), message.bytes());
            List<String> publish = mosquitto("mosquitto_pub", rig, unit, version);
            publish.addAll(List.of("-q", "1", "-t", Topics.up(unit.id, Lane.EVENT), "-f", file.toString()));
            assertEquals(0, run(publish, output), () -> text(output));
            assertEquals(1, rig.count("stored"));

            List<String> subscribe = mosquitto("mosquitto_sub", rig, unit, version);
            subscribe.addAll(List.of("-q", "1", "-t", Topics.down(unit.id), "-C", "1", "-N", "-W", "30"));
            assertEquals(0, run(subscribe, output), () -> text(output));
            DownMessage greeting = DownMessage.parse(Files.readAllBytes(output));
            assertTrue(greeting.verify(Ed25519Verifier.INSTANCE, rig.key.verifyKey()));

            List<String> wrong = mosquitto("mosquitto_sub", rig, unit, version);
            wrong.addAll(List.of("-t", "#", "-W", "30"));
            run(wrong, output);
            assertTrue(rig.count("refused-subscription") > 0);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
