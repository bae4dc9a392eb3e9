package ansim.hub.api;

import static ansim.hub.api.Role.APP;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The city's app fetches what it is to tell its users: each notice comes at every reading, under one id, until the app says that it has it, for a day at
 * most. Any thread.
 */
final class NoticeOperations {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private final Optional<NoticeDesk> desk;

    NoticeOperations(Optional<NoticeDesk> desk) {
        this.desk = desk;
    }

    List<Operation> operations() {
        return List.of(
                new Operation(
                        "GET",
                        "/v1/notices",
                        Operation.Access.of(APP),
                        Set.of("after", "limit"),
                        Operation.Room.APP,
                        this::list),
                new Operation(
                        "POST",
                        "/v1/notices/{id}/taken",
                        Operation.Access.of(APP),
                        Set.of(),
                        Operation.Room.APP,
                        this::taken));
    }

    private NoticeDesk notices() throws Problem {
        return desk.orElseThrow(() -> new Problem(
                Problem.Kind.NOT_HERE,
                "this hub has no notices for the city's app: that needs guardians in hub.yaml and a rider vault in the"
                        + " hub's own process; one in another tells guardians by e-mail and webhooks (hub-bridge vault"
                        + " serve --guardians FILE)"));
    }

    private static String id(String text) throws Problem {
        if (!ID.matcher(text).matches()) {
            throw Asked.bad("a notice must be 32 hexadecimal digits (got \"" + text + "\")");
        }
        return text;
    }

    private Operation.Answer list(Asked asked) throws IOException, Problem {
        Optional<String> after = asked.text("after");
        if (after.isPresent()) {
            after = Optional.of(id(after.get()));
        }
        int limit = Math.min(asked.limit(), NoticeDesk.MOST);
        List<NoticeDesk.Notice> found = notices().waiting(after, limit);
        Optional<String> next = found.size() < limit
                ? Optional.empty()
                : Optional.of(found.get(limit - 1).id());
        return Operation.Answer.ok(
                ApiJson.page(found.stream().map(NoticeOperations::json).toList(), next));
    }

    private static ObjectNode json(NoticeDesk.Notice notice) {
        ObjectNode json = ApiJson.object()
                .put("id", notice.id())
                .put("user", notice.user())
                .put("since", notice.since().toString())
                .put("language", notice.language())
                .put("kind", notice.kind())
                .put("title", notice.title())
                .put("text", notice.text());
        ObjectNode fields = json.putObject("fields");
        notice.fields().forEach(fields::put);
        return json;
    }

    private Operation.Answer taken(Asked asked) throws IOException, Problem {
        if (!notices().taken(id(asked.part("id")))) {
            throw new Problem(Problem.Kind.NOT_FOUND, "there is no such notice");
        }
        return Operation.Answer.NOTHING;
    }
}
