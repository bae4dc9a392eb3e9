package ansim.hub.vault;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Riders as JSON on the vault's socket. What is none is an IllegalArgumentException that quotes no address. */
final class RiderJson {
    private RiderJson() {}

    static ObjectNode of(Riders.NewRider rider) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("home", rider.home()).put("language", rider.language());
        ArrayNode cards = json.putArray("cards");
        rider.cards()
                .forEach(each -> cards.addObject()
                        .put("unit", each.unit().hex())
                        .put("ride", each.ride().hex())
                        .put("card", each.card().hex()));
        ArrayNode guardians = json.putArray("guardians");
        rider.guardians().forEach(each -> guardian(guardians.addObject(), each));
        return json;
    }

    private static void guardian(ObjectNode json, Riders.Wanted wanted) {
        Guardian guardian = wanted.guardian();
        json.put("channel", guardian.channel())
                .put("address", guardian.address())
                .put("name", guardian.name())
                .put("wants", guardian.bits())
                .put("own", guardian.own())
                .put("every", guardian.every());
        wanted.consent().ifPresent(from -> json.put("from", from.toEpochMilli()));
    }

    static Riders.NewRider newRider(JsonNode json) {
        List<Riders.Sealed> cards = new ArrayList<>();
        json.path("cards")
                .forEach(each -> cards.add(new Riders.Sealed(
                        Id16.parse(each.path("unit").asText()),
                        Id8.parse(each.path("ride").asText()),
                        Bytes.of(HexFormat.of().parseHex(each.path("card").asText())))));
        List<Riders.Wanted> guardians = new ArrayList<>();
        json.path("guardians").forEach(each -> guardians.add(wanted(each)));
        return new Riders.NewRider(
                json.path("home").asText(), json.path("language").asText(), cards, guardians);
    }

    private static Riders.Wanted wanted(JsonNode json) {
        Guardian guardian = new Guardian(
                json.path("channel").asText(),
                json.path("address").asText(),
                json.path("name").asText(),
                Guardian.wants(json.path("wants").asInt()),
                json.path("own").asBoolean(),
                json.path("every").asInt());
        return new Riders.Wanted(
                guardian,
                json.has("from")
                        ? Optional.of(Instant.ofEpochMilli(json.path("from").asLong()))
                        : Optional.empty());
    }

    static ObjectNode of(Riders.Listed rider) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", rider.id())
                .put("home", rider.home())
                .put("language", rider.language())
                .put("cards", rider.cards())
                .put("guardians", rider.guardians())
                .put("consented", rider.consented())
                .put("suspended", rider.suspended())
                .put("added", rider.added().toEpochMilli());
    }

    static Riders.Listed listed(JsonNode json) {
        return new Riders.Listed(
                json.path("id").asText(),
                json.path("home").asText(),
                json.path("language").asText(),
                json.path("cards").asInt(),
                json.path("guardians").asInt(),
                json.path("consented").asInt(),
                json.path("suspended").asBoolean(),
                Instant.ofEpochMilli(json.path("added").asLong()));
    }
}
