package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ansim.profile.CardNumber;
import ansim.wire.Id8;
import ansim.wire.OpeningKey;
import ansim.wire.SealingKey;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a card is sealed to. */
class CardSealerTest {
    /** Once a running agent sealed nothing until its next start, though the hub had told it of a vault. */
    @Test
    void aKeyThatComesWhileTheAgentRunsIsSealedToFromThenOn() {
        SecureRandom random = new SecureRandom();
        AtomicReference<Optional<SealingKey>> vault = new AtomicReference<>(Optional.empty());
        CardSealer cards = CardSealer.to(vault::get, TestUnit.ID, random);
        CardNumber card = CardNumber.of("1234567890");
        assertEquals(Optional.empty(), cards.seal(card, new Id8(1)));
        vault.set(Optional.of(OpeningKey.generate(random).sealingKey()));
        assertNotEquals(Optional.empty(), cards.seal(card, new Id8(1)));
    }
}
