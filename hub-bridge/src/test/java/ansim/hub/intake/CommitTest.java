package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Order;
import ansim.journal.JournalFiles;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is answered, and when: never before the fsync, and always in the end. */
@Timeout(120)
final class CommitTest {
    @TempDir
    private Path directory = Path.of("");

    private static Receipted receipted(UpMessage message) {
        return new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
    }

    private static SigningKey hubKey() {
        return SigningKey.generate(TestUnit.RANDOM);
    }

    @Test
    void aMessageIsAcknowledgedAndReceiptedOnlyAfterTheFsync() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = new Rig(directory, files, hubKey(), 10)) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
                client.publish(7, message);
                fsync.awaitReached();
                client.ping();
                client.read(MqttClient.PINGRESP);
                fsync.release();
                assertEquals(7, client.readPuback());
                assertEquals(List.of(receipted(message)), client.readReceipt(rig.key, Lane.EVENT));
            }
        }
    }

    @Test
    void aHubThatDiesBetweenFsyncAndPubackReceiptsTheMessageWhenItComesAgain() throws Exception {
        GatedFiles files = new GatedFiles();
        SigningKey key = hubKey();
        Path afterDeath = directory.resolve("as-it-was-when-the-hub-died");
        TestUnit unit;
        UpMessage message;
        try (Rig rig = new Rig(directory.resolve("log"), files, key, 10)) {
            unit = rig.unit();
            message = unit.chain(Lane.EVENT).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                files.atNextForce(new GatedFiles.Gate() {
                    @Override
                    public void after() throws IOException {
                        copy(directory.resolve("log"), afterDeath);
                    }
                });
                client.publish(1, message);
                client.readPuback();
            }
        }
        try (Rig again = new Rig(afterDeath, JournalFiles.real(), key, 10);
                MqttClient client = again.client(MqttClient.V3, unit)) {
            assertEquals(List.of(receipted(message)), client.readReceipt(key, Lane.EVENT));
            long entries = again.log.durableIndex();
            client.publish(2, message);
            assertEquals(2, client.readPuback());
            assertEquals(List.of(receipted(message)), client.readReceipt(key, Lane.EVENT));
            assertEquals(entries, again.log.durableIndex());
            assertEquals(1, again.count("duplicate"));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void whatWasWrittenButNotForcedWhenTheFsyncFailsIsNeverAnsweredAndEndsTheHub() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = new Rig(directory, files, hubKey(), 10)) {
            TestUnit unit = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                files.atNextForce(new GatedFiles.Gate() {
                    @Override
                    public void before() throws IOException {
                        throw new IOException("Input/output error");
                    }
                });
                client.publish(1, unit.chain(Lane.EVENT).next());
                assertTrue(rig.failed.get(30, TimeUnit.SECONDS).toString().contains("Input/output error"));
                client.publish(2, unit.chain(Lane.ALARM).next());
                client.ping();
                client.read(MqttClient.PINGRESP);
            }
        }
    }

    /** With a full disk the start of the hub waited for its own settings for ever, and nobody read why. */
    @Test
    void whoWaitsForACommitThatFailsIsToldSoInTheBatchAndInTheQueue() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = Rig.gated(directory, files, 10)) {
            TestUnit unit = rig.unit();
            GatedFiles.Hold reached = new GatedFiles.Hold();
            files.atNextForce(new GatedFiles.Gate() {
                @Override
                public void before() throws IOException {
                    reached.before();
                    throw new IOException("No space left on device");
                }
            });
            List<Future<?>> waiting = new ArrayList<>();
            waiting.add(rig.intake.change(change()));
            reached.awaitReached();
            waiting.add(rig.intake.change(change()));
            OtherVerb siren = new OutputOrder("siren", true, OptionalLong.of(5)).verb();
            long expS = System.currentTimeMillis() / 1000 + 600;
            waiting.add(rig.intake.order(new Order(unit.id, Id8.random(TestUnit.RANDOM), siren, expS, "test")));
            reached.release();
            for (Future<?> each : waiting) {
                var failed = assertThrows(ExecutionException.class, () -> each.get(30, TimeUnit.SECONDS));
                assertTrue(String.valueOf(failed.getCause()).contains("No space left on device"));
            }
            Future<?> late = rig.intake.change(change());
            assertThrows(ExecutionException.class, () -> late.get(30, TimeUnit.SECONDS));
        }
    }

    private static Input change() {
        return new Input.UnitChange(1_795_000_000_000L, new TestUnit().record());
    }

    @Test
    void aConnectIsGreetedWithOneReceiptOfAllLanes() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            UpMessage alarm = unit.chain(Lane.ALARM).next();
            UpMessage event = unit.chain(Lane.EVENT).next();
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V5, unit);
                client.publish(1, alarm);
                client.publish(2, event);
                assertEquals(1, client.readPuback());
                assertEquals(2, client.readPuback());
            }
            try (MqttClient client = rig.client(MqttClient.V5, unit)) {
                var receipt = (ansim.wire.Receipt) client.readDown(rig.key);
                assertEquals(
                        Map.of(Lane.ALARM, List.of(receipted(alarm)), Lane.EVENT, List.of(receipted(event))),
                        receipt.lanes());
            }
        }
    }

    @Test
    void aHoleIsAcknowledgedAnsweredWithWhatIsHeldAndNotStored() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            UpMessage first = chain.next();
            chain.next();
            UpMessage third = chain.next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, first);
                client.readPuback();
                client.readDown(rig.key);
                long entries = rig.log.durableIndex();
                client.publish(3, third);
                assertEquals(3, client.readPuback());
                assertEquals(List.of(receipted(first)), client.readReceipt(rig.key, Lane.EVENT));
                assertEquals(entries, rig.log.durableIndex());
                assertEquals(1, rig.count("hole"));
            }
        }
    }

    @Test
    void otherBytesUnderAKnownNumberAreStoredAndReceiptedByTheirOwnHash() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            UpMessage first = chain.next();
            UpMessage clone = chain.at(1, Optional.empty(), "other");
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, first);
                client.readPuback();
                client.readDown(rig.key);
                client.publish(2, clone);
                client.readPuback();
                assertEquals(List.of(receipted(first)), client.readReceipt(rig.key, Lane.EVENT));
                assertEquals(List.of(receipted(clone)), client.readReceipt(rig.key, Lane.EVENT));
                LogEntry newest = LogEntry.decode(
                        rig.log.read(rig.log.durableIndex()).orElseThrow().payload());
                assertTrue(newest.output()
                        .id()
                        .endsWith("/1/" + clone.payloadHash8().hex().substring(0, 8)));
                assertEquals(1, rig.count("fork"));
            }
        }
    }

    @Test
    void aReplayedMessageOfLongAgoIsFoundInTheLogAndReceiptedAgain() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            List<UpMessage> sent = new ArrayList<>();
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                for (int i = 1; i <= 30; i++) {
                    sent.add(chain.next());
                    client.publish(i, sent.get(i - 1));
                    assertEquals(i, client.readPuback());
                }
            }
            long entries = rig.log.durableIndex();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                UpMessage last = sent.get(29);
                assertEquals(List.of(receipted(last)), client.readReceipt(rig.key, Lane.EVENT));
                UpMessage old = sent.get(2);
                client.publish(99, old);
                assertEquals(99, client.readPuback());
                assertEquals(List.of(receipted(last)), client.readReceipt(rig.key, Lane.EVENT));
                assertEquals(List.of(receipted(old)), client.readReceipt(rig.key, Lane.EVENT));
                assertEquals(entries, rig.log.durableIndex());
            }
        }
    }

    /** One bad block of a disk without a mirror must not be the end of the city's alarms, at this start and at every other. */
    @Test
    void anOldNumberWhoseEntryOfTheLogDoesNotReadIsLeftUnreceiptedAndEndsNothing() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            List<UpMessage> sent = new ArrayList<>();
            try (MqttClient client = rig.client()) {
                client.connect(MqttClient.V3, unit);
                for (int i = 1; i <= 30; i++) {
                    sent.add(chain.next());
                    client.publish(i, sent.get(i - 1));
                    assertEquals(i, client.readPuback());
                }
            }
            UpMessage old = sent.get(2);
            damage(directory, old.bytes());
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.readReceipt(rig.key, Lane.EVENT);
                client.publish(99, old);
                assertEquals(99, client.readPuback());
                assertEquals(1, rig.count("refused-defect"));
                UpMessage next = chain.next();
                client.publish(100, next);
                assertEquals(100, client.readPuback());
                assertEquals(List.of(receipted(next)), client.readReceipt(rig.key, Lane.EVENT));
                assertFalse(rig.failed.isDone());
            }
        }
    }

    /** Turns one bit of what is stored, wherever that is. */
    private static void damage(Path log, byte[] stored) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".seg")).toList()) {
                String all = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                int at = all.indexOf(new String(stored, StandardCharsets.ISO_8859_1));
                if (at >= 0) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.wrap(new byte[] {(byte) (stored[40] ^ 1)}), at + 40L);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("it is not stored");
    }

    @Test
    void aBadSignatureOfAKnownUnitIsRefusedWithTheHashOfTheBytes() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            byte[] bytes = unit.chain(Lane.EVENT).next().bytes();
            bytes[bytes.length - 1] ^= 1;
            assertRefused(rig, unit, bytes, Refused.Reason.SIGNATURE);
        }
    }

    @Test
    void bytesThatBreakTheEncodingAreRefusedWithTheirHash() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            assertRefused(rig, unit, new byte[] {1, 2, 3}, Refused.Reason.ENCODING);
            assertRefused(rig, unit, new byte[UpMessage.MAX_BYTES + 1], Refused.Reason.ENCODING);
        }
    }

    private static void assertRefused(Rig rig, TestUnit unit, byte[] bytes, Refused.Reason reason) throws Exception {
        long entries = rig.log.durableIndex();
        try (MqttClient client = rig.client(MqttClient.V5, unit)) {
            client.send(client.publishPacket(0x02, Topics.up(unit.id, Lane.EVENT), 5, bytes));
            Refused refused = (Refused) client.readDown(rig.key);
            assertEquals(
                    Map.of(Lane.EVENT, new Refused.Refusal(UpMessage.messageHash(bytes), reason)), refused.lanes());
            assertEquals(5, client.readPuback());
        }
        assertEquals(entries, rig.log.durableIndex());
    }

    /** Sends one message and asserts that it is acknowledged and nothing else is said. */
    private static void assertHeardAndNotAnswered(Rig rig, TestUnit unit, byte[] bytes, String counter)
            throws Exception {
        long before = rig.count(counter);
        long entries = rig.log.durableIndex();
        try (MqttClient client = rig.client(MqttClient.V3, unit)) {
            client.send(client.publishPacket(0x02, Topics.up(unit.id, Lane.EVENT), 5, bytes));
            assertEquals(5, client.readPuback());
            client.ping();
            client.read(MqttClient.PINGRESP);
        }
        assertEquals(before + 1, rig.count(counter));
        assertEquals(entries, rig.log.durableIndex());
    }

    @Test
    void anUnknownUnitARevokedOneAndAnothersMessageGetNeitherReceiptNorRefusal() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unknown = new TestUnit();
            assertHeardAndNotAnswered(
                    rig, unknown, unknown.chain(Lane.EVENT).next().bytes(), "refused-unknown-kid");
            TestUnit revoked = rig.unit();
            rig.change(revoked.record().revoke());
            byte[] late = revoked.chain(Lane.EVENT).next().bytes();
            assertHeardAndNotAnswered(rig, revoked, late, "refused-revoked");
            late[late.length - 1] ^= 1;
            assertHeardAndNotAnswered(rig, revoked, late, "refused-revoked");
            assertHeardAndNotAnswered(rig, revoked, new byte[] {1}, "refused-encoding");
            TestUnit one = rig.unit();
            TestUnit other = rig.unit();
            assertHeardAndNotAnswered(rig, one, other.chain(Lane.EVENT).next().bytes(), "refused-other-unit");
            assertHeardAndNotAnswered(rig, one, one.chain(Lane.ALARM).next().bytes(), "refused-other-lane");
        }
    }

    /** The message with these bytes in it replaced: what a later version of the contract might send. */
    private static byte[] altered(UpMessage message, String hex, String by) {
        String before = HexFormat.of().formatHex(message.bytes());
        int at = before.indexOf(hex);
        assertTrue(at > 0 && at == before.lastIndexOf(hex), hex + " must be there once in " + before);
        return HexFormat.of().parseHex(before.replace(hex, by));
    }

    @Test
    void aMessageOfALaterVersionIsKeptByItsUnitNotRefused() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            String unitField = "0250" + unit.id.hex();
            assertHeardAndNotAnswered(
                    rig, unit, altered(message, "0101" + unitField, "0102" + unitField), "refused-version");
            assertHeardAndNotAnswered(rig, unit, altered(message, "0c005840", "20005840"), "refused-must-understand");
        }
    }

    /** What no version can take has no place in a chain: unanswered it would hold up its lane for good. */
    @Test
    void aBrokenEnvelopeIsRefusedAndAnAlgorithmOrTypeOfALaterVersionIsKept() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            String typ = HexFormat.of().formatHex("ansim.up.v1".getBytes(StandardCharsets.US_ASCII));
            String other = HexFormat.of().formatHex("nobody.s.v1".getBytes(StandardCharsets.US_ASCII));
            String later = HexFormat.of().formatHex("ansim.up.v2".getBytes(StandardCharsets.US_ASCII));
            assertRefused(rig, unit, altered(message, typ, other), Refused.Reason.ENCODING);
            assertRefused(rig, unit, altered(message, "0c005840", "0c205840"), Refused.Reason.ENCODING);
            assertHeardAndNotAnswered(rig, unit, altered(message, typ, later), "refused-version");
            assertHeardAndNotAnswered(rig, unit, altered(message, "012704", "012804"), "refused-version");
            // An algorithm of this version that is not the key's: no signature of it can be right.
            assertRefused(rig, unit, altered(message, "012704", "012604"), Refused.Reason.SIGNATURE);
        }
    }

    @Test
    void aUnitThatIsRegisteredWhileTheHubRunsIsTakenAtOnce() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = new TestUnit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            assertHeardAndNotAnswered(rig, unit, message.bytes(), "refused-unknown-kid");
            rig.change(unit.record());
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(1, message);
                client.readPuback();
                assertEquals(List.of(receipted(message)), client.readReceipt(rig.key, Lane.EVENT));
            }
        }
    }

    @Test
    void aChangeThatHoldsAlreadyIsNotLoggedAgain() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            long entries = rig.log.durableIndex();
            rig.change(unit.record());
            assertEquals(entries, rig.log.durableIndex());
            rig.change(unit.record().revoke());
            assertEquals(entries + 1, rig.log.durableIndex());
        }
    }
}
