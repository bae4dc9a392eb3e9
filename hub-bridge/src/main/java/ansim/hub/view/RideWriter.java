package ansim.hub.view;

import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table of rides. A ride's messages may come in any order and end in the same row, but for the order of its districts. Runs
 * inside its caller's transaction. One thread.
 */
final class RideWriter {
    /** Districts remembered of a ride. */
    static final int MAX_DISTRICTS = 32;

    /** What an event made known of a ride for the first time. */
    enum News {
        BOARDED,
        ALIGHTED,
        NOTHING
    }

    private record Known(boolean boarded, boolean alighted, String districts) {}

    private final Database database;

    RideWriter(Database database) {
        this.database = database;
    }

    News follow(Touched.Part ride, Views.Logged logged, Event event) throws IOException {
        Optional<Known> known = database.first(
                row -> new Known(row.getObject(1) != null, row.getObject(2) != null, row.getString(3)),
                "SELECT boarded_ms, alighted_ms, districts FROM rides WHERE unit = ? AND ride = ?",
                ride.unit().bytes(),
                ride.id().bytes());
        if (known.isEmpty()) {
            database.update(
                    "INSERT INTO rides VALUES (?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, '', '', ?)",
                    ride.unit().bytes(),
                    ride.id().bytes(),
                    event.vehicle(),
                    event.company(),
                    logged.index());
        }
        database.update(
                "UPDATE rides SET districts = ?, log_index = ? WHERE unit = ? AND ride = ?",
                with(known.map(Known::districts).orElse(""), event),
                logged.index(),
                ride.unit().bytes(),
                ride.id().bytes());
        mark(ride, logged, event);
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
            case RIDE_BOARDED -> database.update("""
                        UPDATE rides SET boarded_ms = ?, boarded_id = ?, source = ?,
                          named_ms = CASE WHEN ? = 'card' THEN min(coalesce(named_ms, ?), ?) ELSE named_ms END
                        WHERE unit = ? AND ride = ? AND (boarded_ms IS NULL OR boarded_ms > ?)""", atMs, id, source, source, atMs, atMs, unit, key, atMs);
            case RIDE_UPDATED ->
                database.update(
                        "UPDATE rides SET named_ms = min(coalesce(named_ms, ?), ?) WHERE unit = ? AND ride = ?",
                        atMs,
                        atMs,
                        unit,
                        key);
            case RIDE_ALIGHTED -> database.update("""
                        UPDATE rides SET alighted_ms = ?, alighted_id = ?
                        WHERE unit = ? AND ride = ? AND (alighted_ms IS NULL OR alighted_ms > ?)""", atMs, id, unit, key, atMs);
            default -> {
                // A position or a track only moves the ride.
            }
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

    /** Better dates a boarding or an alighting; names the rides that have it. */
    List<Touched.Part> correct(Id16 unit, String eventId, long ms) throws IOException {
        database.update("UPDATE rides SET boarded_ms = ? WHERE unit = ? AND boarded_id = ?", ms, unit.bytes(), eventId);
        database.update(
                "UPDATE rides SET alighted_ms = ? WHERE unit = ? AND alighted_id = ?", ms, unit.bytes(), eventId);
        return database.list(
                row -> new Touched.Part(unit, Id8.of(row.getBytes(1))),
                "SELECT ride FROM rides WHERE unit = ? AND (boarded_id = ? OR alighted_id = ?)",
                unit.bytes(),
                eventId,
                eventId);
    }
}
