package ansim.hub.deliver;

import ansim.hub.core.EventType;
import ansim.hub.core.Output;
import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.UpMessage;
import ansim.wire.Verifier;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The receiving end of a delivery: what a centre has to do with each CloudEvent. Verifies the unit's own signature over the original
 * bytes, takes every id once, and remembers it before it answers.
 *
 * <p><strong>Guaranteed.</strong> When {@link #take} or {@link #takeBatch} returns, each event is in the {@link EventBook}, and its id will be known as a
 * repeat from then on, also after a restart. An event whose signature does not verify is taken too, and marked so.
 *
 * <p>Thread-safe: one request at a time.
 */
public final class Receiver {
    /** Bytes of one event at most: a message of 8 KiB in base64 and what describes it. */
    public static final int MAX_BYTES = 64 * 1024;
    /** Bytes of several that come together. */
    public static final int MAX_BATCH_BYTES = 1024 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A unit's key, and the unit if the source of keys knows it. */
    public record KnownKey(VerifyKey key, Optional<Id16> unit) {}

    /** Where keys come from. */
    @FunctionalInterface
    public interface Keys {
        Optional<KnownKey> find(Id8 kid) throws IOException;
    }

    /** What no repetition will make right. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message);
        }
    }

    /**
     * What was taken.
     *
     * @param event the CloudEvent
     * @param verified whether the unit's signature verifies and covers what the event says of its origin
     * @param first false for a repeat
     */
    public record Taken(JsonNode event, boolean verified, boolean first) {
        /** A text of the event's data, or "" when there is none. */
        public String data(String name) {
            return event.path("data").path(name).asText("");
        }

        public String text(String name) {
            return event.path(name).asText("");
        }

        /**
         * Whether it is of the few kinds that no unit signs: what the hub sees of a ride, and what the city's app says. Everything else
         * without a unit's signature is not verified.
         */
        public boolean isUnsignedByNature() {
            if (event.path("data").has("signed")) {
                return false;
            }
            String type = text("type");
            boolean byApp = text("source").equals(CloudEvent.APP);
            return type.equals(EventType.RIDE_ATTENTION.word())
                    || (type.equals(EventType.PANIC.word()) && byApp)
                    || (type.equals(EventType.RIDE_UPDATED.word())
                            && event.path("data")
                                    .path("details")
                                    .path("by")
                                    .asText()
                                    .equals("app"));
        }
    }

    private final Keys keys;
    private final Verifier verifier;
    private final EventBook book;
    private final Consumer<Taken> told;

    /** @param told called with every event, repeats too, in the order in which they were taken */
    public Receiver(Keys keys, Verifier verifier, EventBook book, Consumer<Taken> told) {
        this.keys = keys;
        this.verifier = verifier;
        this.book = book;
        this.told = told;
    }

    /** Takes one CloudEvent in structured JSON mode. */
    void take(byte[] json) throws Malformed, IOException {
        JsonNode event = read(json);
        check(event);
        takeAll(List.of(event));
    }

    /** Takes several CloudEvents, a JSON array of them: all of them, or, if one is malformed, none. */
    void takeBatch(byte[] json) throws Malformed, IOException {
        JsonNode all = read(json);
        if (!all.isArray()) {
            throw new Malformed("not a JSON array of CloudEvents");
        }
        List<JsonNode> events = new ArrayList<>();
        for (JsonNode each : all) {
            check(each);
            events.add(each);
        }
        takeAll(events);
    }

    private static JsonNode read(byte[] json) throws Malformed, IOException {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new Malformed("not JSON: " + e.getOriginalMessage());
        }
    }

    private static void check(JsonNode event) throws Malformed {
        if (!event.path("specversion").asText().equals("1.0")
                || event.path("id").asText().isEmpty()
                || event.path("type").asText().isEmpty()
                || !event.path("data").isObject()) {
            throw new Malformed("not a CloudEvent 1.0 with id, type and data");
        }
    }

    private synchronized void takeAll(List<JsonNode> events) throws IOException {
        Map<String, String> lines = new LinkedHashMap<>();
        List<Taken> all = new ArrayList<>();
        for (JsonNode event : events) {
            String id = event.path("id").asText();
            Taken taken = new Taken(event, verifies(event), !book.knows(id) && !lines.containsKey(id));
            all.add(taken);
            lines.merge(id, line(taken), (first, repeat) -> first + "\n" + repeat);
        }
        book.add(lines);
        all.forEach(told);
    }

    private boolean verifies(JsonNode event) throws IOException {
        JsonNode signed = event.path("data").path("signed");
        if (!signed.isTextual()) {
            return false;
        }
        try {
            UpMessage message = UpMessage.parseLeniently(signed.binaryValue());
            Optional<KnownKey> known = keys.find(message.kid());
            Batch batch = message.batch();
            return known.isPresent()
                    && known.get().unit().map(batch.unit()::equals).orElse(true)
                    && names(event, message)
                    && message.verify(verifier, known.get().key());
        } catch (WireException | JsonProcessingException notOurs) {
            return false;
        }
    }

    /** The id stands outside the signature: it must be the one of the signed message. */
    private static boolean names(JsonNode event, UpMessage message) {
        Batch batch = message.batch();
        String id = batch.unit().hex() + "/" + batch.chain().hex() + "/"
                + batch.lane().number() + "/" + batch.n();
        String fork = id + "/" + message.payloadHash8().hex().substring(0, 8);
        String said = event.path("id").asText();
        if (event.path("type").asText().equals(EventType.TAMPER.word()) && said.endsWith(Output.NUMBERS)) {
            // The hub's own word on this message: its signature shows what the hub speaks of.
            said = said.substring(0, said.length() - Output.NUMBERS.length());
        } else if (event.path("type").asText().equals(EventType.RIDE_UPDATED.word()) && said.endsWith(Output.VAULT)) {
            // What the hub's vault knows of this boarding.
            said = said.substring(0, said.length() - Output.VAULT.length());
        }
        return (said.equals(id) || said.equals(fork))
                && event.path("data").path("unit").asText().equals(batch.unit().hex());
    }

    private static String line(Taken taken) throws JsonProcessingException {
        JsonNode data = taken.event().path("data");
        ObjectNode line = JSON.createObjectNode();
        line.put("id", taken.text("id"));
        line.put("type", taken.text("type"));
        for (String name : new String[] {"district", "owner", "ride", "vehicle", "unit", "time", "arrived"}) {
            line.put(name, taken.data(name));
        }
        line.set("lat", data.path("place").path("lat"));
        line.set("lon", data.path("place").path("lon"));
        for (String name : new String[] {"alarm", "late", "suspect", "test", "gapBefore"}) {
            line.put(name, data.path(name).asBoolean());
        }
        line.set("details", data.path("details"));
        line.put("verified", taken.verified());
        line.put("first", taken.first());
        // What a court verifies: hub-bridge verify
        line.set("signed", data.path("signed"));
        return JSON.writeValueAsString(line);
    }
}
