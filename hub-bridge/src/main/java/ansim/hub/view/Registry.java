package ansim.hub.view;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which units there are, and the imported map of districts: {@code registry.db}, which operators edit with {@code hub-bridge units} and
 * {@code hub-bridge districts}, also while the hub runs.
 *
 * <p>Guarantees that what a method returned for survives a power cut (WAL with synchronous=FULL), and that {@link #changesSince} names
 * every unit and map that was changed after a sequence number, in the order of their newest change. Does not keep what a unit was
 * before: that is in the hub's log.
 *
 * <p>Any thread; any number of processes.
 */
public final class Registry implements AutoCloseable {
    private static final int SCHEMA = 1;

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
            INSERT OR IGNORE INTO sequence VALUES (1, 0);
            CREATE TABLE IF NOT EXISTS units (
              unit BLOB PRIMARY KEY CHECK (length(unit) = 16),
              public_key BLOB NOT NULL UNIQUE,
              kid BLOB NOT NULL UNIQUE CHECK (length(kid) = 8),
              vehicle TEXT NOT NULL,
              company TEXT NOT NULL,
              kind TEXT NOT NULL,
              lat_e7 INTEGER,
              lon_e7 INTEGER,
              added_ms INTEGER NOT NULL,
              revoked_ms INTEGER,
              seq INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS units_seq ON units (seq);
            CREATE TABLE IF NOT EXISTS districts (
              seq INTEGER PRIMARY KEY,
              geojson BLOB NOT NULL,
              origin TEXT NOT NULL,
              imported_ms INTEGER NOT NULL);
            """;

    private static final String UNIT_COLUMNS =
            "unit, public_key, vehicle, company, kind, lat_e7, lon_e7, added_ms, revoked_ms, seq";

    /**
     * A unit as it stands in the registry.
     *
     * @param unit what the hub goes by
     * @param addedMs when it was added, ms since 1970 UTC
     * @param revokedMs when it was revoked
     * @param seq of its newest change
     */
    public record Registered(UnitRecord unit, long addedMs, OptionalLong revokedMs, long seq) {}

    /**
     * A map of districts as it was imported.
     *
     * @param geojson the file
     * @param origin where it came from: a file name or an address
     * @param importedMs when, ms since 1970 UTC
     * @param seq of the import
     */
    public record ImportedMap(byte[] geojson, String origin, long importedMs, long seq) {}

    /** What has changed. */
    public sealed interface Change {
        /** Number of the change; a later one is higher. */
        long seq();

        /**
         * A unit was added, changed or revoked.
         *
         * @param seq of its newest change
         * @param unit as it stands now
         */
        record Unit(long seq, UnitRecord unit) implements Change {}

        /**
         * Districts were imported.
         *
         * @param seq of the import
         * @param map the newest import
         */
        record Districts(long seq, ImportedMap map) implements Change {}
    }

    private final Database database;

    private Registry(Database database) {
        this.database = database;
    }

    /** Opens the file, and creates it when it is missing. */
    public static Registry open(Path file) throws IOException {
        Database database = Database.open(file, Database.Durability.FULL);
        try {
            long version = database.number("PRAGMA user_version");
            if (version > SCHEMA) {
                throw new IOException(
                        file + " is of a newer version (" + version + ", this program knows " + SCHEMA + ")");
            }
            if (version < SCHEMA) {
                database.transaction(() -> {
                    database.script(TABLES);
                    database.script("PRAGMA user_version = " + SCHEMA);
                    return SCHEMA;
                });
            }
            return new Registry(database);
        } catch (IOException e) {
            database.close();
            throw e;
        }
    }

    /**
     * Adds a unit.
     *
     * @return false, and nothing is changed, when this unit id or this key is there already
     */
    public synchronized boolean add(UnitRecord unit, long nowMs) throws IOException {
        return database.transaction(() -> {
            byte[] kid = unit.key().kid().bytes();
            if (database.number(
                            "SELECT count(*) FROM units WHERE unit = ? OR kid = ?",
                            unit.unit().bytes(),
                            kid)
                    > 0) {
                return false;
            }
            database.update(
                    "INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    unit.unit().bytes(),
                    unit.key().spki(),
                    kid,
                    unit.vehicle(),
                    unit.company(),
                    unit.kind(),
                    unit.place().map(Pos::latE7).orElse(null),
                    unit.place().map(Pos::lonE7).orElse(null),
                    nowMs,
                    unit.revoked() ? nowMs : null,
                    nextSeq());
            return true;
        });
    }

    /**
     * Refuses a unit's messages from now on. It stays in the registry, and cannot come back under its id or key.
     *
     * @return false when there is no such unit, or it is revoked already
     */
    public synchronized boolean revoke(Id16 unit, long nowMs) throws IOException {
        return database.transaction(() -> database.update(
                        "UPDATE units SET revoked_ms = ?, seq = ? WHERE unit = ? AND revoked_ms IS NULL",
                        nowMs,
                        nextSeq(),
                        unit.bytes())
                == 1);
    }

    public synchronized Optional<Registered> unit(Id16 unit) throws IOException {
        return database.first(
                Registry::registered, "SELECT " + UNIT_COLUMNS + " FROM units WHERE unit = ?", unit.bytes());
    }

    /** The unit that has this key, revoked or not. */
    public synchronized Optional<Registered> unitOf(VerifyKey key) throws IOException {
        return database.first(
                Registry::registered,
                "SELECT " + UNIT_COLUMNS + " FROM units WHERE kid = ?",
                key.kid().bytes());
    }

    /** All units in the order in which they were added. */
    public synchronized List<Registered> units() throws IOException {
        return database.list(Registry::registered, "SELECT " + UNIT_COLUMNS + " FROM units ORDER BY added_ms, unit");
    }

    /** Makes a map the one in force. Older imports are not kept. */
    public synchronized void importDistricts(byte[] geojson, String origin, long nowMs) throws IOException {
        database.transaction(() -> {
            long seq = nextSeq();
            database.update("DELETE FROM districts");
            return database.update("INSERT INTO districts VALUES (?, ?, ?, ?)", seq, geojson, origin, nowMs);
        });
    }

    /** The map that was imported last; empty while the starter map is in force. */
    public synchronized Optional<ImportedMap> districts() throws IOException {
        return districtsSince(0);
    }

    /**
     * What has changed after a sequence number, once each, in the order of the newest change.
     *
     * @param seq the highest that the caller has taken over; 0 for everything there is
     */
    public synchronized List<Change> changesSince(long seq) throws IOException {
        return database.snapshot(() -> {
            List<Change> changes = new ArrayList<>(database.list(
                    row -> {
                        Registered found = registered(row);
                        return new Change.Unit(found.seq(), found.unit());
                    },
                    "SELECT " + UNIT_COLUMNS + " FROM units WHERE seq > ?",
                    seq));
            districtsSince(seq).ifPresent(map -> changes.add(new Change.Districts(map.seq(), map)));
            changes.sort(Comparator.comparingLong(Change::seq));
            return changes;
        });
    }

    /**
     * A number that is another one once another process has changed the file ({@code PRAGMA data_version}): cheap enough to ask twice a
     * second. Changes through this object do not change it.
     */
    public synchronized long dataVersion() throws IOException {
        return database.number("PRAGMA data_version");
    }

    /** Writes a copy as of one moment into a new file, for its owner's eyes only. Not forced. */
    public synchronized void copyTo(Path file) throws IOException {
        database.copyTo(file);
    }

    private Optional<ImportedMap> districtsSince(long seq) throws IOException {
        return database.first(
                row -> new ImportedMap(row.getBytes(1), row.getString(2), row.getLong(3), row.getLong(4)),
                "SELECT geojson, origin, imported_ms, seq FROM districts WHERE seq > ? ORDER BY seq DESC LIMIT 1",
                seq);
    }

    private long nextSeq() throws IOException {
        database.update("UPDATE sequence SET value = value + 1");
        return database.number("SELECT value FROM sequence");
    }

    private static Registered registered(ResultSet row) throws SQLException {
        int latE7 = row.getInt(6);
        Optional<Pos> place = row.wasNull() ? Optional.empty() : Optional.of(Pos.of(latE7, row.getInt(7)));
        long revoked = row.getLong(9);
        OptionalLong revokedMs = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(revoked);
        UnitRecord unit = new UnitRecord(
                Id16.of(row.getBytes(1)),
                VerifyKey.fromSpki(row.getBytes(2)),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                place,
                revokedMs.isPresent());
        return new Registered(unit, row.getLong(8), revokedMs, row.getLong(10));
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
