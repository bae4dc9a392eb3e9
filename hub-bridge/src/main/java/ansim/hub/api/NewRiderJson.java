package ansim.hub.api;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A rider in the body of a request. What is wrong is told without a card or an address. */
final class NewRiderJson {
    /** Items of a list that are looked at: the vault takes fewer. */
    private static final int MOST = 32;

    /** Of a sealed card, in base64. */
    private static final int MAX_SEALED = 400;

    private static final int MAX_WORD = 40;

    private NewRiderJson() {}

    static RiderDesk.NewRider read(JsonNode json) throws Problem {
        List<RiderDesk.Card> cards = new ArrayList<>();
        for (JsonNode each : items(json, "cards")) {
            cards.add(card(each));
        }
        List<RiderDesk.Contact> contacts = new ArrayList<>();
        for (JsonNode each : items(json, "guardians")) {
            contacts.add(contact(each));
        }
        String language = Asked.maybe(json, "language", MAX_WORD).orElse("ko");
        return new RiderDesk.NewRider(Asked.need(json, "home", MAX_WORD), language, cards, contacts);
    }

    private static List<JsonNode> items(JsonNode json, String name) throws Problem {
        JsonNode all = json.path(name);
        List<JsonNode> items = new ArrayList<>();
        if (all.isMissingNode()) {
            return items;
        }
        if (!all.isArray() || all.size() > MOST) {
            throw Asked.bad(name + " must be a list of at most " + MOST);
        }
        all.forEach(items::add);
        return items;
    }

    private static RiderDesk.Card card(JsonNode json) throws Problem {
        String ride = Asked.need(json, "ride", 64);
        String[] parts = ride.split("\\.", -1);
        try {
            byte[] sealed = Base64.getDecoder().decode(Asked.need(json, "sealed", MAX_SEALED));
            return new RiderDesk.Card(Id16.parse(parts[0]), Id8.parse(parts[1]), Bytes.of(sealed));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw Asked.bad("a card must have ride (UNIT.RIDE, for which it is sealed) and sealed (base64)");
        }
    }

    private static RiderDesk.Contact contact(JsonNode json) throws Problem {
        List<String> tells = new ArrayList<>();
        for (JsonNode each : items(json, "tells")) {
            tells.add(each.asText());
        }
        return new RiderDesk.Contact(
                Asked.need(json, "channel", MAX_WORD),
                Asked.need(json, "address", Asked.MAX_TEXT),
                Asked.maybe(json, "name", Asked.MAX_TEXT).orElse(""),
                String.join(" ", tells),
                consent(json));
    }

    private static Optional<Instant> consent(JsonNode json) throws Problem {
        Optional<String> text = Asked.maybe(json, "consentedAt", 64);
        try {
            return text.map(each -> OffsetDateTime.parse(each).toInstant());
        } catch (DateTimeParseException e) {
            throw Asked.bad("consentedAt must be a time such as 2026-11-27T03:04:05Z");
        }
    }
}
