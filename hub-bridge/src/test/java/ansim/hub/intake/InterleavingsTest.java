package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Output;
import ansim.hub.core.When;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.wire.Anchor;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every interleaving of unit, links, hub and disk that a reviewer could think of, at the hub's door and on real files. "Delivered under
 * an id" means here that the log holds the event under it: deliveries are cursors over the log.
 *
 * <p>The others stand elsewhere:
 *
 * <ul>
 *   <li>the hub dies between fsync and PUBACK, the fsync fails, old bytes come again: {@code CommitTest};
 *   <li>the hub dies between delivery and its cursor: {@code DeliveryTest}, {@code ReceiverTest};
 *   <li>the hub is restored from last week's backup: {@code SchedulesTest}, and at the unit {@code ForwarderTest};
 *   <li>a receipt is lost, old, for another chain, with another hash, or above the unit's last; killed at any step:
 *       {@code ForwarderTest};
 *   <li>forks, chain breaks, several gap records for one hole, a message that a gap record had named, start counters:
 *       {@code NumbersTest};
 *   <li>late alarms and dates without a clock: {@code DatingTest}, {@code LateRidesTest};
 *   <li>a queue is full: {@code BackPressureTest}; a lane of the unit is full: the agent's tests;
 *   <li>one of two disks dies: {@code MirrorTest}.
 * </ul>
 */
@Timeout(120)
final class InterleavingsTest {
    private static final Id8 BOOT = new Id8(0x1122334455667788L);

    @TempDir
    private Path directory = Path.of("");

    private final SigningKey key = SigningKey.generate(TestUnit.RANDOM);

    private Rig rig(Path log, JournalFiles files) throws Exception {
        return new Rig(log, files, key, 10);
    }

    private static Receipted receipted(UpMessage message) {
        return new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
    }

    private static String id(UpMessage message) {
        Batch batch = message.batch();
        return batch.unit().hex() + "/" + batch.chain().hex() + "/"
                + batch.lane().number() + "/" + batch.n();
    }

    private static String forkId(UpMessage message) {
        return id(message) + "/" + message.payloadHash8().hex().substring(0, 8);
    }

    /** What became of every message in the log. */
    private static List<Output> outputs(Journal log) throws IOException {
        List<Output> outputs = new ArrayList<>();
        for (long index = 1; index <= log.durableIndex(); index++) {
            LogEntry entry = LogEntry.decode(log.read(index).orElseThrow().payload());
            if (entry.type() == Input.Type.MESSAGE) {
                outputs.add(entry.output());
            }
        }
        return outputs;
    }

    private static List<String> ids(Journal log) throws IOException {
        return outputs(log).stream().map(Output::id).toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static UpMessage message(
            TestUnit unit, Lane lane, Id8 chain, long n, Optional<UpMessage> previous, Body body) {
        return UpMessage.sign(
                new Batch(
                        unit.id,
                        BOOT,
                        lane,
                        chain,
                        n,
                        previous.map(UpMessage::payloadHash),
                        TimeQuality.UNKNOWN,
                        0,
                        1_000 * n,
                        List.of(new UpRecord(0, body)),
                        OptionalLong.of(0),
                        false,
                        false),
                unit.key);
    }

    @Test
    void theSecondUplinksCopyArrivesBeforeTheFirstCopysFsync() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = rig(directory, files);
                MqttDoor other = rig.intake.openMqtt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10)) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.ALARM).next();
            try (MqttClient first = rig.client(MqttClient.V3, unit);
                    MqttClient second = new MqttClient(other.address().getPort())) {
                second.connect(MqttClient.V3, unit);
                second.subscribe(unit);
                GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
                first.publish(1, message);
                fsync.awaitReached();
                second.publish(2, message);
                for (MqttClient each : List.of(first, second)) {
                    each.ping();
                    each.read(MqttClient.PINGRESP);
                }
                fsync.release();
                assertEquals(1, first.readPuback());
                assertEquals(List.of(receipted(message)), first.readReceipt(key, Lane.ALARM));
                // The receipt for the first copy may reach the unit on its other link before the second copy's PUBACK.
                if (!second.pubackedPastReceipts(2)) {
                    assertEquals(List.of(receipted(message)), second.readReceipt(key, Lane.ALARM));
                }
            }
            assertEquals(List.of(id(message)), ids(rig.log));
            assertEquals(1, rig.count("duplicate"));
        }
    }

    /** The unit sends again to the hub rebuilt on what the disk held: stored once, receipted, delivered under the same id. */
    private void assertComesThroughOnce(Path asAtDeath, TestUnit unit, UpMessage message) throws Exception {
        try (Rig again = rig(asAtDeath, JournalFiles.real());
                MqttClient client = again.client(MqttClient.V3, unit)) {
            if (!outputs(again.log).isEmpty()) {
                assertEquals(List.of(receipted(message)), client.readReceipt(key, Lane.EVENT), "on the connect");
            }
            client.publish(9, message);
            assertEquals(9, client.readPuback());
            assertEquals(List.of(receipted(message)), client.readReceipt(key, Lane.EVENT));
            assertEquals(List.of(id(message)), ids(again.log));
            assertTrue(outputs(again.log).get(0).event().isPresent());
        }
    }

    @Test
    void theHubDiesBetweenWriteAndFsync() throws Exception {
        GatedFiles files = new GatedFiles();
        Path log = directory.resolve("log");
        Path nothingKept = directory.resolve("nothing-of-it-reached-the-disk");
        Path allKept = directory.resolve("all-of-it-reached-the-disk");
        TestUnit unit;
        UpMessage message;
        try (Rig rig = rig(log, files)) {
            unit = rig.unit();
            message = unit.chain(Lane.EVENT).next();
            copy(log, nothingKept);
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                files.atNextForce(new GatedFiles.Gate() {
                    @Override
                    public void before() throws IOException {
                        copy(log, allKept);
                    }
                });
                client.publish(1, message);
                assertEquals(1, client.readPuback());
            }
        }
        assertComesThroughOnce(nothingKept, unit, message);
        assertComesThroughOnce(allKept, unit, message);
    }

    @Test
    void theHubDiesBetweenPubackAndReceipt() throws Exception {
        Path log = directory.resolve("log");
        Path asAtDeath = directory.resolve("as-at-death");
        TestUnit unit;
        UpMessage message;
        try (Rig rig = rig(log, JournalFiles.real());
                MqttClient deaf = rig.client()) {
            unit = rig.unit();
            message = unit.chain(Lane.EVENT).next();
            // Not subscribed: it hears the PUBACK and never the receipt.
            deaf.connect(MqttClient.V3, unit);
            deaf.publish(1, message);
            assertEquals(1, deaf.readPuback());
            copy(log, asAtDeath);
        }
        assertComesThroughOnce(asAtDeath, unit, message);
    }

    @Test
    void theHubDiesBetweenReceiptAndDelivery() throws Exception {
        Path log = directory.resolve("log");
        Path asAtDeath = directory.resolve("as-at-death");
        TestUnit unit;
        UpMessage message;
        try (Rig rig = rig(log, JournalFiles.real())) {
            unit = rig.unit();
            message = unit.chain(Lane.EVENT).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, message);
                assertEquals(1, client.readPuback());
                assertEquals(List.of(receipted(message)), client.readReceipt(key, Lane.EVENT));
                copy(log, asAtDeath);
            }
        }
        try (Rig again = rig(asAtDeath, JournalFiles.real())) {
            assertEquals(List.of(id(message)), ids(again.log), "delivered though the unit sends nothing again");
            assertTrue(outputs(again.log).get(0).event().isPresent());
        }
    }

    @Test
    void theUnitsCardIsRestoredFromLastWeeksImageAndBothCardsRun() throws Exception {
        try (Rig rig = rig(directory, JournalFiles.real());
                MqttDoor other = rig.intake.openMqtt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            UpMessage one = chain.next();
            UpMessage two = chain.next();
            UpMessage three = chain.next();
            UpMessage clonesTwo = chain.at(2, Optional.of(one.payloadHash()), "clone");
            UpMessage clonesThree = chain.at(3, Optional.of(clonesTwo.payloadHash()), "clone");
            try (MqttClient original = rig.client(MqttClient.V3, unit);
                    MqttClient clone = new MqttClient(other.address().getPort())) {
                for (UpMessage each : List.of(one, two, three)) {
                    original.publish(1, each);
                    original.readPuback();
                    assertEquals(List.of(receipted(each)), original.readReceipt(key, Lane.EVENT));
                }
                clone.connect(MqttClient.V3, unit);
                clone.subscribe(unit);
                assertEquals(List.of(receipted(three)), clone.readReceipt(key, Lane.EVENT));
                for (UpMessage each : List.of(clonesTwo, clonesThree)) {
                    clone.publish(2, each);
                    clone.readPuback();
                    assertEquals(List.of(receipted(three)), clone.readReceipt(key, Lane.EVENT));
                    assertEquals(List.of(receipted(each)), clone.readReceipt(key, Lane.EVENT));
                }
                UpMessage four = chain.next();
                original.publish(4, four);
                original.readPuback();
                assertEquals(List.of(receipted(four)), original.readReceipt(key, Lane.EVENT));
                assertEquals(
                        List.of(id(one), id(two), id(three), forkId(clonesTwo), forkId(clonesThree), id(four)),
                        ids(rig.log));
            }
            List<Output> outputs = outputs(rig.log);
            for (Output fork : outputs.subList(3, 5)) {
                assertEquals(Set.of(Flag.FORK, Flag.NUMBERS, Flag.OUTSIDE), fork.flags());
                assertTrue(fork.event().isPresent());
            }
            assertEquals(Set.of(Flag.OUTSIDE), outputs.get(5).flags(), "the original's chain goes on without a break");
        }
    }

    @Test
    void twoClonesWithStartCountersOfLaneFour() throws Exception {
        try (Rig rig = rig(directory, JournalFiles.real())) {
            TestUnit unit = rig.unit();
            TestUnit.Chain one = unit.chain(Lane.STATUS);
            TestUnit.Chain other = unit.chain(Lane.STATUS);
            boolean oneIsHigher = Long.compareUnsigned(one.id.bits(), other.id.bits()) > 0;
            UpMessage high = (oneIsHigher ? one : other).next();
            UpMessage low = (oneIsHigher ? other : one).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, high);
                assertEquals(1, client.readPuback());
                assertEquals(List.of(receipted(high)), client.readReceipt(key, Lane.STATUS));
                client.publish(2, low);
                assertEquals(2, client.readPuback());
                assertEquals(List.of(receipted(high)), client.readReceipt(key, Lane.STATUS), "names the highest");
                assertEquals(List.of(receipted(low)), client.readReceipt(key, Lane.STATUS));
                assertEquals(1, rig.count("quarantined"));
            }
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                assertEquals(List.of(receipted(high)), client.readReceipt(key, Lane.STATUS), "only the highest counts");
            }
        }
    }

    @Test
    void aHoleThatAGapRecordCovers() throws Exception {
        try (Rig rig = rig(directory, JournalFiles.real())) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            UpMessage one = chain.next();
            chain.next();
            UpMessage three = chain.next();
            Id8 alarms = Id8.random(TestUnit.RANDOM);
            UpMessage gap = message(
                    unit,
                    Lane.ALARM,
                    alarms,
                    1,
                    Optional.empty(),
                    new Gap(Lane.EVENT, chain.id, 2, 2, Gap.Reason.EVICTED));
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, one);
                client.readPuback();
                assertEquals(List.of(receipted(one)), client.readReceipt(key, Lane.EVENT));
                client.publish(3, three);
                client.readPuback();
                assertEquals(List.of(receipted(one)), client.readReceipt(key, Lane.EVENT), "a hole");
                client.publish(4, gap);
                client.readPuback();
                assertEquals(List.of(receipted(gap)), client.readReceipt(key, Lane.ALARM));
                client.publish(5, three);
                client.readPuback();
                assertEquals(List.of(receipted(three)), client.readReceipt(key, Lane.EVENT));
            }
            assertEquals(List.of(id(one), id(gap), id(three)), ids(rig.log));
            assertEquals(
                    Set.of(Flag.GAP_BEFORE, Flag.OUTSIDE),
                    outputs(rig.log).get(2).flags());
        }
    }

    @Test
    void aBootWithoutAnyFixIsDatedByItsAnchorLater() throws Exception {
        long utcMs = 1_790_000_000_000L;
        try (Rig rig = rig(directory, JournalFiles.real())) {
            TestUnit unit = rig.unit();
            Id8 chain = Id8.random(TestUnit.RANDOM);
            UpMessage undated =
                    message(unit, Lane.EVENT, chain, 1, Optional.empty(), new Contact("door", true, Optional.empty()));
            UpMessage anchor =
                    message(unit, Lane.EVENT, chain, 2, Optional.of(undated), new Anchor(BOOT, 61_000, utcMs));
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                for (UpMessage each : List.of(undated, anchor)) {
                    client.publish(1, each);
                    client.readPuback();
                    assertEquals(List.of(receipted(each)), client.readReceipt(key, Lane.EVENT));
                }
            }
            List<Event> events = outputs(rig.log).stream()
                    .map(each -> each.event().orElseThrow())
                    .toList();
            assertEquals(When.Source.NEIGHBOURS, events.get(0).when().source());
            assertEquals(EventType.CORRECTION, events.get(1).type());
            When better = new When(utcMs - 60_000, utcMs - 60_000, TimeQuality.UNKNOWN, When.Source.ANCHOR);
            assertEquals(
                    List.of(new Event.Correction(
                            id(undated), better, events.get(0).districts())),
                    events.get(1).corrections());
        }
    }

    /** Refused with its hash; the unit moves it aside, says so in a gap record, and what follows it comes through. */
    @Test
    void aMessageThatWillNeverVerifyHoldsNothingUp() throws Exception {
        try (Rig rig = rig(directory, JournalFiles.real())) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            UpMessage one = chain.next();
            byte[] damaged = chain.next().bytes();
            damaged[damaged.length - 1] ^= 1;
            UpMessage three = chain.next();
            UpMessage gap = message(
                    unit,
                    Lane.ALARM,
                    Id8.random(TestUnit.RANDOM),
                    1,
                    Optional.empty(),
                    new Gap(Lane.EVENT, chain.id, 2, 2, Gap.Reason.DAMAGED));
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, one);
                client.readPuback();
                assertEquals(List.of(receipted(one)), client.readReceipt(key, Lane.EVENT));
                client.send(client.publishPacket(0x02, Topics.up(unit.id, Lane.EVENT), 2, damaged));
                Id16 hash = UpMessage.messageHash(damaged);
                assertEquals(
                        Map.of(Lane.EVENT, new Refused.Refusal(hash, Refused.Reason.SIGNATURE)),
                        ((Refused) client.readDown(key)).lanes());
                assertEquals(2, client.readPuback());
                client.publish(3, gap);
                client.readPuback();
                assertEquals(List.of(receipted(gap)), client.readReceipt(key, Lane.ALARM));
                client.publish(4, three);
                client.readPuback();
                assertEquals(List.of(receipted(three)), client.readReceipt(key, Lane.EVENT));
            }
            assertEquals(List.of(id(one), id(gap), id(three)), ids(rig.log));
        }
    }
}
