package ansim.hub.view;

import ansim.hub.core.Course;
import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.hub.core.When;
import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Track;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The table of rides. A ride's messages may come in any order and end in the same row, but for the order of its districts. Runs
 * inside its caller's transaction. One thread.
 *
 * <p>Each time stands with the id of the event that it is of, so that a correction of that event reaches it. Somebody boarded at the
 * earlier of the first boarding and its updates: whichever of them came first, or had a clock. A fitter's test changes no real ride, and is
 * gone when a real one has its id.
 */
final class RideWriter {
    /** Districts remembered of a ride. */
    static final int MAX_DISTRICTS = 32;

    /** The source of a boarding that says who. */
    private static final String CARD = "card";

    /** What an event made known of a real ride for the first time. */
    enum News {
        BOARDED,
        ALIGHTED,
        NOTHING
    }

    private record Known(boolean boarded, boolean alighted, String districts, boolean test) {}

    private final Database database;

    RideWriter(Database database) {
        this.database = database;
    }

    /** The vault knows who rides. */
    void know(Touched.Part ride) throws IOException {
        database.update(
                "UPDATE rides SET known = 1 WHERE unit = ? AND ride = ?",
                ride.unit().bytes(),
                ride.id().bytes());
    }

    News follow(Touched.Part ride, Views.Logged logged, Event event, DistrictMap map) throws IOException {
        Optional<Known> known = database.first(
                row -> new Known(
                        row.getObject(1) != null, row.getObject(2) != null, row.getString(3), row.getBoolean(4)),
                "SELECT boarded_ms, alighted_ms, districts, test FROM rides WHERE unit = ? AND ride = ?",
                ride.unit().bytes(),
                ride.id().bytes());
        boolean test = logged.entry().output().has(Flag.TEST);
        if (test && known.isPresent() && !known.get().test()) {
            return News.NOTHING;
        }
        if (!test && known.isPresent() && known.get().test()) {
            database.update(
                    "DELETE FROM rides WHERE unit = ? AND ride = ?",
                    ride.unit().bytes(),
                    ride.id().bytes());
            known = Optional.empty();
        }
        if (known.isEmpty()) {
            database.update(
                    "INSERT INTO rides VALUES (?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', '', ?, ?,"
                            + " NULL, NULL, '', '', '', 0, 0, NULL, 0)",
                    ride.unit().bytes(),
                    ride.id().bytes(),
                    event.vehicle(),
                    event.company(),
                    logged.index(),
                    test ? 1 : 0);
        }
        Optional<String> here = event.placeSource() == Event.PlaceSource.MESSAGE
                ? event.place().flatMap(map::locate).map(District::code)
                : Optional.empty();
        database.update(
                "UPDATE rides SET districts = ?, log_index = ?, owner = ?, seen_ms = max(seen_ms, ?) WHERE unit = ? AND ride = ?",
                with(known.map(Known::districts).orElse(""), here.stream().toList()),
                logged.index(),
                event.owner(),
                logged.entry().arrivedMs(),
                ride.unit().bytes(),
                ride.id().bytes());
        mark(ride, logged, event);
        if (test) {
            return News.NOTHING;
        }
        if (event.type() == EventType.RIDE_BOARDED) {
            return known.map(Known::boarded).orElse(false) ? News.NOTHING : News.BOARDED;
        }
        boolean alightedBefore = known.map(Known::alighted).orElse(false);
        return event.type() == EventType.RIDE_ALIGHTED && !alightedBefore ? News.ALIGHTED : News.NOTHING;
    }

    /** A track of a ride that {@link #follow} knows. */
    void drive(Touched.Part ride, Batch batch, long dtMs, When when, Track track, DistrictMap map) throws IOException {
        byte[] unit = ride.unit().bytes();
        byte[] id = ride.id().bytes();
        record Driven(byte @Nullable [] course, String districts) {}
        Optional<Driven> before = database.first(
                row -> new Driven(row.getBytes(1), row.getString(2)),
                "SELECT course, districts FROM rides WHERE unit = ? AND ride = ?",
                unit,
                id);
        if (before.isEmpty()) {
            return;
        }
        Course course = Course.of(before.get().course());
        Set<String> passed = course.add(map, batch.boot(), batch.m0Ms() + dtMs, when, track);
        database.update(
                "UPDATE rides SET course = ?, length_m = ?, districts = ? WHERE unit = ? AND ride = ?",
                course.bytes(),
                course.lengthM(),
                with(before.get().districts(), List.copyOf(passed)),
                unit,
                id);
    }

    /** What the hub itself says of a ride that is known. */
    void attend(Touched.Part ride, Event event) throws IOException {
        String reason = event.details().getOrDefault("reason", "");
        String before = database.first(
                        row -> row.getString(1),
                        "SELECT attention FROM rides WHERE unit = ? AND ride = ?",
                        ride.unit().bytes(),
                        ride.id().bytes())
                .orElse("");
        Set<String> words = new TreeSet<>(before.isEmpty() ? List.of() : List.of(before.split(" ")));
        if ("raised".equals(event.details().get("phase"))) {
            words.add(reason);
        } else {
            words.remove(reason);
        }
        database.update(
                "UPDATE rides SET attention = ? WHERE unit = ? AND ride = ?",
                String.join(" ", words),
                ride.unit().bytes(),
                ride.id().bytes());
    }

    void goTo(Touched.Part ride, String district) throws IOException {
        database.update(
                "UPDATE rides SET destination = ? WHERE unit = ? AND ride = ?",
                district,
                ride.unit().bytes(),
                ride.id().bytes());
    }

    private static String quality(Event event) {
        When when = event.when();
        String word = when.quality().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return word + " by " + when.source().word();
    }

    private void mark(Touched.Part ride, Views.Logged logged, Event event) throws IOException {
        if (event.when().source() == When.Source.HUB) {
            // The hub's own word dates nothing that happened in the taxi.
            return;
        }
        long atMs = event.when().ms();
        String id = logged.entry().output().id();
        String source = event.details().getOrDefault("source", "");
        byte[] unit = ride.unit().bytes();
        byte[] key = ride.id().bytes();
        switch (event.type()) {
            case RIDE_BOARDED -> {
                database.update("""
                        UPDATE rides SET boarded_ms = ?, boarded_id = ?, source = ?, boarded_quality = ?
                        WHERE unit = ? AND ride = ? AND (boarded_ms IS NULL OR boarded_ms > ?)""", atMs, id, source, quality(event), unit, key, atMs);
                name(ride, source, atMs, id);
            }
            case RIDE_UPDATED -> {
                database.update("""
                        UPDATE rides SET updated_ms = ?, updated_id = ?
                        WHERE unit = ? AND ride = ? AND (updated_ms IS NULL OR updated_ms > ?)""", atMs, id, unit, key, atMs);
                name(ride, source, atMs, id);
            }
            case RIDE_ALIGHTED -> database.update("""
                        UPDATE rides SET alighted_ms = ?, alighted_id = ?, alighted_quality = ?
                        WHERE unit = ? AND ride = ? AND (alighted_ms IS NULL OR alighted_ms > ?)""", atMs, id, quality(event), unit, key, atMs);
            default -> {
                // A position or a track only moves the ride.
            }
        }
    }

    private void name(Touched.Part ride, String source, long atMs, String id) throws IOException {
        if (source.equals(CARD)) {
            database.update("""
                    UPDATE rides SET named_ms = ?, named_id = ?
                    WHERE unit = ? AND ride = ? AND (named_ms IS NULL OR named_ms > ?)""", atMs, id, ride.unit().bytes(), ride.id().bytes(), atMs);
        }
    }

    private static String with(String before, List<String> more) {
        List<String> codes = new ArrayList<>(before.isEmpty() ? List.of() : List.of(before.split(" ")));
        for (String code : more) {
            boolean newest = !codes.isEmpty() && codes.get(codes.size() - 1).equals(code);
            if (!newest) {
                codes.remove(code);
                codes.add(code);
            }
        }
        while (codes.size() > MAX_DISTRICTS) {
            codes.remove(0);
        }
        return String.join(" ", codes);
    }

    /** Dates a boarding, its update or an alighting better; names the rides that have it. */
    List<Touched.Part> correct(Id16 unit, String eventId, long ms) throws IOException {
        for (String time : List.of("boarded", "alighted")) {
            database.update(
                    "UPDATE rides SET " + time + "_quality = 'unknown by anchor' WHERE unit = ? AND " + time
                            + "_id = ?",
                    unit.bytes(),
                    eventId);
        }
        for (String time : List.of("boarded", "updated", "named", "alighted")) {
            database.update(
                    "UPDATE rides SET " + time + "_ms = ? WHERE unit = ? AND " + time + "_id = ?",
                    ms,
                    unit.bytes(),
                    eventId);
        }
        return database.list(
                row -> new Touched.Part(unit, Id8.of(row.getBytes(1))),
                "SELECT ride FROM rides WHERE unit = ? AND ? IN (boarded_id, updated_id, named_id, alighted_id)",
                unit.bytes(),
                eventId);
    }
}
