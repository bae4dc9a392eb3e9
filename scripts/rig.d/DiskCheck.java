package ansim.rig;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares what people saw *stored* with what the centre has: prints
 * {@code acknowledged lost doubled signals-while-failed memory-only tamper8-raised tamper8-cleared}.
 * Usage: DiskCheck DID.jsonl CENTRE.jsonl FAILED_FROM FAILED_UNTIL (s since 1970) UNIT. Only that unit's events count: several units
 * share a centre, and one's event must not stand for another's.
 */
public final class DiskCheck {
    private static final Duration TOLERANCE = Duration.ofSeconds(10);
    private static final Map<String, String> TYPES = Map.of(
            "boarded", "ansim.ride.boarded", "alighted", "ansim.ride.alighted", "panic", "ansim.panic");

    private DiskCheck() {}

    public static void main(String[] args) throws IOException {
        String unit = args[4].replace("-", "") + "/";
        List<JsonNode> events = lines(Path.of(args[1])).stream()
                .filter(event -> event.path("id").asText().startsWith(unit))
                .toList();
        Map<String, Integer> firsts = new HashMap<>();
        List<JsonNode> free = new ArrayList<>();
        for (JsonNode event : events) {
            if (event.path("first").asBoolean()) {
                firsts.merge(event.path("id").asText(), 1, Integer::sum);
                free.add(event);
            }
        }
        Instant from = Instant.ofEpochSecond(Long.parseLong(args[2])).plusMillis(1_500);
        Instant until = Instant.ofEpochSecond(Long.parseLong(args[3]));
        List<JsonNode> once = List.copyOf(free);
        int acknowledged = 0;
        int lost = 0;
        int signals = 0;
        for (JsonNode did : lines(Path.of(args[0]))) {
            String type = TYPES.get(did.path("did").asText());
            if (type == null || !did.path("stored").asBoolean()) {
                continue;
            }
            acknowledged++;
            Instant stored = Instant.parse(did.path("storedAt").asText());
            signals += stored.isAfter(from) && stored.isBefore(until) ? 1 : 0;
            Instant at = Instant.parse(did.path("at").asText());
            boolean there = free.removeIf(new java.util.function.Predicate<>() {
                private boolean taken;

                @Override
                public boolean test(JsonNode event) {
                    boolean is = !taken
                            && event.path("type").asText().equals(type)
                            && Duration.between(at, Instant.parse(event.path("time").asText())).abs().compareTo(TOLERANCE) <= 0;
                    taken |= is;
                    return is;
                }
            });
            lost += there ? 0 : 1;
        }
        long doubled = firsts.values().stream().filter(n -> n > 1).count();
        System.out.println(acknowledged + " " + lost + " " + doubled + " " + signals + " "
                + count(once, "memory-only", "") + " " + count(once, "store-in-memory", "raised") + " "
                + (count(once, "store-in-memory", "cancelled") + count(once, "store-in-memory", "cleared")));
    }

    private static long count(List<JsonNode> events, String a, String b) {
        return events.stream()
                .map(event -> event.toString().replace('_', '-'))
                .filter(event -> event.contains(a) && event.contains(b))
                .count();
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        if (Files.exists(file)) {
            ObjectMapper json = new ObjectMapper();
            for (String line : Files.readString(file).split("\n")) {
                if (line.endsWith("}")) {
                    lines.add(json.readTree(line));
                }
            }
        }
        return lines;
    }
}
