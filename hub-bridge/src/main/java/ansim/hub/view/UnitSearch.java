package ansim.hub.view;

import ansim.wire.Id16;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Finds units by what the registry says of them and by how they are: {@code registry.db} with {@code views.db} beside it, both only read,
 * while the hub runs or not. Without views no unit has ever been heard of. Any thread.
 *
 * <p>The hub itself knows whom it has heard of. Another process knows it by the rows, which are up to half a minute behind while many units speak: no unit
 * that speaks is silent for that, but one that speaks again is for so much longer. The district where a unit was last is by the rows for both.
 */
public final class UnitSearch implements AutoCloseable {
    /** How long a unit may say nothing before it is silent: three of the longest pauses between two presences, ms. */
    public static final long SILENT_MS = 180_000;

    /** What a unit can be found by beside what it is for. */
    public enum State {
        /** Has no message key yet. */
        ENROLLING("u.revoked_ms IS NULL AND NOT EXISTS (SELECT 1 FROM message_keys AS k WHERE k.unit = u.unit)"),
        /** Is believed, and nothing has taken its place. */
        VALID("u.revoked_ms IS NULL AND u.replaced_by IS NULL"
                + " AND EXISTS (SELECT 1 FROM message_keys AS k WHERE k.unit = u.unit)"),
        /** Another has taken its place. */
        REPLACED("u.replaced_by IS NOT NULL"),
        /** Its messages are refused. */
        REVOKED("u.revoked_ms IS NOT NULL"),
        /** Is believed, and was heard of lately. */
        ONLINE(
                "u.revoked_ms IS NULL"
                        + " AND (EXISTS (SELECT 1 FROM live.heard AS l WHERE l.unit = u.unit AND l.seen_ms > ?) OR heard_since(u.unit, ?))"),
        /** Is believed, and was not heard of lately. */
        SILENT("u.revoked_ms IS NULL"
                + " AND EXISTS (SELECT 1 FROM live.heard AS l WHERE l.unit = u.unit AND l.seen_ms <= ?)"
                + " AND NOT heard_since(u.unit, ?)"),
        /** Is believed, and was never heard of. */
        NEVER_SEEN("u.revoked_ms IS NULL"
                + " AND NOT EXISTS (SELECT 1 FROM live.heard AS l WHERE l.unit = u.unit AND l.seen_ms IS NOT NULL)"
                + " AND NOT heard_since(u.unit, 0)");

        private final String sql;

        State(String sql) {
            this.sql = sql;
        }

        /** As it is written. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public static Optional<State> of(String word) {
            return Arrays.stream(values())
                    .filter(each -> each.word().equals(word))
                    .findFirst();
        }
    }

    /**
     * What to look for: all of what is given.
     *
     * @param company who runs it, whole
     * @param district its own district by the registry, or where it was last
     * @param group whole
     * @param text somewhere in the vehicle number or the box's serial, blanks aside; or the first digits of the unit's id, eight of them at least
     * @param state how it is
     * @param open whether only such a last place counts as tells of no rider
     */
    public record Wanted(
            Optional<String> company,
            Optional<String> district,
            Optional<String> group,
            Optional<String> text,
            Optional<State> state,
            boolean open) {
        public Wanted(
                Optional<String> company,
                Optional<String> district,
                Optional<String> group,
                Optional<String> text,
                Optional<State> state) {
            this(company, district, group, text, state, false);
        }

        public static final Wanted ALL =
                new Wanted(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        public Wanted withCompany(String name) {
            return new Wanted(Optional.of(name), district, group, text, state, open);
        }

        public Wanted withDistrict(String code) {
            return new Wanted(company, Optional.of(code), group, text, state, open);
        }

        public Wanted withState(State how) {
            return new Wanted(company, district, group, text, Optional.of(how), open);
        }

        /** For whoever may not know where a hired taxi is, and so not find it by that either. */
        public Wanted onlyOpen() {
            return new Wanted(company, district, group, text, state, true);
        }
    }

    /** How many units are how. */
    public record States(long online, long silent, long revoked, long neverSeen) {}

    /** Units that one step of {@link #page} looks at. */
    static final int STEP = 2_000;

    private static final String NO_VIEWS =
            "CREATE TABLE live.heard (unit BLOB PRIMARY KEY, seen_ms INTEGER, district TEXT, open_district TEXT) WITHOUT ROWID";

    private final Database database;
    private final Supplier<Since> memory;
    /** For the query at hand. */
    private Since since = Since.NOTHING;

    private UnitSearch(Database database, Supplier<Since> memory) throws IOException {
        this.database = database;
        this.memory = memory;
        database.define("heard_since", (id, ms) -> since.heard(Id16.of(id)).seenMs() > ms);
    }

    /**
     * For the hub itself.
     *
     * @param registry {@code registry.db}, which must be there
     * @param views stay open until this is closed
     */
    public static UnitSearch open(Path registry, Views views) throws IOException {
        return open(registry, views.file(), views::since);
    }

    /**
     * Opens both for another process than the hub.
     *
     * @param registry {@code registry.db}, which must be there
     * @param views {@code views.db}, which need not
     */
    public static UnitSearch open(Path registry, Path views) throws IOException {
        return open(registry, views, () -> Since.NOTHING);
    }

    private static UnitSearch open(Path registry, Path views, Supplier<Since> memory) throws IOException {
        Registry.open(registry).close();
        Database database = Database.openToRead(registry);
        try {
            boolean there = Files.exists(views);
            database.update(
                    "ATTACH DATABASE ? AS live", there ? views.toAbsolutePath().toString() : ":memory:");
            if (!there) {
                database.script("PRAGMA query_only = 0");
                database.script(NO_VIEWS);
                database.script("PRAGMA query_only = 1");
            }
            return new UnitSearch(database, memory);
        } catch (IOException e) {
            database.close();
            throw e;
        }
    }

    private Conditions conditions(Wanted wanted, long nowMs) {
        Conditions all = new Conditions();
        wanted.company.ifPresent(name -> all.add("u.company = ?", name));
        wanted.district.ifPresent(code -> all.add(
                "u.district = ? OR EXISTS (SELECT 1 FROM live.heard AS l WHERE l.unit = u.unit AND l."
                        + (wanted.open ? "open_district" : "district") + " = ?)",
                code,
                code));
        wanted.group.ifPresent(name -> all.add("u.grp = ?", name));
        wanted.text.ifPresent(part -> {
            String pattern = Conditions.within(part);
            List<Object> values = new ArrayList<>(List.of(pattern, pattern));
            Optional<IdRange> ids = IdRange.of(part, Id16.LENGTH);
            ids.ifPresent(range -> values.addAll(List.of(range.low(), range.high())));
            all.add(
                    "replace(u.vehicle, ' ', '') LIKE ? OR u.serial LIKE ?"
                            + (ids.isPresent() ? " OR u.unit BETWEEN ? AND ?" : ""),
                    values);
        });
        wanted.state.ifPresent(state -> {
            // Before the query begins: what is written meanwhile is in its rows.
            since = memory.get();
            if (state.sql.contains("?")) {
                all.add(state.sql, nowMs - SILENT_MS, nowMs - SILENT_MS);
            } else {
                all.add(state.sql);
            }
        });
        return all;
    }

    /** All units that are as wanted, in the order in which they were added. */
    public synchronized List<Registry.Registered> find(Wanted wanted, long nowMs) throws IOException {
        Conditions all = conditions(wanted, nowMs);
        return database.list(
                UnitRows::read, UnitRows.SELECT + all.sql() + " ORDER BY u.added_ms, u.unit", all.values.toArray());
    }

    /**
     * Some units.
     *
     * @param next the one behind which to go on; empty when there are no more
     * @param lookedToMs when it has ended before it was full and before the end: when the unit was added that it looked at last
     */
    public record Page(List<Registry.Registered> found, Optional<Id16> next, OptionalLong lookedToMs) {}

    private record Place(long addedMs, byte[] unit) {
        static final Place START = new Place(Long.MIN_VALUE, new byte[0]);
    }

    /**
     * A page of the same. It may have fewer units than asked for, or none, and go on all the same: it ends where it has looked for
     * {@link Patience#page}, in steps of {@link #STEP} units.
     *
     * @param after the unit behind which to go on; empty from the beginning
     */
    public synchronized Page page(Wanted wanted, Optional<Id16> after, int most, long nowMs, Patience patience)
            throws IOException {
        Optional<Place> from = after.isPresent() ? place(after.get()) : Optional.of(Place.START);
        if (from.isEmpty()) {
            return new Page(List.of(), Optional.empty(), OptionalLong.empty());
        }
        Conditions its = conditions(wanted, nowMs);
        List<Registry.Registered> found = new ArrayList<>();
        Patience.Page page = patience.begin();
        Place at = from.get();
        do {
            Optional<Place> end = ahead(at);
            found.addAll(between(its, at, end, most - found.size()));
            if (found.size() == most) {
                return new Page(found, Optional.of(found.get(most - 1).unit().unit()), OptionalLong.empty());
            }
            if (end.isEmpty()) {
                return new Page(found, Optional.empty(), OptionalLong.empty());
            }
            at = end.get();
        } while (!page.isOver());
        return new Page(found, Optional.of(Id16.of(at.unit)), OptionalLong.of(at.addedMs));
    }

    private Optional<Place> place(Id16 unit) throws IOException {
        return database.first(
                row -> new Place(row.getLong(1), unit.bytes()),
                "SELECT added_ms FROM units WHERE unit = ?",
                unit.bytes());
    }

    /** The last unit that a step looks at; empty when there are not so many. */
    private Optional<Place> ahead(Place at) throws IOException {
        return database.first(
                row -> new Place(row.getLong(1), row.getBytes(2)),
                "SELECT added_ms, unit FROM units INDEXED BY units_added WHERE (added_ms, unit) > (?, ?)"
                        + " ORDER BY added_ms, unit LIMIT 1 OFFSET ?",
                at.addedMs,
                at.unit,
                STEP - 1);
    }

    private List<Registry.Registered> between(Conditions its, Place at, Optional<Place> end, int most)
            throws IOException {
        Conditions all = new Conditions();
        all.add(its);
        all.add("(u.added_ms, u.unit) > (?, ?)", at.addedMs, at.unit);
        end.ifPresent(last -> all.add("(u.added_ms, u.unit) <= (?, ?)", last.addedMs, last.unit));
        all.values.add(most);
        return database.list(
                UnitRows::read,
                UnitRows.SELECT + "INDEXED BY units_added" + all.sql() + " ORDER BY u.added_ms, u.unit LIMIT ?",
                all.values.toArray());
    }

    /** How SQLite goes about what was asked so far. */
    synchronized List<String> plans() throws IOException {
        return database.plans();
    }

    /** One unit, if it is as wanted. */
    public synchronized Optional<Registry.Registered> unit(Id16 unit, Wanted wanted, long nowMs) throws IOException {
        Conditions all = conditions(wanted, nowMs);
        all.add("u.unit = ?", unit.bytes());
        return database.first(UnitRows::read, UnitRows.SELECT + all.sql(), all.values.toArray());
    }

    /** How many are as wanted. */
    public synchronized long count(Wanted wanted, long nowMs) throws IOException {
        Conditions all = conditions(wanted, nowMs);
        return database.number("SELECT count(*) FROM units AS u" + all.sql(), all.values.toArray());
    }

    /** How many units are how; each is one of the four. */
    public synchronized States states(long nowMs) throws IOException {
        since = memory.get();
        long lately = nowMs - SILENT_MS;
        long all = database.number("SELECT count(*) FROM units");
        long revoked = database.number("SELECT count(*) FROM units WHERE revoked_ms IS NOT NULL");
        long online = database.number("SELECT count(*) FROM units AS u WHERE " + State.ONLINE.sql, lately, lately);
        long silent = database.number("SELECT count(*) FROM units AS u WHERE " + State.SILENT.sql, lately, lately);
        return new States(online, silent, revoked, Math.max(0, all - revoked - online - silent));
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
