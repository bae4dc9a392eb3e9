package ansim.hub.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/** What is sealed of a guardian: {@code ["010-...","Mother"]}, address and name. */
final class ContactJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ContactJson() {}

    static byte[] bytes(Guardian guardian) {
        try {
            return JSON.writeValueAsBytes(
                    JSON.createArrayNode().add(guardian.address()).add(guardian.name()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can always be written", e);
        }
    }

    static Guardian guardian(VaultStore.GuardianRow row, RiderKey key) throws IOException {
        JsonNode contact = JSON.readTree(key.unseal(RiderKey.CONTACT, row.contact()));
        return new Guardian(
                row.channel(),
                contact.path(0).asText(),
                contact.path(1).asText(),
                Guardian.wants(row.wants()),
                row.own(),
                row.every());
    }
}
