package ansim.hub.core;

import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Position;
import ansim.wire.RideChange;
import ansim.wire.Tamper;
import ansim.wire.Track;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What an event says beyond time and place, by name. */
final class Details {
    private Details() {}

    static SortedMap<String, String> of(Body body) {
        SortedMap<String, String> out = new TreeMap<>();
        switch (body.kind()) {
            case BOARDED -> ride(out, ((Boarded) body).change());
            case ALIGHTED -> ride(out, ((Alighted) body).change());
            case POSITION -> position(out, (Position) body);
            case TRACK -> track(out, (Track) body);
            case PANIC -> panic(out, (Panic) body);
            case TAMPER -> {
                Tamper tamper = (Tamper) body;
                out.put("what", tamper.named().map(Details::word).orElseGet(() -> Integer.toString(tamper.what())));
                out.put("phase", word(tamper.phase()));
                tamper.detail().ifPresent(detail -> out.put("detail", Long.toString(detail)));
            }
            case CONTACT -> {
                Contact contact = (Contact) body;
                out.put("contact", contact.name());
                out.put("closed", Boolean.toString(contact.closed()));
            }
            case GAP -> gap(out, (Gap) body);
            default -> out.put("kind", Long.toString(body.number()));
        }
        return out;
    }

    /** As if a unit had told it, and that it was the hub, why, and of which message. */
    static SortedMap<String, String> numbersAlarm(NumbersAlarm.Cause cause, Batch batch) {
        SortedMap<String, String> out = new TreeMap<>();
        out.put("what", word(Tamper.What.NUMBERS));
        out.put("phase", word(Phase.RAISED));
        out.put("by", "hub");
        out.put("cause", word(cause));
        out.put("lane", Integer.toString(batch.lane().number()));
        out.put("chain", batch.chain().hex());
        out.put("n", Long.toString(batch.n()));
        return out;
    }

    /** As the boarding, and where its riders live, by the vault. */
    static SortedMap<String, String> named(Body body, List<NamedRider> riders) {
        SortedMap<String, String> out = of(body);
        out.put("by", "vault");
        out.put("home", riders.stream().map(NamedRider::home).distinct().collect(Collectors.joining(" ")));
        return out;
    }

    private static void ride(SortedMap<String, String> out, RideChange change) {
        out.put("source", word(change.source()));
        put(out, "riders", change.riders());
        if ((change.flags().orElse(0) & RideChange.TAP_AT_SPEED) != 0) {
            out.put("tap-at-speed", "true");
        }
    }

    private static void position(SortedMap<String, String> out, Position position) {
        put(out, "speed-cm-s", position.speedCmS());
        put(out, "course-cdeg", position.courseCdeg());
        put(out, "altitude-dm", position.altitudeDm());
        put(out, "fix", position.fix());
    }

    private static void track(SortedMap<String, String> out, Track track) {
        out.put("fixes", Integer.toString(track.fixes().size()));
        out.put("step-ms", Integer.toString(track.stepMs()));
    }

    private static void panic(SortedMap<String, String> out, Panic panic) {
        out.put("alarm", panic.alarm().hex());
        out.put("origin", word(panic.origin()));
        out.put("pattern", word(panic.pattern()));
        out.put("phase", word(panic.phase()));
        panic.posAgeS().ifPresent(age -> out.put("position-age-s", Long.toString(age)));
    }

    private static void gap(SortedMap<String, String> out, Gap gap) {
        out.put("lane", Integer.toString(gap.lane().number()));
        out.put("chain", gap.chain().hex());
        out.put("first", Long.toString(gap.first()));
        out.put("last", Long.toString(gap.last()));
        out.put("reason", word(gap.reason()));
    }

    private static void put(SortedMap<String, String> out, String name, OptionalInt value) {
        value.ifPresent(number -> out.put(name, Integer.toString(number)));
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
