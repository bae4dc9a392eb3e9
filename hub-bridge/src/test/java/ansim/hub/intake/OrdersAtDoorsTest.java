package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Order;
import ansim.hub.intake.MqttClient.Ordered;
import ansim.journal.JournalFiles;
import ansim.wire.Bytes;
import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.DownMessage;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.Receipt;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From an order to the unit, and until its answer is in the log: MQTT and CoAP, on real sockets. */
@Timeout(180)
class OrdersAtDoorsTest {
    private static final CoapUnit.Hub HUB = CoapUnit.Hub.found();

    @TempDir
    private Path directory;

    private static Intake.Ordered taken(long number) {
        return new Intake.Ordered(OptionalLong.of(number), Optional.empty());
    }

    /** A client that has read its greeting: the orders come behind it. */
    private static void acknowledge(Rig rig, MqttClient client, TestUnit.Chain events, long number) throws Exception {
        long stored = rig.count("stored");
        client.publish(77, events.next(new CommandAck(number, Outcome.DONE)));
        rig.awaitCount("stored", stored + 1);
        client.pubackedPastReceipts(77);
    }

    @Test
    void anOrderGoesAtOnceAndAgainOnEachConnectUntilTheUnitHasAnswered() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain events = unit.chain(Lane.EVENT);
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                assertEquals(taken(1), rig.order(unit));
                Ordered first = client.readOrder(rig.key);
                assertEquals(1, first.qos());
                assertEquals(1, first.command().number());
                assertEquals(rig.intake.generation(), first.command().generation());
                assertEquals(unit.id, first.command().aud());
                assertTrue(first.command().expS().isPresent());
                assertEquals(new OutputOrder("siren", true, OptionalLong.of(5)), OutputOrder.of((OtherVerb)
                        first.command().verb()));
                client.puback(first.packetId());
            }
            try (MqttClient again = rig.client(MqttClient.V5, unit)) {
                Ordered second = again.readOrder(rig.key);
                assertEquals(1, second.command().number(), "a PUBACK is no answer");
                again.puback(second.packetId());
                acknowledge(rig, again, events, 1);
            }
            try (MqttClient after = rig.client(MqttClient.V3, unit)) {
                after.assertNoOrder(rig.key);
            }
        }
    }

    @Test
    void whatWasOrderedWhileTheUnitWasAwayComesInOrderAlsoFromAHubThatWasStartedAgain() throws Exception {
        SigningKey key = SigningKey.generate(TestUnit.RANDOM);
        TestUnit unit = new TestUnit();
        TestUnit.Chain events = unit.chain(Lane.EVENT);
        long generation;
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 100)) {
            rig.change(unit.record());
            generation = rig.intake.generation();
            for (int i = 1; i <= 3; i++) {
                assertEquals(taken(i), rig.order(unit));
            }
        }
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 100)) {
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                for (int i = 1; i <= 3; i++) {
                    Ordered order = client.readOrder(key);
                    assertEquals(i, order.command().number());
                    assertEquals(generation, order.command().generation());
                    client.puback(order.packetId());
                }
                acknowledge(rig, client, events, 2);
            }
        }
        try (Rig rig = new Rig(directory, JournalFiles.real(), key, 100)) {
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                assertEquals(3, client.readOrder(key).command().number(), "1 and 2 are done with");
            }
        }
    }

    @Test
    void theSameRequestIsOneOrder() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            Order order = new Order(
                    unit.id,
                    Id8.random(TestUnit.RANDOM),
                    new OutputOrder("siren", false, OptionalLong.empty()).verb(),
                    System.currentTimeMillis() / 1000 + 60,
                    "test");
            CompletableFuture<Intake.Ordered> first = rig.intake.order(order);
            CompletableFuture<Intake.Ordered> second = rig.intake.order(order);
            assertEquals(taken(1), first.get(30, TimeUnit.SECONDS));
            assertEquals(taken(1), second.get(30, TimeUnit.SECONDS));
            assertEquals(taken(2), rig.order(unit));
        }
    }

    @Test
    void theNinthAndWhatNoUnitCouldReadAreRefusedWithTheReason() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            for (int i = 1; i <= 8; i++) {
                assertEquals(taken(i), rig.order(unit));
            }
            long entries = rig.log.durableIndex();
            assertEquals(
                    Optional.of("8 commands wait for this unit's answer, no more are taken"),
                    rig.order(unit).refusal());
            OtherVerb broken = new OtherVerb(7, Bytes.of(new byte[] {(byte) 0xff}));
            Order order = new Order(rig.unit().id, new Id8(1), broken, Integer.MAX_VALUE, "test");
            assertTrue(rig.intake.order(order).get().refusal().isPresent());
            assertEquals(entries + 1, rig.log.durableIndex(), "only the second unit is new in the log");
        }
    }

    @Test
    void nothingLeavesBeforeItsEntryIsDurable() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = Rig.gated(directory, files, 10)) {
            TestUnit unit = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                GatedFiles.Hold hold = files.atNextForce(new GatedFiles.Hold());
                CompletableFuture<Intake.Ordered> ordered = rig.intake.order(new Order(
                        unit.id,
                        new Id8(1),
                        new OutputOrder("siren", true, OptionalLong.empty()).verb(),
                        System.currentTimeMillis() / 1000 + 60,
                        "test"));
                hold.awaitReached();
                client.assertNoOrder(rig.key);
                assertFalse(ordered.isDone());
                hold.release();
                assertEquals(1, client.readOrder(rig.key).command().number());
            }
        }
    }

    @Test
    void anotherUnitHearsNothingOfIt() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            TestUnit other = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit);
                    MqttClient stranger = rig.client()) {
                stranger.connect(MqttClient.V3, other);
                stranger.send(stranger.subscribePacket(1, Topics.down(other.id), Topics.down(unit.id)));
                assertEquals(0x80, stranger.read(MqttClient.SUBACK).at(3), "not the other's topic");
                rig.order(unit);
                assertEquals(1, client.readOrder(rig.key).command().number());
                stranger.assertNoOrder(rig.key);
            }
        }
    }

    @Test
    void aRevokedUnitIsSentNothingUntilItIsTrustedAgain() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            rig.order(unit);
            rig.change(unit.record().revoke());
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.assertNoOrder(rig.key);
            }
            rig.change(unit.record());
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                assertEquals(1, client.readOrder(rig.key).command().number());
            }
        }
    }

    @Test
    void whatIsOverIsNotSent() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            long expS = System.currentTimeMillis() / 1000 + 2;
            assertEquals(taken(1), rig.order(unit, expS));
            assertEquals(taken(2), rig.order(unit));
            while (System.currentTimeMillis() < expS * 1000) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                assertEquals(2, client.readOrder(rig.key).command().number());
            }
        }
    }

    @Test
    void aClientThatTakesOneAtATimeGetsTheNextForItsPuback() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            rig.order(unit);
            rig.order(unit);
            try (MqttClient client = rig.client()) {
                client.speak(MqttClient.V5);
                client.send(MqttClient.connectPacket(MqttClient.V5, unit.id.hex(), 60, 0x21, 0, 1));
                client.read(MqttClient.CONNACK);
                client.subscribe(unit);
                Ordered first = client.readOrder(rig.key);
                client.assertNoOrder(rig.key);
                client.puback(first.packetId());
                assertEquals(2, client.readOrder(rig.key).command().number());
            }
        }
    }

    @Test
    void aPubackOfNothingIsRefused() throws Exception {
        try (Rig rig = new Rig(directory)) {
            TestUnit unit = rig.unit();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.puback(5);
                assertTrue(client.isClosedByHub());
                rig.awaitCount("refused-packet-type", 1);
            }
        }
    }

    private static DownMessage nextOrder(CoapUnit client) throws Exception {
        DownMessage message = DownMessage.parse(client.nextTold());
        while (message.command().verb() instanceof Receipt) {
            message = DownMessage.parse(client.nextTold());
        }
        return message;
    }

    @Test
    void overCoapOrdersComeByObserveInOrderUntilTheAnswerWasPosted() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            rig.order(unit);
            TestUnit.Chain events = unit.chain(Lane.EVENT);
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                // With something to receipt the answer to Observe is no empty one.
                client.answer(events.next());
                assertEquals(
                        ResponseCode.CONTENT, CoapUnit.answer(client.observe()).getCode());
                assertEquals(1, nextOrder(client).command().number());
                rig.order(unit);
                rig.order(unit);
                assertEquals(2, nextOrder(client).command().number());
                DownMessage third = nextOrder(client);
                assertEquals(3, third.command().number());
                assertTrue(third.verify(ansim.wire.Ed25519Verifier.INSTANCE, rig.key.verifyKey()));
                assertEquals(
                        ResponseCode.CHANGED,
                        client.answer(events.next(new CommandAck(3, Outcome.DONE)))
                                .getCode());
                rig.order(unit);
                assertEquals(4, nextOrder(client).command().number(), "and 1 to 3 no more");
            }
        }
    }

    @Test
    void theObservationOfARevokedUnitEndsByItself() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                CoapUnit.answer(client.observe());
                rig.change(unit.record().revoke());
                Response last = client.nextEnded();
                assertEquals(ResponseCode.UNAUTHORIZED, last.getCode());
                assertFalse(last.getOptions().hasObserve());
                assertEquals(1, rig.count("refused-shut-out"));
            }
        }
    }
}
