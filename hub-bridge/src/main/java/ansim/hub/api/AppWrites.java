package ansim.hub.api;

import ansim.hub.core.Input;
import ansim.hub.core.RefusedInput;
import ansim.hub.core.UnitRide;
import ansim.hub.view.ViewSearch;
import ansim.wire.Id16;
import ansim.wire.Pos;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the city's app says: that somebody needs help, and where a ride is to go. Answered once it is on disk.
 *
 * <p>Guarantee: the same request is logged once, also when the hub was killed before it answered, unless it comes again before the views have read
 * what the log held; then its event goes out again under the same id. Any thread.
 */
final class AppWrites {
    /** A request may say that it happened so long ago at most: as late as a unit's may come. */
    static final Duration OLDEST = Duration.ofDays(3);

    /** The app's clock may be so far ahead. */
    static final Duration AHEAD = Duration.ofMinutes(1);

    private static final int WAIT_S = 20;
    private static final int RETRY_S = 5;

    private final AppDesk desk;
    private final ViewSearch views;
    private final Once once;

    AppWrites(AppDesk desk, ViewSearch views, Once once) {
        this.desk = desk;
        this.views = views;
        this.once = once;
    }

    List<Operation> operations() {
        return List.of(
                new Operation(
                        "POST",
                        "/v1/emergencies",
                        Operation.Access.of(Role.APP),
                        Set.of(),
                        Operation.Room.ALARM,
                        asked -> once.answer(asked, "emergency", key -> emergency(asked, key))),
                new Operation(
                        "POST",
                        "/v1/rides/{id}/destination",
                        Operation.Access.of(Role.APP),
                        Set.of(),
                        Operation.Room.APP,
                        asked -> once.answer(asked, "destination", key -> destination(asked, key))));
    }

    private Operation.Answer emergency(Asked asked, Id16 key) throws IOException, Problem {
        JsonNode json = asked.json();
        String word = Asked.need(json, "origin", 16);
        Input.AppEmergency.Gesture gesture = Arrays.stream(Input.AppEmergency.Gesture.values())
                .filter(each -> each.word().equals(word))
                .findFirst()
                .orElseThrow(() -> Asked.bad("origin must be touch, shake, volume or power (got \"" + word + "\")"));
        Optional<String> ride = Asked.maybe(json, "ride", 64);
        Input.AppEmergency emergency = new Input.AppEmergency(
                asked.at().toEpochMilli(),
                key,
                at(json, asked),
                gesture,
                position(json.path("position")),
                ride.isPresent() ? Optional.of(asked.ride(ride.get())) : Optional.empty());
        if (!views.hasEmergency(emergency.unit(), emergency.alarm())) {
            await(() -> desk.emergencies().raise(emergency));
        }
        ObjectNode out = ApiJson.object();
        out.put("id", emergency.id());
        out.put("alarm", emergency.alarm().hex());
        out.put("receivedAt", asked.at().toString());
        return new Operation.Answer(201, Optional.of(out));
    }

    private Operation.Answer destination(Asked asked, Id16 key) throws Problem {
        AppDesk.Destinations destinations = desk.destinations()
                .orElseThrow(() -> new Problem(Problem.Kind.NOT_HERE, "this hub takes no destinations"));
        UnitRide ride = asked.ride(asked.part("id"));
        JsonNode json = asked.json();
        Pos to = position(json.path("position"))
                .orElseThrow(() -> Asked.bad("position must be given: {\"lat\": .., \"lon\": ..}"));
        long atMs = at(json, asked);
        await(() -> destinations.said(ride, to, atMs, key));
        ObjectNode out = ApiJson.object();
        out.put("ride", ApiJson.rideId(ride));
        out.put("receivedAt", asked.at().toString());
        return new Operation.Answer(201, Optional.of(out));
    }

    private static long at(JsonNode json, Asked asked) throws Problem {
        Optional<String> text = Asked.maybe(json, "at", 64);
        long nowMs = asked.at().toEpochMilli();
        if (text.isEmpty()) {
            return nowMs;
        }
        try {
            long atMs = OffsetDateTime.parse(text.get()).toInstant().toEpochMilli();
            if (atMs < nowMs - OLDEST.toMillis() || atMs > nowMs + AHEAD.toMillis()) {
                throw Asked.bad("at must be in the last 72 hours (got \"" + text.get() + "\")");
            }
            return Math.min(atMs, nowMs);
        } catch (DateTimeParseException e) {
            throw Asked.bad("at must be a time such as 2026-11-27T03:04:05Z (got \"" + text.get() + "\")");
        }
    }

    private static Optional<Pos> position(JsonNode json) throws Problem {
        if (json.isMissingNode() || json.isNull()) {
            return Optional.empty();
        }
        double lat = number(json, "lat", 90);
        double lon = number(json, "lon", 180);
        OptionalInt accuracyDm = OptionalInt.empty();
        if (json.has("accuracyM")) {
            JsonNode metres = json.path("accuracyM");
            if (!metres.isNumber() || metres.asDouble() < 0 || metres.asDouble() > 100_000) {
                throw Asked.bad("accuracyM must be a number in [0, 100000]");
            }
            accuracyDm = OptionalInt.of((int) Math.ceil(metres.asDouble() * 10));
        }
        return Optional.of(new Pos((int) Math.round(lat * 1e7), (int) Math.round(lon * 1e7), accuracyDm));
    }

    private static double number(JsonNode json, String name, int most) throws Problem {
        JsonNode value = json.path(name);
        if (!value.isNumber() || Math.abs(value.asDouble()) > most) {
            throw Asked.bad(
                    String.format(Locale.ROOT, "%s must be a number in [%d, %d], in degrees", name, -most, most));
        }
        return value.asDouble();
    }

    private interface Begun {
        CompletableFuture<Void> begin() throws InterruptedException;
    }

    private static void await(Begun begun) throws Problem {
        try {
            begun.begin().get(WAIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw e.getCause() instanceof RefusedInput refused ? problem(refused) : unavailable();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable();
        }
    }

    private static Problem problem(RefusedInput refused) {
        Problem.Kind kind = switch (refused.why()) {
            case UNKNOWN_RIDE -> Problem.Kind.NOT_FOUND;
            case ENDED_RIDE -> Problem.Kind.GONE;
        };
        return new Problem(kind, String.valueOf(refused.getMessage()));
    }

    private static Problem unavailable() {
        return new Problem(
                Problem.Kind.UNAVAILABLE,
                "it could not be stored; ask again under the same key",
                OptionalInt.of(RETRY_S));
    }
}
