package ansim.hub.deliver;

import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Output;
import ansim.hub.core.When;
import ansim.wire.Id16;
import ansim.wire.Pos;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A stored event as CloudEvents 1.0 in structured JSON mode ({@value #CONTENT_TYPE}).
 *
 * <pre>
 * id                unit/chain/lane/n, for a fork followed by / and 8 hex digits; the same at every repeat.
 *                   Followed by /numbers: the hub's own ansim.tamper about that message's number, see below. By /vault: an
 *                   ansim.ride.updated with what the rider vault knows of that boarding: details.by vault, details.home the codes of
 *                   the districts in which the riders live
 * source            urn:uuid: and the unit's id; urn:ansim:app for a call for help in the city's app, whose id is app/ and 32 hex
 *                   digits, whose data.unit is zeros unless the app knew the ride, and which has no data.signed
 * type              ansim.ride.boarded, ansim.panic, ...
 * time              when it happened, for an interval its latest; UTC
 * subject           the ride's id, else the unit's
 * data.district     code of the district that this copy is for; data.owner the one that owns the event
 * data.districts    all that get it, the owner first
 * data.alarm        true: came by the alarm lane
 * data.unit, .unitKind, .vehicle, .company, .ride
 * data.time         as above; data.timeFrom the earliest, where only an interval is known
 * data.timeQuality  gnss-pps, gnss, ntp, held-over, unknown: what the unit said of its clock
 * data.timeSource   unit, anchor, neighbours, hub: where the date comes from
 * data.place        {lat, lon, accuracyM, source}: WGS 84 degrees; source message, last-known, registered
 * data.arrived      when it reached the hub
 * data.late, .suspect, .test, .gapBefore, .chainBreak, .fork     booleans. test: a fitter tries the unit; nobody is to be sent, and none
 *                   of it is to be counted
 * data.flags        every flag by its word; data.reason why it is suspect
 * data.details      what else the record says, text by name; details.owner-before: who owned the ride until this event. Of
 *                   ansim.ride.attention: reason lost, endless, no-position, long-stop or moving-away, phase raised or ended, since, metres
 * data.corrections  [{id, time, timeQuality}]: better dates for events that were delivered before
 * data.signed       base64 of the COSE_Sign1 message as the unit signed it; none where the hub itself speaks of a ride: ansim.ride.attention,
 *                   and ansim.ride.updated with details.by app; none either in an alarm of a ride that stays at the hub, which has no
 *                   data.place and no data.ride
 * </pre>
 *
 * <p>The hub's own tamper has details.what numbers, details.by hub and details.cause: fork (a number used twice with other content, a
 * cloned or restored card), chain-break or new-chains. Of each cause a unit has one a day, always by the alarm lane; the message that
 * shows it is attached, and is delivered under its own id as well if it says anything to a centre.
 */
final class CloudEvent {
    static final String CONTENT_TYPE = "application/cloudevents+json";
    /** Several in a JSON array: CloudEvents JSON format 1.0, 4; HTTP protocol binding 1.0, 3.3. */
    static final String BATCH_TYPE = "application/cloudevents-batch+json";

    private static final JsonFactory JSON = new JsonFactory();
    /** The source of what the city's app said. */
    static final String APP = "urn:ansim:app";

    private static final int E7 = 7;

    private CloudEvent() {}

    /**
     * The copy for one district.
     *
     * @param attributes of the notice
     */
    static byte[] encode(Notice notice, String district, Map<String, String> attributes) {
        LogEntry entry = notice.entry();
        Event event = notice.event();
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, String> each : attributes.entrySet()) {
                json.writeStringField(each.getKey(), each.getValue());
            }
            json.writeStringField("datacontenttype", "application/json");
            json.writeObjectFieldStart("data");
            who(json, entry, event, district);
            when(json, entry, event.when(), String.valueOf(attributes.get("time")));
            place(json, event);
            flags(json, entry.output(), notice.flags());
            rest(json, entry, event);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /** What the CloudEvent says of itself, for sinks that carry the unit's own bytes and this beside them. */
    static Map<String, String> attributes(Notice notice) {
        LogEntry entry = notice.entry();
        Id16 unit = entry.unit();
        Event event = notice.event();
        Map<String, String> all = new LinkedHashMap<>();
        all.put("specversion", "1.0");
        all.put("id", notice.id());
        all.put(
                "source",
                entry.type() == Input.Type.APP_EMERGENCY ? APP : "urn:uuid:" + new UUID(unit.hi(), unit.lo()));
        all.put("type", event.type().word());
        all.put("time", time(event.when().toMs()));
        all.put("subject", event.ride().map(r -> r.hex()).orElse(unit.hex()));
        return all;
    }

    private static void who(JsonGenerator json, LogEntry entry, Event event, String district) throws IOException {
        json.writeStringField("district", district.equals(Destination.ALL) ? event.owner() : district);
        json.writeStringField("owner", event.owner());
        json.writeArrayFieldStart("districts");
        for (String code : event.districts()) {
            json.writeString(code);
        }
        json.writeEndArray();
        json.writeBooleanField("alarm", event.alarm());
        json.writeStringField("unit", entry.unit().hex());
        json.writeStringField("unitKind", event.unitKind());
        json.writeStringField("vehicle", event.vehicle());
        json.writeStringField("company", event.company());
        if (event.ride().isPresent()) {
            json.writeStringField("ride", event.ride().get().hex());
        }
    }

    private static void when(JsonGenerator json, LogEntry entry, When when, String time) throws IOException {
        json.writeStringField("time", time);
        if (!when.exact()) {
            json.writeStringField("timeFrom", time(when.fromMs()));
        }
        json.writeStringField("timeQuality", word(when.quality()));
        json.writeStringField("timeSource", when.source().word());
        json.writeStringField("arrived", time(entry.arrivedMs()));
    }

    private static void place(JsonGenerator json, Event event) throws IOException {
        if (event.place().isEmpty()) {
            return;
        }
        Pos pos = event.place().get();
        json.writeObjectFieldStart("place");
        json.writeNumberField("lat", BigDecimal.valueOf(pos.latE7(), E7));
        json.writeNumberField("lon", BigDecimal.valueOf(pos.lonE7(), E7));
        if (pos.haccDm().isPresent()) {
            json.writeNumberField("accuracyM", BigDecimal.valueOf(pos.haccDm().getAsInt(), 1));
        }
        json.writeStringField("source", event.placeSource().word());
        json.writeEndObject();
    }

    private static void flags(JsonGenerator json, Output output, Set<Flag> flags) throws IOException {
        json.writeBooleanField("late", flags.contains(Flag.LATE));
        json.writeBooleanField("suspect", flags.contains(Flag.SUSPECT));
        json.writeBooleanField("test", flags.contains(Flag.TEST));
        json.writeBooleanField("gapBefore", flags.contains(Flag.GAP_BEFORE));
        json.writeBooleanField("chainBreak", flags.contains(Flag.CHAIN_BREAK));
        json.writeBooleanField("fork", flags.contains(Flag.FORK));
        json.writeArrayFieldStart("flags");
        for (Flag flag : flags) {
            json.writeString(flag.word());
        }
        json.writeEndArray();
        if (output.reason().isPresent()) {
            json.writeStringField("reason", output.reason().get());
        }
    }

    private static void rest(JsonGenerator json, LogEntry entry, Event event) throws IOException {
        json.writeObjectFieldStart("details");
        for (Map.Entry<String, String> detail : event.details().entrySet()) {
            json.writeStringField(detail.getKey(), detail.getValue());
        }
        json.writeEndObject();
        if (!event.corrections().isEmpty()) {
            json.writeArrayFieldStart("corrections");
            for (Event.Correction correction : event.corrections()) {
                json.writeStartObject();
                json.writeStringField("id", correction.id());
                json.writeStringField("time", time(correction.when().toMs()));
                json.writeStringField("timeQuality", word(correction.when().quality()));
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        if (entry.hasMessage() && !event.isReduced()) {
            json.writeBinaryField("signed", entry.message().bytes());
        }
    }

    /** The contract allows years before 0 in no message, so this is RFC 3339. */
    private static String time(long ms) {
        return Rfc3339.of(ms);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
