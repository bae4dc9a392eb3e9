package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.UnitRide;
import ansim.hub.keys.RideKeys;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.Stored;
import ansim.wire.Boarded;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Receipted;
import ansim.wire.RideChange;
import ansim.wire.UpMessage;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committer seals, and has the keys on disk before the entries. */
final class SealedCommitTest {
    private static final Pos POS = Pos.of(375_123_457, 1_269_876_543);

    @TempDir
    private Path folder = Path.of("");

    private final Id8 ride = Id8.random(TestUnit.RANDOM);

    private Journal open() throws Exception {
        return Journal.open(folder.resolve("log"), Rig.OPTIONS, JournalFiles.real());
    }

    private RideKeys keys(Journal log) throws Exception {
        return RideKeys.open(folder.resolve("ridekeys.db"), log.journalId(), TestUnit.RANDOM);
    }

    private Boarded boarded() {
        return new Boarded(RideChange.of(ride, Optional.of(POS), RideChange.Source.CARD));
    }

    private static Receipted receipted(UpMessage message) {
        return new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
    }

    @Test
    void aRidesMessageIsSealedReceiptedAndFoundAgainAfterItsErasure() throws Exception {
        Journal log = open();
        try (RideKeys keys = keys(log);
                Rig rig = Rig.sealed(folder, log, keys)) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next(boarded());
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, message);
                assertEquals(1, client.readPuback());
                assertEquals(List.of(receipted(message)), client.readReceipt(rig.key, Lane.EVENT));
                Stored stored = log.read(log.durableIndex()).orElseThrow();
                assertTrue(stored.keyId().isPresent());
                assertArrayEquals(message.bytes(), read(rig, stored).message().bytes());

                UnitRide which = new UnitRide(unit.id, ride);
                keys.wish(which, "asked for", false);
                List<RideKeys.Due> due = keys.wished(10).orElseThrow().keys();
                Input.Erasure record = rig.intake
                        .erase(due, Input.Erasure.Cause.REQUEST, "asked for")
                        .get(30, TimeUnit.SECONDS)
                        .orElseThrow();
                assertEquals(Optional.of(which), record.items().get(0).ride());
                assertEquals(Input.Type.ERASED, read(rig, stored).type());

                client.publish(2, message);
                assertEquals(2, client.readPuback());
                assertEquals(List.of(receipted(message)), client.readReceipt(rig.key, Lane.EVENT));
                assertEquals(1, rig.count("duplicate"));
            }
        }
    }

    private static LogEntry read(Rig rig, Stored stored) throws Exception {
        return rig.intake.reader().read(stored.index(), stored.keyId(), stored.payload());
    }

    @Test
    void anAlarmThatComesWhileItsRideIsErasedIsStoredUnderAnotherKeyAndStays() throws Exception {
        Journal log = open();
        try (RideKeys keys = keys(log);
                Rig rig = Rig.sealed(folder, log, keys)) {
            TestUnit unit = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, unit.chain(Lane.EVENT).next(boarded()));
                client.readPuback();
                keys.wish(new UnitRide(unit.id, ride), "asked for", false);
                List<RideKeys.Due> due = keys.wished(10).orElseThrow().keys();
                rig.intake.erase(due, Input.Erasure.Cause.REQUEST, "asked for").get(30, TimeUnit.SECONDS);
                Panic panic = new Panic(
                        Optional.of(POS),
                        Optional.of(ride),
                        Panic.Origin.RIDER,
                        Panic.Pattern.PRESS,
                        new Id8(9),
                        Phase.RAISED,
                        OptionalLong.empty());
                UpMessage alarm = unit.chain(Lane.ALARM).next(panic);
                client.publish(2, alarm);
                rig.awaitCount("stored", 2);
                assertEquals(Optional.empty(), keys.wished(10), "an emergency is not erased by an old wish");
                Stored stored = log.read(log.durableIndex()).orElseThrow();
                assertArrayEquals(alarm.bytes(), read(rig, stored).message().bytes());
            }
        }
    }

    /** Whether a ride was erased cannot be said just now: the vault's answer comes again, and the hub goes on. */
    @Test
    void anAnswerAboutARideWhoseKeyDoesNotReadJustNowIsGivenBackAndEndsNothing() throws Exception {
        UpMessage boarding;
        long index;
        Journal log = open();
        try (RideKeys keys = keys(log);
                Rig rig = Rig.sealed(folder, log, keys)) {
            TestUnit unit = rig.unit();
            boarding = unit.chain(Lane.EVENT).next(boarded());
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, boarding);
                client.readPuback();
            }
            index = log.durableIndex();
            assertTrue(rig.intake.replaceSnapshots(), "the next start does not read the boarding");
        }
        Journal again = open();
        try (RideKeys keys = keys(again);
                Rig rig = Rig.sealed(folder, again, keys);
                var other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ridekeys.db"));
                var statement = other.createStatement()) {
            Input answer = new Input.VaultAnswer(System.currentTimeMillis(), index, boarding, List.of());
            statement.execute("ALTER TABLE keys RENAME TO away");
            var refused = assertThrows(
                    ExecutionException.class, () -> rig.intake.change(answer).get(30, TimeUnit.SECONDS));
            assertTrue(refused.getCause() instanceof LogEntry.Unreadable passing && passing.isPassing());
            statement.execute("ALTER TABLE away RENAME TO keys");
            rig.intake.change(answer).get(30, TimeUnit.SECONDS);
            assertFalse(rig.failed.isDone());
            assertEquals(
                    Input.Type.VAULT,
                    read(rig, again.read(again.durableIndex()).orElseThrow()).type());
        }
    }

    /** The same for a message that comes again: it is given back, and receipted when the keys read. */
    @Test
    void anOldNumberOfARideWhoseKeyDoesNotReadJustNowIsReceiptedTheNextTime() throws Exception {
        List<UpMessage> sent = new ArrayList<>();
        TestUnit unit;
        Journal log = open();
        try (RideKeys keys = keys(log);
                Rig rig = Rig.sealed(folder, log, keys)) {
            unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                for (int i = 1; i <= 12; i++) {
                    sent.add(chain.next(boarded()));
                    client.publish(i, sent.get(i - 1));
                    assertEquals(i, client.readPuback());
                }
            }
            assertTrue(rig.intake.replaceSnapshots(), "the next start reads none of them");
        }
        Journal again = open();
        try (RideKeys keys = keys(again);
                Rig rig = Rig.sealed(folder, again, keys);
                var other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ridekeys.db"));
                var statement = other.createStatement();
                MqttClient client = rig.client(MqttClient.V3, unit)) {
            assertEquals(List.of(receipted(sent.get(11))), client.readReceipt(rig.key, Lane.EVENT));
            statement.execute("ALTER TABLE keys RENAME TO away");
            client.publish(21, sent.get(0));
            assertEquals(21, client.readPuback());
            assertEquals(1, rig.count("refused-defect"));
            statement.execute("ALTER TABLE away RENAME TO keys");
            client.publish(22, sent.get(0));
            assertEquals(22, client.readPuback());
            assertEquals(List.of(receipted(sent.get(11))), client.readReceipt(rig.key, Lane.EVENT));
            assertEquals(List.of(receipted(sent.get(0))), client.readReceipt(rig.key, Lane.EVENT));
            assertFalse(rig.failed.isDone());
        }
    }

    @Test
    void aKeyThatCannotBeStoredEndsTheHubBeforeTheEntryIsWrittenOrAnswered() throws Exception {
        Journal log = open();
        long before;
        try (RideKeys keys = keys(log);
                Rig rig = Rig.sealed(folder, log, keys)) {
            TestUnit unit = rig.unit();
            before = log.durableIndex();
            try (MqttClient client = rig.client(MqttClient.V3, unit);
                    var other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ridekeys.db"));
                    var statement = other.createStatement()) {
                // Held for longer than a statement waits.
                statement.execute("BEGIN IMMEDIATE");
                client.publish(1, unit.chain(Lane.EVENT).next(boarded()));
                assertTrue(rig.failed.get(60, TimeUnit.SECONDS).toString().contains("ridekeys.db"));
                client.ping();
                client.read(MqttClient.PINGRESP);
            }
        }
        try (Journal again = open()) {
            assertEquals(before, again.durableIndex());
        }
    }
}
