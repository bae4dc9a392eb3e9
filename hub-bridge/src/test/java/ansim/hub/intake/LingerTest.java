package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.journal.JournalFiles;
import ansim.wire.Lane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What waits for company before an fsync. The linger here is an hour: whatever ends within the test was not ended by the clock. */
@Timeout(120)
final class LingerTest {
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    private Path directory = Path.of("");

    /**
     * An alarm may overtake the event on its way to the committer and be forced alone; the next one finds the event waiting. A linger that
     * an alarm did not end would never show it.
     */
    @Test
    void anAlarmThatArrivesDuringTheLingerEndsItAtOnce() throws Exception {
        TestUnit patient;
        TestUnit alarmed;
        try (Rig rig = new Rig(directory)) {
            patient = rig.unit();
            alarmed = rig.unit();
        }
        try (Rig rig = Rig.lingering(directory, JournalFiles.real(), LONG);
                MqttClient waiting = rig.client(MqttClient.V3, patient);
                MqttClient calling = rig.client(MqttClient.V3, alarmed)) {
            long before = rig.log.durableIndex();
            waiting.publish(1, patient.chain(Lane.EVENT).next());
            TestUnit.Chain alarms = alarmed.chain(Lane.ALARM);
            int sent = 0;
            while (rig.log.durableIndex() == before + sent) {
                sent++;
                calling.publish(sent, alarms.next());
                calling.read();
                while (rig.log.durableIndex() < before + sent) {
                    calling.read();
                }
            }
            assertEquals(1, waiting.readPuback());
            assertEquals(before + sent + 1, rig.log.durableIndex());
        }
    }

    /** With an alarm at every fsync nothing else was ever taken: no greeting, no event, no revocation. */
    @Test
    void whatWaitsBehindAlarmsThatKeepComingGoesWithTheNextOfThem() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = Rig.gated(directory, files, 10)) {
            TestUnit alarmed = rig.unit();
            TestUnit stolen = rig.unit();
            TestUnit.Chain alarms = alarmed.chain(Lane.ALARM);
            try (MqttClient calling = rig.client()) {
                calling.connect(MqttClient.V3, alarmed);
                GatedFiles.Hold first = files.atNextForce(new GatedFiles.Hold());
                calling.publish(1, alarms.next());
                first.awaitReached();
                CompletableFuture<Void> revoked = rig.intake.change(
                        new Input.UnitChange(1_795_000_000_000L, stolen.record().revoke()));
                calling.publish(2, alarms.next());
                rig.awaitCount("waiting-to-commit", 2);
                GatedFiles.Hold second = files.atNextForce(new GatedFiles.Hold());
                first.release();
                second.awaitReached();
                assertEquals(0, rig.count("waiting-to-commit"));
                second.release();
                revoked.get(30, TimeUnit.SECONDS);
                assertEquals(1, calling.readPuback());
                assertEquals(2, calling.readPuback());
            }
        }
    }

    @Test
    void withoutAnAlarmTheLingerGathersMoreIntoTheSameFsync() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = Rig.lingering(directory, files, LONG)) {
            int forces = files.forces();
            long before = rig.log.durableIndex();
            List<CompletableFuture<Void>> changes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                changes.add(rig.intake.change(new Input.UnitChange(1_795_000_000_000L, new TestUnit().record())));
            }
            assertEquals(forces, files.forces());
            assertFalse(changes.stream().anyMatch(CompletableFuture::isDone));
            rig.intake.close();
            assertTrue(changes.stream().allMatch(CompletableFuture::isDone));
            assertEquals(before + 100, rig.log.durableIndex());
            assertEquals(forces + 1, files.forces());
        }
    }
}
