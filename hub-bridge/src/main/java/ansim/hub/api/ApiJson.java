package ansim.hub.api;

import ansim.hub.core.District;
import ansim.hub.core.UnitRide;
import ansim.hub.deliver.CursorStatus;
import ansim.hub.deliver.PublicAddress;
import ansim.hub.view.Picture;
import ansim.hub.view.Registry;
import ansim.hub.view.RideRow;
import ansim.hub.view.UnitSearch;
import ansim.wire.Pos;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Rows as the API's schemas have them. Ids are hexadecimal, times RFC 3339; what is not known is left out. */
final class ApiJson {
    private ApiJson() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** A page; {@code next} is there when there may be more. */
    static ObjectNode page(List<? extends JsonNode> rows, Optional<String> next) {
        ObjectNode out = object();
        out.putArray("items").addAll(rows);
        next.ifPresent(place -> out.put("next", place));
        return out;
    }

    /**
     * As much of a list as was looked through.
     *
     * @param lookedToMs how far, when that ended before the page was full and before the list's end
     */
    static ObjectNode page(List<? extends JsonNode> rows, Optional<String> next, OptionalLong lookedToMs) {
        ObjectNode out = page(rows, next);
        time(out, "lookedTo", lookedToMs);
        return out;
    }

    static String time(long ms) {
        return Instant.ofEpochMilli(ms).toString();
    }

    private static void time(ObjectNode out, String name, OptionalLong ms) {
        ms.ifPresent(value -> out.put(name, time(value)));
    }

    private static void text(ObjectNode out, String name, String text) {
        if (!text.isEmpty()) {
            out.put(name, text);
        }
    }

    private static void position(ObjectNode out, Pos pos) {
        out.put("lat", pos.latE7() / 1e7).put("lon", pos.lonE7() / 1e7);
        pos.haccDm().ifPresent(dm -> out.put("accuracyM", dm / 10.0));
    }

    private static void texts(ObjectNode out, String name, Collection<String> texts) {
        ArrayNode array = out.putArray(name);
        texts.forEach(array::add);
    }

    static ObjectNode account(Account account) {
        ObjectNode out =
                object().put("name", account.name()).put("role", account.role().word());
        switch (account.role().scope()) {
            case DISTRICT -> out.put("district", account.scope());
            case COMPANY -> out.put("company", account.scope());
            default -> {
                // Bound to nothing.
            }
        }
        return out;
    }

    /**
     * A unit by the registry, and how it is by the log.
     *
     * @param precise whether may be told where a taxi is while it is hired, and that it is: {@code live} has the open place otherwise
     */
    static ObjectNode unit(Registry.Registered each, Optional<Picture.Unit> live, boolean precise, long nowMs) {
        ObjectNode out = object();
        out.put("id", each.unit().unit().hex());
        out.put("vehicle", each.unit().vehicle());
        out.put("company", each.unit().company());
        out.put("kind", each.unit().kind());
        if (!each.unit().service().district().isEmpty()) {
            out.put("district", each.unit().service().district());
        }
        if (!each.unit().service().group().isEmpty()) {
            out.put("group", each.unit().service().group());
        }
        each.box().serial().ifPresent(serial -> out.put("serial", serial));
        out.put("state", state(each).word());
        out.put("contact", contact(live, nowMs));
        out.put("addedAt", time(each.addedMs()));
        time(out, "revokedAt", each.revokedMs());
        time(out, "certificateUntil", each.box().certificateUntilMs());
        each.box().replacedBy().ifPresent(by -> out.put("replacedBy", by.hex()));
        live.ifPresent(unit -> live(out, unit, precise));
        return out;
    }

    private static void live(ObjectNode out, Picture.Unit unit, boolean precise) {
        unit.onDuty().ifPresent(duty -> out.put("onDuty", duty));
        boolean stands = unit.place()
                .filter(place -> place.kind() == Picture.PlaceKind.REGISTERED)
                .isPresent();
        boolean timed = precise || stands;
        if (timed) {
            time(out, "seenAt", unit.seenMs());
        }
        unit.place().ifPresent(place -> {
            ObjectNode at = out.putObject("position");
            position(at, place.pos());
            at.put("quality", place.kind().name().toLowerCase(Locale.ROOT));
            if (timed) {
                at.put("at", time(place.atMs()));
            }
            at.put("district", place.district());
        });
    }

    private static UnitSearch.State state(Registry.Registered each) {
        if (each.revokedMs().isPresent()) {
            return UnitSearch.State.REVOKED;
        }
        if (each.box().replacedBy().isPresent()) {
            return UnitSearch.State.REPLACED;
        }
        return each.unit().keys().isEmpty() ? UnitSearch.State.ENROLLING : UnitSearch.State.VALID;
    }

    private static String contact(Optional<Picture.Unit> live, long nowMs) {
        OptionalLong seen = live.map(Picture.Unit::seenMs).orElse(OptionalLong.empty());
        if (seen.isEmpty()) {
            return UnitSearch.State.NEVER_SEEN.word();
        }
        boolean lately = seen.getAsLong() > nowMs - UnitSearch.SILENT_MS;
        return (lately ? UnitSearch.State.ONLINE : UnitSearch.State.SILENT).word();
    }

    static String rideId(UnitRide ride) {
        return ride.unit().hex() + "." + ride.ride().hex();
    }

    static ObjectNode ride(RideRow row) {
        Picture.Ride ride = row.ride();
        ObjectNode out = object();
        out.put("id", rideId(new UnitRide(ride.unit(), ride.id())));
        out.put("unit", ride.unit().hex());
        out.put("vehicle", ride.vehicle());
        out.put("company", ride.company());
        out.put("state", ride.alightedMs().isPresent() ? "alighted" : "on");
        time(out, "boardedAt", ride.boardedMs());
        text(out, "boardedQuality", row.boardedQuality());
        time(out, "namedAt", ride.namedMs());
        time(out, "alightedAt", ride.alightedMs());
        text(out, "alightedQuality", row.alightedQuality());
        texts(out, "districts", ride.districts());
        text(out, "owner", ride.owner());
        text(out, "destination", row.destination());
        texts(out, "attention", ride.attention());
        out.put("lengthM", ride.lengthM());
        ArrayNode gaps = out.putArray("gaps");
        row.gaps()
                .forEach(gap -> gaps.addObject().put("from", time(gap.fromMs())).put("to", time(gap.toMs())));
        if (row.seenMs() > 0) {
            out.put("heardAt", time(row.seenMs()));
        }
        out.put("test", ride.test());
        out.put("source", ride.source());
        return out;
    }

    static ObjectNode emergency(Picture.Emergency each) {
        ObjectNode out = object();
        out.put("alarm", each.alarm().hex());
        out.put("unit", each.unit().hex());
        out.put("vehicle", each.vehicle());
        out.put("company", each.company());
        out.put("kind", each.unitKind());
        out.put("raisedAt", time(each.raisedMs()));
        out.put("newestAt", time(each.newestMs()));
        time(out, "cancelledAt", each.cancelledMs());
        out.put("presses", each.presses());
        out.put("origin", each.origin());
        out.put("silent", each.silent());
        texts(out, "districts", each.districts());
        each.pos().ifPresent(pos -> position(out.putObject("position"), pos));
        each.ride().ifPresent(ride -> out.put("ride", rideId(new UnitRide(each.unit(), ride))));
        texts(out, "flags", each.flags().stream().sorted().toList());
        return out;
    }

    static ObjectNode district(District district) {
        return object().put("code", district.code())
                .put("name", district.name())
                .put("nameEn", district.nameEn());
    }

    static ObjectNode delivery(CursorStatus cursor) {
        ObjectNode out = object();
        out.put("district", cursor.district());
        out.put("sink", PublicAddress.of(cursor.sink()));
        out.put("lane", cursor.alarm() ? "alarm" : "normal");
        out.put("routed", cursor.routed());
        out.put("waiting", cursor.waiting());
        out.put("delivered", cursor.delivered());
        out.put("refused", cursor.refused());
        out.put("dropped", cursor.dropped());
        out.put("skipped", cursor.skipped());
        out.put("erased", cursor.erased());
        out.put("reconciles", cursor.reconciles());
        time(out, "lastDeliveredAt", cursor.lastDeliveredMs());
        time(out, "oldestWaitingAt", cursor.oldestWaitingMs());
        cursor.lastError().ifPresent(error -> out.put("lastError", PublicAddress.of(error)));
        return out;
    }
}
