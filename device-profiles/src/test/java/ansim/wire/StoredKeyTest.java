package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

/** A hub that starts reads 112,000 keys: decoding them all took most of a minute. */
final class StoredKeyTest {
    @Test
    void aStoredKeyIsDecodedWhenItIsFirstUsedAndIsTheSameKey() {
        SigningKey signing = SigningKey.generate(new SecureRandom());
        VerifyKey read = VerifyKey.fromRaw(signing.verifyKey().raw());
        VerifyKey stored = VerifyKey.storedSpki(read.spki());
        assertTrue(read.isDecoded());
        assertFalse(stored.isDecoded());
        assertEquals(read, stored);
        assertEquals(read.kid(), stored.kid());
        assertEquals(read.toPem(), stored.toPem());
        assertFalse(stored.isDecoded(), "nothing of that needs its point");
        var unused = stored.point();
        assertTrue(stored.isDecoded());
    }

    @Test
    void oneThatIsNotWhatWasStoredFailsWhenItIsUsed() {
        byte[] noPoint = new byte[32];
        noPoint[0] = 2;
        assertThrows(IllegalArgumentException.class, () -> VerifyKey.fromRaw(noPoint));
        VerifyKey stored = VerifyKey.stored(noPoint);
        assertThrows(IllegalStateException.class, stored::point);
        assertThrows(IllegalArgumentException.class, () -> VerifyKey.stored(new byte[31]));
    }

    /** Under it a signature can be made for any message. */
    @Test
    void theNeutralElementIsNoKeyEvenWhenItWasStored() {
        byte[] neutral = new byte[32];
        neutral[0] = 1;
        VerifyKey stored = VerifyKey.stored(neutral);
        assertThrows(
                IllegalStateException.class,
                () -> Ed25519Verifier.INSTANCE.verify(stored, new byte[] {1}, new byte[64]));
    }
}
