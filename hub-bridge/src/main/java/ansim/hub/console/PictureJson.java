package ansim.hub.console;

import ansim.hub.view.Picture;
import ansim.wire.Pos;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/** A picture as the page reads it. What is not known is left out. */
final class PictureJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PictureJson() {}

    static ObjectNode of(Picture picture) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("index", picture.index());
        rows(out, "units", picture.units(), PictureJson::unit);
        rows(out, "rides", picture.rides(), PictureJson::ride);
        rows(out, "emergencies", picture.emergencies(), PictureJson::emergency);
        rows(out, "events", picture.events(), PictureJson::happening);
        rows(out, "counts", picture.counts(), PictureJson::count);
        if (picture.districtsChanged()) {
            out.put("districtsChanged", true);
        }
        return out;
    }

    private static <T> void rows(ObjectNode out, String name, Collection<T> rows, BiConsumer<ObjectNode, T> writer) {
        if (!rows.isEmpty()) {
            ArrayNode array = out.putArray(name);
            rows.forEach(row -> writer.accept(array.addObject(), row));
        }
    }

    private static void unit(ObjectNode out, Picture.Unit unit) {
        out.put("id", unit.id().hex());
        out.put("vehicle", unit.vehicle());
        out.put("company", unit.company());
        out.put("kind", unit.kind());
        out.put("revoked", unit.revoked());
        put(out, "seenMs", unit.seenMs());
        unit.onDuty().ifPresent(duty -> out.put("onDuty", duty));
        unit.place().ifPresent(place -> {
            put(out, Optional.of(place.pos()));
            out.put("place", place.kind().name().toLowerCase(Locale.ROOT));
            out.put("placeMs", place.atMs());
            out.put("district", place.district());
        });
        unit.health().ifPresent(health -> {
            out.put("healthMs", health.atMs());
            embed(out, "health", health.json());
        });
    }

    private static void ride(ObjectNode out, Picture.Ride ride) {
        out.put("id", ride.id().hex());
        out.put("unit", ride.unit().hex());
        out.put("vehicle", ride.vehicle());
        out.put("company", ride.company());
        put(out, "boardedMs", ride.boardedMs());
        put(out, "namedMs", ride.namedMs());
        put(out, "alightedMs", ride.alightedMs());
        texts(out, "districts", ride.districts());
        out.put("source", ride.source());
        if (ride.test()) {
            out.put("test", true);
        }
        out.put("owner", ride.owner());
        texts(out, "attention", ride.attention());
        out.put("lengthM", ride.lengthM());
    }

    private static void emergency(ObjectNode out, Picture.Emergency emergency) {
        out.put("alarm", emergency.alarm().hex());
        out.put("unit", emergency.unit().hex());
        out.put("vehicle", emergency.vehicle());
        out.put("company", emergency.company());
        out.put("kind", emergency.unitKind());
        out.put("raisedMs", emergency.raisedMs());
        out.put("newestMs", emergency.newestMs());
        put(out, "cancelledMs", emergency.cancelledMs());
        out.put("presses", emergency.presses());
        out.put("origin", emergency.origin());
        out.put("silent", emergency.silent());
        texts(out, "districts", emergency.districts());
        put(out, emergency.pos());
        emergency.ride().ifPresent(ride -> out.put("ride", ride.hex()));
        texts(out, "flags", emergency.flags());
    }

    private static void happening(ObjectNode out, Picture.Happening event) {
        out.put("index", event.index());
        out.put("type", event.type());
        out.put("unit", event.unit().hex());
        out.put("vehicle", event.vehicle());
        texts(out, "districts", event.districts());
        out.put("alarm", event.alarm());
        out.put("atMs", event.atMs());
        out.put("arrivedMs", event.arrivedMs());
        event.ride().ifPresent(ride -> out.put("ride", ride.hex()));
        embed(out, "details", event.detailsJson());
        texts(out, "flags", event.flags());
    }

    private static void count(ObjectNode out, Picture.Count count) {
        out.put("day", count.day());
        out.put("district", count.district());
        out.put("boarded", count.boarded());
        out.put("alighted", count.alighted());
        out.put("emergencies", count.emergencies());
    }

    private static void put(ObjectNode out, String name, OptionalLong value) {
        value.ifPresent(number -> out.put(name, number));
    }

    private static void put(ObjectNode out, Optional<Pos> pos) {
        pos.ifPresent(known -> {
            out.put("lat", known.latE7() / 1e7);
            out.put("lon", known.lonE7() / 1e7);
        });
    }

    private static void texts(ObjectNode out, String name, Collection<String> texts) {
        ArrayNode array = out.putArray(name);
        texts.stream().forEach(array::add);
    }

    /** What the read model wrote is read again, so that nothing but JSON ever goes out. */
    private static void embed(ObjectNode out, String name, String json) {
        try {
            out.set(name, MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the read model holds what is not JSON", e);
        }
    }
}
