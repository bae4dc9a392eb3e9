package ansim.hub.enrol;

import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.HubStatement;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.NextHubKey;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.StringJoiner;
import java.util.function.Supplier;

/**
 * What units are told of the hub: step 4 of docs/enrolment.md. A unit that has a key of the hub believes nothing of it for the connection's sake, so
 * everything is there a second time: the keys as each has named the next one, and the rest signed by the last of them. Any thread.
 *
 * @param keys the hub's signing keys up to that of now, oldest first; at least one
 * @param vault the rider vault's key of now: there may be none yet when the hub starts
 * @param mqtt where the MQTT door is, {@code tls://hub.example:8883}
 * @param coap where the CoAP door is
 */
public record Directions(Supplier<List<Dated>> keys, VaultKey vault, String mqtt, Optional<String> coap) {
    private static final String ISSUER = "hub";

    /**
     * A key of the hub and its time.
     *
     * @param from it signs nothing before
     */
    public record Dated(SigningKey key, Instant from) {}

    /** Finds the vault's key. */
    public interface VaultKey {
        /** Empty without a vault. */
        Optional<SealingKey> now() throws IOException;
    }

    /**
     * The answer.
     *
     * @param asked what the unit sent to tell this answer from an older one; units of earlier versions send nothing and believe as it stands
     */
    ObjectNode answer(Id16 unit, Optional<Id8> asked, Instant now) throws IOException {
        List<Dated> all = keys.get();
        SigningKey present = all.get(all.size() - 1).key();
        HubStatement.Said said = new HubStatement.Said(vault.now(), mqtt, coap);
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("hub", present.verifyKey().toPem());
        said.vault().ifPresent(key -> json.put("vault", key.toPem()));
        json.put("mqtt", mqtt);
        coap.ifPresent(url -> json.put("coap", url));
        if (asked.isPresent()) {
            json.put("keys", line(all, unit, now));
            json.put(
                    "signed",
                    base64(HubStatement.sign(unit, asked.get(), said, present).bytes()));
        }
        return json;
    }

    /** Generation and number 0: no unit takes one of these for an order. */
    private static String line(List<Dated> all, Id16 unit, Instant now) {
        StringJoiner line = new StringJoiner(" ");
        for (int i = 1; i < all.size(); i++) {
            NextHubKey next = new NextHubKey(
                    all.get(i).key().verifyKey(), all.get(i).from().getEpochSecond());
            Command command = new Command(ISSUER, unit, OptionalLong.empty(), now.getEpochSecond(), 0, 0, next.verb());
            line.add(base64(DownMessage.sign(command, all.get(i - 1).key()).bytes()));
        }
        return line.toString();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
