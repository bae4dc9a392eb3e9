package ansim.hub.view;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

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
    /**
     * A unit as it stands in the registry.
     *
     * @param unit what the hub goes by
     * @param addedMs when it was added, ms since 1970 UTC
     * @param revokedMs when it was revoked
     * @param seq of its newest change
     * @param box what it enrolled as
     */
    public record Registered(UnitRecord unit, long addedMs, OptionalLong revokedMs, long seq, Box box) {}

    /**
     * The box that is the unit.
     *
     * @param serial as it gave it when it enrolled; empty when the unit was added by hand
     * @param certificateUntilMs when the newest certificate that it was given ends, ms since 1970 UTC
     * @param replacedBy the unit that has taken its place
     */
    public record Box(Optional<String> serial, OptionalLong certificateUntilMs, Optional<Id16> replacedBy) {}

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
            RegistrySchema.bringUpToDate(database, file);
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
            if (database.number(
                                    "SELECT count(*) FROM units WHERE unit = ?",
                                    unit.unit().bytes())
                            > 0
                    || database.number(
                                    "SELECT count(*) FROM message_keys WHERE kid = ?",
                                    unit.key().kid().bytes())
                            > 0) {
                return false;
            }
            insert(unit.unit(), unit.service(), Optional.empty(), nowMs);
            if (unit.revoked()) {
                database.update(
                        "UPDATE units SET revoked_ms = ? WHERE unit = ?",
                        nowMs,
                        unit.unit().bytes());
            }
            for (VerifyKey key : unit.keys()) {
                insertKey(unit.unit(), key, nowMs);
            }
            return true;
        });
    }

    /**
     * Adds many units at once; whole or not at all.
     *
     * @return how many; those whose id is there already stay as they are
     */
    public synchronized int addAll(List<UnitRecord> units, long nowMs) throws IOException {
        return database.transaction(() -> {
            Set<Id16> known = new HashSet<>(database.list(row -> Id16.of(row.getBytes(1)), "SELECT unit FROM units"));
            int added = 0;
            for (UnitRecord unit : units) {
                if (known.add(unit.unit())) {
                    insert(unit.unit(), unit.service(), Optional.empty(), nowMs);
                    for (VerifyKey key : unit.keys()) {
                        insertKey(unit.unit(), key, nowMs);
                    }
                    added++;
                }
            }
            return added;
        });
    }

    void insert(Id16 unit, UnitRecord.Service service, Optional<String> serial, long nowMs) throws IOException {
        database.update(
                "INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, NULL, NULL, NULL, ?)",
                unit.bytes(),
                service.vehicle(),
                service.company(),
                service.kind(),
                service.place().map(Pos::latE7).orElse(null),
                service.place().map(Pos::lonE7).orElse(null),
                service.district(),
                service.group(),
                serial.orElse(null),
                nowMs,
                nextSeq());
    }

    void insertKey(Id16 unit, VerifyKey key, long nowMs) throws IOException {
        database.update(
                "INSERT INTO message_keys (unit, kid, public_key, registered_ms) VALUES (?, ?, ?, ?)",
                unit.bytes(),
                key.kid().bytes(),
                key.spki(),
                nowMs);
    }

    /** The claims of the same file. */
    public Claims claims() {
        return new Claims(this, database);
    }

    /** What units are ordered to do, of the same file. */
    public OrderTable orders() {
        return new OrderTable(this, database);
    }

    /** The phones that may pick plates. */
    public Fitters fitters() {
        return new Fitters(this, database);
    }

    /**
     * Refuses a unit's messages from now on. It stays in the registry.
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

    /**
     * Takes a revocation back: its messages are taken again from now on, also those that it made meanwhile.
     *
     * @return false when there is no such unit, or it is not revoked
     */
    public synchronized boolean restoreTrust(Id16 unit) throws IOException {
        return database.transaction(() -> database.update(
                        "UPDATE units SET revoked_ms = NULL, seq = ? WHERE unit = ? AND revoked_ms IS NOT NULL",
                        nextSeq(),
                        unit.bytes())
                == 1);
    }

    /**
     * Gives a unit another service from a moment on; what it was before is kept with that date.
     *
     * @return false when there is no such unit
     */
    public synchronized boolean move(Id16 unit, UnitRecord.Service service, long fromMs) throws IOException {
        return database.transaction(() -> {
            boolean there = database.update(
                            "INSERT INTO past_services (unit, until_ms, vehicle, company)"
                                    + " SELECT unit, ?, vehicle, company FROM units WHERE unit = ?",
                            fromMs,
                            unit.bytes())
                    == 1;
            if (there) {
                database.update(
                        "UPDATE units SET vehicle = ?, company = ?, kind = ?, lat_e7 = ?, lon_e7 = ?, district = ?, grp = ?,"
                                + " seq = ? WHERE unit = ?",
                        service.vehicle(),
                        service.company(),
                        service.kind(),
                        service.place().map(Pos::latE7).orElse(null),
                        service.place().map(Pos::lonE7).orElse(null),
                        service.district(),
                        service.group(),
                        nextSeq(),
                        unit.bytes());
            }
            return there;
        });
    }

    /**
     * Another unit takes this one's place: what this one still holds is taken until a moment, flagged suspect.
     *
     * @return false when there is no such unit, or it is replaced already
     */
    public synchronized boolean replace(Id16 unit, Id16 by, long drainsUntilMs) throws IOException {
        return database.transaction(() -> replaced(unit, by, drainsUntilMs));
    }

    boolean replaced(Id16 unit, Id16 by, long drainsUntilMs) throws IOException {
        return database.update(
                        "UPDATE units SET replaced_by = ?, drains_until_ms = ?, seq = ? WHERE unit = ?"
                                + " AND replaced_by IS NULL",
                        by.bytes(),
                        drainsUntilMs,
                        nextSeq(),
                        unit.bytes())
                == 1;
    }

    public synchronized Optional<Registered> unit(Id16 unit) throws IOException {
        return database.first(UnitRows::read, UnitRows.SELECT + "WHERE unit = ?", unit.bytes());
    }

    /** The unit that has this key, revoked or not. */
    public synchronized Optional<Registered> unitOf(VerifyKey key) throws IOException {
        return database.first(
                UnitRows::read,
                UnitRows.SELECT + "WHERE unit = (SELECT unit FROM message_keys WHERE kid = ?)",
                key.kid().bytes());
    }

    /** All units in the order in which they were added. */
    public synchronized List<Registered> units() throws IOException {
        return database.list(UnitRows::read, UnitRows.SELECT + "ORDER BY added_ms, unit");
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
     * What has changed after a sequence number, once each, in the order of the newest change. A unit without a message key is not there yet.
     *
     * @param seq the highest that the caller has taken over; 0 for everything there is
     */
    public synchronized List<Change> changesSince(long seq) throws IOException {
        return database.snapshot(() -> {
            List<Change> changes = new ArrayList<>();
            UnitRows.changedSince(database, seq)
                    .forEach(found -> changes.add(new Change.Unit(found.seq(), found.unit())));
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

    long nextSeq() throws IOException {
        database.update("UPDATE sequence SET value = value + 1");
        return database.number("SELECT value FROM sequence");
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
