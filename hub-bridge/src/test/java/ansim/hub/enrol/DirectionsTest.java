package ansim.hub.enrol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.enrol.Directions.Dated;
import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.HubStatement;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.SigningKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What step 4 shows: that the hub's keys follow each other, and who says the rest. */
final class DirectionsTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
    private static final Id16 UNIT = new Id16(1, 2);
    private static final Id8 ASKED = new Id8(3);

    private final List<Dated> keys = new ArrayList<>();
    private final Directions directions =
            new Directions(() -> keys, Optional::empty, "tls://hub.example:8883", Optional.of("coaps://hub.example"));

    DirectionsTest() {
        for (int i = 0; i < 3; i++) {
            keys.add(new Dated(SigningKey.generate(RANDOM), Instant.ofEpochSecond(100L * i)));
        }
    }

    @Test
    void eachKeyIsNamedByTheOneBeforeAndTheRestSignedByTheLast() throws Exception {
        ObjectNode answer = directions.answer(UNIT, Optional.of(ASKED), NOW);
        String[] line = answer.path("keys").asText().split(" ", -1);
        assertEquals(2, line.length);
        for (int i = 0; i < line.length; i++) {
            DownMessage link = DownMessage.parse(Base64.getDecoder().decode(line[i]));
            assertTrue(link.verify(Ed25519Verifier.INSTANCE, keys.get(i).key().verifyKey()));
            assertEquals(UNIT, link.command().aud());
            assertEquals(0, link.command().generation(), "no unit takes it for an order");
            NextHubKey next = NextHubKey.of((OtherVerb) link.command().verb());
            assertEquals(keys.get(i + 1).key().verifyKey(), next.key());
            assertEquals(100L * (i + 1), next.fromS());
        }
        HubStatement signed = HubStatement.parse(
                Base64.getDecoder().decode(answer.path("signed").asText()));
        assertTrue(signed.verify(Ed25519Verifier.INSTANCE, keys.get(2).key().verifyKey()));
        assertTrue(signed.answers(UNIT, ASKED));
        assertEquals(
                new HubStatement.Said(Optional.empty(), "tls://hub.example:8883", Optional.of("coaps://hub.example")),
                signed.said());
        assertEquals(keys.get(2).key().verifyKey().toPem(), answer.path("hub").asText());
    }

    @Test
    void aUnitOfAnEarlierVersionGetsWhatItAlwaysGot() throws Exception {
        ObjectNode answer = directions.answer(UNIT, Optional.empty(), NOW);
        assertFalse(answer.has("keys") || answer.has("signed"));
        assertEquals("tls://hub.example:8883", answer.path("mqtt").asText());
    }
}
