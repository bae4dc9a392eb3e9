package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Ed25519Verifier;
import ansim.wire.Lane;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.Verifier;
import ansim.wire.WireException;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The native verifier says what BouncyCastle says. */
final class CorrettoVerifierTest {
    @SuppressWarnings("NullAway.Init")
    private Verifier verifier;

    @BeforeEach
    void load() {
        Optional<Verifier> loaded = CorrettoVerifier.load();
        Assumptions.assumeTrue(loaded.isPresent(), "the Corretto provider does not load on this machine");
        verifier = loaded.orElseThrow();
    }

    @Test
    void itTakesWhatAUnitSignedAndRefusesEveryFlippedBitOfTheSignature() throws WireException {
        TestUnit unit = new TestUnit();
        UpMessage message = unit.chain(Lane.EVENT).next();
        assertTrue(message.verify(verifier, unit.key.verifyKey()));
        assertFalse(message.verify(verifier, new TestUnit().key.verifyKey()));
        byte[] bytes = message.bytes();
        for (int bit = 0; bit < 64 * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bytes.length - 1 - bit / 8] ^= (byte) (1 << bit % 8);
            UpMessage other = UpMessage.parse(flipped);
            assertEquals(
                    other.verify(Ed25519Verifier.INSTANCE, unit.key.verifyKey()),
                    other.verify(verifier, unit.key.verifyKey()));
            assertFalse(other.verify(verifier, unit.key.verifyKey()));
        }
    }

    @Test
    void itTakesWhatASecureElementSignedAndRefusesEveryFlippedBitOfTheSignature() throws Exception {
        SecureElement element = new SecureElement();
        UpMessage message = element.sign(new TestUnit().chain(Lane.EVENT).next());
        assertTrue(message.verify(verifier, element.verifyKey()));
        assertFalse(message.verify(verifier, new SecureElement().verifyKey()));
        byte[] bytes = message.bytes();
        for (int bit = 0; bit < 64 * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bytes.length - 1 - bit / 8] ^= (byte) (1 << bit % 8);
            UpMessage other = UpMessage.parse(flipped);
            assertFalse(other.verify(UnitKeyVerifier.INSTANCE, element.verifyKey()));
            assertFalse(other.verify(verifier, element.verifyKey()));
        }
    }

    @Test
    void aSignatureOfAnotherLengthIsNone() {
        TestUnit unit = new TestUnit();
        for (int length : new int[] {0, 1, 63, 65, 128}) {
            assertFalse(verifier.verify(unit.key.verifyKey(), new byte[] {1}, new byte[length]));
        }
    }
}
