package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.journal.JournalReader;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A slow disk slows receipts, then units: with every fsync held by the test, what waits stays within its limits, nothing is answered
 * that is not stored, and in the end everything is stored once.
 */
@Timeout(300)
final class BackPressureTest {
    private static final int UNITS = 200;
    /** Of each unit: together more than the hub may hold, so that the rest must wait outside of it. */
    private static final int MESSAGES = Limits.IN_FLIGHT;
    /** What the hub may hold of lanes 2 to 4 with one verifying thread, which has one in its hand, as each connection may. */
    private static final int HELD_MAX = Limits.BATCH + Limits.TO_COMMIT + 1 + Limits.TO_VERIFY + UNITS;

    @TempDir
    private Path directory = Path.of("");

    /** A unit that floods, and what has come back to it. */
    private static final class Flood {
        final MqttClient client;
        final Id8 chain;
        final byte[] bytes;
        int acknowledged;
        long receipted;

        Flood(Rig rig, int messages) throws Exception {
            TestUnit unit = rig.unit();
            client = rig.client(MqttClient.V3, unit);
            TestUnit.Chain track = unit.chain(Lane.TRACK);
            chain = track.id;
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int id = 1; id <= messages; id++) {
                byte[] message = track.next().bytes();
                all.write(client.publishPacket(0x02, Topics.up(unit.id, Lane.TRACK), id, message));
            }
            bytes = all.toByteArray();
        }

        void send() {
            try {
                client.send(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Reads until so many are acknowledged and receipted: PUBACKs without a gap, receipts that only raise. */
        void readAll(int messages, SigningKey hub) throws Exception {
            while (acknowledged < messages || receipted < messages) {
                MqttClient.Packet packet = client.read();
                if (packet.type() == MqttClient.PUBACK) {
                    acknowledged++;
                    assertEquals(acknowledged, packet.at(0) << 8 | packet.at(1));
                } else {
                    List<Receipted> track =
                            ((Receipt) client.down(packet, hub)).lanes().getOrDefault(Lane.TRACK, List.of());
                    assertEquals(
                            List.of(chain), track.stream().map(Receipted::chain).toList());
                    assertTrue(track.get(0).n() > receipted);
                    receipted = track.get(0).n();
                }
            }
        }
    }

    /** Not for what should come soon: for what must come, however slow the machine is. */
    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GatedFiles.TIMEOUT_S);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    private static int inFlight(Rig rig) {
        return rig.door.sessions().stream().mapToInt(MqttSession::inFlight).sum();
    }

    private static boolean nobodyIsRead(Rig rig) {
        return rig.door.sessions().stream().noneMatch(MqttSession::isRead);
    }

    private static long stored(Rig rig) {
        return rig.count("stored") + rig.count("quarantined");
    }

    @Test
    void readingStopsAt64MessagesInFlightAndGoesOnAsTheyAreAnswered() throws Exception {
        int messages = 3 * Limits.IN_FLIGHT;
        GatedFiles files = new GatedFiles();
        try (Rig rig = Rig.gated(directory, files, 10)) {
            Flood flood = new Flood(rig, messages);
            try (MqttClient client = flood.client) {
                GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
                flood.send();
                fsync.awaitReached();
                MqttSession session = rig.door.sessions().iterator().next();
                await("64 in flight", () -> session.inFlight() == Limits.IN_FLIGHT && !session.isRead());
                assertEquals(0, stored(rig));
                fsync.release();
                flood.readAll(messages, rig.key);
                await("reading goes on", session::isRead);
                assertEquals(0, session.inFlight());
                client.ping();
                assertEquals(MqttClient.PINGRESP, client.read().type());
            }
        }
    }

    /**
     * The whole chain: the disk stands still, so the committer does, so its queue fills, then that of the verifying thread, then the
     * connections are not read any more, whatever their units still say. An alarm needs none of that room and is next in the log. Then
     * the disk goes on by one fsync at a time.
     */
    @Test
    void aStandingDiskFillsEveryQueueToItsLimitAnAlarmIsNextAndAllIsStoredOnceInOrder() throws Exception {
        GatedFiles files = new GatedFiles();
        List<Flood> floods = new ArrayList<>();
        ExecutorService senders = Executors.newFixedThreadPool(UNITS);
        try (Rig rig = Rig.gated(directory, files, UNITS + 1)) {
            for (int i = 0; i < UNITS; i++) {
                floods.add(new Flood(rig, MESSAGES));
            }
            TestUnit alarmed = rig.unit();
            long before = rig.log.durableIndex();
            GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
            List<CompletableFuture<Void>> sending = floods.stream()
                    .map(flood -> CompletableFuture.runAsync(flood::send, senders))
                    .toList();
            fsync.awaitReached();
            await(
                    "every queue is full",
                    () -> rig.count("waiting-to-commit") == Limits.TO_COMMIT
                            && rig.count("waiting-to-verify") == Limits.TO_VERIFY
                            && nobodyIsRead(rig));
            checkHeld(rig, before);
            assertEquals(0, stored(rig));
            assertEquals(before, rig.log.durableIndex());

            try (MqttClient alarm = rig.client()) {
                alarm.connect(MqttClient.V3, alarmed);
                alarm.publish(1, alarmed.chain(Lane.ALARM).next());
                await("the alarm has overtaken", () -> rig.count("waiting-to-commit") == Limits.TO_COMMIT + 1);
                fsync = goOn(files, fsync);
                long alarmAt = rig.log.durableIndex() + 1;
                fsync = goOn(files, fsync);
                assertEquals(
                        alarmAt + Limits.BESIDE_ALARMS,
                        rig.log.durableIndex(),
                        "of what waits no more goes with the alarm than may");
                assertEquals(1, alarm.readPuback());
                assertEquals(
                        Lane.ALARM,
                        LogEntry.decode(rig.log.read(alarmAt).orElseThrow().payload())
                                .message()
                                .batch()
                                .lane());
            }

            long last = before + 1 + (long) UNITS * MESSAGES;
            int fsyncs = 2;
            while (rig.log.durableIndex() < last) {
                checkHeld(rig, before);
                GatedFiles.Hold next = files.atNextForce(new GatedFiles.Hold());
                fsync.release();
                await("the next fsync", () -> next.isReached() || rig.log.durableIndex() == last);
                fsync = next;
                fsyncs++;
            }
            assertTrue(fsyncs > UNITS * MESSAGES / Limits.BATCH, fsyncs + " fsyncs");
            files.open();
            fsync.release();
            for (Flood flood : floods) {
                flood.readAll(MESSAGES, rig.key);
            }
            CompletableFuture.allOf(sending.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
            assertEquals(last, rig.log.durableIndex());
            assertEquals(last - before, stored(rig));
            assertEquals(0, rig.count("duplicate"));
            assertEquals(0, rig.count("waiting-to-commit") + rig.count("waiting-to-verify") + inFlight(rig));
            checkLog(rig, floods);
        } finally {
            senders.shutdownNow();
            for (Flood flood : floods) {
                flood.client.close();
            }
        }
    }

    /** Lets one fsync go and waits for the next to begin. */
    private static GatedFiles.Hold goOn(GatedFiles files, GatedFiles.Hold fsync) throws IOException {
        GatedFiles.Hold next = files.atNextForce(new GatedFiles.Hold());
        fsync.release();
        next.awaitReached();
        return next;
    }

    /** With an fsync held: no limit is passed, and what is not on disk is not answered. */
    private static void checkHeld(Rig rig, long before) {
        assertTrue(rig.count("waiting-to-commit") <= Limits.TO_COMMIT, rig.intake.counts() + "");
        assertTrue(rig.count("waiting-to-verify") <= Limits.TO_VERIFY, rig.intake.counts() + "");
        for (MqttSession session : rig.door.sessions()) {
            assertTrue(session.inFlight() <= Limits.IN_FLIGHT);
        }
        // The connections may not have heard yet of the batch that was answered last.
        assertTrue(inFlight(rig) <= HELD_MAX + Limits.BATCH, inFlight(rig) + " in flight");
        assertTrue(stored(rig) <= rig.log.durableIndex() - before);
        assertFalse(rig.failed.isDone());
    }

    /** Every message of every chain once, in the order of its numbers. */
    private static void checkLog(Rig rig, List<Flood> floods) throws Exception {
        Map<Id8, Long> lastN = new HashMap<>();
        try (JournalReader reader = rig.log.reader(1)) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                LogEntry entry = LogEntry.decode(next.get().payload());
                if (entry.type() == Input.Type.MESSAGE) {
                    var batch = entry.message().batch();
                    assertEquals(lastN.getOrDefault(batch.chain(), 0L) + 1, batch.n());
                    lastN.put(batch.chain(), batch.n());
                }
            }
        }
        for (Flood flood : floods) {
            assertEquals(MESSAGES, lastN.get(flood.chain));
        }
        assertEquals(UNITS + 1, lastN.size());
    }
}
