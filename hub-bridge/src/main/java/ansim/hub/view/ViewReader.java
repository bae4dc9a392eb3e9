package ansim.hub.view;

import ansim.hub.core.Order;
import ansim.wire.Bytes;
import ansim.wire.CommandAck;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import ansim.wire.Pos;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The tables as rows. Not thread-safe, as its database. */
final class ViewReader {
    /** Units in a snapshot at most; those heard of most recently. */
    static final int UNITS_SHOWN = 5_000;

    /** Rides that are on, in a snapshot at most; those heard of most recently. */
    static final int OPEN_RIDES_SHOWN = 2_000;

    /** Rides that have ended, in a snapshot at most, and how long ago at most. */
    static final int CLOSED_RIDES_SHOWN = 200;

    static final long CLOSED_RIDES_MS = 3_600_000;

    /** Emergencies in a snapshot at most, and how long after they were last raised at most. */
    static final int EMERGENCIES_SHOWN = 500;

    static final long EMERGENCIES_MS = 24 * 3_600_000L;

    /** Events in a snapshot at most. */
    static final int EVENTS_SHOWN = 300;

    static final String UNITS = """
            SELECT unit, vehicle, company, kind, revoked, seen_ms, lat_e7, lon_e7, place_kind, place_ms, district, duty,
              health_ms, health FROM units""";
    /** Thirteen of them. */
    static final String RIDE_COLUMNS = """
            SELECT ride, unit, vehicle, company, min(coalesce(boarded_ms, updated_ms), coalesce(updated_ms, boarded_ms)),
              named_ms, alighted_ms, districts, source, test, owner, attention, length_m""";

    static final String RIDES = RIDE_COLUMNS + ", log_index FROM rides";
    static final String EMERGENCIES = """
            SELECT alarm, unit, vehicle, company, unit_kind, raised_ms, newest_ms, cancelled_ms, presses, origin, districts,
              lat_e7, lon_e7, ride, flags FROM emergencies""";
    private static final String EVENTS = """
            SELECT log_index, type, unit, vehicle, districts, alarm, at_ms, arrived_ms, ride, details, flags FROM events""";
    private static final String COUNTS = "SELECT day, district, boarded, alighted, emergencies FROM counts";

    private final Database database;

    ViewReader(Database database) {
        this.database = database;
    }

    /** The rows that a transaction has touched. */
    Picture rows(long index, Touched touched, boolean districtsChanged) throws IOException {
        List<Picture.Unit> units = new ArrayList<>();
        for (Id16 unit : touched.units) {
            units.addAll(database.list(ViewReader::unit, UNITS + " WHERE unit = ?", unit.bytes()));
        }
        List<Picture.Ride> rides = new ArrayList<>();
        for (Touched.Part ride : touched.rides) {
            rides.addAll(database.list(
                    ViewReader::ride,
                    RIDES + " WHERE unit = ? AND ride = ?",
                    ride.unit().bytes(),
                    ride.id().bytes()));
        }
        List<Picture.Emergency> emergencies = new ArrayList<>();
        for (Touched.Part alarm : touched.emergencies) {
            emergencies.addAll(database.list(
                    ViewReader::emergency,
                    EMERGENCIES + " WHERE unit = ? AND alarm = ?",
                    alarm.unit().bytes(),
                    alarm.id().bytes()));
        }
        List<Picture.Happening> events = new ArrayList<>();
        for (Long event : touched.events) {
            events.addAll(database.list(ViewReader::happening, EVENTS + " WHERE log_index = ?", event));
        }
        List<Picture.Count> counts = new ArrayList<>();
        for (Touched.Day day : touched.days) {
            counts.addAll(database.list(
                    ViewReader::count, COUNTS + " WHERE day = ? AND district = ?", day.day(), day.district()));
        }
        return new Picture(index, units, rides, emergencies, events, counts, districtsChanged, touched.onScreen);
    }

    Picture snapshot(long nowMs, String today) throws IOException {
        List<Picture.Ride> rides = new ArrayList<>(database.list(
                ViewReader::ride,
                RIDES + " WHERE alighted_ms IS NULL ORDER BY log_index DESC LIMIT ?",
                OPEN_RIDES_SHOWN));
        rides.addAll(database.list(
                ViewReader::ride,
                RIDES + " WHERE alighted_ms > ? ORDER BY alighted_ms DESC LIMIT ?",
                nowMs - CLOSED_RIDES_MS,
                CLOSED_RIDES_SHOWN));
        List<Picture.Happening> events = new ArrayList<>(
                database.list(ViewReader::happening, EVENTS + " ORDER BY log_index DESC LIMIT ?", EVENTS_SHOWN));
        Collections.reverse(events);
        return new Picture(
                database.number("SELECT position FROM place"),
                database.list(ViewReader::unit, UNITS + " ORDER BY seen_ms DESC LIMIT ?", UNITS_SHOWN),
                rides,
                database.list(
                        ViewReader::emergency,
                        EMERGENCIES + " WHERE newest_ms > ? ORDER BY newest_ms DESC LIMIT ?",
                        nowMs - EMERGENCIES_MS,
                        EMERGENCIES_SHOWN),
                events,
                database.list(ViewReader::count, COUNTS + " WHERE day = ?", today),
                false);
    }

    List<Picture.Unit> units() throws IOException {
        return database.list(ViewReader::unit, UNITS + " ORDER BY unit");
    }

    /** Oldest first. */
    List<Views.Ordered> ordered() throws IOException {
        return database.list(
                ViewReader::order,
                "SELECT unit, number, request, verb, body, expires_s, ordered_by, ordered_ms, outcome, answered_ms FROM commands"
                        + " ORDER BY log_index");
    }

    private static Views.Ordered order(ResultSet row) throws SQLException {
        Order order = new Order(
                Id16.of(row.getBytes(1)),
                row.getLong(2),
                Id8.of(row.getBytes(3)),
                new OtherVerb(row.getInt(4), Bytes.of(row.getBytes(5))),
                row.getLong(6),
                row.getString(7));
        OptionalLong outcome = number(row, 9);
        Optional<Views.Answer> answer = Optional.empty();
        for (CommandAck.Outcome each : CommandAck.Outcome.values()) {
            if (outcome.isPresent() && each.code() == outcome.getAsLong()) {
                answer = Optional.of(new Views.Answer(each, row.getLong(10)));
            }
        }
        return new Views.Ordered(order, row.getLong(8), answer);
    }

    static Picture.Unit unit(ResultSet row) throws SQLException {
        Optional<Picture.Place> place = Optional.empty();
        Optional<Pos> pos = pos(row, 7);
        if (pos.isPresent()) {
            place = Optional.of(new Picture.Place(
                    pos.get(), Picture.PlaceKind.valueOf(row.getString(9)), row.getLong(10), row.getString(11)));
        }
        OptionalLong healthMs = number(row, 13);
        return new Picture.Unit(
                Id16.of(row.getBytes(1)),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getBoolean(5),
                number(row, 6),
                place,
                number(row, 12).isPresent() ? Optional.of(row.getBoolean(12)) : Optional.empty(),
                healthMs.isPresent()
                        ? Optional.of(new Picture.Health(healthMs.getAsLong(), row.getString(14)))
                        : Optional.empty());
    }

    static Picture.Ride ride(ResultSet row) throws SQLException {
        return new Picture.Ride(
                Id8.of(row.getBytes(1)),
                Id16.of(row.getBytes(2)),
                row.getString(3),
                row.getString(4),
                number(row, 5),
                number(row, 6),
                number(row, 7),
                words(row.getString(8)),
                row.getString(9),
                row.getBoolean(10),
                row.getString(11),
                words(row.getString(12)),
                row.getLong(13));
    }

    static Picture.Emergency emergency(ResultSet row) throws SQLException {
        String origin = row.getString(10);
        return new Picture.Emergency(
                Id8.of(row.getBytes(1)),
                Id16.of(row.getBytes(2)),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getLong(6),
                row.getLong(7),
                number(row, 8),
                row.getInt(9),
                origin,
                origin.equals("driver") || origin.equals("duress-card"),
                words(row.getString(11)),
                pos(row, 12),
                id8(row, 14),
                Set.copyOf(words(row.getString(15))));
    }

    private static Picture.Happening happening(ResultSet row) throws SQLException {
        return new Picture.Happening(
                row.getLong(1),
                row.getString(2),
                Id16.of(row.getBytes(3)),
                row.getString(4),
                words(row.getString(5)),
                row.getBoolean(6),
                row.getLong(7),
                row.getLong(8),
                id8(row, 9),
                row.getString(10),
                Set.copyOf(words(row.getString(11))));
    }

    private static Picture.Count count(ResultSet row) throws SQLException {
        return new Picture.Count(row.getString(1), row.getString(2), row.getInt(3), row.getInt(4), row.getInt(5));
    }

    private static Optional<Pos> pos(ResultSet row, int latColumn) throws SQLException {
        int latE7 = row.getInt(latColumn);
        return row.wasNull() ? Optional.empty() : Optional.of(Pos.of(latE7, row.getInt(latColumn + 1)));
    }

    private static OptionalLong number(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static Optional<Id8> id8(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getBytes(column)).map(Id8::of);
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }
}
