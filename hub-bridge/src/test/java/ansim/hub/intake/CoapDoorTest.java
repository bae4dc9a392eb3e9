package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.trust.Authority;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.trust.UdpRelay;
import ansim.wire.DownMessage;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import ansim.wire.UpMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CoAP door on real sockets, against Californium's own client. */
class CoapDoorTest {
    private static final CoapUnit.Hub HUB = CoapUnit.Hub.found();

    @TempDir
    private Path directory;

    private static Receipted of(UpMessage message) {
        return new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
    }

    @Test
    void aPostIsAnsweredWithTheReceiptOfWhatIsCommitted() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                for (int i = 1; i <= 3; i++) {
                    UpMessage message = chain.next();
                    Response response = client.answer(message);
                    assertEquals(ResponseCode.CHANGED, response.getCode());
                    assertEquals(18, response.getOptions().getContentFormat());
                    assertEquals(List.of(of(message)), CoapUnit.receipted(rig, Lane.EVENT, response.getPayload()));
                    assertEquals(i, rig.count("stored"), "no answer before the commit");
                }
            }
            assertEquals(1, door.handshakes());
        }
    }

    @Test
    void aHoleIs409WithTheReceiptAndADuplicateIsReceiptedByItsOwnHash() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            UpMessage first = chain.next();
            UpMessage second = chain.next();
            UpMessage third = chain.next();
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                client.answer(first);
                Response hole = client.answer(third);
                assertEquals(ResponseCode.CONFLICT, hole.getCode());
                assertEquals(List.of(of(first)), CoapUnit.receipted(rig, Lane.EVENT, hole.getPayload()));
                client.answer(second);
                Response again = client.answer(first);
                assertEquals(ResponseCode.CHANGED, again.getCode());
                assertEquals(List.of(of(first)), CoapUnit.receipted(rig, Lane.EVENT, again.getPayload()));
                assertEquals(1, rig.count("duplicate"));
            }
        }
    }

    @Test
    void whatCanNeverBeTakenIs422WithTheSignedRefusal() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                byte[] broken = {1, 2, 3};
                Response response = CoapUnit.answer(client.post(Lane.EVENT, broken));
                assertEquals(ResponseCode.UNPROCESSABLE_ENTITY, response.getCode());
                Refused refused = (Refused)
                        DownMessage.parse(response.getPayload()).command().verb();
                Refused.Refusal refusal =
                        Optional.ofNullable(refused.lanes().get(Lane.EVENT)).orElseThrow();
                assertEquals(Refused.Reason.ENCODING, refusal.reason());
                assertEquals(UpMessage.messageHash(broken), refusal.message());
            }
        }
    }

    @Test
    void anUnknownUnitARevokedOneAndAnotherUnitsMessageAre401() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit known = rig.unit();
            TestUnit unknown = new TestUnit();
            int port = door.address().getPort();
            try (CoapUnit client = HUB.unit(unknown, port)) {
                assertEquals(
                        ResponseCode.UNAUTHORIZED,
                        client.answer(unknown.chain(Lane.EVENT).next()).getCode());
                assertEquals(
                        ResponseCode.UNAUTHORIZED,
                        CoapUnit.answer(client.observe()).getCode());
            }
            try (CoapUnit client = HUB.unit(known, port)) {
                TestUnit other = rig.unit();
                assertEquals(
                        ResponseCode.UNAUTHORIZED,
                        client.answer(other.chain(Lane.EVENT).next()).getCode());
                assertEquals(1, rig.count("refused-other-unit"));
                UnitRecord record = known.record();
                rig.change(new UnitRecord(
                        record.unit(), record.key(), "test 1", "test company", "taxi", Optional.empty(), true));
                assertEquals(
                        ResponseCode.UNAUTHORIZED,
                        client.answer(known.chain(Lane.EVENT).next()).getCode());
            }
            assertEquals(2, rig.count("refused-not-registered"));
            assertEquals(1, rig.count("refused-shut-out"));
            assertEquals(0, rig.count("stored"));
        }
    }

    @Test
    void whoHasNoCertificateOfTheHubsAuthorityHasNoHandshake() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            int port = door.address().getPort();
            Authority stranger =
                    Authority.found("stranger", TlsKey.generate(TestUnit.RANDOM), Instant.now(), TestUnit.RANDOM);
            TlsKey key = TlsKey.generate(TestUnit.RANDOM);
            TlsIdentity forged =
                    new TlsIdentity(key, List.of(stranger.unit(key.publicKey(), unit.id.hex(), Instant.now())));
            assertNoHandshake(rig, unit, forged, port, "refused-certificate");
            TlsIdentity ended = HUB.of(
                    unit.id.hex(), Instant.now().minus(Authority.LEAF_LIFE).minus(Duration.ofDays(1)));
            assertNoHandshake(rig, unit, ended, port, "refused-certificate-expired");
            assertEquals(0, door.handshakes());
        }
    }

    private static void assertNoHandshake(Rig rig, TestUnit unit, TlsIdentity identity, int port, String counted)
            throws Exception {
        try (CoapUnit client = new CoapUnit(identity, HUB.authority().certificate(), port)) {
            Request request =
                    client.post(Lane.EVENT, unit.chain(Lane.EVENT).next().bytes());
            rig.awaitCount(counted, 1);
            assertNull(request.waitForResponse(100));
        }
    }

    @Test
    void whoObservesIsGreetedWithTheReceiptAndToldInOrderEachOnce() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                UpMessage message = unit.chain(Lane.EVENT).next();
                client.answer(message);
                Response greeting = CoapUnit.answer(client.observe());
                assertTrue(greeting.getOptions().hasObserve());
                assertEquals(List.of(of(message)), CoapUnit.receipted(rig, Lane.EVENT, greeting.getPayload()));
                for (byte i = 0; i < 5; i++) {
                    assertTrue(door.down(unit.id, new byte[] {i}));
                }
                for (byte i = 0; i < 5; i++) {
                    assertArrayEquals(new byte[] {i}, client.nextTold());
                }
            }
        }
    }

    /** Story: a moving taxi's carrier gives it another port. Without a Connection ID both directions are dead until a new handshake. */
    @Test
    void anotherSourcePortInMidSessionNeedsNoHandshakeAndLosesNothingInEitherDirection() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig);
                UdpRelay relay = new UdpRelay(door.address())) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (CoapUnit client = HUB.unit(unit, relay.port())) {
                CoapUnit.answer(client.observe());
                for (byte i = 1; i <= 10; i++) {
                    relay.changePort();
                    UpMessage message = chain.next();
                    Response response = client.answer(message);
                    assertEquals(List.of(of(message)), CoapUnit.receipted(rig, Lane.EVENT, response.getPayload()));
                    door.down(unit.id, new byte[] {i});
                    assertArrayEquals(new byte[] {i}, client.nextTold(), "told at the port of now");
                }
            }
            assertEquals(10, rig.count("stored"));
            assertEquals(0, rig.count("duplicate"));
            assertEquals(1, door.handshakes());
        }
    }

    @Test
    void aMessageAbove1024BytesComesInBlocksAlsoWhenThePortChangesBetweenThem() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig);
                UdpRelay relay = new UdpRelay(door.address())) {
            TestUnit unit = rig.unit();
            try (CoapUnit client = HUB.unit(unit, relay.port())) {
                TestUnit.Chain chain = unit.chain(Lane.EVENT);
                UpMessage small = chain.next();
                client.answer(small);
                UpMessage large = chain.nextOf(180);
                assertTrue(large.bytes().length > 7 * 1024, "some blocks");
                Request request = client.post(Lane.EVENT, large.bytes());
                relay.changePort();
                Response response = CoapUnit.answer(request);
                assertEquals(ResponseCode.CHANGED, response.getCode());
                assertEquals(List.of(of(large)), CoapUnit.receipted(rig, Lane.EVENT, response.getPayload()));
                Response tooLong = CoapUnit.answer(client.post(Lane.EVENT, new byte[Limits.BODY_BYTES + 1]));
                assertEquals(ResponseCode.REQUEST_ENTITY_TOO_LARGE, tooLong.getCode());
            }
            assertEquals(1, rig.count("stored"));
            assertEquals(1, rig.count("quarantined"), "an event is one record; that it came whole is what counts here");
            assertEquals(1, door.handshakes());
        }
    }

    @Test
    void withEveryFifthDatagramLostAndSwappedEachMessageIsStoredOnceAndReceipted() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig);
                UdpRelay relay = new UdpRelay(door.address())) {
            TestUnit unit = rig.unit();
            List<UpMessage> messages = new ArrayList<>();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (CoapUnit client = HUB.unit(unit, relay.port())) {
                client.answer(chain.next());
                relay.lose(0.2);
                for (int i = 0; i < 12; i++) {
                    messages.add(chain.next());
                }
                for (UpMessage message : messages) {
                    Response response = client.answerAtLast(message);
                    assertEquals(ResponseCode.CHANGED, response.getCode());
                    assertEquals(List.of(of(message)), CoapUnit.receipted(rig, Lane.EVENT, response.getPayload()));
                }
            }
            assertTrue(relay.lost() > 0);
            assertEquals(1 + messages.size(), rig.count("stored"));
            assertEquals(1, door.handshakes());
        }
    }

    @Test
    void moreThan64UnansweredAreToldToComeBackAndWhatWasTakenIsAnsweredWhenTheDiskIsBack() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Rig rig = Rig.gated(directory, files, 10);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                client.answer(chain.next());
                List<Request> requests = new ArrayList<>();
                GatedFiles.Hold disk = files.atNextForce(new GatedFiles.Hold());
                for (int i = 0; i < Limits.IN_FLIGHT + 8; i++) {
                    requests.add(client.post(Lane.EVENT, chain.next().bytes()));
                }
                rig.awaitCount("refused-busy", 8);
                disk.release();
                int taken = 0;
                int busy = 0;
                for (Request request : requests) {
                    Response response = CoapUnit.answer(request);
                    if (response.getCode() == ResponseCode.SERVICE_UNAVAILABLE) {
                        busy++;
                        assertEquals(Limits.COME_BACK_S, response.getOptions().getMaxAge());
                    } else {
                        taken++;
                    }
                }
                assertEquals(Limits.IN_FLIGHT, taken);
                assertEquals(8, busy);
            }
        }
    }

    @Test
    void anotherContentFormatAnotherPathAndAnotherMethodAreRefused() throws Exception {
        try (Rig rig = new Rig(directory);
                CoapDoor door = HUB.open(rig)) {
            TestUnit unit = rig.unit();
            try (CoapUnit client = HUB.unit(unit, door.address().getPort())) {
                assertEquals(
                        ResponseCode.UNSUPPORTED_CONTENT_FORMAT,
                        CoapUnit.answer(client.post(Lane.EVENT, new byte[] {1}, 60))
                                .getCode());
                assertEquals(ResponseCode.NOT_FOUND, client.get("/u/5").getCode());
                assertEquals(ResponseCode.METHOD_NOT_ALLOWED, client.get("/u/1").getCode());
            }
        }
    }
}
