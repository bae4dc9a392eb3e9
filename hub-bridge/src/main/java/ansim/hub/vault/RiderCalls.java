package ansim.hub.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a caller at the {@link VaultSocket} wants of riders. What is none of these calls is an IllegalArgumentException. Any thread.
 *
 * <p>Who is on record for it is whom the kernel names, and behind that for whom they say that they speak.
 */
final class RiderCalls {
    static final String LIST = "list";
    static final String ADD = "add";
    static final String SUSPEND = "suspend";
    static final String RESUME = "resume";
    static final String BY = "by";
    static final String RIDERS = "riders";
    static final String ADDED = "added";
    static final String THERE = "there";
    static final String NOT_ALLOWED = "notAllowed";

    /** Bytes of the riders in one answer, so that it is a line of the socket; the caller asks for more. */
    static final int MAX_PAGE_BYTES = 12 * 1024;

    private static final int MAX_BY = 200;
    /** About as many as that. */
    private static final int MAX_RIDERS = 64;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private final Optional<RiderBook> book;

    /** @param book empty when callers may do nothing with riders */
    RiderCalls(Optional<RiderBook> book) {
        this.book = book;
    }

    static boolean isOne(JsonNode asked) {
        return List.of(LIST, ADD, SUSPEND, RESUME).stream().anyMatch(asked::has);
    }

    /** @param who asks, as the kernel says */
    void answer(JsonNode asked, String who, ObjectNode answer) throws IOException {
        if (book.isEmpty()) {
            answer.put(NOT_ALLOWED, true);
        } else if (asked.has(LIST)) {
            list(book.get(), asked.path(LIST), answer.putArray(RIDERS));
        } else if (asked.has(ADD)) {
            JsonNode rider = asked.path(ADD);
            Riders.Added added = book.get().add(id(rider.path("id")), RiderJson.newRider(rider), by(asked, who));
            answer.put(ADDED, added.name().toLowerCase(Locale.ROOT));
        } else {
            boolean suspended = asked.has(SUSPEND);
            String id = id(asked.path(suspended ? SUSPEND : RESUME));
            answer.put(THERE, book.get().suspend(id, suspended, by(asked, who)));
        }
    }

    private static void list(RiderBook book, JsonNode asked, ArrayNode answer) throws IOException {
        String after = asked.path("after").asText();
        int most = Math.max(1, Math.min(asked.path("most").asInt(), MAX_RIDERS));
        int bytes = 0;
        for (Riders.Listed each : book.list(after.isEmpty() ? "" : id(asked.path("after")), most)) {
            ObjectNode json = RiderJson.of(each);
            bytes += json.toString().length() + 1;
            if (bytes > MAX_PAGE_BYTES && !answer.isEmpty()) {
                return;
            }
            answer.add(json);
        }
    }

    private static String id(JsonNode json) {
        String id = json.asText();
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("an id must have 32 hexadecimal digits");
        }
        return id;
    }

    private static String by(JsonNode asked, String who) {
        String by = asked.path(BY).asText();
        if (by.isEmpty() || by.length() > MAX_BY) {
            throw new IllegalArgumentException(BY + " must have 1 to " + MAX_BY + " characters");
        }
        return who + " for " + by;
    }
}
