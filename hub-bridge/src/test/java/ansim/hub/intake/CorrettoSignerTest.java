package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ansim.hub.keys.Corretto;
import ansim.wire.MessageSigner;
import ansim.wire.SigningKey;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The native signer signs what BouncyCastle signs. */
final class CorrettoSignerTest {
    @Test
    void itGivesTheSameSignatureAsBouncyCastleForEveryLength() {
        Assumptions.assumeTrue(Corretto.provider().isPresent(), "the Corretto provider does not load on this machine");
        SigningKey key = SigningKey.generate(TestUnit.RANDOM);
        MessageSigner fast = CorrettoSigner.of(key);
        assertInstanceOf(CorrettoSigner.class, fast);
        for (int length = 0; length < 300; length++) {
            byte[] bytes = new byte[length];
            TestUnit.RANDOM.nextBytes(bytes);
            assertArrayEquals(MessageSigner.of(key).sign(bytes), fast.sign(bytes));
        }
    }
}
