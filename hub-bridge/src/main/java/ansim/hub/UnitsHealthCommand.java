package ansim.hub;

import ansim.hub.view.Picture;
import ansim.hub.view.Registry;
import ansim.hub.view.Registry.Registered;
import ansim.hub.view.Views;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
            "their lanes and what they had to drop, and what runs on them.",
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

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Parameters(paramLabel = "UNIT", arity = "0..1", description = "Only this one.")
    private Optional<String> only = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Optional<Id16> wanted = only.map(text -> UnitsCommand.unitId(spec, text));
        List<Registered> units = new ArrayList<>();
        try (Registry registry = UnitsCommand.open(hub)) {
            registry.units().stream()
                    .filter(each -> wanted.map(each.unit().unit()::equals).orElse(true))
                    .forEach(units::add);
        }
        if (wanted.isPresent() && units.isEmpty()) {
            throw new CommandFailure("there is no unit " + only.get(), "hub-bridge units list");
        }
        Map<Id16, Picture.Unit> heard = heard();
        long nowMs = System.currentTimeMillis();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            for (Registered unit : units) {
                out.println(json(unit, Optional.ofNullable(heard.get(unit.unit().unit())), nowMs));
            }
        } else {
            print(out, units, heard, nowMs);
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

    private static void print(PrintWriter out, List<Registered> units, Map<Id16, Picture.Unit> heard, long nowMs)
            throws IOException {
        TextTable table = new TextTable(
                "VEHICLE", "KIND", "LAST SEEN", "DISTRICT", "PORTS", "FIX", "WAITING", "DROPPED", "VERSIONS", "UNIT");
        for (Registered unit : units) {
            Optional<Picture.Unit> known =
                    Optional.ofNullable(heard.get(unit.unit().unit()));
            JsonNode health = health(known);
            table.row(
                    unit.unit().vehicle(),
                    unit.unit().kind(),
                    unit.unit().revoked() ? "revoked" : seen(known, nowMs),
                    known.flatMap(Picture.Unit::place)
                            .map(Picture.Place::district)
                            .orElse("-"),
                    ports(health),
                    fix(health),
                    lanes(health.path("waiting")),
                    lanes(health.path("dropped")),
                    pairs(health.path("versions"), " "),
                    UnitsCommand.dashed(unit.unit().unit()));
        }
        table.print(out);
    }

    private static JsonNode health(Optional<Picture.Unit> known) throws IOException {
        Optional<Picture.Health> newest = known.flatMap(Picture.Unit::health);
        return newest.isPresent() ? MAPPER.readTree(newest.get().json()) : JsonNodeFactory.instance.objectNode();
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

    private static ObjectNode json(Registered unit, Optional<Picture.Unit> known, long nowMs) throws IOException {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("unit", UnitsCommand.dashed(unit.unit().unit()));
        out.put("vehicle", unit.unit().vehicle());
        out.put("kind", unit.unit().kind());
        out.put("revoked", unit.unit().revoked());
        known.ifPresent(heard -> heard.seenMs().ifPresent(ms -> {
            out.put("lastSeen", UnitsCommand.time(ms));
            out.put("lastSeenAgeS", Math.max(0, (nowMs - ms) / 1000));
        }));
        known.flatMap(Picture.Unit::place).ifPresent(place -> out.put("district", place.district()));
        known.flatMap(Picture.Unit::health).ifPresent(health -> out.put("healthAt", UnitsCommand.time(health.atMs())));
        if (known.flatMap(Picture.Unit::health).isPresent()) {
            out.set("health", health(known));
        }
        return out;
    }
}
