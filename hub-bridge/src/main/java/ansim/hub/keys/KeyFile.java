package ansim.hub.keys;

import ansim.hub.view.Database;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalLong;
import org.tinylog.Logger;

/** The file of {@link RideKeys}: how it is made, checked, brought level with the mirror's, and given up. */
final class KeyFile {
    private static final int SCHEMA = 1;

    /** How often the file's log is tried to be emptied before it is left for the next time. */
    private static final int EMPTYING_TRIES = 5;

    private static final String TABLES = """
            CREATE TABLE store (
              one INTEGER PRIMARY KEY CHECK (one = 1), log INTEGER NOT NULL, last INTEGER NOT NULL, gone INTEGER NOT NULL);
            CREATE TABLE keys (
              id INTEGER PRIMARY KEY, owner BLOB NOT NULL UNIQUE, keep INTEGER NOT NULL, from_ms INTEGER NOT NULL,
              key BLOB NOT NULL CHECK (length(key) = 32));
            CREATE INDEX keys_due ON keys (keep, from_ms);
            CREATE TABLE destroyed (
              id INTEGER PRIMARY KEY, owner BLOB NOT NULL, at_ms INTEGER NOT NULL, cause INTEGER NOT NULL, reason TEXT NOT NULL,
              recorded INTEGER NOT NULL);
            CREATE TABLE wished (owner BLOB PRIMARY KEY, reason TEXT NOT NULL, emergency INTEGER NOT NULL) WITHOUT ROWID;
            """;

    private KeyFile() {}

    static Database opened(Path file, long log) throws IOException {
        Database database = made(file, log);
        try {
            check(database, file, log);
            return database;
        } catch (IOException | CommandFailure e) {
            database.close();
            throw e;
        }
    }

    private static Database made(Path file, long log) throws IOException {
        Database database = Database.open(file, Database.Durability.FULL);
        try {
            database.overwriteDeleted();
            long version = database.number("PRAGMA user_version");
            if (version == 0) {
                database.transaction(() -> {
                    database.script(TABLES);
                    database.script("PRAGMA user_version = " + SCHEMA);
                    return database.update("INSERT INTO store VALUES (1, ?, 0, 0)", log);
                });
            } else if (version > SCHEMA) {
                throw new IOException(
                        file + " is of a newer version (" + version + ", this program knows " + SCHEMA + ")");
            }
            return database;
        } catch (IOException e) {
            database.close();
            throw e;
        }
    }

    /** The id of the log whose keys a file has; empty for one that does not read. */
    static OptionalLong logOf(Path file) {
        try (Database database = Database.openToRead(file)) {
            return OptionalLong.of(database.number("SELECT log FROM store"));
        } catch (IOException e) {
            Logger.warn("no ride keys: {}", e.getMessage());
            return OptionalLong.empty();
        }
    }

    private static void check(Database database, Path file, long log) throws IOException {
        if (database.number("SELECT log FROM store") != log) {
            throw new CommandFailure(
                    "the ride keys in " + file + " are of another log", "putting this hub's own " + file + " back");
        }
        // As of one moment: another process may make or destroy some just now.
        long missing =
                database.snapshot(() -> database.number("SELECT last - gone - (SELECT count(*) FROM keys) FROM store"));
        if (missing != 0) {
            throw new CommandFailure(
                    "the ride keys in " + file + " are damaged: " + missing + " are missing",
                    "putting the newest copy of " + file + " back (the mirror has one); rides whose keys are lost would"
                            + " look as if they were erased");
        }
    }

    /**
     * Whichever has newer keys gets them to the other. What one of them has no more was destroyed, for both count what is gone: it goes from the
     * other, too, also when an older copy of one of them was put back.
     */
    static void level(Database database, Path file, Database second, Path mirror) throws IOException {
        long own = database.number("SELECT last FROM store");
        long other = second.number("SELECT last FROM store");
        if (own == 0 && other > 0) {
            throw new CommandFailure(
                    "the ride keys in " + file + " are gone, the mirror has them: " + mirror,
                    "with the hub stopped: cp -p " + mirror + "* "
                            + file.toAbsolutePath().getParent() + "/, then start again");
        }
        database.update("ATTACH ? AS mirror", mirror.toAbsolutePath().toString());
        database.transaction(() -> {
            database.update("DELETE FROM mirror.keys WHERE id <= ? AND id NOT IN (SELECT id FROM main.keys)", own);
            database.update("DELETE FROM main.keys WHERE id <= ? AND id NOT IN (SELECT id FROM mirror.keys)", other);
            database.update("INSERT INTO main.keys SELECT * FROM mirror.keys WHERE id > ?", own);
            database.update("INSERT INTO mirror.keys SELECT * FROM main.keys WHERE id > ?", other);
            database.update("INSERT OR IGNORE INTO mirror.wished SELECT * FROM main.wished");
            database.update("INSERT OR IGNORE INTO main.wished SELECT * FROM mirror.wished");
            long last = Math.max(own, other);
            for (String store : List.of("main", "mirror")) {
                database.update(
                        "UPDATE " + store + ".store SET last = ?, gone = ? - (SELECT count(*) FROM " + store + ".keys)",
                        last,
                        last);
            }
            return last;
        });
        database.script("DETACH mirror");
        empty(database, file);
        empty(second, mirror);
    }

    static void empty(Database database, Path file) throws IOException {
        for (int i = 0; i < EMPTYING_TRIES; i++) {
            if (database.emptyLog()) {
                return;
            }
        }
        Logger.warn("{}: its log could not be emptied, it is tried again with the next erasure", file);
    }

    /** Takes the keys up to one that are missing for destroyed: they are lost, and the operator says so. A file that does not read is begun anew. */
    static void giveUp(Path file, long log, long through) throws IOException {
        try {
            giveUpMissing(file, log, through);
        } catch (IOException damaged) {
            Logger.warn("{}: moved to {}.damaged, destroy that", damaged.getMessage(), file);
            Files.move(file, file.resolveSibling(file.getFileName() + ".damaged"), StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
            giveUpMissing(file, log, through);
        }
    }

    private static void giveUpMissing(Path file, long log, long through) throws IOException {
        try (Database database = made(file, log)) {
            database.transaction(() -> database.update(
                    "UPDATE store SET log = ?, last = max(last, ?), gone = max(last, ?) - (SELECT count(*) FROM keys)",
                    log,
                    through,
                    through));
        }
    }
}
