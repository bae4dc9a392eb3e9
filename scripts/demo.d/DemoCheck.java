import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compares what the simulated people did with what the district centres received.
 *
 * <p>{@code java -cp hub-bridge.jar DemoCheck.java DEMO_DIR HUB_BRIDGE UNIT...}. Every boarding, alighting and panic that a
 * simulator recorded must have reached the centre of the district under it, once by id, with the unit's signature verifying,
 * and nothing may have arrived that nobody did, nor anywhere but there, at who owns the ride or did before, where its rider lives, and where the ride was named: a card is
 * tapped seconds after the lamp went out, perhaps over a border, and whoever may see the ride then gets its boarding too. The district is asked from the hub's map at the recorded position; within
 * {@link #BORDER_M} of a border the neighbour is right as well, because a position is up to a second old. Exit 0 only then.
 */
final class DemoCheck {
    private static final List<String> KINDS = List.of("boarded", "alighted", "panic");
    /** What is known of a ride after its boarding: not compared, but it says who may see the ride. */
    private static final String NAMED = "named";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TIME_TOLERANCE = Duration.ofSeconds(10);
    private static final int BORDER_M = 50;
    /** Where the demo's riders live. */
    private static final Set<String> HOMES = Set.of("11110", "11440", "11680", "11710", "11740");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Something a simulated person did. */
    private record Did(String unit, String kind, Instant at, String lat, String lon) {}

    /** A line that a centre wrote. */
    private record Got(
            String id, String kind, String ride, String centre, String owner, String before, Instant at, boolean verified, boolean first) {}

    private final Path dir;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private DemoCheck(Path dir) {
        this.dir = dir;
    }

    public static void main(String[] args) throws Exception {
        DemoCheck check = new DemoCheck(Path.of(args[0]));
        List<String> units = Arrays.asList(args).subList(2, args.length);
        List<Did> did = check.did(units);
        List<List<String>> districts = check.districts(args[1], did);
        Instant deadline = Instant.now().plus(PATIENCE);
        List<String> report = new ArrayList<>();
        boolean right = check.compare(units, did, districts, report);
        while (!right && Instant.now().isBefore(deadline)) {
            Thread.sleep(250);
            report.clear();
            right = check.compare(units, did, districts, report);
        }
        report.forEach(check.out::println);
        System.exit(right ? 0 : 1);
    }

    private List<Did> did(List<String> units) throws IOException {
        List<Did> all = new ArrayList<>();
        for (String unit : units) {
            for (JsonNode line : lines(dir.resolve("units/" + unit + "/devices/did.jsonl"))) {
                if (KINDS.contains(line.path("did").asText())) {
                    all.add(new Did(
                            unit,
                            line.path("did").asText(),
                            Instant.parse(line.path("at").asText()),
                            line.path("lat").asText(),
                            line.path("lon").asText()));
                }
            }
        }
        return all;
    }

    /** For each thing done the districts that are right for it, from the hub's own map. */
    private List<List<String>> districts(String hub, List<Did> did) throws IOException, InterruptedException {
        Process locate = new ProcessBuilder(
                        hub, "locate", "-", "--data", dir.resolve("hub").toString(), "--within", String.valueOf(BORDER_M))
                .redirectError(ProcessBuilder.Redirect.to(dir.resolve("logs/locate.log").toFile()))
                .start();
        try (Writer in = new OutputStreamWriter(locate.getOutputStream(), StandardCharsets.UTF_8)) {
            for (Did d : did) {
                in.write(d.lat() + " " + d.lon() + "\n");
            }
        }
        String answer = new String(locate.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        locate.waitFor();
        List<List<String>> districts = answer.lines().map(l -> List.of(l.split(" "))).toList();
        if (districts.size() != did.size()) {
            throw new IllegalStateException("locate answered " + districts.size() + " of " + did.size() + " positions");
        }
        return districts;
    }

    private boolean compare(List<String> units, List<Did> did, List<List<String>> districts, List<String> report)
            throws IOException {
        Map<String, List<Got>> gotByUnit = got();
        report.add(String.format("%-8s %-9s %5s %9s %10s %6s %9s %9s", "unit", "what", "did", "received", "right", "once", "verified", "repeats"));
        boolean right = !did.isEmpty();
        for (String unit : units) {
            List<Got> ofUnit = gotByUnit.getOrDefault(unitId(unit), List.of());
            for (String kind : KINDS) {
                right &= row(unit, kind, did, districts, ofUnit, report);
            }
        }
        long asked = did.size();
        report.add(right
                ? String.format("Everything arrived: %d boardings, alightings and panics, each once, at the right district, verified.", asked)
                : "NOT everything is right: see the rows marked with <--, target/demo/units/*/devices/did.jsonl and target/demo/centres/*.jsonl");
        return right;
    }

    private static boolean row(
            String unit, String kind, List<Did> allDid, List<List<String>> districts, List<Got> ofUnit, List<String> report) {
        List<Integer> did = new ArrayList<>();
        for (int i = 0; i < allDid.size(); i++) {
            if (allDid.get(i).unit().equals(unit) && allDid.get(i).kind().equals(kind)) {
                did.add(i);
            }
        }
        List<Got> lines = ofUnit.stream().filter(g -> g.kind().equals(kind)).toList();
        Map<String, List<Got>> byId = new HashMap<>();
        lines.stream().filter(Got::first).forEach(g -> byId.computeIfAbsent(g.id(), id -> new ArrayList<>()).add(g));
        List<List<Got>> received = byId.values().stream()
                .sorted(Comparator.comparing(copies -> copies.get(0).at()))
                .toList();
        int rightPlace = 0;
        for (int k = 0; k < Math.min(did.size(), received.size()); k++) {
            Did d = allDid.get(did.get(k));
            List<String> allowed = districts.get(did.get(k));
            boolean near = received.get(k).stream().anyMatch(g -> allowed.contains(g.centre()))
                    && received.get(k).stream()
                            .allMatch(g -> allowed.contains(g.centre())
                                    || g.centre().equals(g.owner())
                                    || g.centre().equals(g.before())
                                    || HOMES.contains(g.centre())
                                    || wasNamed(g, ofUnit));
            boolean then = Duration.between(d.at(), received.get(k).get(0).at()).abs().compareTo(TIME_TOLERANCE) <= 0;
            rightPlace += near && then ? 1 : 0;
        }
        // To whom it goes it goes once; and one owns it.
        long once = received.stream()
                .filter(copies -> copies.stream().map(Got::centre).distinct().count() == copies.size()
                        && copies.stream().map(Got::owner).distinct().count() == 1)
                .count();
        long verified = received.stream().filter(c -> c.stream().allMatch(Got::verified)).count();
        long repeats = lines.stream().filter(g -> !g.first()).count();
        boolean good = received.size() == did.size() && rightPlace == did.size() && once == did.size() && verified == did.size();
        report.add(String.format(
                "%-8s %-9s %5d %9d %10d %6d %9d %9d%s",
                unit, kind, did.size(), received.size(), rightPlace, once, verified, repeats, good ? "" : "  <--"));
        return good;
    }

    private static boolean wasNamed(Got got, List<Got> ofUnit) {
        return ofUnit.stream()
                .anyMatch(each -> each.kind().equals(NAMED)
                        && each.ride().equals(got.ride())
                        && each.centre().equals(got.centre()));
    }

    private Map<String, List<Got>> got() throws IOException {
        Map<String, List<Got>> byUnit = new HashMap<>();
        try (Stream<Path> files = Files.list(dir.resolve("centres"))) {
            for (Path file : files.sorted().toList()) {
                String centre = file.getFileName().toString().replace(".jsonl", "");
                for (JsonNode line : lines(file)) {
                    kind(line).ifPresent(kind -> {
                        String id = line.path("id").asText();
                        byUnit.computeIfAbsent(id.substring(0, id.indexOf('/')), u -> new ArrayList<>())
                                .add(new Got(
                                        id,
                                        kind,
                                        line.path("ride").asText(),
                                        centre,
                                        line.path("owner").asText(),
                                        line.path("details").path("owner-before").asText(),
                                        Instant.parse(line.path("time").asText()),
                                        line.path("verified").asBoolean(),
                                        line.path("first").asBoolean()));
                    });
                }
            }
        }
        return byUnit;
    }

    private static Optional<String> kind(JsonNode line) {
        String type = line.path("type").asText();
        return switch (type) {
            case "ansim.ride.boarded" -> Optional.of("boarded");
            case "ansim.ride.alighted" -> Optional.of("alighted");
            case "ansim.ride.updated" -> Optional.of(NAMED);
            case "ansim.panic" -> line.path("details").path("phase").asText().equals("raised") ? Optional.of("panic") : Optional.empty();
            default -> Optional.empty();
        };
    }

    private String unitId(String unit) throws IOException {
        return JSON.readTree(Files.readString(dir.resolve("units/" + unit + "/enrolled.json"))).path("unit").asText();
    }

    /** The whole lines of a JSON-lines file that somebody may still be writing. */
    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        if (Files.exists(file)) {
            String text = Files.readString(file);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                all.add(JSON.readTree(line));
            }
        }
        return all;
    }
}
