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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables as rows. Not thread-safe, as its database. */
final class ViewReader {
    /** Units in a snapshot at most; those heard of most recently. */
    static final int UNITS_SHOWN = 5_000;

    /** Rides that are on, in a snapshot at most; those of which something was said most recently beside where they are. */
    static final int OPEN_RIDES_SHOWN = 2_000;

    /** Rides that have ended, in a snapshot at most, and how long ago at most. */
    static final int CLOSED_RIDES_SHOWN = 200;

    static final long CLOSED_RIDES_MS = 3_600_000;

    /** Emergencies in a snapshot at most, and how long after they were last raised at most. */
    static final int EMERGENCIES_SHOWN = 500;

    static final long EMERGENCIES_MS = 24 * 3_600_000L;

    /** Events in a snapshot at most. */
    static final int EVENTS_SHOWN = 300;

    static final String UNITS = "SELECT u.unit, u.vehicle, u.company, u.kind, u.revoked, " + Heard.COLUMNS
            + " FROM units AS u LEFT JOIN heard AS h ON h.unit = u.unit";

    /** What {@link #ride} and {@link #driven} read: ten of the ride and seven of how far it has come. */
    static final String RIDE_COLUMNS = """
            SELECT r.ride, r.unit, r.vehicle, r.company,
              min(coalesce(r.boarded_ms, r.updated_ms), coalesce(r.updated_ms, r.boarded_ms)),
              r.named_ms, r.alighted_ms, r.source, r.test, r.attention,""" + " " + Driven.COLUMNS;

    static final String WITH_DRIVEN = " LEFT JOIN driven AS d ON d.unit = r.unit AND d.ride = r.ride";

    static final String RIDES_FROM = " FROM rides AS r" + WITH_DRIVEN;

    static final String RIDES = RIDE_COLUMNS + ", r.log_index" + RIDES_FROM;

    private static final int RIDE_DRIVEN = 11;

    /** Of {@link #RIDES}: the log index. */
    static final int RIDE_PLACE = RIDE_DRIVEN + Driven.COLUMN_COUNT;

    private static final String ONE_UNIT = " WHERE u.unit = ?";
    private static final String ONE_RIDE = " WHERE r.unit = ? AND r.ride = ?";
    static final String EMERGENCIES = """
            SELECT alarm, unit, vehicle, company, unit_kind, raised_ms, newest_ms, cancelled_ms, presses, origin, districts,
              lat_e7, lon_e7, ride, flags FROM emergencies""";
    private static final String EVENTS = """
            SELECT log_index, type, unit, vehicle, districts, alarm, at_ms, arrived_ms, ride, details, flags FROM events""";
    private static final String COUNTS = "SELECT day, district, boarded, alighted, emergencies FROM counts";

    private final Database database;
    private final Since since;

    /** @param since what is not in the rows yet, as of the same moment as these */
    ViewReader(Database database, Since since) {
        this.database = database;
        this.since = since;
    }

    /** One unit, if it is known. */
    Optional<Picture.Unit> unit(Id16 unit) throws IOException {
        return database.first(this::unit, UNITS + ONE_UNIT, unit.bytes());
    }

    /** The same with the place where it was last by what tells of no rider. */
    Optional<Picture.Unit> openUnit(Id16 unit) throws IOException {
        return database.first(this::openUnit, UNITS + ONE_UNIT, unit.bytes());
    }

    /** One ride, if it is known. */
    Optional<Picture.Ride> ride(Touched.Part ride) throws IOException {
        return database.first(
                this::ride, RIDES + ONE_RIDE, ride.unit().bytes(), ride.id().bytes());
    }

    /** All that is known of one ride; its way, and the gaps in it, as its row has them. */
    Optional<Known> known(Touched.Part ride) throws IOException {
        return database.first(
                row -> {
                    RideRow stored = RideRow.of(row);
                    Driven later = since.driven(ride);
                    return later == null
                            ? new Known(stored, driven(row).sent())
                            : new Known(stored.with(ride(row, later), later.seenMs()), later.sent());
                },
                RideRow.SELECT + ONE_RIDE,
                ride.unit().bytes(),
                ride.id().bytes());
    }

    /**
     * A ride and where it was sent.
     *
     * @param sent districts, apart by blanks
     */
    record Known(RideRow row, String sent) {}

    /** The rows that a transaction has touched. */
    Picture rows(long index, Touched touched, boolean districtsChanged) throws IOException {
        List<Picture.Unit> units = new ArrayList<>();
        for (Id16 unit : touched.units) {
            unit(unit).ifPresent(units::add);
        }
        List<Picture.Ride> rides = new ArrayList<>();
        for (Touched.Part ride : touched.rides) {
            ride(ride).ifPresent(rides::add);
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
                this::ride,
                RIDES + " WHERE r.alighted_ms IS NULL ORDER BY r.log_index DESC LIMIT ?",
                OPEN_RIDES_SHOWN));
        rides.addAll(database.list(
                this::ride,
                RIDES + " WHERE r.alighted_ms > ? ORDER BY r.alighted_ms DESC LIMIT ?",
                nowMs - CLOSED_RIDES_MS,
                CLOSED_RIDES_SHOWN));
        List<Picture.Happening> events = new ArrayList<>(
                database.list(ViewReader::happening, EVENTS + " ORDER BY log_index DESC LIMIT ?", EVENTS_SHOWN));
        Collections.reverse(events);
        return new Picture(
                database.number("SELECT position FROM place"),
                newest(UNITS_SHOWN),
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
        return database.list(this::unit, UNITS + " ORDER BY u.unit");
    }

    /** Those heard of most recently, by their rows and by what came since: a row's moment is never later than the unit's. */
    private List<Picture.Unit> newest(int most) throws IOException {
        Map<Id16, Heard> later = since.units();
        record Moment(Id16 unit, long seenMs) {}
        List<Moment> all = new ArrayList<>(database.list(
                row -> {
                    Id16 unit = Id16.of(row.getBytes(1));
                    return new Moment(
                            unit,
                            Math.max(
                                    row.getLong(2),
                                    later.getOrDefault(unit, Heard.NOTHING).seenMs()));
                },
                "SELECT u.unit, h.seen_ms FROM units AS u LEFT JOIN heard AS h ON h.unit = u.unit"));
        all.sort(Comparator.comparingLong(Moment::seenMs).reversed());
        List<Picture.Unit> units = new ArrayList<>();
        for (Moment each : all.subList(0, Math.min(most, all.size()))) {
            unit(each.unit).ifPresent(units::add);
        }
        return units;
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

    private Picture.Unit unit(ResultSet row) throws SQLException {
        Heard heard = heard(row);
        return unit(row, heard, heard.place());
    }

    private Picture.Unit openUnit(ResultSet row) throws SQLException {
        Heard heard = heard(row);
        return unit(row, heard, heard.open());
    }

    private Heard heard(ResultSet row) throws SQLException {
        return Heard.read(row, 6).then(since.heard(Id16.of(row.getBytes(1))));
    }

    private static Picture.Unit unit(ResultSet row, Heard heard, Heard.@Nullable Placed place) throws SQLException {
        Id16 unit = Id16.of(row.getBytes(1));
        return new Picture.Unit(
                unit,
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getBoolean(5),
                heard.seen(),
                Optional.ofNullable(place).map(Heard.Placed::picture),
                Optional.ofNullable(heard.duty()).map(Heard.Duty::on),
                Optional.ofNullable(heard.health()).map(Heard.Healthy::health));
    }

    private Picture.Ride ride(ResultSet row) throws SQLException {
        Driven later = since.driven(new Touched.Part(Id16.of(row.getBytes(2)), Id8.of(row.getBytes(1))));
        return ride(row, later == null ? driven(row) : later);
    }

    /** How far a ride had come when its row was written. */
    static Driven driven(ResultSet row) throws SQLException {
        return row.getString(RIDE_DRIVEN) == null ? Driven.begun(row.getBoolean(9)) : Driven.read(row, RIDE_DRIVEN);
    }

    static Picture.Ride ride(ResultSet row, Driven driven) throws SQLException {
        return new Picture.Ride(
                Id8.of(row.getBytes(1)),
                Id16.of(row.getBytes(2)),
                row.getString(3),
                row.getString(4),
                number(row, 5),
                number(row, 6),
                number(row, 7),
                words(driven.districts()),
                row.getString(8),
                row.getBoolean(9),
                driven.owner(),
                words(row.getString(10)),
                driven.lengthM());
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
