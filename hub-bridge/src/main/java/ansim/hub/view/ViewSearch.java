package ansim.hub.view;

import ansim.hub.core.UnitRide;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.StringJoiner;

/**
 * Asks the views for some of their rows, page by page, over a connection of its own. Any thread.
 *
 * <p>What is found is as it is now. What a list finds a ride by is as its rows have it: where it was when something was last said of it counts at
 * once; at all of Seoul a district that it has only driven into since counts up to half a minute later ({@link Unwritten}).
 */
public final class ViewSearch implements AutoCloseable {
    /**
     * Which rides: all of what is given.
     *
     * @param district one of those that the ride touched
     * @param sentTo one of those that something of the ride was routed to
     * @param company who runs the taxi
     * @param text somewhere in the vehicle number, blanks aside
     * @param open whether it is on
     * @param boardedFromMs no earlier, ms since 1970 UTC
     * @param boardedToMs earlier than this
     * @param known only those of riders whom the vault knows
     */
    public record Rides(
            Optional<String> district,
            Optional<String> sentTo,
            Optional<String> company,
            Optional<String> text,
            Optional<Boolean> open,
            OptionalLong boardedFromMs,
            OptionalLong boardedToMs,
            boolean known) {
        public static final Rides ALL = new Rides(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                false);

        public Rides withDistrict(String code) {
            return new Rides(Optional.of(code), sentTo, company, text, open, boardedFromMs, boardedToMs, known);
        }

        public Rides sentTo(String code) {
            return new Rides(district, Optional.of(code), company, text, open, boardedFromMs, boardedToMs, known);
        }

        public Rides onlyKnown() {
            return new Rides(district, sentTo, company, text, open, boardedFromMs, boardedToMs, true);
        }

        public Rides withCompany(String name) {
            return new Rides(district, sentTo, Optional.of(name), text, open, boardedFromMs, boardedToMs, known);
        }
    }

    /**
     * A ride and where it stands in the order of the list.
     *
     * @param place of its newest word: the log index
     */
    public record Found(RideRow row, long place) {}

    /** Where an emergency stands in the order of the list. */
    public record Last(long newestMs, Id16 unit, Id8 alarm) {}

    private static final String BOARDED =
            "min(coalesce(r.boarded_ms, r.updated_ms), coalesce(r.updated_ms, r.boarded_ms))";

    private final Database database;
    private final Unwritten unwritten;
    private final ViewReader reader;

    /** @param database for this alone */
    ViewSearch(Database database, Unwritten unwritten) {
        this.database = database;
        this.unwritten = unwritten;
        this.reader = new ViewReader(database, unwritten);
    }

    private static final class Conditions {
        final StringJoiner sql = new StringJoiner(" AND ", " WHERE ", "").setEmptyValue("");
        final List<Object> values = new ArrayList<>();

        void add(String condition, Object... its) {
            sql.add("(" + condition + ")");
            values.addAll(Arrays.asList(its));
        }
    }

    /** All but the districts. */
    private static Conditions conditions(Rides wanted) {
        Conditions all = new Conditions();
        wanted.company.ifPresent(name -> all.add("r.company = ?", name));
        wanted.text.ifPresent(
                part -> all.add("replace(r.vehicle, ' ', '') LIKE ?", "%" + part.replaceAll("[%_\\\\\\s]", "") + "%"));
        wanted.open.ifPresent(open -> all.add(open ? "r.alighted_ms IS NULL" : "r.alighted_ms IS NOT NULL"));
        wanted.boardedFromMs.ifPresent(ms -> all.add(BOARDED + " >= ?", ms));
        wanted.boardedToMs.ifPresent(ms -> all.add(BOARDED + " < ?", ms));
        if (wanted.known) {
            all.add("r.known = 1");
        }
        return all;
    }

    /** How a unit is; empty when it is not in the log. */
    public synchronized Optional<Picture.Unit> unit(Id16 unit) throws IOException {
        synchronized (unwritten) {
            return reader.unit(unit);
        }
    }

    /** The same with the place where it was last by what tells of no rider: where it was free, or stands by the registry. */
    public synchronized Optional<Picture.Unit> openUnit(Id16 unit) throws IOException {
        synchronized (unwritten) {
            return reader.openUnit(unit);
        }
    }

    /**
     * Rides, those with the newest word first.
     *
     * @param before only what stands behind this place; empty from the newest on
     */
    public synchronized List<Found> rides(Rides wanted, OptionalLong before, int most) throws IOException {
        Conditions all = conditions(wanted);
        wanted.district.ifPresent(code ->
                all.add("instr(' ' || coalesce(d.districts, '') || ' ' || r.passed || ' ', ?) > 0", " " + code + " "));
        wanted.sentTo.ifPresent(
                code -> all.add("instr(' ' || coalesce(d.sent, '') || ' ' || r.sent || ' ', ?) > 0", " " + code + " "));
        before.ifPresent(place -> all.add("r.log_index < ?", place));
        all.values.add(most);
        record Key(Touched.Part ride, long place) {}
        List<Key> keys = database.list(
                row -> new Key(new Touched.Part(Id16.of(row.getBytes(1)), Id8.of(row.getBytes(2))), row.getLong(3)),
                "SELECT r.unit, r.ride, r.log_index" + ViewReader.RIDES_FROM + all.sql
                        + " ORDER BY r.log_index DESC LIMIT ?",
                all.values.toArray());
        List<Found> found = new ArrayList<>();
        for (Key each : keys) {
            newest(each.ride).ifPresent(ride -> found.add(new Found(ride.row(), each.place)));
        }
        return found;
    }

    /** Row and memory of one moment; erased meanwhile is gone. */
    private Optional<ViewReader.Known> newest(Touched.Part ride) throws IOException {
        synchronized (unwritten) {
            return reader.known(ride);
        }
    }

    /** One ride, if it is as wanted. */
    public synchronized Optional<RideRow> ride(UnitRide ride, Rides wanted) throws IOException {
        Conditions all = conditions(wanted);
        all.add("r.unit = ?", ride.unit().bytes());
        all.add("r.ride = ?", ride.ride().bytes());
        long found = database.number("SELECT count(*) FROM rides AS r" + all.sql, all.values.toArray());
        return found == 0
                ? Optional.empty()
                : newest(new Touched.Part(ride.unit(), ride.ride()))
                        .filter(newest -> wanted.district
                                .map(newest.row().ride().districts()::contains)
                                .orElse(true))
                        .filter(newest -> wanted.sentTo
                                .map(code -> Driven.has(newest.sent(), code))
                                .orElse(true))
                        .map(ViewReader.Known::row);
    }

    /**
     * Emergencies, those that were raised last first.
     *
     * @param district one of those that were told
     * @param open whether it has not been cancelled
     * @param behind the one behind which to go on; empty from the newest on
     */
    public synchronized List<Picture.Emergency> emergencies(
            Optional<String> district, Optional<Boolean> open, Optional<Last> behind, int most) throws IOException {
        Conditions all = new Conditions();
        district.ifPresent(code -> all.add("instr(' ' || districts || ' ', ?) > 0", " " + code + " "));
        open.ifPresent(still -> all.add(still ? "cancelled_ms IS NULL" : "cancelled_ms IS NOT NULL"));
        behind.ifPresent(last -> all.add(
                "newest_ms < ? OR (newest_ms = ? AND (unit, alarm) > (?, ?))",
                last.newestMs(),
                last.newestMs(),
                last.unit().bytes(),
                last.alarm().bytes()));
        all.values.add(most);
        return database.list(
                ViewReader::emergency,
                ViewReader.EMERGENCIES + all.sql + " ORDER BY newest_ms DESC, unit, alarm LIMIT ?",
                all.values.toArray());
    }

    /** The ride that is on in a unit; of more than one that of the newest word. */
    public synchronized Optional<Id8> rideOn(Id16 unit) throws IOException {
        return database.first(
                row -> Id8.of(row.getBytes(1)),
                "SELECT ride FROM rides INDEXED BY rides_in_unit WHERE unit = ? AND alighted_ms IS NULL"
                        + " ORDER BY log_index DESC LIMIT 1",
                unit.bytes());
    }

    /** Whether an emergency is known already. */
    public synchronized boolean hasEmergency(Id16 unit, Id8 alarm) throws IOException {
        return database.number(
                        "SELECT count(*) FROM emergencies WHERE unit = ? AND alarm = ?", unit.bytes(), alarm.bytes())
                > 0;
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
