package ansim.hub;

import ansim.hub.view.Picture;
import ansim.hub.view.Registry.Registered;
import ansim.hub.view.UnitSearch;
import ansim.hub.view.Views;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How the units are, from their newest health records. A unit of the registry that was never heard is there too. */
@Command(
        name = "health",
        description = {
            "Shows how the units are: when they were last heard, their ports, GNSS fix, what waits in",
            "their lanes and what they had to drop, and what runs on them; all units or those that are asked for.",
            "Ill is a unit in service that was never heard or is silent, that has a port which is not up, or no fix.",
            "While a hub hears of many units at once, this may be half a minute old."
        },
        mixinStandardHelpOptions = true)
final class UnitsHealthCommand implements Callable<Integer> {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What a port's number in a health record means. */
    private static final List<String> PORT_STATES = List.of("starting", "up", "absent", "broken-profile");

    /** What GNSS says of its fix: 0 none, then NMEA's kinds. */
    private static final int NO_FIX = 0;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private UnitsWanted asked = new UnitsWanted();

    @Option(names = "--ill", description = "Only those that are ill.")
    private boolean ill;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Parameters(paramLabel = "UNIT", arity = "0..1", description = "Only this one.")
    private Optional<String> only = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Optional<Id16> wanted = only.map(text -> UnitsCommand.unitId(spec, text));
        List<Registered> units = asked.find(spec, hub).stream()
                .filter(each -> wanted.map(each.unit().unit()::equals).orElse(true))
                .toList();
        if (wanted.isPresent() && units.isEmpty()) {
            throw new CommandFailure(
                    "there is no unit " + only.get() + " among those that are asked for", "hub-bridge units list");
        }
        Map<Id16, Picture.Unit> heard = heard();
        long nowMs = System.currentTimeMillis();
        List<Seen> seen = new ArrayList<>();
        for (Registered unit : units) {
            Seen each = Seen.of(unit, Optional.ofNullable(heard.get(unit.unit().unit())), nowMs);
            if (!ill || !each.ills.isEmpty()) {
                seen.add(each);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            seen.forEach(each -> out.println(json(each, nowMs)));
        } else {
            print(out, seen, nowMs);
        }
        out.flush();
        return 0;
    }

    private Map<Id16, Picture.Unit> heard() {
        Path file = hub.file("views.db");
        try {
            Map<Id16, Picture.Unit> heard = new HashMap<>();
            for (Picture.Unit each : Views.unitsIn(file).orElse(List.of())) {
                heard.put(each.id(), each);
            }
            return heard;
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read what the hub heard: " + e.getMessage(),
                    "check " + file + "; with the hub stopped it may be deleted, it comes back from the log");
        }
    }

    /**
     * A unit with what is known of it.
     *
     * @param health its newest record, empty without one
     * @param ills what is wrong with it, in words
     */
    private record Seen(Registered unit, Optional<Picture.Unit> known, JsonNode health, List<String> ills) {
        static Seen of(Registered unit, Optional<Picture.Unit> known, long nowMs) throws IOException {
            Optional<Picture.Health> newest = known.flatMap(Picture.Unit::health);
            JsonNode health =
                    newest.isPresent() ? MAPPER.readTree(newest.get().json()) : JsonNodeFactory.instance.objectNode();
            return new Seen(unit, known, health, inService(unit) ? ills(known, health, nowMs) : List.of());
        }

        private static boolean inService(Registered unit) {
            return !unit.unit().revoked()
                    && !unit.unit().keys().isEmpty()
                    && unit.unit().standing().drainsUntilMs().isEmpty();
        }

        private static List<String> ills(Optional<Picture.Unit> known, JsonNode health, long nowMs) {
            List<String> ills = new ArrayList<>();
            OptionalLong seenMs = known.map(Picture.Unit::seenMs).orElse(OptionalLong.empty());
            if (seenMs.isEmpty()) {
                ills.add("never heard");
            } else if (nowMs - seenMs.getAsLong() > UnitSearch.SILENT_MS) {
                ills.add("silent");
            }
            health.path("ports").properties().forEach(port -> {
                if (port.getValue().asInt() != PORT_STATES.indexOf("up")) {
                    ills.add(port.getKey() + " " + portState(port.getValue()));
                }
            });
            JsonNode gnss = health.path("gnss");
            if (!gnss.isEmpty() && gnss.path(0).asInt() == NO_FIX) {
                ills.add("no fix");
            }
            return ills;
        }
    }

    private static void print(PrintWriter out, List<Seen> units, long nowMs) {
        TextTable table = new TextTable(
                "VEHICLE",
                "KIND",
                "LAST SEEN",
                "DISTRICT",
                "PORTS",
                "FIX",
                "WAITING",
                "DROPPED",
                "VERSIONS",
                "ILL",
                "UNIT");
        for (Seen each : units) {
            JsonNode health = each.health;
            table.row(
                    each.unit.unit().vehicle(),
                    each.unit.unit().kind(),
                    (each.unit.unit().revoked() ? "revoked, " : "") + seen(each.known, nowMs),
                    each.known
                            .flatMap(Picture.Unit::place)
                            .map(Picture.Place::district)
                            .orElse("-"),
                    ports(health),
                    fix(health),
                    lanes(health.path("waiting")),
                    lanes(health.path("dropped")),
                    pairs(health.path("versions"), " "),
                    each.ills.isEmpty() ? "-" : String.join(", ", each.ills),
                    UnitsCommand.dashed(each.unit.unit().unit()));
        }
        table.print(out);
    }

    private static String seen(Optional<Picture.Unit> known, long nowMs) {
        if (known.isEmpty() || known.get().seenMs().isEmpty()) {
            return "never";
        }
        return age(nowMs - known.get().seenMs().getAsLong()) + " ago";
    }

    static String age(long ms) {
        long s = Math.max(0, ms / 1000);
        if (s < 120) {
            return s + " s";
        }
        if (s < 7_200) {
            return s / 60 + " min";
        }
        return s < 172_800 ? s / 3_600 + " h" : s / 86_400 + " d";
    }

    private static String ports(JsonNode health) {
        List<String> ports = new ArrayList<>();
        health.path("ports").properties().forEach(port -> ports.add(port.getKey() + ":" + portState(port.getValue())));
        return ports.isEmpty() ? "-" : String.join(" ", ports);
    }

    private static String portState(JsonNode number) {
        int at = number.asInt();
        return at < PORT_STATES.size() ? PORT_STATES.get(at) : number.asText();
    }

    private static String fix(JsonNode health) {
        JsonNode gnss = health.path("gnss");
        if (gnss.isEmpty()) {
            return "-";
        }
        if (gnss.path(0).asInt() == NO_FIX) {
            return gnss.has(3) ? "none for " + age(gnss.path(3).asLong() * 1000) : "none";
        }
        return gnss.path(1).asText() + " satellites";
    }

    private static String lanes(JsonNode counts) {
        List<String> texts = new ArrayList<>();
        counts.forEach(count -> texts.add(count.asText()));
        return texts.isEmpty() ? "-" : String.join("/", texts);
    }

    private static String pairs(JsonNode map, String between) {
        List<String> texts = new ArrayList<>();
        map.properties()
                .forEach(each ->
                        texts.add(each.getKey() + between + each.getValue().asText()));
        return texts.isEmpty() ? "-" : String.join(", ", texts);
    }

    private static ObjectNode json(Seen each, long nowMs) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("unit", UnitsCommand.dashed(each.unit.unit().unit()));
        out.put("vehicle", each.unit.unit().vehicle());
        out.put("kind", each.unit.unit().kind());
        out.put("revoked", each.unit.unit().revoked());
        each.known.ifPresent(heard -> heard.seenMs().ifPresent(ms -> {
            out.put("lastSeen", UnitsCommand.time(ms));
            out.put("lastSeenAgeS", Math.max(0, (nowMs - ms) / 1000));
        }));
        each.known.flatMap(Picture.Unit::place).ifPresent(place -> out.put("district", place.district()));
        each.known.flatMap(Picture.Unit::health).ifPresent(health -> {
            out.put("healthAt", UnitsCommand.time(health.atMs()));
            out.set("health", each.health);
        });
        ArrayNode ills = out.putArray("ill");
        each.ills.forEach(ills::add);
        return out;
    }
}
