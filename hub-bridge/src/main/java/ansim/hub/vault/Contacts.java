package ansim.hub.vault;

import ansim.hub.vault.Rider.Guardian;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Guardians as bytes: {@code [["sms","+82..."], ...]}, what is encrypted in the database and what goes over the vault's socket. */
final class Contacts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Contacts() {}

    static ArrayNode json(List<Guardian> guardians) {
        ArrayNode all = JSON.createArrayNode();
        guardians.forEach(each -> all.addArray().add(each.channel()).add(each.address()));
        return all;
    }

    static List<Guardian> read(JsonNode all) {
        List<Guardian> guardians = new ArrayList<>();
        all.forEach(each ->
                guardians.add(new Guardian(each.path(0).asText(), each.path(1).asText())));
        return guardians;
    }

    static byte[] bytes(List<Guardian> guardians) {
        try {
            return JSON.writeValueAsBytes(json(guardians));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can always be written", e);
        }
    }

    static List<Guardian> read(byte[] bytes) throws IOException {
        return read(JSON.readTree(bytes));
    }
}
