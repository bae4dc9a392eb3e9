package ansim.hub.view;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Order;
import ansim.hub.core.StarterMap;
import ansim.wire.CommandAck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The read models, made from the log and from nothing else: units and how they are, rides, emergencies, recent events, counts per
 * district. {@code views.db}.
 *
 * <p>Guarantees that each entry is taken exactly once: the place in the log is stored in the transaction that stores what the entries
 * did. A crash or a power cut takes back whole transactions (WAL with synchronous=NORMAL) and the log gives them again. A file that is
 * missing, damaged, of another log, of another version, or ahead of the log is begun anew from entry 1.
 *
 * <p>Not guaranteed: that it is up to date; {@link #position} says how far it is.
 *
 * <p>One thread applies; any thread asks.
 */
public final class Views implements AutoCloseable {
    /** Raised with every change of the tables: an older file is made again. */
    private static final int SCHEMA = 8;

    /** Commands kept; older ones are in the log. */
    static final int COMMANDS_KEPT = 200_000;

    /** Events kept; older ones are in the log and at the centres. */
    static final int EVENTS_KEPT = 2_000;

    private static final String TABLES = """
            CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), log INTEGER NOT NULL, position INTEGER NOT NULL);
            CREATE TABLE districts (one INTEGER PRIMARY KEY CHECK (one = 1), geojson BLOB NOT NULL);
            CREATE TABLE units (
              unit BLOB PRIMARY KEY, vehicle TEXT NOT NULL, company TEXT NOT NULL, kind TEXT NOT NULL, revoked INTEGER NOT NULL,
              seen_ms INTEGER, lat_e7 INTEGER, lon_e7 INTEGER, place_kind TEXT, place_ms INTEGER, district TEXT, place_key INTEGER,
              duty INTEGER, duty_ms INTEGER, health_ms INTEGER, health TEXT, health_key INTEGER) WITHOUT ROWID;
            CREATE INDEX units_seen ON units (seen_ms);
            CREATE TABLE rides (
              unit BLOB NOT NULL, ride BLOB NOT NULL, vehicle TEXT NOT NULL, company TEXT NOT NULL,
              boarded_ms INTEGER, updated_ms INTEGER, named_ms INTEGER, alighted_ms INTEGER,
              boarded_id TEXT, updated_id TEXT, named_id TEXT, alighted_id TEXT,
              districts TEXT NOT NULL, source TEXT NOT NULL, log_index INTEGER NOT NULL, test INTEGER NOT NULL,
              boarded_quality TEXT, alighted_quality TEXT, owner TEXT NOT NULL, destination TEXT NOT NULL, attention TEXT NOT NULL,
              seen_ms INTEGER NOT NULL, length_m INTEGER NOT NULL, course BLOB, known INTEGER NOT NULL,
              PRIMARY KEY (unit, ride)) WITHOUT ROWID;
            CREATE INDEX rides_newest ON rides (log_index);
            CREATE INDEX rides_open ON rides (log_index) WHERE alighted_ms IS NULL;
            CREATE INDEX rides_attention ON rides (log_index) WHERE attention <> '';
            CREATE INDEX rides_closed ON rides (alighted_ms) WHERE alighted_ms IS NOT NULL;
            CREATE TABLE emergencies (
              unit BLOB NOT NULL, alarm BLOB NOT NULL, vehicle TEXT NOT NULL, company TEXT NOT NULL, unit_kind TEXT NOT NULL,
              raised_ms INTEGER NOT NULL, newest_ms INTEGER NOT NULL, cancelled_ms INTEGER, presses INTEGER NOT NULL,
              origin TEXT NOT NULL, districts TEXT NOT NULL, lat_e7 INTEGER, lon_e7 INTEGER, ride BLOB, flags TEXT NOT NULL,
              key INTEGER, PRIMARY KEY (unit, alarm)) WITHOUT ROWID;
            CREATE INDEX emergencies_newest ON emergencies (newest_ms);
            CREATE TABLE events (
              log_index INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, unit BLOB NOT NULL, vehicle TEXT NOT NULL,
              districts TEXT NOT NULL, alarm INTEGER NOT NULL, at_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL,
              ride BLOB, details TEXT NOT NULL, flags TEXT NOT NULL, key INTEGER);
            CREATE INDEX events_key ON events (key);
            CREATE INDEX events_id ON events (id);
            CREATE TABLE commands (
              unit BLOB NOT NULL, number INTEGER NOT NULL, verb INTEGER NOT NULL, body BLOB NOT NULL, request BLOB NOT NULL,
              expires_s INTEGER NOT NULL, ordered_by TEXT NOT NULL, ordered_ms INTEGER NOT NULL, outcome INTEGER,
              answered_ms INTEGER, log_index INTEGER NOT NULL, PRIMARY KEY (unit, number)) WITHOUT ROWID;
            CREATE INDEX commands_index ON commands (log_index);
            CREATE TABLE counts (
              day TEXT NOT NULL, district TEXT NOT NULL, boarded INTEGER NOT NULL, alighted INTEGER NOT NULL,
              emergencies INTEGER NOT NULL, PRIMARY KEY (day, district)) WITHOUT ROWID;
            """;

    /**
     * One log entry with its index.
     *
     * @param index its index in the log
     * @param keyId what its content is sealed under
     * @param entry the entry
     */
    public record Logged(long index, OptionalLong keyId, LogEntry entry) {
        /** As a column. */
        @Nullable
        Long key() {
            return keyId.isPresent() ? keyId.getAsLong() : null;
        }
    }

    private final Database writing;
    private final Database reading;
    private final long log;
    private final ViewWriter writer;
    private final ViewReader afterWriting;
    private final ViewReader reader;
    private final ZoneId zone;
    private volatile long position;
    /** Something was erased and the file's log, in which it may still be, could not be emptied. */
    private volatile boolean unemptied;

    private volatile DistrictMap districts;

    private Views(Database writing, Database reading, long log, ZoneId zone) throws IOException {
        this.writing = writing;
        this.reading = reading;
        this.log = log;
        this.zone = zone;
        this.writer = new ViewWriter(writing, zone);
        this.afterWriting = new ViewReader(writing);
        this.reader = new ViewReader(reading);
        this.position = writing.number("SELECT position FROM place");
        this.districts = storedDistricts();
    }

    /**
     * Opens the file, or begins it anew.
     *
     * @param file {@code views.db}
     * @param log the log's id: another log's views are of no use
     * @param durable the log's newest durable index: views ahead of it have seen what is gone
     * @param zone where a day begins and ends
     */
    public static Views open(Path file, long log, long durable, ZoneId zone) throws IOException {
        Optional<Database> usable = usable(file, log, durable);
        return new Views(usable.isPresent() ? usable.get() : begun(file, log), Database.openToRead(file), log, zone);
    }

    private static Optional<Database> usable(Path file, long log, long durable) {
        try {
            Database database = opened(file);
            if (database.number("PRAGMA user_version") == SCHEMA
                    && database.number("SELECT log FROM place") == log
                    && database.number("SELECT position FROM place") <= durable) {
                return Optional.of(database);
            }
            database.close();
        } catch (IOException e) {
            Logger.warn("views are made again from the log: {}", e.getMessage());
        }
        return Optional.empty();
    }

    private static Database opened(Path file) throws IOException {
        Database database = Database.open(file, Database.Durability.CONSISTENT);
        database.overwriteDeleted();
        return database;
    }

    private static Database begun(Path file, long log) throws IOException {
        remove(file);
        Database database = opened(file);
        begin(database, log);
        return database;
    }

    private static void remove(Path file) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
        }
    }

    private static void begin(Database database, long log) throws IOException {
        database.transaction(() -> {
            database.script(TABLES);
            database.script("PRAGMA user_version = " + SCHEMA);
            return database.update("INSERT INTO place VALUES (1, ?, 0)", log);
        });
    }

    /** The log index of the last entry that is in the tables. */
    public long position() {
        return position;
    }

    /** The id of the log that these views are of. */
    public long log() {
        return log;
    }

    /** The map in force at {@link #position}. */
    public DistrictMap districts() {
        return districts;
    }

    /**
     * Takes entries over, whole or not at all.
     *
     * @param entries in the order of the log, all after {@link #position}
     * @param through the position afterwards: at least the last entry's index, higher where what follows cannot be read
     * @return the rows that have changed
     */
    public Picture apply(List<Logged> entries, long through) throws IOException {
        return rows(take(entries, through));
    }

    /** What {@link #take} has changed. */
    record Taken(long through, Touched touched, boolean mapChanged) {}

    /** The rows that have changed, by the thread that applies and before it takes more. */
    Picture rows(Taken taken) throws IOException {
        return writing.snapshot(() -> afterWriting.rows(taken.through, taken.touched, taken.mapChanged));
    }

    /** As {@link #apply}, without reading the rows again: nobody may be there to look at them. */
    Taken take(List<Logged> entries, long through) throws IOException {
        Touched touched = new Touched();
        DistrictMap before = districts;
        boolean mapChanged = writing.transaction(() -> {
            DistrictMap map = before;
            for (Logged logged : entries) {
                map = writer.apply(logged, map, touched);
            }
            writer.forget(EVENTS_KEPT, COMMANDS_KEPT);
            writing.update("UPDATE place SET position = ?", through);
            touched.map(map);
            return map != before;
        });
        districts = touched.map().orElse(before);
        unemptied |= touched.erased;
        // Before the position is shown: whoever waits for an erasure waits for this.
        unemptied = unemptied && !writing.emptyLog();
        position = through;
        return new Taken(through, touched, mapChanged);
    }

    /** Whether everything up to an entry is in the tables, and what an erasure took from them is in no file any more. */
    public boolean holdsNothingErasedBefore(long index) {
        return position >= index && !unemptied;
    }

    /** Everything that a screen shows, as of one moment. */
    public Picture snapshot(Instant now) throws IOException {
        synchronized (reading) {
            return reading.snapshot(() -> reader.snapshot(now.toEpochMilli(), day(now)));
        }
    }

    /** The day of a moment in the hub's zone, as in {@link Picture.Count}. */
    public String day(Instant at) {
        return at.atZone(zone).toLocalDate().toString();
    }

    /** Every unit with what is known of it, in the order of their ids. */
    public List<Picture.Unit> units() throws IOException {
        synchronized (reading) {
            return reader.units();
        }
    }

    /** Reads the units of a file that a hub may have open, without a log; empty when the file is missing or of another version. */
    public static Optional<List<Picture.Unit>> unitsIn(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Database database = Database.openToRead(file)) {
            return database.number("PRAGMA user_version") == SCHEMA
                    ? Optional.of(new ViewReader(database).units())
                    : Optional.empty();
        }
    }

    /** Reads what units were ordered, as {@link #unitsIn} does. */
    public static List<Ordered> orderedIn(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Database database = Database.openToRead(file)) {
            return database.number("PRAGMA user_version") == SCHEMA ? new ViewReader(database).ordered() : List.of();
        }
    }

    /**
     * A command that is in the log.
     *
     * @param order what was ordered
     * @param orderedMs when it was logged, ms since 1970 UTC
     * @param answer what the unit said; empty while it has said nothing
     */
    public record Ordered(Order order, long orderedMs, Optional<Answer> answer) {}

    /**
     * What a unit said of a command.
     *
     * @param outcome what became of it
     * @param atMs when it came, ms since 1970 UTC
     */
    public record Answer(CommandAck.Outcome outcome, long atMs) {}

    /** Rides of a file that a hub may have open, without a log, the newest first; empty when the file is missing or of another version. */
    public static Optional<List<RideRow>> ridesIn(Path file, RideRow.Query query) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Database database = Database.openToRead(file)) {
            return database.number("PRAGMA user_version") == SCHEMA
                    ? Optional.of(query.rows(database))
                    : Optional.empty();
        }
    }

    private DistrictMap storedDistricts() throws IOException {
        Optional<byte[]> stored = writing.first(row -> row.getBytes(1), "SELECT geojson FROM districts");
        return stored.flatMap(geojson -> DistrictMap.parse(geojson).map()).orElseGet(StarterMap::map);
    }

    @Override
    public void close() throws IOException {
        try (writing) {
            synchronized (reading) {
                reading.close();
            }
        }
    }
}
