package ansim.hub.guardian;

import ansim.hub.core.UnitRide;
import ansim.hub.view.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far the log was followed for guardians, and which rides are named or may yet be: {@code guardian.db} in the hub's data folder. Handles
 * only, no rider, no contact; a ride is forgotten after {@value #KEEP_HOURS} hours. One thread.
 */
final class FeedStore implements AutoCloseable {
    /** A ride may be named for so long. */
    static final int KEEP_HOURS = 72;

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), journal INTEGER NOT NULL, through INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS rides (
              unit BLOB NOT NULL, ride BLOB NOT NULL, waiting INTEGER NOT NULL, handles TEXT NOT NULL, at_ms INTEGER NOT NULL,
              PRIMARY KEY (unit, ride)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS rides_at ON rides (at_ms);
            CREATE TABLE IF NOT EXISTS held (
              unit BLOB NOT NULL, ride BLOB NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (unit, ride, entry),
              FOREIGN KEY (unit, ride) REFERENCES rides (unit, ride) ON DELETE CASCADE) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS given (
              unit BLOB NOT NULL, ride BLOB NOT NULL, centre TEXT NOT NULL, PRIMARY KEY (unit, ride, centre),
              FOREIGN KEY (unit, ride) REFERENCES rides (unit, ride) ON DELETE CASCADE) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS doubted (
              unit BLOB NOT NULL, ride BLOB NOT NULL, PRIMARY KEY (unit, ride),
              FOREIGN KEY (unit, ride) REFERENCES rides (unit, ride) ON DELETE CASCADE) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS ride_keys (
              key INTEGER PRIMARY KEY, unit BLOB NOT NULL, ride BLOB NOT NULL,
              FOREIGN KEY (unit, ride) REFERENCES rides (unit, ride) ON DELETE CASCADE);
            CREATE INDEX IF NOT EXISTS ride_keys_ride ON ride_keys (unit, ride);
            CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
            """;

    /**
     * What is known of a ride.
     *
     * @param waiting boardings with cards that the vault has not answered
     * @param handles what its riders are called
     */
    record Known(long waiting, List<String> handles) {}

    /** Keys in memory; others are looked up again. */
    private static final int REMEMBERED = 65_536;

    private final Database database;
    /** Whether an entry under a key is of a ride that is known here. Stale ones say so too often, and never too seldom. */
    private final Map<Long, Boolean> ofRides = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    private FeedStore(Database database) {
        this.database = database;
    }

    static FeedStore open(Path file) throws IOException {
        Database database = Database.open(file, Database.Durability.FULL);
        try {
            database.overwriteDeleted();
            database.script(TABLES);
            return new FeedStore(database);
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    <T> T transaction(Database.Work<T> work) throws IOException {
        return database.transaction(work);
    }

    /** Up to which entry the log was followed; empty for another log than this one. */
    Optional<Long> through(long journal) throws IOException {
        return database.first(row -> row.getLong(1), "SELECT through FROM position WHERE journal = ?", journal);
    }

    void moveTo(long journal, long through) throws IOException {
        database.update("INSERT OR REPLACE INTO position VALUES (1, ?, ?)", journal, through);
    }

    Optional<Known> ride(UnitRide key) throws IOException {
        return database.first(
                row -> {
                    String handles = row.getString(2);
                    return new Known(row.getLong(1), handles.isEmpty() ? List.of() : List.of(handles.split(" ")));
                },
                "SELECT waiting, handles FROM rides WHERE unit = ? AND ride = ?",
                key.unit().bytes(),
                key.ride().bytes());
    }

    void put(UnitRide key, Known known, long atMs) throws IOException {
        database.update(
                "INSERT INTO rides VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (unit, ride) DO UPDATE SET waiting = excluded.waiting, handles = excluded.handles",
                key.unit().bytes(),
                key.ride().bytes(),
                known.waiting(),
                String.join(" ", known.handles()),
                atMs);
    }

    void forget(UnitRide key) throws IOException {
        database.update(
                "DELETE FROM rides WHERE unit = ? AND ride = ?",
                key.unit().bytes(),
                key.ride().bytes());
    }

    /** A boarding of the ride came from what may not be the registered unit. */
    void doubt(UnitRide key) throws IOException {
        database.update(
                "INSERT OR IGNORE INTO doubted VALUES (?, ?)",
                key.unit().bytes(),
                key.ride().bytes());
    }

    boolean isDoubted(UnitRide key) throws IOException {
        return database.number(
                        "SELECT count(*) FROM doubted WHERE unit = ? AND ride = ?",
                        key.unit().bytes(),
                        key.ride().bytes())
                > 0;
    }

    /** Under which key a ride's entries are sealed. */
    void sealedUnder(long key, UnitRide ride) throws IOException {
        database.update(
                "INSERT OR REPLACE INTO ride_keys VALUES (?, ?, ?)",
                key,
                ride.unit().bytes(),
                ride.ride().bytes());
        ofRides.put(key, true);
    }

    /** Whether what is sealed under a key is of a ride that is named or may yet be. */
    boolean isOfRide(long key) throws IOException {
        Boolean known = ofRides.get(key);
        if (known == null) {
            known = database.number("SELECT count(*) FROM ride_keys WHERE key = ?", key) > 0;
            ofRides.put(key, known);
        }
        return known;
    }

    /** A centre was given something of a ride; false when it had something of it before. */
    boolean give(UnitRide key, String centre) throws IOException {
        return database.update(
                        "INSERT OR IGNORE INTO given VALUES (?, ?, ?)",
                        key.unit().bytes(),
                        key.ride().bytes(),
                        centre)
                > 0;
    }

    /** The centres that were given something of a ride. */
    List<String> given(UnitRide key) throws IOException {
        return database.list(
                row -> row.getString(1),
                "SELECT centre FROM given WHERE unit = ? AND ride = ? ORDER BY centre",
                key.unit().bytes(),
                key.ride().bytes());
    }

    /** An entry that is to be told of when the ride is named. */
    void hold(UnitRide key, long entry) throws IOException {
        database.update(
                "INSERT OR IGNORE INTO held VALUES (?, ?, ?)",
                key.unit().bytes(),
                key.ride().bytes(),
                entry);
    }

    List<Long> held(UnitRide key) throws IOException {
        return database.list(
                row -> row.getLong(1),
                "SELECT entry FROM held WHERE unit = ? AND ride = ? ORDER BY entry",
                key.unit().bytes(),
                key.ride().bytes());
    }

    void release(UnitRide key) throws IOException {
        database.update(
                "DELETE FROM held WHERE unit = ? AND ride = ?",
                key.unit().bytes(),
                key.ride().bytes());
    }

    /** The place in the log and the counts. */
    void copyPlaceTo(FeedStore copy) throws IOException {
        record Place(long journal, long through) {}
        Optional<Place> place = database.first(
                row -> new Place(row.getLong(1), row.getLong(2)), "SELECT journal, through FROM position");
        Map<String, Long> counts = counts();
        copy.transaction(() -> {
            if (place.isPresent()) {
                copy.moveTo(place.get().journal(), place.get().through());
            }
            for (Map.Entry<String, Long> each : counts.entrySet()) {
                copy.database.update("INSERT INTO counts VALUES (?, ?)", each.getKey(), each.getValue());
            }
            return counts.size();
        });
        copy.emptyLog();
    }

    /** Nothing that was deleted is left in the file's own log; false when that is to be tried again. */
    boolean emptyLog() throws IOException {
        return database.emptyLog();
    }

    int forgetBefore(long ms) throws IOException {
        return database.update("DELETE FROM rides WHERE at_ms < ?", ms);
    }

    void count(String name) throws IOException {
        database.update("INSERT INTO counts VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", name);
    }

    Map<String, Long> counts() throws IOException {
        Map<String, Long> counts = new TreeMap<>();
        for (Map.Entry<String, Long> each :
                database.list(row -> Map.entry(row.getString(1), row.getLong(2)), "SELECT name, value FROM counts")) {
            counts.put(each.getKey(), each.getValue());
        }
        return counts;
    }

    @Override
    public void close() throws IOException {
        database.close();
    }
}
