package ansim.hub.view;

import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds rides in the order of their newest word, the newest first, in steps: each goes along an index as far as {@link #STEP} rides and takes those that
 * are as wanted, so that no query reads more than a few hundred rows, however many years of rides there are. Who asks for a vehicle number, a
 * unit, a ride, a company, rides that are on or a short time is served by an index of that; anything else is looked for among all. Not
 * thread-safe, as its database.
 */
final class RideFinder {
    /** Rides that one step looks at, those of {@link Source#whole} sources aside. */
    static final int STEP = 500;

    /** Units whose rides are read one by one; what more of them have is looked for among all rides. */
    static final int UNITS_MOST = 64;

    /** Rides that are read at once and sorted, where an index has them in another order. */
    static final int SORTED_MOST = 2_000;

    /** Before the first of the log: nothing is left. */
    static final long END = 0;

    static final String BOARDED = "min(coalesce(r.boarded_ms, r.updated_ms), coalesce(r.updated_ms, r.boarded_ms))";

    /** Where a ride stands. */
    record Key(Touched.Part ride, long place) {}

    /**
     * Some of the rides by an index.
     *
     * @param whole whether the index has them in another order: at most {@link #SORTED_MOST}, read in the one step that there is
     */
    private record Source(String index, String condition, List<Object> values, boolean whole) {
        static Source along(String index, String condition, Object... values) {
            return new Source(index, condition, List.of(values), false);
        }
    }

    private final Database database;

    RideFinder(Database database) {
        this.database = database;
    }

    /** All but the districts. */
    static Conditions conditions(ViewSearch.Rides wanted) {
        Conditions all = new Conditions();
        wanted.company().ifPresent(name -> all.add("r.company = ?", name));
        wanted.text().ifPresent(text -> text(all, text));
        wanted.open().ifPresent(open -> all.add(open ? "r.alighted_ms IS NULL" : "r.alighted_ms IS NOT NULL"));
        boarded(all, wanted);
        if (wanted.known()) {
            all.add("r.known = 1");
        }
        return all;
    }

    private static void text(Conditions all, String text) {
        StringBuilder sql = new StringBuilder("replace(r.vehicle, ' ', '') LIKE ?");
        List<Object> values = new ArrayList<>(List.of(Conditions.within(text)));
        IdRange.of(text, Id16.LENGTH).ifPresent(ids -> {
            sql.append(" OR r.unit BETWEEN ? AND ?");
            values.addAll(List.of(ids.low(), ids.high()));
        });
        IdRange.of(text, Id8.LENGTH).ifPresent(ids -> {
            sql.append(" OR r.ride BETWEEN ? AND ?");
            values.addAll(List.of(ids.low(), ids.high()));
        });
        all.add(sql.toString(), values);
    }

    private static void boarded(Conditions all, ViewSearch.Rides wanted) {
        wanted.boardedFromMs().ifPresent(ms -> all.add(BOARDED + " >= ?", ms));
        wanted.boardedToMs().ifPresent(ms -> all.add(BOARDED + " < ?", ms));
    }

    /** The way along which the rides of one question are looked for. */
    final class Way {
        private final ViewSearch.Rides wanted;
        private final List<Source> sources;

        private Way(ViewSearch.Rides wanted, List<Source> sources) {
            this.wanted = wanted;
            this.sources = sources;
        }

        /** The place down to which the next step looks; {@link #END} when it is the last. */
        long floor(long top) throws IOException {
            int each = Math.max(1, STEP / Math.max(1, sources.size()));
            long floor = END;
            for (Source source : sources) {
                floor = Math.max(floor, source.whole ? END : behind(source, top, each));
            }
            return floor;
        }

        /** Rides of [floor, top) that are as wanted, the newest first. */
        List<Key> step(long floor, long top, int most) throws IOException {
            Map<Long, Key> found = new LinkedHashMap<>();
            for (Source source : sources) {
                between(source, wanted, floor, top, most).forEach(each -> found.put(each.place, each));
            }
            return found.values().stream()
                    .sorted(Comparator.comparingLong(Key::place).reversed())
                    .limit(most)
                    .toList();
        }
    }

    Way way(ViewSearch.Rides wanted) throws IOException {
        return new Way(wanted, sources(wanted));
    }

    private List<Source> sources(ViewSearch.Rides wanted) throws IOException {
        if (wanted.text().isPresent()) {
            Optional<List<Source>> named =
                    named(wanted.text().get(), wanted.open().orElse(false));
            if (named.isPresent()) {
                return named.get();
            }
        }
        if (wanted.boardedFromMs().isPresent() || wanted.boardedToMs().isPresent()) {
            Conditions its = new Conditions();
            boarded(its, wanted);
            if (isFew("rides_boarded", its)) {
                // What is wanted has the condition by itself.
                return List.of(new Source("rides_boarded", "TRUE", List.of(), true));
            }
        }
        if (wanted.open().orElse(false)) {
            return List.of(Source.along("rides_open", "r.alighted_ms IS NULL"));
        }
        return List.of(wanted.company()
                .map(name -> Source.along("rides_of_company", "r.company = ?", name))
                .orElseGet(() -> Source.along("rides_newest", "TRUE")));
    }

    /** Rides of units and rides that a text names; empty when these are too many to be read one by one. */
    private Optional<List<Source>> named(String text, boolean open) throws IOException {
        Set<Id16> units = new LinkedHashSet<>(units("plate LIKE ?", Conditions.within(text)));
        Optional<IdRange> unitIds = IdRange.of(text, Id16.LENGTH);
        if (unitIds.isPresent()) {
            units.addAll(units(
                    "unit BETWEEN ? AND ?", unitIds.get().low(), unitIds.get().high()));
        }
        if (units.size() > UNITS_MOST) {
            return Optional.empty();
        }
        List<Source> sources = new ArrayList<>();
        for (Id16 unit : units) {
            sources.add(
                    open
                            ? Source.along("rides_in_unit", "r.unit = ? AND r.alighted_ms IS NULL", unit.bytes())
                            : Source.along("rides_of_unit", "r.unit = ?", unit.bytes()));
        }
        Optional<IdRange> rideIds = IdRange.of(text, Id8.LENGTH);
        if (rideIds.isPresent()) {
            List<Object> range = List.of(rideIds.get().low(), rideIds.get().high());
            Conditions its = new Conditions();
            its.add("r.ride BETWEEN ? AND ?", range);
            if (!isFew("rides_id", its)) {
                return Optional.empty();
            }
            sources.add(new Source("rides_id", "r.ride BETWEEN ? AND ?", range, true));
        }
        return Optional.of(Collections.unmodifiableList(sources));
    }

    private List<Id16> units(String condition, Object... values) throws IOException {
        Conditions its = new Conditions();
        its.add(condition, values);
        its.values.add(UNITS_MOST + 1);
        return database.list(
                row -> Id16.of(row.getBytes(1)),
                "SELECT DISTINCT unit FROM plates" + its.sql() + " LIMIT ?",
                its.values.toArray());
    }

    private boolean isFew(String index, Conditions its) throws IOException {
        its.values.add(SORTED_MOST + 1);
        return database.number(
                        "SELECT count(*) FROM (SELECT 1 FROM rides AS r INDEXED BY " + index + its.sql() + " LIMIT ?)",
                        its.values.toArray())
                <= SORTED_MOST;
    }

    /** The place of the last of so many rides before another; {@link #END} when there are not so many. */
    private long behind(Source source, long top, int rides) throws IOException {
        Conditions all = new Conditions();
        all.add(source.condition, source.values);
        all.add("r.log_index < ?", top);
        all.values.add(rides - 1);
        return database.first(
                        row -> row.getLong(1),
                        "SELECT r.log_index FROM rides AS r INDEXED BY " + source.index + all.sql()
                                + " ORDER BY r.log_index DESC LIMIT 1 OFFSET ?",
                        all.values.toArray())
                .orElse(END);
    }

    private List<Key> between(Source source, ViewSearch.Rides wanted, long floor, long top, int most)
            throws IOException {
        Conditions all = conditions(wanted);
        all.add(source.condition, source.values);
        wanted.district()
                .ifPresent(code -> all.add(
                        "instr(' ' || coalesce(d.districts, '') || ' ' || r.passed || ' ', ?) > 0", " " + code + " "));
        wanted.sentTo()
                .ifPresent(code ->
                        all.add("instr(' ' || coalesce(d.sent, '') || ' ' || r.sent || ' ', ?) > 0", " " + code + " "));
        all.add("r.log_index < ?", top);
        all.add("r.log_index >= ?", floor);
        all.values.add(most);
        return database.list(
                row -> new Key(new Touched.Part(Id16.of(row.getBytes(1)), Id8.of(row.getBytes(2))), row.getLong(3)),
                "SELECT r.unit, r.ride, r.log_index FROM rides AS r INDEXED BY " + source.index + ViewReader.WITH_DRIVEN
                        + all.sql() + " ORDER BY r.log_index DESC LIMIT ?",
                all.values.toArray());
    }

    /** When something of the ride at a place happened last, as far as its rows say. */
    OptionalLong timeOf(long place) throws IOException {
        long ms = database.number(
                "SELECT coalesce(r.alighted_ms, " + BOARDED + ", d.seen_ms) FROM rides AS r" + ViewReader.WITH_DRIVEN
                        + " WHERE r.log_index = ?",
                place);
        return ms == 0 ? OptionalLong.empty() : OptionalLong.of(ms);
    }
}
