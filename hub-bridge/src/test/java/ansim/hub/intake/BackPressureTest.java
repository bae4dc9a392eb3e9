package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that stands still: units wait, memory stays bounded, nothing is dropped. */
@Timeout(300)
final class BackPressureTest {
    /** Connections enough to fill every queue of the intake while the disk stands still. */
    private static final int CONNECTIONS = 160;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void readingStopsAt64MessagesInFlightAndGoesOnAsTheyAreAnswered() throws Exception {
        int messages = 3 * Limits.IN_FLIGHT;
        GatedFiles files = new GatedFiles();
        try (Rig rig = new Rig(directory, files, SigningKey.generate(TestUnit.RANDOM), 10)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.TRACK);
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
                for (int id = 1; id <= messages; id++) {
                    client.publish(id, chain.next());
                }
                client.ping();
                fsync.awaitReached();
                fsync.release();
                int acknowledged = 0;
                int beforePing = messages;
                for (int i = 0; i <= messages; i++) {
                    MqttClient.Packet packet = client.read();
                    if (packet.type() == MqttClient.PUBACK) {
                        acknowledged++;
                        assertEquals(acknowledged, packet.at(0) << 8 | packet.at(1));
                    } else {
                        assertEquals(MqttClient.PINGRESP, packet.type());
                        beforePing = acknowledged;
                    }
                }
                assertEquals(messages, acknowledged);
                assertTrue(
                        beforePing > messages - Limits.IN_FLIGHT,
                        "the ping behind " + messages + " messages was read after " + beforePing + " answers");
            }
        }
    }

    @Test
    void withEveryQueueFullNothingIsLostAndAllIsAcknowledgedInTheEnd() throws Exception {
        GatedFiles files = new GatedFiles();
        List<MqttClient> clients = new ArrayList<>();
        try (Rig rig = new Rig(directory, files, SigningKey.generate(TestUnit.RANDOM), CONNECTIONS)) {
            List<byte[]> floods = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                TestUnit unit = rig.unit();
                MqttClient client = rig.client();
                clients.add(client);
                client.connect(MqttClient.V3, unit);
                TestUnit.Chain chain = unit.chain(Lane.TRACK);
                ByteArrayOutputStream flood = new ByteArrayOutputStream();
                for (int id = 1; id <= Limits.IN_FLIGHT; id++) {
                    flood.write(client.publishPacket(
                            0x02,
                            Topics.up(unit.id, Lane.TRACK),
                            id,
                            chain.next().bytes()));
                }
                floods.add(flood.toByteArray());
            }
            GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.get(i).send(floods.get(i));
            }
            fsync.awaitReached();
            fsync.release();
            for (MqttClient client : clients) {
                for (int id = 1; id <= Limits.IN_FLIGHT; id++) {
                    assertEquals(id, client.readPuback());
                }
            }
            assertEquals((long) CONNECTIONS * Limits.IN_FLIGHT, rig.count("stored") + rig.count("quarantined"));
        } finally {
            for (MqttClient client : clients) {
                client.close();
            }
        }
    }

    /**
     * The whole chain: the disk stands still, so the committer does, so its queue fills, then those of the verifying threads, then the
     * connections are no longer read, however much their units still say; and an alarm of another unit needs none of that room.
     */
    @Test
    void aStandingDiskStopsTheReadingOfEveryFloodAndAnAlarmStillOvertakesThem() throws Exception {
        int rounds = 3;
        GatedFiles files = new GatedFiles();
        List<MqttClient> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try (Rig rig = new Rig(directory, files, SigningKey.generate(TestUnit.RANDOM), CONNECTIONS + 1)) {
            List<byte[]> floods = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                TestUnit unit = rig.unit();
                MqttClient client = rig.client();
                clients.add(client);
                client.connect(MqttClient.V3, unit);
                TestUnit.Chain chain = unit.chain(Lane.TRACK);
                ByteArrayOutputStream flood = new ByteArrayOutputStream();
                for (int id = 1; id <= rounds * Limits.IN_FLIGHT; id++) {
                    byte[] message = chain.next().bytes();
                    flood.write(client.publishPacket(0x02, Topics.up(unit.id, Lane.TRACK), id, message));
                }
                floods.add(flood.toByteArray());
            }
            TestUnit alarmed = rig.unit();
            MqttClient alarm = rig.client();
            clients.add(alarm);
            alarm.connect(MqttClient.V3, alarmed);
            long before = rig.log.durableIndex();
            GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
            for (int i = 0; i < CONNECTIONS; i++) {
                MqttClient client = clients.get(i);
                byte[] flood = floods.get(i);
                Thread thread = new Thread(() -> {
                    try {
                        client.send(flood);
                    } catch (java.io.IOException closed) {
                        throw new java.io.UncheckedIOException(closed);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            fsync.awaitReached();
            alarm.publish(1, alarmed.chain(Lane.ALARM).next());
            assertEquals(before, rig.log.durableIndex());
            fsync.release();
            assertEquals(1, alarm.readPuback());
            long behindTheAlarm = (long) CONNECTIONS * rounds * Limits.IN_FLIGHT - (rig.log.durableIndex() - before);
            assertTrue(behindTheAlarm > 0, "the alarm came last");
            for (MqttClient client : clients.subList(0, CONNECTIONS)) {
                for (int id = 1; id <= rounds * Limits.IN_FLIGHT; id++) {
                    assertEquals(id, client.readPuback());
                }
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(
                    (long) CONNECTIONS * rounds * Limits.IN_FLIGHT + 1, rig.count("stored") + rig.count("quarantined"));
            assertEquals(before + (long) CONNECTIONS * rounds * Limits.IN_FLIGHT + 1, rig.log.durableIndex());
        } finally {
            for (MqttClient client : clients) {
                client.close();
            }
        }
    }
}
