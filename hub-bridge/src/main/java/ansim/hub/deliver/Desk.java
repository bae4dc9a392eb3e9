package ansim.hub.deliver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.tinylog.Logger;

/**
 * Where a running hub is asked about its deliveries: a question is a file of JSON in {@value #FOLDER}, its answer another one beside it.
 * The folder is the hub's own, so whoever can write there may ask.
 *
 * <p>Bounded: at most {@value #PER_LOOK} questions a look, of at most {@value #MAX_BYTES} bytes each. One thread.
 */
final class Desk {
    static final String FOLDER = "asked";
    static final String QUESTION = ".ask";
    static final String ANSWER = ".answer";
    private static final int PER_LOOK = 16;
    private static final long MAX_BYTES = 4_096;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What cannot be done, in words for who asked. */
    private static final class Denied extends Exception {
        private static final long serialVersionUID = 1;

        Denied(String message) {
            super(message);
        }
    }

    private final Path folder;
    private final List<CursorDesk> cursors;
    private final Supplier<List<CursorStatus>> status;

    Desk(Path directory, List<CursorDesk> cursors, Supplier<List<CursorStatus>> status) throws IOException {
        this.folder = Files.createDirectories(directory.resolve(FOLDER));
        this.cursors = List.copyOf(cursors);
        this.status = status;
        // Nobody waits for what a hub that is gone was asked.
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*" + ANSWER)) {
            for (Path each : left) {
                Files.deleteIfExists(each);
            }
        }
    }

    /** Answers what was asked since. */
    void look() throws IOException {
        List<Path> asked = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + QUESTION)) {
            for (Path each : files) {
                if (asked.size() < PER_LOOK) {
                    asked.add(each);
                }
            }
        }
        for (Path each : asked) {
            ObjectNode answer = answer(each);
            String name = String.valueOf(each.getFileName());
            Path to = folder.resolve(name.substring(0, name.length() - QUESTION.length()) + ANSWER);
            Path draft = folder.resolve(name + ".draft");
            Files.write(draft, JSON.writeValueAsBytes(answer));
            Files.move(draft, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(each);
        }
    }

    private ObjectNode answer(Path question) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            if (Files.size(question) > MAX_BYTES) {
                throw new Denied("a question of more than " + MAX_BYTES + " bytes");
            }
            JsonNode asked = JSON.readTree(Files.readAllBytes(question));
            switch (asked.path("do").asText()) {
                case "status" -> status(asked, answer);
                case "replay" -> replay(asked, answer);
                case "redeliver" -> order(asked, answer, false);
                case "skip" -> order(asked, answer, true);
                default -> throw new Denied("this hub does not know what is asked");
            }
        } catch (Denied | Orders.TooMany e) {
            answer.put("error", e.getMessage());
        } catch (JsonProcessingException e) {
            answer.put("error", "the question is no JSON");
        } catch (NoSuchFileException e) {
            Logger.debug("a question was withdrawn: {}", question);
        } catch (IOException | RuntimeException e) {
            // Also a question of ours to the log that goes wrong: it is answered, or it would be asked at each look.
            Logger.error(e, "a question about deliveries: {}", Problems.words(e));
            answer.put("error", Problems.words(e));
        }
        return answer;
    }

    private static boolean isAbout(JsonNode asked, String district, String sink, boolean alarm) {
        String lane = asked.path("lane").asText("");
        return (asked.path("district").asText("").isEmpty()
                        || asked.path("district").asText().equals(district))
                && sink.contains(asked.path("sink").asText(""))
                && (lane.isEmpty() || lane.equals(lane(alarm)));
    }

    private static String lane(boolean alarm) {
        return alarm ? "alarm" : "normal";
    }

    private void status(JsonNode asked, ObjectNode answer) {
        ArrayNode all = answer.putArray("cursors");
        for (CursorStatus each : status.get()) {
            if (isAbout(asked, each.district(), each.sink(), each.alarm())) {
                all.add(json(each));
            }
        }
    }

    static ObjectNode json(CursorStatus each) {
        ObjectNode row = JSON.createObjectNode();
        row.put("district", each.district()).put("sink", each.sink()).put("lane", lane(each.alarm()));
        row.put("routed", each.routed()).put("delivered", each.delivered()).put("waiting", each.waiting());
        row.put("deadLettered", each.deadLettered()).put("refused", each.refused());
        row.put("dropped", each.dropped()).put("skipped", each.skipped()).put("erased", each.erased());
        row.put("again", each.again()).put("repeated", each.repeated());
        row.put("reconciles", each.reconciles());
        each.lastDeliveredMs()
                .ifPresent(
                        ms -> row.put("lastDelivered", Instant.ofEpochMilli(ms).toString()));
        each.oldestWaitingMs()
                .ifPresent(
                        ms -> row.put("oldestWaiting", Instant.ofEpochMilli(ms).toString()));
        each.lastError().ifPresent(why -> row.put("lastError", why));
        each.next().ifPresent(id -> row.put("next", id));
        return row;
    }

    private List<CursorDesk> about(JsonNode asked) throws Denied {
        List<CursorDesk> about = cursors.stream()
                .filter(each -> isAbout(
                        asked,
                        each.route().district(),
                        each.route().name(),
                        each.route().alarm()))
                .toList();
        if (about.isEmpty()) {
            throw new Denied("no destination is like that");
        }
        if (!about.stream().allMatch(CursorDesk::isReady)) {
            throw new Denied("the index of what was delivered is being made anew from the log: ask again in a while");
        }
        return about;
    }

    private void replay(JsonNode asked, ObjectNode answer) throws Denied, IOException {
        Instant from;
        try {
            from = Instant.parse(asked.path("from").asText());
            // What is asked for is compared in ms.
            var unused = from.toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new Denied("from must be a time such as 2026-11-27T00:00:00Z");
        }
        ArrayNode done = answer.putArray("done");
        for (CursorDesk each : about(asked)) {
            done(done, each).put("entries", each.againFrom(from));
        }
    }

    private void order(JsonNode asked, ObjectNode answer, boolean skip) throws Denied, IOException {
        String id = asked.path("id").asText();
        ArrayNode done = answer.putArray("done");
        for (CursorDesk each : about(asked)) {
            OptionalLong found = skip ? each.waiting(id) : each.settled(id);
            if (found.isEmpty()) {
                continue;
            }
            if (skip && each.route().alarm() && !asked.path("emergency").asBoolean()) {
                throw new Denied("it is an emergency: it is skipped only when that is said (--emergency)");
            }
            if (skip) {
                each.skip(found.getAsLong());
            } else {
                each.again(found.getAsLong());
            }
            done(done, each).put("entries", 1);
        }
        if (done.isEmpty()) {
            answer.remove("done");
            throw new Denied(
                    skip
                            ? "no event of this id is among the oldest " + CursorDesk.LOOK_AHEAD + " that wait"
                            : "no event of this id is among the dead letters or the newest " + CursorDesk.LOOK_BACK
                                    + " that were delivered (replay --from finds older ones)");
        }
    }

    private static ObjectNode done(ArrayNode all, CursorDesk each) {
        return all.addObject()
                .put("district", each.route().district())
                .put("sink", each.route().name())
                .put("lane", lane(each.route().alarm()));
    }
}
