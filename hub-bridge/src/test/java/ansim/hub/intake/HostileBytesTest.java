package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Lane;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of no good will: no exception reaches a thread, nothing is stored, and the next unit is served. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileBytesTest {
    private static final int ROUNDS = 2_000;
    private static final long SEED = 20_261_123;

    @SuppressWarnings("NullAway.Init")
    private Rig rig;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        rig = new Rig(directory);
    }

    @AfterAll
    void stop() throws Exception {
        rig.close();
    }

    private void feed(byte[] bytes) throws IOException {
        try (MqttClient client = rig.client()) {
            client.sayAndGo(bytes);
        }
    }

    /** A CONNECT, SUBSCRIBE, PUBLISH, PINGREQ and DISCONNECT of a unit that the hub knows. */
    private byte[] conversation(int version, TestUnit unit, UpMessage message) throws IOException {
        try (MqttClient words = rig.client()) {
            words.speak(version);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(MqttClient.connectPacket(version, unit.id.hex(), 60));
            all.write(words.subscribePacket(1, Topics.down(unit.id)));
            all.write(words.publishPacket(0x02, Topics.up(unit.id, Lane.EVENT), 2, message.bytes()));
            all.write(new byte[] {(byte) 0xc0, 0, (byte) 0xe0, 0});
            return all.toByteArray();
        }
    }

    private void assertServed() throws Exception {
        TestUnit unit = rig.unit();
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V3, unit);
            client.publish(1, unit.chain(Lane.EVENT).next());
            assertEquals(1, client.readPuback());
        }
        assertEquals(0, rig.count("refused-defect"));
        assertTrue(!rig.failed.isDone());
    }

    @Test
    void randomBytesDoNoHarm() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            feed(bytes);
        }
        assertServed();
    }

    @Test
    void randomBytesAfterAConnectDoNoHarm() throws Exception {
        Random random = new Random(SEED + 1);
        for (int i = 0; i < ROUNDS; i++) {
            int version = random.nextBoolean() ? MqttClient.V3 : MqttClient.V5;
            byte[] bytes = new byte[2 + random.nextInt(120)];
            random.nextBytes(bytes);
            // A true length more often than not, so that the packet's body is reached.
            bytes[1] = random.nextInt(4) > 0 ? (byte) (bytes.length - 2) : bytes[1];
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(MqttClient.connectPacket(version, new TestUnit().id.hex(), 60));
            all.write(bytes);
            feed(all.toByteArray());
        }
        assertServed();
    }

    @Test
    void aConversationCutAtEveryByteOrWithAnyByteChangedDoesNoHarm() throws Exception {
        for (int version : new int[] {MqttClient.V3, MqttClient.V5}) {
            TestUnit unit = rig.unit();
            byte[] good = conversation(version, unit, unit.chain(Lane.EVENT).next());
            for (int cut = 0; cut < good.length; cut++) {
                feed(Arrays.copyOf(good, cut));
                byte[] changed = good.clone();
                changed[cut] ^= (byte) 0x81;
                feed(changed);
            }
        }
        assertServed();
    }

    @Test
    void aConversationInSingleBytesIsUnderstood() throws Exception {
        TestUnit unit = rig.unit();
        long before = rig.log.durableIndex();
        UpMessage message = unit.chain(Lane.EVENT).next();
        byte[] all = conversation(MqttClient.V5, unit, message);
        try (MqttClient client = rig.client()) {
            for (int i = 0; i < all.length - 4; i++) {
                client.send(Arrays.copyOfRange(all, i, i + 1));
            }
            client.speak(MqttClient.V5);
            client.read(MqttClient.CONNACK);
            client.read(MqttClient.SUBACK);
            client.read(MqttClient.PUBACK);
        }
        assertTrue(rig.log.durableIndex() > before);
    }

    @Test
    void twoConnectsInOneSegmentCloseTheConnection() throws Exception {
        byte[] connect = MqttClient.connectPacket(MqttClient.V3, new TestUnit().id.hex(), 60);
        byte[] twice = Arrays.copyOf(connect, 2 * connect.length);
        System.arraycopy(connect, 0, twice, connect.length, connect.length);
        try (MqttClient client = rig.client()) {
            client.send(twice);
            client.read(MqttClient.CONNACK);
            assertTrue(client.isClosedByHub());
        }
        assertServed();
    }
}
