package ansim.hub.evidence;

import ansim.wire.EvidenceSeal;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The lines of an evidence file as far as they can be read, each line that cannot named: whoever changed one byte must not keep the rest from
 * being examined.
 *
 * @param head the first line
 * @param items the readable lines between the first and the last, with their numbers
 * @param seal the last line, if it is one
 * @param sealed the bytes before it
 * @param problems what could not be read
 */
record EvidenceFile(
        Head head, List<Line> items, Optional<EvidenceSeal> seal, byte[] sealed, List<Examination.Problem> problems) {
    private static final String BEGINS = "{\"evidence\":";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What the first line says. */
    record Head(Id16 unit, Id8 ride, String vehicle, String company, boolean revoked, Keys keys) {}

    /** Under which everything was signed. */
    record Keys(List<VerifyKey> unit, VerifyKey hub) {}

    /** A line with its number in the file, from 1. */
    record Line(int number, Content content) {}

    /** What stands between the first and the last line. */
    sealed interface Content {}

    /** A message as signed. */
    record Message(UpMessage message, boolean ofRide) implements Content {}

    /** The place of one. */
    record Absent(Lane lane, Id8 chain, long n, Id16 payloadHash, String why) implements Content {}

    /** The file is none. */
    static final class NotEvidence extends Exception {
        private static final long serialVersionUID = 1L;

        NotEvidence(String message) {
            super(message);
        }
    }

    private static final class BadLine extends Exception {
        private static final long serialVersionUID = 1L;

        BadLine(String message) {
            super(message);
        }
    }

    static boolean is(byte[] content) {
        byte[] begins = BEGINS.getBytes(StandardCharsets.US_ASCII);
        return content.length >= begins.length && Arrays.equals(content, 0, begins.length, begins, 0, begins.length);
    }

    static EvidenceFile read(byte[] content) throws NotEvidence {
        List<String> lines = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        for (int at = 0; at < content.length; ) {
            int end = at;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            lines.add(new String(content, at, end - at, StandardCharsets.UTF_8));
            starts.add(at);
            at = end + 1;
        }
        if (lines.size() > Evidence.MAX_ITEMS + 2) {
            throw new NotEvidence("more lines than evidence has: " + lines.size());
        }
        Head head = head(lines.isEmpty() ? "" : lines.get(0));
        List<Examination.Problem> problems = new ArrayList<>();
        List<Line> items = new ArrayList<>();
        Optional<EvidenceSeal> seal = Optional.empty();
        byte[] sealed = content;
        for (int i = 1; i < lines.size(); i++) {
            try {
                JsonNode json = json(lines.get(i));
                if (json.has("seal") && i == lines.size() - 1) {
                    seal = Optional.of(EvidenceSeal.parse(base64(json, "seal")));
                    sealed = Arrays.copyOf(content, starts.get(i));
                } else {
                    items.add(new Line(i + 1, content(json)));
                }
            } catch (BadLine | WireException e) {
                problems.add(new Examination.Problem(i + 1, "cannot be read: " + e.getMessage()));
            }
        }
        return new EvidenceFile(head, items, seal, sealed, problems);
    }

    private static Head head(String line) throws NotEvidence {
        try {
            JsonNode json = json(line);
            if (json.path("evidence").asInt() != Evidence.VERSION) {
                throw new BadLine("this version reads evidence " + Evidence.VERSION);
            }
            List<VerifyKey> keys = new ArrayList<>();
            for (JsonNode each : json.path("unitKeys")) {
                keys.add(key(bytes(each.asText(), "unitKeys")));
            }
            return new Head(
                    Id16.parse(text(json, "unit")),
                    Id8.parse(text(json, "ride")),
                    text(json, "vehicle"),
                    text(json, "company"),
                    json.path("revoked").asBoolean(),
                    new Keys(List.copyOf(keys), key(base64(json, "hubKey"))));
        } catch (BadLine | IllegalArgumentException e) {
            throw new NotEvidence("line 1 cannot be read: " + e.getMessage());
        }
    }

    private static Content content(JsonNode json) throws BadLine, WireException {
        if (json.has("signed")) {
            String role = text(json, "role");
            instant(json, "arrived");
            return new Message(
                    UpMessage.parseLeniently(base64(json, "signed")), role.equals(Evidence.Role.RIDE.word()));
        }
        try {
            int lane = json.path("lane").asInt();
            return new Absent(
                    Arrays.stream(Lane.values())
                            .filter(each -> each.number() == lane)
                            .findFirst()
                            .orElseThrow(() -> new BadLine("lane " + lane)),
                    Id8.parse(text(json, "chain")),
                    json.path("n").asLong(),
                    Id16.parse(text(json, "payloadHash")),
                    text(json, "withheld"));
        } catch (IllegalArgumentException e) {
            throw new BadLine(String.valueOf(e.getMessage()));
        }
    }

    private static JsonNode json(String line) throws BadLine {
        try {
            JsonNode json = JSON.readTree(line);
            if (json == null || !json.isObject()) {
                throw new BadLine("it is not one JSON object");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new BadLine("it is not one JSON object: " + e.getOriginalMessage());
        }
    }

    private static String text(JsonNode json, String name) throws BadLine {
        JsonNode found = json.path(name);
        if (!found.isTextual()) {
            throw new BadLine("it has no " + name);
        }
        return found.textValue();
    }

    private static void instant(JsonNode json, String name) throws BadLine {
        String found = text(json, name);
        try {
            Instant.parse(found);
        } catch (DateTimeException e) {
            throw new BadLine(name + " is no time: " + found);
        }
    }

    private static byte[] base64(JsonNode json, String name) throws BadLine {
        return bytes(text(json, name), name);
    }

    private static byte[] bytes(String text, String name) throws BadLine {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new BadLine(name + " is not base64: " + e.getMessage());
        }
    }

    private static VerifyKey key(byte[] spki) throws BadLine {
        try {
            return VerifyKey.fromSpki(spki);
        } catch (IllegalArgumentException e) {
            throw new BadLine(String.valueOf(e.getMessage()));
        }
    }
}
