package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bytes that were made elsewhere, in both directions. */
class GoldenTest {
    @Test
    void everyUpVectorIsWhatSigningItsBatchGives() throws WireException {
        for (Map.Entry<String, Batch> each : Vectors.up().entrySet()) {
            assertArrayEquals(
                    Vectors.hex(each.getKey()),
                    UpMessage.sign(each.getValue(), Seal.UNIT).bytes(),
                    each.getKey());
        }
    }

    @Test
    void everyUpVectorParsesToItsBatchAndVerifies() throws WireException {
        for (Map.Entry<String, Batch> each : Vectors.up().entrySet()) {
            UpMessage message = UpMessage.parse(Vectors.hex(each.getKey()));
            assertEquals(each.getValue(), message.batch(), each.getKey());
            assertTrue(message.verify(Ed25519Verifier.INSTANCE, Seal.UNIT.verifyKey()), each.getKey());
            assertFalse(message.verify(Ed25519Verifier.INSTANCE, Seal.HUB.verifyKey()), each.getKey());
        }
    }

    @Test
    void everyDownVectorIsWhatSigningItsCommandGives() {
        Vectors.down()
                .forEach((name, command) -> assertArrayEquals(
                        Vectors.hex(name), DownMessage.sign(command, Seal.HUB).bytes(), name));
    }

    @Test
    void everyDownVectorParsesToItsCommandAndVerifies() throws WireException {
        for (Map.Entry<String, Command> each : Vectors.down().entrySet()) {
            DownMessage message = DownMessage.parse(Vectors.hex(each.getKey()));
            assertEquals(each.getValue(), message.command(), each.getKey());
            assertTrue(message.verify(Ed25519Verifier.INSTANCE, Seal.HUB.verifyKey()), each.getKey());
            assertFalse(message.verify(Ed25519Verifier.INSTANCE, Seal.UNIT.verifyKey()), each.getKey());
        }
    }

    @Test
    void keysThatNobodyKnowsAreIgnoredAndStaySigned() throws WireException {
        UpMessage message = UpMessage.parse(Vectors.hex("unknown-keys"));
        Presence south = new Presence(-337_000_000, -700_000_000, false);
        assertEquals(Vectors.plain(Lane.STATUS, 1, Optional.empty(), south), message.batch());
        assertTrue(message.verify(Ed25519Verifier.INSTANCE, Seal.UNIT.verifyKey()));
    }

    @Test
    void everyVectorMatchesTheCddl() throws WireException {
        Cddl cddl = Cddl.parse(ContractTest.read("wire.cddl"));
        Vectors.up().keySet().forEach(name -> assertTrue(cddl.matches("up-message", Vectors.hex(name)), name));
        assertTrue(cddl.matches("up-message", Vectors.hex("unknown-keys")));
        Vectors.down().keySet().forEach(name -> assertTrue(cddl.matches("down-message", Vectors.hex(name)), name));
    }

    @Test
    void noDirectionPassesForTheOther() {
        assertReason(WireException.Reason.HEADER, () -> UpMessage.parse(Vectors.hex("receipt")));
        assertReason(WireException.Reason.HEADER, () -> DownMessage.parse(Vectors.hex("panic")));
    }

    /** Something that must be refused. */
    interface Refused {
        Object parse() throws WireException;
    }

    static void assertReason(WireException.Reason reason, Refused refused) {
        WireException e = assertThrows(WireException.class, refused::parse);
        assertEquals(reason, e.reason(), e.getMessage());
    }

    @Test
    void hashesAreTheBeginningsOfSha256() throws Exception {
        UpMessage message = UpMessage.parse(Vectors.hex("boarded-first"));
        byte[] payload = LooseCbor.read(Vectors.hex("boarded-first")) instanceof LooseCbor.Tagged tagged
                        && tagged.content() instanceof List<?> parts
                        && parts.get(2) instanceof Bytes bytes
                ? bytes.toByteArray()
                : new byte[0];
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        String ofPayload = HexFormat.of().formatHex(sha256.digest(payload));
        String ofMessage = HexFormat.of().formatHex(sha256.digest(message.bytes()));
        assertEquals(ofPayload.substring(0, 32), message.payloadHash().hex());
        assertEquals(ofPayload.substring(0, 16), message.payloadHash8().hex());
        assertEquals(ofMessage.substring(0, 32), message.messageHash().hex());
    }
}
