package ansim.hub.view;

import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.hub.core.Logged;
import ansim.hub.core.When;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of rides: what is said of each, but not how far it has come ({@link LatestWriter}); only the districts that it passed and was sent to as of its newest word, for
 * who looks for it before the rest is in a row. A ride's messages may come in any order and end in the same row. Runs inside its caller's transaction. One thread.
 *
 * <p>Each time stands with the id of the event that it is of, so that a correction of that event reaches it. Somebody boarded at the
 * earlier of the first boarding and its updates: whichever of them came first, or had a clock. A fitter's test changes no real ride, and is
 * gone when a real one has its id.
 */
final class RideWriter {
    /** The source of a boarding that says who. */
    private static final String CARD = "card";

    /** What an event made known of a real ride for the first time. */
    enum News {
        BOARDED,
        ALIGHTED,
        NOTHING
    }

    private record Known(boolean boarded, boolean alighted) {}

    private final Database database;
    private final Unwritten unwritten;

    RideWriter(Database database, Unwritten unwritten) {
        this.database = database;
        this.unwritten = unwritten;
    }

    /** The vault knows who rides. */
    void know(Touched.Part ride) throws IOException {
        database.update(
                "UPDATE rides SET known = 1, sent = ? WHERE unit = ? AND ride = ?",
                unwritten.ride(ride).map(Driven::sent).orElse(""),
                ride.unit().bytes(),
                ride.id().bytes());
    }

    /** A message of a ride, or the hub's own word; positions and tracks only when they are its first. */
    News follow(Touched.Part ride, LatestWriter.Step step, Logged logged, Event event) throws IOException {
        if (step == LatestWriter.Step.IGNORED) {
            return News.NOTHING;
        }
        boolean test = logged.entry().output().has(Flag.TEST);
        Known known = new Known(false, false);
        Optional<Driven> driven = unwritten.ride(ride);
        String passed = driven.map(Driven::districts).orElse("");
        String sent = driven.map(Driven::sent).orElse("");
        if (step == LatestWriter.Step.FIRST) {
            database.update(
                    "INSERT OR REPLACE INTO rides VALUES (?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', ?, ?,"
                            + " NULL, NULL, '', '', 0, ?, ?)",
                    ride.unit().bytes(),
                    ride.id().bytes(),
                    event.vehicle(),
                    event.company(),
                    logged.index(),
                    test ? 1 : 0,
                    passed,
                    sent);
            database.update(
                    "INSERT OR IGNORE INTO plates VALUES (replace(?, ' ', ''), ?)",
                    event.vehicle(),
                    ride.unit().bytes());
        } else {
            known = database.first(
                            row -> new Known(row.getObject(1) != null, row.getObject(2) != null),
                            "SELECT boarded_ms, alighted_ms FROM rides WHERE unit = ? AND ride = ?",
                            ride.unit().bytes(),
                            ride.id().bytes())
                    .orElse(known);
            database.update(
                    "UPDATE rides SET log_index = ?, passed = ?, sent = ? WHERE unit = ? AND ride = ?",
                    logged.index(),
                    passed,
                    sent,
                    ride.unit().bytes(),
                    ride.id().bytes());
        }
        mark(ride, logged, event);
        if (test) {
            return News.NOTHING;
        }
        if (event.type() == EventType.RIDE_BOARDED) {
            return known.boarded ? News.NOTHING : News.BOARDED;
        }
        return event.type() == EventType.RIDE_ALIGHTED && !known.alighted ? News.ALIGHTED : News.NOTHING;
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

    private void mark(Touched.Part ride, Logged logged, Event event) throws IOException {
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
