package ansim.hub.api;

import static ansim.hub.api.Role.APP;
import static ansim.hub.api.Role.OPERATOR;

import ansim.wire.Id16;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The riders of the vault, by its own ids. Any thread. */
final class RiderOperations {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private final RiderDesk desk;
    private final Once once;

    RiderOperations(RiderDesk desk, Once once) {
        this.desk = desk;
        this.once = once;
    }

    List<Operation> operations() {
        return List.of(
                new Operation(
                        "GET",
                        "/v1/riders",
                        Operation.Access.of(OPERATOR),
                        Set.of("after", "limit"),
                        Operation.Room.APP,
                        this::list),
                new Operation(
                        "POST",
                        "/v1/riders",
                        Operation.Access.of(OPERATOR, APP),
                        Set.of(),
                        Operation.Room.APP,
                        asked -> once.answer(asked, "rider", key -> add(asked, key))),
                change("suspend", RiderDesk::suspend),
                change("resume", RiderDesk::resume));
    }

    private interface Change {
        boolean make(RiderDesk riders, String id, String by) throws IOException;
    }

    private Operation change(String word, Change change) {
        return new Operation(
                "POST",
                "/v1/riders/{id}/" + word,
                Operation.Access.of(OPERATOR, APP),
                Set.of(),
                Operation.Room.APP,
                asked -> once.answer(asked, word, key -> {
                    String id = id(asked);
                    if (!of(riders -> change.make(riders, id, asked.account().name()))) {
                        throw new Problem(Problem.Kind.NOT_FOUND, "there is no such rider");
                    }
                    return Operation.Answer.NOTHING;
                }));
    }

    private Operation.Answer add(Asked asked, Id16 key) throws IOException, Problem {
        RiderDesk.NewRider rider = NewRiderJson.read(asked.json());
        try {
            switch (of(riders -> riders.add(key.hex(), rider, asked.account().name()))) {
                case CARD_TAKEN -> throw new Problem(Problem.Kind.TAKEN, "one of the cards is another rider's");
                case CARD_SEALED ->
                    throw Asked.bad("one of the cards does not open: it was sealed for another vault, unit or ride");
                default -> {
                    // Done, now or before.
                }
            }
        } catch (IllegalArgumentException e) {
            throw Asked.bad(String.valueOf(e.getMessage()));
        }
        return new Operation.Answer(201, Optional.of(ApiJson.object().put("id", key.hex())));
    }

    private interface Work<T> {
        T with(RiderDesk riders) throws IOException;
    }

    private <T> T of(Work<T> work) throws IOException, Problem {
        try {
            return work.with(desk);
        } catch (RiderDesk.NotHere e) {
            throw new Problem(Problem.Kind.NOT_HERE, String.valueOf(e.getMessage()));
        }
    }

    private static String id(Asked asked) throws Problem {
        String id = asked.part("id");
        if (!ID.matcher(id).matches()) {
            throw Asked.bad("a rider must be 32 hexadecimal digits (got \"" + id + "\")");
        }
        return id;
    }

    private Operation.Answer list(Asked asked) throws IOException, Problem {
        String after = asked.text("after").orElse("");
        if (!after.isEmpty() && !ID.matcher(after).matches()) {
            throw Asked.bad("after must be a next of the page before (got \"" + after + "\")");
        }
        int limit = asked.limit();
        List<RiderDesk.Rider> found = of(riders -> riders.list(after, limit));
        Optional<String> next = found.size() < limit
                ? Optional.empty()
                : Optional.of(found.get(limit - 1).id());
        return Operation.Answer.ok(
                ApiJson.page(found.stream().map(RiderOperations::json).toList(), next));
    }

    private static ObjectNode json(RiderDesk.Rider rider) {
        return ApiJson.object()
                .put("id", rider.id())
                .put("home", rider.home())
                .put("language", rider.language())
                .put("cards", rider.cards())
                .put("guardians", rider.guardians())
                .put("addedAt", rider.added().toString());
    }
}
