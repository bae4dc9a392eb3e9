package ansim.hub.vault;

import ansim.hub.view.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The riders: {@value #FILE} in the vault's folder. Cards are there as digests under the vault's key, contacts encrypted under it. One
 * connection, guarded by this object; other processes may have the file open, too.
 */
final class VaultStore implements AutoCloseable {
    static final String FILE = "vault.db";
    private static final int SCHEMA = 1;
    private static final String TABLES = """
            CREATE TABLE riders (
              id BLOB PRIMARY KEY, home TEXT NOT NULL, language TEXT NOT NULL, contacts BLOB NOT NULL, added_ms INTEGER NOT NULL)
              WITHOUT ROWID;
            CREATE TABLE cards (
              digest BLOB PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE) WITHOUT ROWID;
            CREATE INDEX cards_rider ON cards (rider);
            """;

    /**
     * A rider as stored.
     *
     * @param id random, 16 bytes
     * @param contacts encrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(byte[] id, String home, String language, byte[] contacts, long addedMs, int cards) {
        String hex() {
            return HexFormat.of().formatHex(id);
        }
    }

    private final Database database;

    private VaultStore(Database database) {
        this.database = database;
    }

    static VaultStore open(Path folder) throws IOException {
        Database database = Database.open(folder.resolve(FILE), Database.Durability.FULL);
        // What is erased is overwritten, not only let go of.
        database.overwriteDeleted();
        long schema = database.number("PRAGMA user_version");
        if (schema > SCHEMA) {
            database.close();
            throw new IOException(folder.resolve(FILE) + " is of a newer version (" + schema + ")");
        }
        if (schema == 0) {
            database.transaction(() -> {
                if (database.number("PRAGMA user_version") == 0) {
                    database.script(TABLES);
                    database.script("PRAGMA user_version = " + SCHEMA);
                }
                return SCHEMA;
            });
        }
        return new VaultStore(database);
    }

    synchronized <T> T transaction(Database.Work<T> work) throws IOException {
        return database.transaction(work);
    }

    synchronized void add(Row rider) throws IOException {
        database.update(
                "INSERT INTO riders VALUES (?, ?, ?, ?, ?)",
                rider.id(),
                rider.home(),
                rider.language(),
                rider.contacts(),
                rider.addedMs());
    }

    synchronized void addCard(byte[] digest, byte[] rider) throws IOException {
        database.update("INSERT INTO cards VALUES (?, ?)", digest, rider);
    }

    synchronized boolean hasCard(byte[] digest) throws IOException {
        return database.number("SELECT count(*) FROM cards WHERE digest = ?", digest) > 0;
    }

    synchronized Optional<Row> rider(byte[] digest) throws IOException {
        return database.first(
                VaultStore::row, SELECT + " WHERE id = (SELECT rider FROM cards WHERE digest = ?)", digest);
    }

    /** Riders in the order of their ids, at most {@code most} behind {@code after}. */
    synchronized List<Row> riders(byte[] after, int most) throws IOException {
        return database.list(VaultStore::row, SELECT + " WHERE id > ? ORDER BY id LIMIT ?", after, most);
    }

    private static final String SELECT =
            "SELECT id, home, language, contacts, added_ms, (SELECT count(*) FROM cards WHERE rider = id) FROM riders";

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getBytes(1), row.getString(2), row.getString(3), row.getBytes(4), row.getLong(5), row.getInt(6));
    }

    /** Erases the rider with cards and contacts, from the write-ahead log, too. False when there is none. */
    synchronized boolean erase(byte[] id) throws IOException {
        boolean erased = database.transaction(() -> database.update("DELETE FROM riders WHERE id = ?", id) > 0);
        database.number("PRAGMA wal_checkpoint(TRUNCATE)");
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
