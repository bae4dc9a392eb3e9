package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the hub says of itself, and to whom. */
class HubStatementTest {
    private static final Verifier ED25519 = Ed25519Verifier.INSTANCE;
    private static final Id8 RANDOM = Id8.parse("c1c2c3c4c5c6c7c8");

    private final SealingKey vault = OpeningKey.generate(new SecureRandom()).sealingKey();

    private void assertComesBack(HubStatement.Said said) throws WireException {
        HubStatement read = HubStatement.parse(
                HubStatement.sign(Vectors.UNIT, RANDOM, said, Seal.HUB).bytes());
        assertEquals(said, read.said());
        assertTrue(read.verify(ED25519, Seal.HUB.verifyKey()));
        assertFalse(read.verify(ED25519, Seal.UNIT.verifyKey()));
    }

    @Test
    void whatIsSaidComesBackWithAndWithoutAVaultAndASecondDoor() throws WireException {
        assertComesBack(new HubStatement.Said(Optional.of(vault), "tls://h:1", Optional.of("coaps://h:2")));
        assertComesBack(new HubStatement.Said(Optional.empty(), "tls://h:1", Optional.empty()));
    }

    @Test
    void itAnswersOneQuestionOfOneUnit() {
        HubStatement statement = HubStatement.sign(
                Vectors.UNIT,
                RANDOM,
                new HubStatement.Said(Optional.of(vault), "tls://h:1", Optional.empty()),
                Seal.HUB);
        assertTrue(statement.answers(Vectors.UNIT, RANDOM));
        assertFalse(statement.answers(Vectors.UNIT, new Id8(1)));
        assertFalse(statement.answers(new Id16(1, 2), RANDOM));
    }
}
