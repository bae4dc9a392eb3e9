package ansim.wire;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The bodies' part of {@link Describe}. */
final class DescribeBody {
    private DescribeBody() {}

    static void into(Map<String, Object> out, Body body) {
        switch (body.kind()) {
            case POSITION -> position(out, (Position) body);
            case TRACK -> track(out, (Track) body);
            case BOARDED -> change(out, ((Boarded) body).change());
            case ALIGHTED -> change(out, ((Alighted) body).change());
            case PANIC -> panic(out, (Panic) body);
            case TAMPER -> tamper(out, (Tamper) body);
            case HEALTH -> health(out, (Health) body);
            case COMMAND_ACK -> {
                out.put("command", ((CommandAck) body).command());
                out.put("outcome", Describe.word(((CommandAck) body).outcome()));
            }
            case CONTACT -> {
                out.put("name", ((Contact) body).name());
                out.put("closed", ((Contact) body).closed());
                ((Contact) body).pos().ifPresent(pos -> place(out, pos));
            }
            case GAP -> gap(out, (Gap) body);
            case ANCHOR -> {
                out.put("boot", ((Anchor) body).boot().hex());
                out.put("monotonicMs", ((Anchor) body).monoMs());
                out.put("utc", Describe.instant(((Anchor) body).utcMs()));
            }
            case PRESENCE -> {
                out.put("lat", degrees(((Presence) body).latE7()));
                out.put("lon", degrees(((Presence) body).lonE7()));
                out.put("onDuty", ((Presence) body).onDuty());
            }
            default -> {
                out.put("number", body.number());
                out.put("bodyHex", ((Unknown) body).body().hex());
            }
        }
    }

    private static BigDecimal degrees(int degreesE7) {
        return BigDecimal.valueOf(degreesE7, 7);
    }

    private static void place(Map<String, Object> out, Pos pos) {
        out.put("lat", degrees(pos.latE7()));
        out.put("lon", degrees(pos.lonE7()));
        pos.haccDm().ifPresent(dm -> out.put("accuracyM", BigDecimal.valueOf(dm, 1)));
    }

    private static void position(Map<String, Object> out, Position body) {
        place(out, body.pos());
        body.speedCmS().ifPresent(speed -> out.put("speedMs", BigDecimal.valueOf(speed, 2)));
        body.courseCdeg().ifPresent(course -> out.put("courseDeg", BigDecimal.valueOf(course, 2)));
        body.fix().ifPresent(fix -> out.put("fix", fix));
        body.altitudeDm().ifPresent(altitude -> out.put("altitudeM", BigDecimal.valueOf(altitude, 1)));
        body.ride().ifPresent(ride -> out.put("ride", ride.hex()));
    }

    private static void track(Map<String, Object> out, Track body) {
        body.ride().ifPresent(ride -> out.put("ride", ride.hex()));
        out.put("stepMs", body.stepMs());
        out.put(
                "fixes",
                body.fixes().stream()
                        .map(pos -> List.of(degrees(pos.latE7()), degrees(pos.lonE7())))
                        .toList());
        if (!body.speedsCmS().isEmpty()) {
            out.put("speedsCmS", body.speedsCmS());
        }
    }

    private static void change(Map<String, Object> out, RideChange change) {
        out.put("ride", change.ride().hex());
        out.put("source", Describe.word(change.source()));
        change.pos().ifPresent(pos -> place(out, pos));
        change.sealedCard().ifPresent(card -> out.put("sealedCardBytes", card.length()));
        change.riders().ifPresent(riders -> out.put("riders", riders));
        change.flags().ifPresent(flags -> out.put("flags", flags));
    }

    private static void panic(Map<String, Object> out, Panic body) {
        out.put("alarm", body.alarm().hex());
        out.put("phase", Describe.word(body.phase()));
        out.put("origin", Describe.word(body.origin()));
        out.put("pattern", Describe.word(body.pattern()));
        body.pos().ifPresent(pos -> place(out, pos));
        body.posAgeS().ifPresent(age -> out.put("positionAgeS", age));
        body.ride().ifPresent(ride -> out.put("ride", ride.hex()));
    }

    private static void tamper(Map<String, Object> out, Tamper body) {
        out.put("what", body.named().<Object>map(Describe::word).orElse(body.what()));
        out.put("phase", Describe.word(body.phase()));
        body.detail().ifPresent(detail -> out.put("detail", detail));
    }

    private static void health(Map<String, Object> out, Health body) {
        out.put("uptimeS", body.uptimeS());
        body.diskFreeMiB().ifPresent(value -> out.put("diskFreeMiB", value));
        body.temperatureC().ifPresent(value -> out.put("temperatureC", value));
        list(out, "waiting", body.waiting());
        list(out, "dropped", body.dropped());
        body.signalDbm().ifPresent(value -> out.put("signalDbm", value));
        map(out, "ports", body.ports());
        body.supplyMv().ifPresent(value -> out.put("supplyMv", value));
        list(out, "gnss", body.gnss());
        map(out, "versions", body.versions());
        body.certificateDays().ifPresent(value -> out.put("certificateDays", value));
        body.bootReason().ifPresent(value -> out.put("bootReason", value));
        body.clockStepMs().ifPresent(value -> out.put("clockStepMs", value));
        body.fsyncP99Us().ifPresent(value -> out.put("fsyncP99Us", value));
    }

    private static void list(Map<String, Object> out, String name, List<Long> values) {
        if (!values.isEmpty()) {
            out.put(name, values);
        }
    }

    private static void map(Map<String, Object> out, String name, Map<String, ?> values) {
        if (!values.isEmpty()) {
            out.put(name, new LinkedHashMap<>(new TreeMap<>(values)));
        }
    }

    private static void gap(Map<String, Object> out, Gap body) {
        out.put("lane", Describe.word(body.lane()));
        out.put("chain", body.chain().hex());
        out.put("first", body.first());
        out.put("last", body.last());
        out.put("reason", Describe.word(body.reason()));
    }
}
