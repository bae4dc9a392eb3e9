package ansim.hub.api;

import ansim.hub.core.UnitRide;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One request, taken apart and checked. Whatever does not read is a {@link Problem.Kind#BAD_REQUEST} that names it.
 *
 * @param who asks; empty where nobody need be signed in
 * @param path the parts of the path that stand for something
 * @param query the parameters, each once
 * @param headers those that count here, by name in lower case
 * @param body bytes
 * @param address whence it came
 * @param at when
 */
record Asked(
        Optional<Account> who,
        Map<String, String> path,
        Map<String, String> query,
        Map<String, String> headers,
        byte[] body,
        String address,
        Instant at) {
    /** Rows of a page at most, and if nothing is said. */
    static final int MOST = 500;

    static final int USUAL = 100;

    /** Characters of a parameter. */
    static final int MAX_TEXT = 200;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Who is signed in; only asked where somebody must be. */
    Account account() {
        return who.orElseThrow();
    }

    static Problem bad(String detail) {
        return new Problem(Problem.Kind.BAD_REQUEST, detail);
    }

    Optional<String> text(String name) throws Problem {
        Optional<String> text = Optional.ofNullable(query.get(name)).filter(each -> !each.isEmpty());
        if (text.isPresent() && text.get().length() > MAX_TEXT) {
            throw bad(name + " must have at most " + MAX_TEXT + " characters");
        }
        return text;
    }

    int limit() throws Problem {
        OptionalLong limit = number("limit");
        if (limit.isPresent() && (limit.getAsLong() < 1 || limit.getAsLong() > MOST)) {
            throw bad("limit must be in [1, " + MOST + "] (got " + limit.getAsLong() + ")");
        }
        return (int) limit.orElse(USUAL);
    }

    OptionalLong number(String name) throws Problem {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text.get()));
        } catch (NumberFormatException e) {
            throw bad(name + " must be a whole number (got \"" + text.get() + "\")");
        }
    }

    Optional<Boolean> flag(String name) throws Problem {
        Optional<String> text = text(name);
        if (text.isPresent() && !List.of("true", "false").contains(text.get())) {
            throw bad(name + " must be true or false (got \"" + text.get() + "\")");
        }
        return text.map(Boolean::valueOf);
    }

    /** RFC 3339. */
    OptionalLong time(String name) throws Problem {
        Optional<String> text = text(name);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(OffsetDateTime.parse(text.get()).toInstant().toEpochMilli());
        } catch (DateTimeParseException e) {
            throw bad(name + " must be a time such as 2026-11-27T03:04:05Z (got \"" + text.get() + "\")");
        }
    }

    /** A part of the path. */
    String part(String name) {
        return path.getOrDefault(name, "");
    }

    Id16 unit(String text) throws Problem {
        try {
            return Id16.parse(text);
        } catch (IllegalArgumentException e) {
            throw bad("a unit must be 32 hexadecimal digits (got \"" + text + "\")");
        }
    }

    /** A ride means something only together with its unit: UNIT.RIDE. */
    UnitRide ride(String text) throws Problem {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 2) {
            throw bad("a ride must be UNIT.RIDE, 32 and 16 hexadecimal digits (got \"" + text + "\")");
        }
        try {
            return new UnitRide(unit(parts[0]), Id8.parse(parts[1]));
        } catch (IllegalArgumentException e) {
            throw bad("a ride must be UNIT.RIDE, 32 and 16 hexadecimal digits (got \"" + text + "\")");
        }
    }

    /** Why somebody reads: the ledger has it. */
    String reason() throws Problem {
        return text("reason").orElse("");
    }

    /** The body, an object. */
    JsonNode json() throws Problem {
        try {
            JsonNode json = JSON.readTree(body);
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (IOException e) {
            throw bad("the body must be a JSON object");
        }
        throw bad("the body must be a JSON object");
    }

    /** A text in the body that must be there. */
    static String need(JsonNode json, String name, int most) throws Problem {
        return maybe(json, name, most).orElseThrow(() -> bad(name + " must be given, as a text"));
    }

    static Optional<String> maybe(JsonNode json, String name, int most) throws Problem {
        JsonNode value = json.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.asText().isEmpty() || value.asText().length() > most) {
            throw bad(name + " must be a text of 1 to " + most + " characters");
        }
        return Optional.of(value.asText());
    }
}
