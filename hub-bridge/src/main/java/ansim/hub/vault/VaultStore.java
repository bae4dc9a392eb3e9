package ansim.hub.vault;

import ansim.hub.view.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The riders: {@value #FILE} in the vault's folder. Cards are there as digests under the vault's key; what else is a rider's is sealed under
 * that rider's own key, which stands here wrapped under the vault's. With a rider's row goes the key, and all that hangs on it. One
 * connection, guarded by this object; other processes may have the file open, too.
 */
final class VaultStore implements AutoCloseable {
    static final String FILE = "vault.db";

    /** A rider as stored.
     *
     * @param id random, 16 bytes
     * @param secret the rider's key, wrapped
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(byte[] id, String home, String language, byte[] secret, boolean suspended, long addedMs, int cards) {
        String hex() {
            return HexFormat.of().formatHex(id);
        }
    }

    /** A guardian as stored.
     *
     * @param id random, 16 bytes
     * @param contact address and name, sealed
     * @param consented whether anything is sent at the moment of the query
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record GuardianRow(
            byte[] id,
            byte[] rider,
            String channel,
            byte[] contact,
            int wants,
            boolean own,
            int every,
            boolean consented) {
        String hex() {
            return HexFormat.of().formatHex(id);
        }
    }

    /** So often the write-ahead log is tried, for as long as a statement waits for others each time. */
    private static final int EMPTYING_TRIES = 2;

    private final Database database;

    private VaultStore(Database database) {
        this.database = database;
    }

    static VaultStore open(Path folder, VaultKeys keys) throws IOException {
        Database database = Database.open(folder.resolve(FILE), Database.Durability.FULL);
        try {
            // What is erased is overwritten, not only let go of.
            database.overwriteDeleted();
            VaultSchema.bring(database, keys, folder.resolve(FILE));
            return new VaultStore(database);
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    synchronized <T> T transaction(Database.Work<T> work) throws IOException {
        return database.transaction(work);
    }

    /** For {@link Outbox}, inside {@link #transaction}. */
    Database database() {
        return database;
    }

    void add(Row rider) throws IOException {
        add(rider, 0);
    }

    /** @param suspended 0, or what stands for one who is nobody to anybody */
    synchronized void add(Row rider, int suspended) throws IOException {
        database.update(
                "INSERT INTO riders VALUES (?, ?, ?, ?, ?, ?)",
                rider.id(),
                rider.home(),
                rider.language(),
                rider.secret(),
                suspended,
                rider.addedMs());
    }

    synchronized void addCard(byte[] digest, byte[] rider) throws IOException {
        database.update("INSERT INTO cards VALUES (?, ?)", digest, rider);
    }

    synchronized boolean hasCard(byte[] digest) throws IOException {
        return database.number("SELECT count(*) FROM cards WHERE digest = ?", digest) > 0;
    }

    synchronized void addGuardian(GuardianRow guardian, byte @Nullable [] subscriber) throws IOException {
        database.update(
                "INSERT INTO guardians VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                guardian.id(),
                guardian.rider(),
                guardian.channel(),
                guardian.contact(),
                subscriber,
                guardian.wants(),
                guardian.own(),
                guardian.every());
    }

    /** Those of a rider, the rider's own address last; whether they have consented as of a moment. */
    synchronized List<GuardianRow> guardians(byte[] rider, long atMs) throws IOException {
        return database.list(
                row -> new GuardianRow(
                        row.getBytes(1),
                        row.getBytes(2),
                        row.getString(3),
                        row.getBytes(4),
                        row.getInt(5),
                        row.getBoolean(6),
                        row.getInt(7),
                        row.getBoolean(8)),
                "SELECT id, rider, channel, contact, wants, own, every, coalesce((SELECT given FROM consents"
                        + " WHERE guardian = g.id AND from_ms <= ? ORDER BY n DESC LIMIT 1), 0)"
                        + " FROM guardians g WHERE rider = ? ORDER BY own, rowid",
                atMs,
                rider);
    }

    synchronized boolean removeGuardian(byte[] rider, byte[] guardian) throws IOException {
        boolean removed = database.update("DELETE FROM guardians WHERE id = ? AND rider = ?", guardian, rider) > 0;
        emptyLog();
        return removed;
    }

    synchronized void consent(
            byte[] rider, byte @Nullable [] guardian, boolean given, String by, long fromMs, long nowMs)
            throws IOException {
        database.update(
                "INSERT INTO consents (rider, guardian, given, by, from_ms, recorded_ms) VALUES (?, ?, ?, ?, ?, ?)",
                rider,
                guardian,
                given,
                by,
                fromMs,
                nowMs);
    }

    synchronized List<Consent> consents(byte[] rider) throws IOException {
        return database.list(
                row -> new Consent(
                        Optional.ofNullable(row.getBytes(1)).map(HexFormat.of()::formatHex),
                        row.getBoolean(2),
                        row.getString(3),
                        Instant.ofEpochMilli(row.getLong(4)),
                        Instant.ofEpochMilli(row.getLong(5))),
                "SELECT guardian, given, by, from_ms, recorded_ms FROM consents WHERE rider = ? ORDER BY n",
                rider);
    }

    synchronized void suspend(byte[] rider, boolean suspended) throws IOException {
        database.update("UPDATE riders SET suspended = ? WHERE id = ?", suspended, rider);
    }

    /** Whether the rider was suspended at some moment of an interval. */
    synchronized boolean wasSuspended(byte[] rider, Began began) throws IOException {
        return database.number(
                        "SELECT count(*) FROM consents s WHERE s.rider = ? AND s.guardian IS NULL AND s.given = 0 AND s.from_ms <= ?"
                                + " AND NOT EXISTS (SELECT 1 FROM consents r WHERE r.rider = s.rider AND r.guardian IS NULL"
                                + " AND r.given = 1 AND r.n > s.n AND r.from_ms <= ?)",
                        rider,
                        began.toMs(),
                        began.fromMs())
                > 0;
    }

    /** Remembers who a line of the vault's own ledger is about, and what the answer called the rider. */
    synchronized void opened(long line, byte[] rider, byte[] handle, long nowMs) throws IOException {
        database.transaction(() -> {
            database.update("INSERT OR REPLACE INTO openings VALUES (?, ?)", line, rider);
            return database.update("INSERT OR REPLACE INTO handles VALUES (?, ?, ?)", handle, rider, nowMs);
        });
    }

    /** The same of a line of a ledger about one who was brought in with it: no ride of theirs is named by that. */
    synchronized void registered(LedgerFile file, long line, byte[] rider) throws IOException {
        database.update("INSERT OR REPLACE INTO " + file.table() + " VALUES (?, ?)", line, rider);
    }

    /** Whom a line of a ledger is about; empty when that rider is erased. */
    synchronized Optional<Row> openedBy(LedgerFile file, long line) throws IOException {
        return database.first(
                VaultStore::row, SELECT + " WHERE id = (SELECT rider FROM " + file.table() + " WHERE line = ?)", line);
    }

    synchronized List<Long> openings(LedgerFile file, byte[] rider) throws IOException {
        return database.list(
                row -> row.getLong(1), "SELECT line FROM " + file.table() + " WHERE rider = ? ORDER BY line", rider);
    }

    synchronized Optional<Row> rider(byte[] digest) throws IOException {
        return database.first(
                VaultStore::row, SELECT + " WHERE id = (SELECT rider FROM cards WHERE digest = ?)", digest);
    }

    synchronized Optional<Row> riderOf(byte[] handle) throws IOException {
        return database.first(
                VaultStore::row, SELECT + " WHERE id = (SELECT rider FROM handles WHERE handle = ?)", handle);
    }

    synchronized Optional<Row> byId(byte[] id) throws IOException {
        return database.first(VaultStore::row, SELECT + " WHERE id = ?", id);
    }

    /** Riders in the order of their ids, at most {@code most} behind {@code after}. */
    synchronized List<Row> riders(byte[] after, int most) throws IOException {
        return database.list(VaultStore::row, SELECT + " WHERE id > ? ORDER BY id LIMIT ?", after, most);
    }

    private static final String SELECT = "SELECT id, home, language, secret, suspended, added_ms,"
            + " (SELECT count(*) FROM cards WHERE rider = id) FROM riders";

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getBytes(1),
                row.getString(2),
                row.getString(3),
                row.getBytes(4),
                row.getBoolean(5),
                row.getLong(6),
                row.getInt(7));
    }

    /**
     * Nothing that was deleted is in the write-ahead log any more.
     *
     * @throws IOException when somebody else reads all the while: it is deleted, and its bytes are still there
     */
    synchronized void emptyLog() throws IOException {
        for (int tries = 0; tries < EMPTYING_TRIES; tries++) {
            if (database.emptyLog()) {
                return;
            }
        }
        throw new IOException("what was deleted is still in " + FILE + "-wal, which another process reads just now;"
                + " again, or the vault's next start, takes it out");
    }

    /** Erases the rider with key, cards, guardians and messages, from the write-ahead log, too. False when there is none any more. */
    synchronized boolean erase(byte[] id) throws IOException {
        boolean erased = database.transaction(() -> database.update("DELETE FROM riders WHERE id = ?", id) > 0);
        emptyLog();
        return erased;
    }

    synchronized long count() throws IOException {
        return database.number("SELECT count(*) FROM riders");
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
