package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** How a unit's message key comes into force; the golden bytes were made by another program. */
class KeyRegistrationTest {
    private static final Verifier ED25519 = Ed25519Verifier.INSTANCE;
    private static final Id8 RANDOM = Id8.parse("c1c2c3c4c5c6c7c8");
    private static final Instant AT = Instant.ofEpochMilli(Vectors.T0_MS);

    /** RFC 8032 section 7.1, test 3. */
    private static final SigningKey NEXT = SigningKey.fromSeed(
            HexFormat.of().parseHex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));

    private final KeyRegistration first = KeyRegistration.first(Vectors.UNIT, Seal.UNIT, RANDOM);
    private final KeyRegistration next = KeyRegistration.next(Vectors.UNIT, NEXT, RANDOM, Seal.UNIT);

    @Test
    void requestsAndConfirmationsAreTheGoldenBytes() {
        assertArrayEquals(Vectors.hex("key-first"), first.bytes());
        assertArrayEquals(Vectors.hex("key-next"), next.bytes());
        assertArrayEquals(
                Vectors.hex("key-confirmation"),
                KeyConfirmation.sign(next, AT, Seal.HUB).bytes());
    }

    @Test
    void theGoldenBytesAreReadAndVerified() throws WireException {
        KeyRegistration read = KeyRegistration.parse(Vectors.hex("key-next"));
        assertEquals(Vectors.UNIT, read.unit());
        assertEquals(NEXT.verifyKey(), read.key());
        assertEquals(RANDOM, read.random());
        assertTrue(read.verify(ED25519));
        assertTrue(read.verifyPresent(ED25519, Seal.UNIT.verifyKey()));

        KeyConfirmation confirmed = KeyConfirmation.parse(Vectors.hex("key-confirmation"));
        assertEquals(Seal.HUB.verifyKey().kid(), confirmed.kid());
        assertEquals(Vectors.UNIT, confirmed.unit());
        assertEquals(NEXT.verifyKey().kid(), confirmed.key());
        assertEquals(AT, confirmed.at());
        assertTrue(confirmed.answers(read));
        assertTrue(confirmed.verify(ED25519, Seal.HUB.verifyKey()));
        assertFalse(confirmed.verify(ED25519, Seal.UNIT.verifyKey()));
    }

    @Test
    void theyMatchTheCddl() {
        Cddl cddl = Cddl.parse(ContractTest.read("wire.cddl"));
        assertTrue(cddl.matches("key-registration", Vectors.hex("key-first")));
        assertTrue(cddl.matches("key-registration", Vectors.hex("key-next")));
        assertTrue(cddl.matches("key-confirmation", Vectors.hex("key-confirmation")));
    }

    @Test
    void aFirstKeyNamesNoOtherAndNoOtherHasSignedIt() {
        assertTrue(first.verify(ED25519));
        assertFalse(first.namesPresentKey());
        assertFalse(first.verifyPresent(ED25519, Seal.UNIT.verifyKey()));
    }

    @Test
    void aKeyThatDidNotSignIsNotThePresentOne() {
        assertTrue(next.namesPresentKey());
        assertFalse(next.verifyPresent(ED25519, Seal.HUB.verifyKey()));
        assertFalse(next.verifyPresent(ED25519, NEXT.verifyKey()));
    }

    @Test
    void thePresentKeysSignatureHoldsForOneKeyOfOneUnitOnly() throws WireException {
        byte[] present = present(next);
        SigningKey thief = Seal.HUB;
        byte[] header = Diag.encode(Seal.CONFIRMATION_HEADER);
        String core = "{1: 1, 2: h'" + Vectors.UNIT.hex() + "', 3: h'"
                + HexFormat.of().formatHex(thief.verifyKey().spki()) + "', 4: h'" + RANDOM.hex() + "', 5: h'"
                + HexFormat.of().formatHex(present) + "'}";
        KeyRegistration stolen = KeyRegistration.parse(Seal.message(header, Diag.encode(core), thief));

        assertTrue(stolen.verify(ED25519));
        assertFalse(stolen.verifyPresent(ED25519, Seal.UNIT.verifyKey()));
    }

    private static byte[] present(KeyRegistration request) throws WireException {
        byte[] bytes = request.bytes();
        return StrictCbor.item(CoseSign1.parse(bytes, KeyRegistration.TYP).payload(), 0)
                .map("payload")
                .get(9)
                .rawString();
    }

    @Test
    void aConfirmationAnswersOneRequestOnly() {
        KeyConfirmation confirmed = KeyConfirmation.sign(next, AT, Seal.HUB);
        assertFalse(confirmed.answers(first));
        assertFalse(confirmed.answers(KeyRegistration.next(Vectors.UNIT, NEXT, new Id8(1), Seal.UNIT)));
        assertFalse(confirmed.answers(KeyRegistration.next(new Id16(1, 2), NEXT, RANDOM, Seal.UNIT)));
    }

    @Test
    void neitherPassesForTheOtherOrForAMessage() {
        GoldenTest.assertReason(WireException.Reason.CONTENT, () -> KeyConfirmation.parse(Vectors.hex("key-next")));
        GoldenTest.assertReason(
                WireException.Reason.CONTENT, () -> KeyRegistration.parse(Vectors.hex("key-confirmation")));
        GoldenTest.assertReason(WireException.Reason.HEADER, () -> UpMessage.parse(Vectors.hex("key-next")));
        GoldenTest.assertReason(WireException.Reason.HEADER, () -> DownMessage.parse(Vectors.hex("key-confirmation")));
    }

    @Test
    void whatIsNotKnownButMustBeUnderstoodRefuses() {
        byte[] header = Diag.encode(Seal.REGISTRATION_HEADER);
        GoldenTest.assertReason(
                WireException.Reason.VERSION,
                () -> KeyRegistration.parse(Seal.message(header, Diag.encode("{1: 2}"), Seal.UNIT)));
        GoldenTest.assertReason(
                WireException.Reason.UNKNOWN_KEY,
                () -> KeyRegistration.parse(Seal.message(header, Diag.encode("{1: 1, -1: 0}"), Seal.UNIT)));
    }
}
