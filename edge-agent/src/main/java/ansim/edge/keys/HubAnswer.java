package ansim.edge.keys;

import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.HubStatement;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.SealingKey;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the hub answers at step 4 (docs/enrolment.md), and what of it a unit believes.
 *
 * <p>At its enrolment all of it: the authority behind the connection is the one that the claim has proved, and there is nothing else to go by.
 * Later nothing for the connection's sake, since whoever can make certificates can be at its other end: a key of the hub counts when the keys that
 * the unit holds lead to it, each signed for by the one before, and the vault's key and the addresses when that key has signed them as the
 * answer to this question. Immutable.
 *
 * @param key the hub's of now
 * @param vault what cards are sealed to, as it stands there unsigned
 * @param mqtt where the MQTT door is, unsigned
 * @param coap where the CoAP door is, unsigned
 * @param signed the last three, signed; a hub of an earlier version has none
 * @param line each key of the hub as the one before it has named it (verb 9), oldest first
 */
record HubAnswer(
        VerifyKey key,
        Optional<SealingKey> vault,
        Optional<String> mqtt,
        Optional<String> coap,
        Optional<HubStatement> signed,
        List<DownMessage> line) {
    /** Twice what a hub keeps. */
    static final int LONGEST_LINE = 64;

    /** @throws IllegalArgumentException if it is not one */
    static HubAnswer of(Map<String, String> fields) {
        try {
            List<DownMessage> line = new ArrayList<>();
            for (String each : fields.getOrDefault("keys", "").split(" ", LONGEST_LINE)) {
                if (!each.isEmpty()) {
                    line.add(DownMessage.parse(Base64.getDecoder().decode(each)));
                }
            }
            Optional<HubStatement> signed = fields.containsKey("signed")
                    ? Optional.of(HubStatement.parse(Base64.getDecoder().decode(fields.getOrDefault("signed", ""))))
                    : Optional.empty();
            return new HubAnswer(
                    VerifyKey.fromPem(fields.getOrDefault("hub", "")),
                    Optional.ofNullable(fields.get("vault")).map(SealingKey::fromPem),
                    Optional.ofNullable(fields.get("mqtt")),
                    Optional.ofNullable(fields.get("coap")),
                    signed,
                    line);
        } catch (WireException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Whether its key is one of these, or one that they lead to. */
    boolean isOf(Set<VerifyKey> held, Id16 unit) {
        Set<VerifyKey> believed = new HashSet<>(held);
        for (DownMessage each : line) {
            if (each.command().aud().equals(unit)
                    && believed.stream().anyMatch(by -> each.verify(Ed25519Verifier.INSTANCE, by))) {
                named(each).ifPresent(believed::add);
            }
        }
        return believed.contains(key);
    }

    private static Optional<VerifyKey> named(DownMessage message) {
        if (!(message.command().verb() instanceof OtherVerb verb) || verb.number() != NextHubKey.NUMBER) {
            return Optional.empty();
        }
        try {
            return Optional.of(NextHubKey.of(verb).key());
        } catch (WireException e) {
            return Optional.empty();
        }
    }

    /** Whether what is signed in it is signed by its key, as the answer to this question. */
    boolean isSignedFor(Id16 unit, Id8 asked) {
        return signed.map(each -> each.answers(unit, asked) && each.verify(Ed25519Verifier.INSTANCE, key))
                .orElse(false);
    }
}
