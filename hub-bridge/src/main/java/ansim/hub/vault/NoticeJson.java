package ansim.hub.vault;

import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.vault.RideNotice.Place;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Notices and what letters say as JSON: on the vault's socket, and sealed in its database. */
final class NoticeJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private NoticeJson() {}

    static ObjectNode of(RideNotice notice) {
        ObjectNode json = JSON.createObjectNode();
        json.put("event", notice.event()).put("kind", notice.kind().word());
        ArrayNode handles = json.putArray("handles");
        notice.handles().forEach(handles::add);
        json.put("vehicle", notice.vehicle()).put("company", notice.company()).put("at", notice.atMs());
        place(json.putArray("place"), notice.place());
        ArrayNode centres = json.putArray("centres");
        notice.centres().forEach(each -> place(centres.addArray(), each));
        return json;
    }

    /** @throws IllegalArgumentException when it is none */
    static RideNotice notice(JsonNode json) {
        List<String> handles = new ArrayList<>();
        json.path("handles").forEach(each -> handles.add(each.asText()));
        List<Place> centres = new ArrayList<>();
        json.path("centres").forEach(each -> centres.add(place(each)));
        return new RideNotice(
                json.path("event").asText(),
                kind(json.path("kind")),
                handles,
                json.path("vehicle").asText(),
                json.path("company").asText(),
                json.path("at").asLong(),
                place(json.path("place")),
                centres);
    }

    static byte[] bytes(Letter.News news) {
        ObjectNode json = JSON.createObjectNode();
        if (news instanceof Letter.OfRide ride) {
            json.put("kind", ride.kind().word()).put("vehicle", ride.vehicle()).put("company", ride.company());
            json.put("at", ride.atMs());
            place(json.putArray("place"), ride.place());
        } else if (news instanceof Letter.OfProvisions provisions) {
            ArrayNode all = json.putArray("provisions");
            provisions.all().forEach(each -> all.add(of(each)));
        }
        return bytes(json);
    }

    static Letter.News news(byte[] bytes) throws IOException {
        JsonNode json = JSON.readTree(bytes);
        if (json.has("provisions")) {
            List<Letter.Provision> all = new ArrayList<>();
            json.path("provisions").forEach(each -> all.add(provision(each)));
            return new Letter.OfProvisions(all);
        }
        return new Letter.OfRide(
                kind(json.path("kind")),
                json.path("vehicle").asText(),
                json.path("company").asText(),
                json.path("at").asLong(),
                place(json.path("place")));
    }

    static byte[] bytes(Letter.Provision provision) {
        return bytes(of(provision));
    }

    static Letter.Provision provision(byte[] bytes) throws IOException {
        return provision(JSON.readTree(bytes));
    }

    private static ObjectNode of(Letter.Provision provision) {
        ObjectNode json = JSON.createObjectNode();
        place(json.putArray("to"), provision.to());
        return json.put("centre", provision.toCentre())
                .put("kind", provision.kind().word())
                .put("at", provision.atMs());
    }

    private static Letter.Provision provision(JsonNode json) {
        return new Letter.Provision(
                place(json.path("to")),
                json.path("centre").asBoolean(),
                kind(json.path("kind")),
                json.path("at").asLong());
    }

    private static Kind kind(JsonNode json) {
        return Kind.valueOf(json.asText().toUpperCase(Locale.ROOT));
    }

    private static void place(ArrayNode json, Place place) {
        json.add(place.name()).add(place.nameEn());
    }

    private static Place place(JsonNode json) {
        return new Place(json.path(0).asText(), json.path(1).asText());
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can always be written", e);
        }
    }
}
