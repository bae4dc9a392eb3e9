package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class UpMessageTest {
    @Test
    void whatWasSignedIsReadBack() throws WireException {
        SigningKey key = SigningKey.fromSeed(new byte[32]);
        Batch batch = new Batch(
                new Id16(1, 2),
                new Id8(3),
                Lane.ALARM,
                new Id8(4),
                1,
                Optional.empty(),
                TimeQuality.GNSS,
                1_700_000_000_000L,
                5_000_000_000L,
                List.of(new UpRecord(0, Tamper.of(Tamper.What.NUMBERS, Phase.RAISED))),
                OptionalLong.empty(),
                true,
                false);
        UpMessage message = UpMessage.parse(UpMessage.sign(batch, key).bytes());
        assertEquals(batch, message.batch());
        assertTrue(message.verify(Ed25519Verifier.INSTANCE, key.verifyKey()));
    }
}
