package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.intake.MqttClient.Packet;
import ansim.journal.JournalFiles;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may say, and with which code anything else is refused (MQTT 3.1.1; MQTT 5, 2.4). */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MqttDoorTest {
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

    /** The properties of an MQTT 5 CONNACK that have a number, by identifier. */
    private static Map<Integer, Long> properties(Packet connack) {
        Map<Integer, Long> found = new HashMap<>();
        int at = 3;
        while (at < connack.body().length) {
            int id = connack.at(at++);
            int length = List.of(0x11, 0x27).contains(id)
                    ? 4
                    : List.of(0x13, 0x21, 0x22).contains(id) ? 2 : 1;
            long value = 0;
            for (int i = 0; i < length; i++) {
                value = value << 8 | connack.at(at++);
            }
            found.put(id, value);
        }
        return found;
    }

    @Test
    void aVersion311ClientIsLetInWithoutASession() throws Exception {
        try (MqttClient client = rig.client()) {
            Packet connack = client.connect(MqttClient.V3, new TestUnit());
            assertArrayEquals(new byte[] {0, 0}, connack.body());
        }
    }

    @Test
    void aVersion5ClientIsToldEveryLimit() throws Exception {
        try (MqttClient client = rig.client()) {
            client.speak(MqttClient.V5);
            client.send(MqttClient.connectPacket(MqttClient.V5, new TestUnit().id.hex(), 0, 0x11, 0, 0, 1, 0));
            Packet connack = client.read(MqttClient.CONNACK);
            assertEquals(0, connack.at(0), "session present");
            assertEquals(0, connack.at(1), "reason");
            Map<Integer, Long> told = properties(connack);
            assertEquals(
                    Map.of(
                            0x11, 0L, // session expiry
                            0x13, (long) Limits.KEEP_ALIVE_S,
                            0x21, 64L, // receive maximum
                            0x22, 0L, // topic aliases
                            0x24, 1L, // maximum QoS
                            0x25, 0L, // retain
                            0x27, (long) Limits.PACKET_BYTES,
                            0x28, 0L, // wildcards
                            0x29, 0L, // subscription identifiers
                            0x2a, 0L), // shared subscriptions
                    told);
        }
    }

    @Test
    void aKeepAliveThatSuitsUsIsNotOverruled() throws Exception {
        try (MqttClient client = rig.client()) {
            assertTrue(
                    !properties(client.connect(MqttClient.V5, new TestUnit())).containsKey(0x13));
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 2", "5, 133"})
    void aClientIdThatIsNoUnitIdIsRejected(int version, int code) throws Exception {
        for (String id : List.of("", "taxi-1", "F".repeat(32), "0".repeat(31), "0".repeat(33), "0".repeat(100))) {
            try (MqttClient client = rig.client()) {
                client.send(MqttClient.connectPacket(version, id, 60));
                Packet connack = client.read(MqttClient.CONNACK);
                assertEquals(code, connack.at(1), id);
                assertTrue(client.isClosedByHub());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 6})
    void anotherVersionOfMqttIsRefused(int version) throws Exception {
        try (MqttClient client = rig.client()) {
            client.send(MqttClient.connectPacket(version, new TestUnit().id.hex(), 60));
            assertEquals(1, client.read(MqttClient.CONNACK).at(1));
            assertTrue(client.isClosedByHub());
        }
    }

    @Test
    void extendedAuthenticationIsRefused() throws Exception {
        try (MqttClient client = rig.client()) {
            client.send(MqttClient.connectPacket(MqttClient.V5, new TestUnit().id.hex(), 60, 0x15, 0, 1, 'x'));
            assertEquals(0x8c, client.read(MqttClient.CONNACK).at(1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, false, 0, true, 0",
        "4, true, 0, true, 5",
        "4, false, 2, true, 5",
        "4, false, 0, false, 5",
        "5, false, 1, true, 0",
        "5, true, 0, true, 154",
        "5, false, 2, true, 155",
        "5, false, 0, false, 135"
    })
    void aWillMayOnlyBeTheUnitsOwnHint(int version, boolean retain, int qos, boolean own, int code) throws Exception {
        TestUnit unit = new TestUnit();
        byte[] connect = MqttClient.packet(0x10, out -> {
            MqttClient.text(out, "MQTT");
            out.writeByte(version);
            out.writeByte(0x06 | qos << 3 | (retain ? 0x20 : 0));
            out.writeShort(60);
            if (version == MqttClient.V5) {
                out.writeByte(0);
            }
            MqttClient.text(out, unit.id.hex());
            if (version == MqttClient.V5) {
                out.writeByte(0);
            }
            MqttClient.text(out, own ? Topics.will(unit.id) : Topics.will(new TestUnit().id));
            MqttClient.text(out, "gone");
        });
        try (MqttClient client = rig.client()) {
            client.send(connect);
            assertEquals(code, client.read(MqttClient.CONNACK).at(1));
        }
    }

    /** Sends bytes once connected and asserts that the hub closes, in MQTT 5 with that reason. */
    private void assertClosed(int version, byte[] bytes, int reason, String counter) throws Exception {
        long before = rig.count(counter);
        try (MqttClient client = rig.client()) {
            client.connect(version, new TestUnit());
            client.send(bytes);
            if (version == MqttClient.V5) {
                assertEquals(reason, client.read(MqttClient.DISCONNECT).at(0));
            }
            assertTrue(client.isClosedByHub());
        }
        assertEquals(before + 1, rig.count(counter));
    }

    private byte[] publish(int version, int flags) throws Exception {
        try (MqttClient words = rig.client()) {
            words.speak(version);
            TestUnit unit = new TestUnit();
            return words.publishPacket(flags, Topics.up(unit.id, Lane.EVENT), 1, new byte[] {1});
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void whatIsNotSpokenHereClosesTheConnection(int version) throws Exception {
        assertClosed(version, publish(version, 0x00), 0x9b, "refused-qos");
        assertClosed(version, publish(version, 0x04), 0x9b, "refused-qos");
        assertClosed(version, publish(version, 0x03), 0x9a, "refused-retained");
        assertClosed(
                version,
                MqttClient.connectPacket(version, new TestUnit().id.hex(), 60),
                0x82,
                "refused-second-connect");
        assertClosed(version, new byte[] {0x50, 2, 0, 1}, 0x82, "refused-packet-type");
        assertClosed(version, new byte[] {(byte) 0xd0, 0}, 0x82, "refused-packet-type");
        assertClosed(version, new byte[] {0x00, 0}, 0x81, "refused-not-mqtt");
        assertClosed(
                version,
                new byte[] {0x32, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
                0x81,
                "refused-not-mqtt");
        assertClosed(
                version,
                new byte[] {0x32, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
                0x95,
                "refused-packet-too-long");
    }

    @Test
    void anotherTopicClosesAVersion311Client() throws Exception {
        assertClosed(MqttClient.V3, publish(MqttClient.V3, 0x02), 0, "refused-topic");
    }

    @Test
    void anotherTopicIsRefusedToAVersion5ClientWhichMayStay() throws Exception {
        TestUnit unit = rig.unit();
        UpMessage message = unit.chain(Lane.EVENT).next();
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V5, unit);
            for (String topic : List.of(
                    Topics.up(new TestUnit().id, Lane.EVENT),
                    Topics.will(unit.id),
                    Topics.down(unit.id),
                    "ansim/1/u/" + unit.id.hex() + "/5",
                    "anything")) {
                client.send(client.publishPacket(0x02, topic, 9, message.bytes()));
                Packet puback = client.read(MqttClient.PUBACK);
                assertEquals(0x90, puback.at(2), topic);
            }
            client.publish(10, message);
            Packet puback = client.read(MqttClient.PUBACK);
            assertEquals(10, puback.at(1));
            assertTrue(puback.body().length == 2 || puback.at(2) == 0);
        }
    }

    @Test
    void aTopicAliasIsRefused() throws Exception {
        TestUnit unit = new TestUnit();
        byte[] aliased = MqttClient.packet(0x32, out -> {
            MqttClient.text(out, Topics.up(unit.id, Lane.EVENT));
            out.writeShort(1);
            out.write(new byte[] {3, 0x23, 0, 1});
        });
        assertClosed(MqttClient.V5, aliased, 0x94, "refused-topic-alias");
    }

    @Test
    void onlyTheOwnCommandsCanBeSubscribedTo() throws Exception {
        TestUnit unit = new TestUnit();
        String own = Topics.down(unit.id);
        String[] filters = {own, "#", "ansim/1/d/+", Topics.down(new TestUnit().id), "$share/g/" + own, "$SYS/x"};
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V3, unit);
            client.send(client.subscribePacket(3, filters));
            Packet suback = client.read(MqttClient.SUBACK);
            assertArrayEquals(
                    new byte[] {0, 3, 1, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80},
                    suback.body());
        }
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V5, unit);
            client.send(client.subscribePacket(3, filters));
            Packet suback = client.read(MqttClient.SUBACK);
            assertArrayEquals(
                    new byte[] {0, 3, 0, 1, (byte) 0xa2, (byte) 0xa2, (byte) 0x87, (byte) 0x9e, (byte) 0x87},
                    suback.body());
        }
    }

    @Test
    void aSubscriptionIdentifierIsRefused() throws Exception {
        TestUnit unit = new TestUnit();
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V5, unit);
            client.send(MqttClient.packet(0x82, out -> {
                out.writeShort(4);
                out.write(new byte[] {2, 0x0b, 1});
                MqttClient.text(out, Topics.down(unit.id));
                out.writeByte(0);
            }));
            assertEquals(0xa1, client.read(MqttClient.SUBACK).at(3));
        }
    }

    @Test
    void moreFiltersThanTheLimitCloseTheConnection() throws Exception {
        String[] filters = new String[Limits.FILTERS + 1];
        Arrays.fill(filters, "x");
        try (MqttClient words = rig.client()) {
            assertClosed(MqttClient.V3, words.subscribePacket(1, filters), 0, "refused-subscription");
        }
    }

    @Test
    void afterUnsubscribingNothingMoreIsSent() throws Exception {
        TestUnit unit = rig.unit();
        try (MqttClient client = rig.client(MqttClient.V5, unit)) {
            byte[] unsubscribe = MqttClient.packet(0xa2, out -> {
                out.writeShort(6);
                out.writeByte(0);
                MqttClient.text(out, Topics.down(unit.id));
                MqttClient.text(out, "other");
            });
            client.send(unsubscribe);
            assertArrayEquals(
                    new byte[] {0, 6, 0, 0, 0x11},
                    client.read(MqttClient.UNSUBACK).body());
            client.publish(7, unit.chain(Lane.EVENT).next());
            assertEquals(7, client.readPuback());
            client.ping();
            client.read(MqttClient.PINGRESP);
        }
    }

    @Test
    void aNewerConnectionOfAUnitTakesOver() throws Exception {
        TestUnit unit = rig.unit();
        try (MqttClient old = rig.client();
                MqttClient young = rig.client()) {
            old.connect(MqttClient.V5, unit);
            young.connect(MqttClient.V3, unit);
            assertEquals(0x8e, old.read(MqttClient.DISCONNECT).at(0));
            assertTrue(old.isClosedByHub());
            young.publish(1, unit.chain(Lane.EVENT).next());
            assertEquals(1, young.readPuback());
        }
    }

    @Test
    void aPacketBeforeConnectClosesTheConnection() throws Exception {
        for (byte[] bytes : List.of(
                publish(MqttClient.V3, 0x02),
                new byte[] {(byte) 0xc0, 0},
                "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            try (MqttClient client = rig.client()) {
                client.send(bytes);
                assertTrue(client.isClosedByHub());
            }
        }
    }

    @Test
    void aVersion5ClientsLimitOnPacketsIsKept() throws Exception {
        TestUnit unit = rig.unit();
        long before = rig.count("refused-receipt-not-sent");
        try (MqttClient client = rig.client()) {
            client.speak(MqttClient.V5);
            client.send(MqttClient.connectPacket(MqttClient.V5, unit.id.hex(), 60, 0x27, 0, 0, 0, 100));
            client.read(MqttClient.CONNACK);
            client.subscribe(unit);
            client.publish(1, unit.chain(Lane.EVENT).next());
            assertEquals(1, client.readPuback());
            rig.awaitCount("refused-receipt-not-sent", before + 1);
            client.ping();
            client.read(MqttClient.PINGRESP);
        }
    }

    @Test
    void pubacksComeInTheOrderOfThePublishes() throws Exception {
        TestUnit unit = rig.unit();
        TestUnit.Chain alarms = unit.chain(Lane.ALARM);
        TestUnit.Chain events = unit.chain(Lane.EVENT);
        try (MqttClient client = rig.client()) {
            client.connect(MqttClient.V3, unit);
            for (int id = 1; id <= 300; id++) {
                client.publish(id, (id % 3 == 0 ? alarms : events).next());
            }
            for (int id = 1; id <= 300; id++) {
                assertEquals(id, client.readPuback());
            }
        }
    }

    @Test
    void oneConnectionMoreThanTheLimitIsClosedUnheard(@TempDir Path other) throws Exception {
        try (Rig small = new Rig(other, JournalFiles.real(), SigningKey.generate(TestUnit.RANDOM), 1);
                MqttClient first = small.client()) {
            first.connect(MqttClient.V3, new TestUnit());
            try (MqttClient second = small.client()) {
                assertTrue(second.isClosedByHub());
            }
            first.ping();
            first.read(MqttClient.PINGRESP);
            assertEquals(1, small.count("refused-too-many-connections"));
        }
    }
}
