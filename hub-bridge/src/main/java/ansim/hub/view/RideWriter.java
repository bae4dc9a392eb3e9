package ansim.hub.view;

import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    News follow(Touched.Part ride, Views.Logged logged, Event event) throws IOException {
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
                    "INSERT INTO rides VALUES (?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', '', ?, ?)",
                    ride.unit().bytes(),
                    ride.id().bytes(),
                    event.vehicle(),
                    event.company(),
                    logged.index(),
                    test ? 1 : 0);
        }
        database.update(
                "UPDATE rides SET districts = ?, log_index = ? WHERE unit = ? AND ride = ?",
                with(known.map(Known::districts).orElse(""), event),
                logged.index(),
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

    private void mark(Touched.Part ride, Views.Logged logged, Event event) throws IOException {
        long atMs = event.when().ms();
        String id = logged.entry().output().id();
        String source = event.details().getOrDefault("source", "");
        byte[] unit = ride.unit().bytes();
        byte[] key = ride.id().bytes();
        switch (event.type()) {
            case RIDE_BOARDED -> {
                database.update("""
                        UPDATE rides SET boarded_ms = ?, boarded_id = ?, source = ?
                        WHERE unit = ? AND ride = ? AND (boarded_ms IS NULL OR boarded_ms > ?)""", atMs, id, source, unit, key, atMs);
                name(ride, source, atMs, id);
            }
            case RIDE_UPDATED -> {
                database.update("""
                        UPDATE rides SET updated_ms = ?, updated_id = ?
                        WHERE unit = ? AND ride = ? AND (updated_ms IS NULL OR updated_ms > ?)""", atMs, id, unit, key, atMs);
                name(ride, source, atMs, id);
            }
            case RIDE_ALIGHTED -> database.update("""
                        UPDATE rides SET alighted_ms = ?, alighted_id = ?
                        WHERE unit = ? AND ride = ? AND (alighted_ms IS NULL OR alighted_ms > ?)""", atMs, id, unit, key, atMs);
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

    private static String with(String before, Event event) {
        List<String> codes = new ArrayList<>(before.isEmpty() ? List.of() : List.of(before.split(" ")));
        for (String code : event.districts()) {
            boolean newest = !codes.isEmpty() && codes.get(codes.size() - 1).equals(code);
            if (!newest && !code.equals(Event.OUTSIDE)) {
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
