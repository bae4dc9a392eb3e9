package ansim.hub.view;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;
import org.sqlite.SQLiteConfig;
import org.tinylog.Logger;

/**
 * One connection to an SQLite file in WAL mode, and the few lines of JDBC that everything here needs. Not thread-safe: its owner
 * guards it. Failures come out as IOException that names the file.
 */
public final class Database implements AutoCloseable {
    /** How long a statement waits for another process's write. */
    static final int BUSY_TIMEOUT_MS = 5_000;

    /** How a file survives a power cut. */
    public enum Durability {
        /** What is committed stays. */
        FULL(SQLiteConfig.SynchronousMode.FULL),
        /** The last commits may go, all of each: enough for what can be made again. */
        CONSISTENT(SQLiteConfig.SynchronousMode.NORMAL);

        private final SQLiteConfig.SynchronousMode mode;

        Durability(SQLiteConfig.SynchronousMode mode) {
            this.mode = mode;
        }
    }

    /** Several statements as one. */
    public interface Work<T> {
        T run() throws IOException;
    }

    /** Reads one row. */
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Path file;
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** Opens the file and creates it, for its owner's eyes only, when it is missing. */
    public static Database open(Path file, Durability durability) throws IOException {
        createPrivately(file);
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(durability.mode);
        config.enforceForeignKeys(true);
        // Nobody asks for them, and asking costs a statement and a regular expression with each update.
        config.setGetGeneratedKeys(false);
        return connect(file, config);
    }

    /** Opens an existing file that this process only reads. */
    public static Database openToRead(Path file) throws IOException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        Database database = connect(file, config);
        database.script("PRAGMA query_only = 1");
        return database;
    }

    private static Database connect(Path file, SQLiteConfig config) throws IOException {
        try {
            return new Database(file, config.createConnection("jdbc:sqlite:" + file.toAbsolutePath()));
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    private static void createPrivately(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createFile(file, attributes);
        } catch (FileAlreadyExistsException there) {
            // What another process made is as good.
        }
    }

    /** Runs several statements whole or not at all. Takes the right to write at its start, so that it never has to begin again. */
    public <T> T transaction(Work<T> work) throws IOException {
        return within("BEGIN IMMEDIATE", work, work, () -> {});
    }

    /** As {@link #transaction(Work)}; commits and does what goes with it in one step for all who hold the monitor. */
    <T> T transaction(Work<T> work, Object monitor, Runnable committed) throws IOException {
        return within("BEGIN IMMEDIATE", work, monitor, committed);
    }

    /** Runs several queries that see one moment. */
    public <T> T snapshot(Work<T> work) throws IOException {
        return within("BEGIN", work, work, () -> {});
    }

    private <T> T within(String begin, Work<T> work, Object monitor, Runnable done) throws IOException {
        script(begin);
        boolean committed = false;
        try {
            T result = work.run();
            synchronized (monitor) {
                script("COMMIT");
                committed = true;
                done.run();
            }
            return result;
        } finally {
            if (!committed) {
                takeBack();
            }
        }
    }

    /** SQLite has taken back some transactions by itself; the failure that led here is the one to tell. */
    private void takeBack() {
        try {
            script("ROLLBACK");
        } catch (IOException e) {
            Logger.debug("{}", e.getMessage());
        }
    }

    /** Runs a statement that changes rows; says how many. */
    public int update(String sql, @Nullable Object... values) throws IOException {
        try {
            return prepared(sql, values).executeUpdate();
        } catch (SQLException e) {
            drop(sql);
            throw failure(file, e);
        }
    }

    /** Runs statements without values, such as a schema. */
    public void script(String sql) throws IOException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    /** A question that SQL can ask of a unit's id and a number. */
    interface Asked {
        boolean is(byte[] id, long number);
    }

    /** Lets this connection's statements ask by a name. */
    void define(String name, Asked asked) throws IOException {
        try {
            Function.create(connection, name, new Function() {
                @Override
                protected void xFunc() throws SQLException {
                    result(asked.is(value_blob(0), value_long(1)) ? 1 : 0);
                }
            });
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }

    /** Writes everything into a new file as of one moment. */
    public void copyTo(Path copy) throws IOException {
        createPrivately(copy);
        update("VACUUM INTO ?", copy.toAbsolutePath().toString());
    }

    public <T> List<T> list(RowReader<T> reader, String sql, @Nullable Object... values) throws IOException {
        try (ResultSet rows = prepared(sql, values).executeQuery()) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reader.read(rows));
            }
            return found;
        } catch (SQLException e) {
            drop(sql);
            throw failure(file, e);
        }
    }

    public <T> Optional<T> first(RowReader<T> reader, String sql, @Nullable Object... values) throws IOException {
        return list(reader, sql, values).stream().findFirst();
    }

    /** The one number that a query gives. */
    public long number(String sql, @Nullable Object... values) throws IOException {
        return first(row -> row.getLong(1), sql, values).orElse(0L);
    }

    /** Prepared once per text, of which there are few: the texts are constants. */
    private PreparedStatement prepared(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    /** How SQLite goes about each query so far, a step a line: what it reads from end to end is a SCAN. */
    List<String> plans() throws IOException {
        List<String> plans = new ArrayList<>();
        for (String sql : List.copyOf(statements.keySet())) {
            if (sql.startsWith("SELECT")) {
                list(row -> row.getString(4), "EXPLAIN QUERY PLAN " + sql)
                        .forEach(step -> plans.add(step + " <- " + sql));
            }
        }
        return plans;
    }

    /** The driver ends some statements that have failed, and says so of every later use: the next use prepares it anew. */
    private void drop(String sql) {
        try (PreparedStatement failed = statements.remove(sql)) {
            Logger.debug("{}: {}: {}", file, failed == null ? "not prepared" : "dropped", sql);
        } catch (SQLException e) {
            // Closing tells the same failure once more.
            Logger.debug("{}", e.getMessage());
        }
    }

    /**
     * How much is in memory and in the log beside the file; for this connection.
     *
     * @param cacheKiB pages in memory at most
     * @param logPages pages in the log after which they are brought into the file: a page that changes often is brought there once
     */
    void room(int cacheKiB, int logPages) throws IOException {
        script("PRAGMA cache_size = -" + cacheKiB);
        list(row -> row.getInt(1), "PRAGMA wal_autocheckpoint = " + logPages);
    }

    /** Leaves nothing of what was deleted: what goes is overwritten, also where it is only moved. For this connection. */
    public void overwriteDeleted() throws IOException {
        list(row -> row.getInt(1), "PRAGMA secure_delete = ON");
    }

    /**
     * Brings everything into the file and empties the log beside it, in which older content is left.
     *
     * @return false when another process or thread reads just now: to be tried again
     */
    public boolean emptyLog() throws IOException {
        return number("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
    }

    private static IOException failure(Path file, SQLException cause) {
        return new IOException(file + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failure(file, e);
        }
    }
}
