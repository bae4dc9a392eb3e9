package ansim.hub.view;

import ansim.hub.core.UnitRide;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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
     * @param text somewhere in the vehicle number, blanks aside; or the first digits of the unit's or the ride's id, eight of them at least
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

    /**
     * Some rides.
     *
     * @param next the place behind which to go on; empty when there are no more
     * @param lookedToMs when it has ended before it was full and before the end: the time of the ride that it looked at last, as far as that is known
     */
    public record Page(List<Found> found, OptionalLong next, OptionalLong lookedToMs) {}

    /** Rides that a page looks at; then it says how far it has come. */
    static final int LOOKED_AT_MOST = 50_000;

    /** Where an emergency stands in the order of the list. */
    public record Last(long newestMs, Id16 unit, Id8 alarm) {}

    private final Database database;
    private final Unwritten unwritten;
    private final ViewReader reader;
    private final RideFinder finder;
    private final Patience patience;

    /** @param database for this alone */
    ViewSearch(Database database, Unwritten unwritten, Patience patience) {
        this.database = database;
        this.unwritten = unwritten;
        this.patience = patience;
        this.finder = new RideFinder(database);
        this.reader = new ViewReader(database, unwritten);
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
     * A page of rides, those with the newest word first. It may have fewer than asked for, or none, and go on all the same: it ends where it has looked
     * at {@link #LOOKED_AT_MOST} rides or for {@link Patience#page}.
     *
     * @param before only what stands behind this place; empty from the newest on
     */
    public synchronized Page rides(Rides wanted, OptionalLong before, int most) throws IOException {
        RideFinder.Way way = finder.way(wanted);
        List<RideFinder.Key> keys = new ArrayList<>();
        long top = before.orElse(Long.MAX_VALUE);
        Patience.Page time = patience.begin();
        int steps = 0;
        do {
            long floor = way.floor(top);
            keys.addAll(way.step(floor, top, most - keys.size()));
            if (keys.size() == most) {
                return page(keys, OptionalLong.of(keys.get(most - 1).place()), OptionalLong.empty());
            }
            if (floor == RideFinder.END) {
                return page(keys, OptionalLong.empty(), OptionalLong.empty());
            }
            top = floor;
            steps++;
        } while (steps < LOOKED_AT_MOST / RideFinder.STEP && !time.isOver());
        return page(keys, OptionalLong.of(top), finder.timeOf(top));
    }

    private Page page(List<RideFinder.Key> keys, OptionalLong next, OptionalLong lookedToMs) throws IOException {
        List<Found> found = new ArrayList<>();
        for (RideFinder.Key each : keys) {
            newest(each.ride()).ifPresent(ride -> found.add(new Found(ride.row(), each.place())));
        }
        return new Page(found, next, lookedToMs);
    }

    /** Row and memory of one moment; erased meanwhile is gone. */
    private Optional<ViewReader.Known> newest(Touched.Part ride) throws IOException {
        synchronized (unwritten) {
            return reader.known(ride);
        }
    }

    /** One ride, if it is as wanted. */
    public synchronized Optional<RideRow> ride(UnitRide ride, Rides wanted) throws IOException {
        Conditions all = RideFinder.conditions(wanted);
        all.add("r.unit = ?", ride.unit().bytes());
        all.add("r.ride = ?", ride.ride().bytes());
        long found = database.number("SELECT count(*) FROM rides AS r" + all.sql(), all.values.toArray());
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
     * A page of emergencies.
     *
     * @param next the one behind which to go on; empty when there are no more
     * @param lookedToMs when it has ended before it was full and before the end: when the one that it looked at last was raised
     */
    public record Emergencies(List<Picture.Emergency> found, Optional<Last> next, OptionalLong lookedToMs) {}

    /**
     * Emergencies, those that were raised last first. A page ends as one of {@link #rides} does.
     *
     * @param district one of those that were told
     * @param open whether it has not been cancelled
     * @param behind the one behind which to go on; empty from the newest on
     */
    public synchronized Emergencies emergencies(
            Optional<String> district, Optional<Boolean> open, Optional<Last> behind, int most) throws IOException {
        Conditions wanted = new Conditions();
        district.ifPresent(code -> wanted.add("instr(' ' || districts || ' ', ?) > 0", " " + code + " "));
        open.ifPresent(still -> wanted.add(still ? "cancelled_ms IS NULL" : "cancelled_ms IS NOT NULL"));
        List<Picture.Emergency> found = new ArrayList<>();
        Optional<Last> top = behind;
        Patience.Page time = patience.begin();
        int steps = 0;
        do {
            Optional<Last> floor = emergencyBehind(top);
            found.addAll(emergencies(wanted, top, floor, most - found.size()));
            if (found.size() == most) {
                Picture.Emergency last = found.get(most - 1);
                return new Emergencies(
                        found, Optional.of(new Last(last.newestMs(), last.unit(), last.alarm())), OptionalLong.empty());
            }
            if (floor.isEmpty()) {
                return new Emergencies(found, floor, OptionalLong.empty());
            }
            top = floor;
            steps++;
        } while (steps < LOOKED_AT_MOST / RideFinder.STEP && !time.isOver());
        return new Emergencies(found, top, OptionalLong.of(top.orElseThrow().newestMs()));
    }

    /** A condition: behind one. */
    private static void behind(Conditions all, Last one) {
        all.add(
                "newest_ms <= ? AND (newest_ms < ? OR (unit, alarm) > (?, ?))",
                one.newestMs(),
                one.newestMs(),
                one.unit().bytes(),
                one.alarm().bytes());
    }

    /** The last that a step behind another looks at; empty when there are not so many. */
    private Optional<Last> emergencyBehind(Optional<Last> top) throws IOException {
        Conditions all = new Conditions();
        top.ifPresent(last -> behind(all, last));
        all.values.add(RideFinder.STEP - 1);
        return database.first(
                row -> new Last(row.getLong(1), Id16.of(row.getBytes(2)), Id8.of(row.getBytes(3))),
                "SELECT newest_ms, unit, alarm FROM emergencies INDEXED BY emergencies_newest" + all.sql()
                        + " ORDER BY newest_ms DESC, unit, alarm LIMIT 1 OFFSET ?",
                all.values.toArray());
    }

    private List<Picture.Emergency> emergencies(Conditions wanted, Optional<Last> top, Optional<Last> floor, int most)
            throws IOException {
        Conditions all = new Conditions();
        all.add(wanted);
        top.ifPresent(last -> behind(all, last));
        floor.ifPresent(last -> all.add(
                "newest_ms >= ? AND (newest_ms > ? OR (unit, alarm) <= (?, ?))",
                last.newestMs(),
                last.newestMs(),
                last.unit().bytes(),
                last.alarm().bytes()));
        all.values.add(most);
        return database.list(
                ViewReader::emergency,
                ViewReader.EMERGENCIES + " INDEXED BY emergencies_newest" + all.sql()
                        + " ORDER BY newest_ms DESC, unit, alarm LIMIT ?",
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
