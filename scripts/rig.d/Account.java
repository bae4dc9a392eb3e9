import ansim.wire.Body;
import ansim.wire.Kind;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares what the people did, and saw acknowledged, with what one centre received.
 *
 * <p>The rule: a thing that the light answered has exactly one message of its kind whose signed CLOCK_MONOTONIC time lies between the
 * thing and the answer, since the message is made after the one and on disk before the other; a message answers for one thing at most.
 * A thing without an answer may have arrived or not. A message that belongs to nothing that anybody did is an error too.
 */
final class Account {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** After a thing without an answer its message may still be made for so long. */
    private static final long LATE_MS = 120_000;

    /** What is compared: things and messages that are meant by the same word. */
    private static final Map<String, String> WORD_OF_DEED = Map.of(
            "boarded", "board", "named", "board", "alighted", "alight", "press", "press", "contact", "contact");

    private static final Map<String, String> WORD_OF_TYPE = Map.of(
            "ansim.ride.boarded", "board",
            "ansim.ride.updated", "board",
            "ansim.ride.alighted", "alight",
            "ansim.panic", "press",
            "ansim.contact", "contact");

    /** Something done. */
    private record Deed(String word, long fromMs, long toMs, boolean acknowledged, JsonNode line) {}

    /** A message that came, once per id. */
    private static final class Came {
        final String id;
        final String word;
        final long monoMs;
        boolean used;

        Came(String id, String word, long monoMs) {
            this.id = id;
            this.word = word;
            this.monoMs = monoMs;
        }
    }

    /** Counts of one lane. */
    static final class LaneCount {
        long acknowledged;
        long lost;
        long unacknowledged;
        long arrived;
    }

    final String centre;
    final Map<Integer, LaneCount> lanes = new HashMap<>(Map.of(1, new LaneCount(), 2, new LaneCount()));
    long events;
    long repeats;
    long unverified;
    /** Done once, seen by the unit again because it was started in the middle of it. */
    long again;

    final List<String> lost = new ArrayList<>();
    final List<String> doubled = new ArrayList<>();
    final List<String> nobody = new ArrayList<>();

    private Account(String centre) {
        this.centre = centre;
    }

    /** Of these units only. */
    static Account of(Path centreFile, List<City.SimUnit> units) throws IOException {
        Account account = new Account(centreFile.getFileName().toString().replace(".jsonl", ""));
        Set<String> ids = units.stream().map(unit -> unit.id().hex()).collect(Collectors.toSet());
        Map<String, List<Came>> came = account.came(centreFile, ids);
        for (City.SimUnit unit : units) {
            List<Came> ofUnit = came.getOrDefault(unit.id().hex(), new ArrayList<>());
            ofUnit.sort(Comparator.comparingLong(each -> each.monoMs));
            account.compare(unit, deeds(unit.did()), ofUnit);
        }
        return account;
    }

    private Map<String, List<Came>> came(Path file, Set<String> units) throws IOException {
        Map<String, List<Came>> byUnit = new HashMap<>();
        Set<String> ids = new HashSet<>();
        Set<String> contents = new HashSet<>();
        for (JsonNode line : lines(file)) {
            String id = line.path("id").asText();
            String unit = id.substring(0, Math.max(0, id.indexOf('/')));
            if (!units.contains(unit)) {
                continue;
            }
            events++;
            unverified += line.path("verified").asBoolean() ? 0 : 1;
            if (!line.path("first").asBoolean()) {
                repeats++;
                if (!ids.contains(id)) {
                    doubled.add(id + " came as a repeat of nothing");
                }
                continue;
            }
            if (!ids.add(id)) {
                doubled.add(id + " was taken twice");
                continue;
            }
            String word = WORD_OF_TYPE.get(line.path("type").asText());
            if (word == null) {
                continue;
            }
            UpMessage message = message(line);
            Body body = message.batch().records().get(0).body();
            long monoMs = message.batch().m0Ms() + message.batch().records().get(0).dtMs();
            if (body.kind() != Kind.PANIC && body.kind() != Kind.CONTACT && body.kind() != Kind.BOARDED && body.kind() != Kind.ALIGHTED) {
                throw new IOException(id + " is called " + line.path("type").asText() + " and is a " + body.kind());
            }
            if (!contents.add(unit + " " + monoMs + " " + body)) {
                doubled.add(id + " says what another id says");
            }
            byUnit.computeIfAbsent(unit, u -> new ArrayList<>()).add(new Came(id, word, monoMs));
        }
        return byUnit;
    }

    private static UpMessage message(JsonNode line) throws IOException {
        try {
            return UpMessage.parse(line.path("signed").binaryValue());
        } catch (WireException e) {
            throw new IOException(line.path("id").asText() + ": " + e.getMessage(), e);
        }
    }

    private static List<Deed> deeds(Path file) throws IOException {
        List<Deed> deeds = new ArrayList<>();
        for (JsonNode line : lines(file)) {
            String word = WORD_OF_DEED.get(line.path("did").asText());
            long fromMs = line.path("monoMs").asLong();
            boolean acknowledged = line.path("stored").asBoolean();
            long toMs = acknowledged ? line.path("storedMonoMs").asLong() : fromMs + LATE_MS;
            deeds.add(new Deed(word, fromMs, toMs, acknowledged, line));
        }
        return deeds;
    }

    private void compare(City.SimUnit unit, List<Deed> deeds, List<Came> came) {
        for (Deed deed : deeds) {
            LaneCount count = lanes.get(deed.word().equals("press") ? 1 : 2);
            if (deed.acknowledged()) {
                count.acknowledged++;
                if (!take(deed, came)) {
                    count.lost++;
                    lost.add(unit.name() + " " + deed.line());
                }
            }
        }
        for (Deed deed : deeds) {
            LaneCount count = lanes.get(deed.word().equals("press") ? 1 : 2);
            if (!deed.acknowledged()) {
                count.unacknowledged++;
                count.arrived += take(deed, came) ? 1 : 0;
            }
        }
        for (Came each : came) {
            if (!each.used) {
                boolean known = deeds.stream()
                        .anyMatch(deed -> deed.word().equals(each.word) && deed.fromMs() <= each.monoMs && each.monoMs <= deed.toMs());
                if (known) {
                    again++;
                } else {
                    nobody.add(unit.name() + " " + each.id + " " + each.word + " at " + each.monoMs);
                }
            }
        }
    }

    private static boolean take(Deed deed, List<Came> came) {
        for (Came each : came) {
            if (!each.used && each.word.equals(deed.word()) && each.monoMs >= deed.fromMs() && each.monoMs <= deed.toMs()) {
                each.used = true;
                return true;
            }
        }
        return false;
    }

    long acknowledged() {
        return lanes.values().stream().mapToLong(lane -> lane.acknowledged).sum();
    }

    long unacknowledged() {
        return lanes.values().stream().mapToLong(lane -> lane.unacknowledged).sum();
    }

    long arrived() {
        return lanes.values().stream().mapToLong(lane -> lane.arrived).sum();
    }

    boolean right() {
        return acknowledged() > 0 && lost.isEmpty() && doubled.isEmpty() && nobody.isEmpty() && unverified == 0;
    }

    ObjectNode json() {
        ObjectNode out = JSON.createObjectNode();
        out.put("centre", centre);
        lanes.forEach((number, count) -> out.putObject("lane" + number)
                .put("acknowledged", count.acknowledged)
                .put("lost", count.lost)
                .put("notAcknowledged", count.unacknowledged)
                .put("ofThemArrived", count.arrived));
        out.put("events", events).put("repeats", repeats).put("notVerified", unverified).put("again", again);
        put(out.putArray("lost"), lost);
        put(out.putArray("doubled"), doubled);
        put(out.putArray("nobodyDid"), nobody);
        return out;
    }

    static void put(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }

    /** The whole lines of a JSON-lines file that somebody may still be writing. */
    static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        if (Files.exists(file)) {
            try (BufferedReader in = Files.newBufferedReader(file)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.endsWith("}")) {
                        all.add(JSON.readTree(line));
                    }
                }
            }
        }
        return all;
    }
}
