package ansim.hub.api;

import ansim.hub.view.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Who may use the API: {@code api.db}, which operators edit with {@code hub-bridge accounts}, also while the hub runs.
 *
 * <p>Guarantees that what a method returned for survives a power cut, and that an account that is removed, or has got another password, has no
 * token any more. Keeps no password and no token, only what proves one. Any thread; any number of processes.
 */
public final class Accounts implements AutoCloseable {
    /** The file in the hub's data folder. */
    public static final String FILE = "api.db";

    /** Tokens of one account at once; with one more the oldest ends. */
    static final int TOKENS = 100;

    private static final int TOKEN_BYTES = 32;
    private static final String SELECT = "SELECT a.name, a.role, a.scope FROM accounts AS a ";

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS accounts (
              name TEXT PRIMARY KEY, role TEXT NOT NULL, scope TEXT NOT NULL, password TEXT NOT NULL, added_ms INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS tokens (
              number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), name TEXT NOT NULL, expires_ms INTEGER NOT NULL);
            CREATE INDEX IF NOT EXISTS tokens_name ON tokens (name);
            CREATE TABLE IF NOT EXISTS answers (
              name TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
              at_ms INTEGER NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS answers_at ON answers (at_ms);
            PRAGMA user_version = 1;
            """;

    private final Database database;
    private final SecureRandom random;

    private Accounts(Database database, SecureRandom random) {
        this.database = database;
        this.random = random;
    }

    /** A token in the clear, which nobody sees again, and when it ends. */
    record Token(String text, Instant expires) {}

    /** An answer that was given before. */
    record Kept(byte[] request, int status, String body) {}

    /** Opens the file, and creates it when it is missing. */
    public static Accounts open(Path file, SecureRandom random) throws IOException {
        Database database = Database.open(file, Database.Durability.FULL);
        try {
            if (database.number("PRAGMA user_version") == 0) {
                database.transaction(() -> {
                    database.script(TABLES);
                    return 1;
                });
            }
            return new Accounts(database, random);
        } catch (IOException e) {
            database.close();
            throw e;
        }
    }

    /** Writes a copy into a new file, beside whoever has the file open: accounts and what was answered to whom, no tokens. */
    public static void copy(Path file, Path to) throws IOException {
        try (Database database = Database.open(file, Database.Durability.FULL)) {
            database.copyTo(to);
        }
        try (Database copy = Database.open(to, Database.Durability.FULL)) {
            copy.overwriteDeleted();
            copy.update("DELETE FROM tokens");
            copy.emptyLog();
        }
    }

    /**
     * Adds an account.
     *
     * @return false, and nothing is changed, when there is one of this name
     */
    public boolean add(Account account, String password, Instant now) throws IOException {
        if (account.isOfProvider()) {
            throw new IllegalArgumentException(
                    "an account's name must not be one of the identity provider's (got \"" + account.name() + "\")");
        }
        String stored = Passwords.stored(password, random);
        synchronized (this) {
            return database.update(
                            "INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, ?, ?)",
                            account.name(),
                            account.role().word(),
                            account.scope(),
                            stored,
                            now.toEpochMilli())
                    == 1;
        }
    }

    /** Removes an account with its tokens; false when there is none of this name. */
    public synchronized boolean remove(String name) throws IOException {
        return database.transaction(() -> {
            database.update("DELETE FROM tokens WHERE name = ?", name);
            database.update("DELETE FROM answers WHERE name = ?", name);
            return database.update("DELETE FROM accounts WHERE name = ?", name) == 1;
        });
    }

    /** Gives an account another password and ends its tokens; false when there is none of this name. */
    public boolean password(String name, String password) throws IOException {
        String stored = Passwords.stored(password, random);
        synchronized (this) {
            return database.transaction(() -> {
                database.update("DELETE FROM tokens WHERE name = ?", name);
                return database.update("UPDATE accounts SET password = ? WHERE name = ?", stored, name) == 1;
            });
        }
    }

    /** All of them by name. */
    public synchronized List<Account> list() throws IOException {
        return database.list(Accounts::account, SELECT + "ORDER BY a.name");
    }

    private static Account account(ResultSet row) throws SQLException {
        return new Account(row.getString(1), Role.of(row.getString(2)).orElseThrow(), row.getString(3));
    }

    /** The account whose password this is. Takes long, and as long for a name that is not there. */
    Optional<Account> proven(String name, String password) throws IOException {
        Optional<String> stored;
        synchronized (this) {
            stored = database.first(row -> row.getString(1), "SELECT password FROM accounts WHERE name = ?", name);
        }
        boolean right = Passwords.matches(password, stored.orElse(Passwords.NOBODY)) && stored.isPresent();
        synchronized (this) {
            // Only if it is still the one that was proven.
            return right
                    ? database.first(
                            Accounts::account,
                            SELECT + "WHERE a.name = ? AND a.password = ?",
                            name,
                            stored.orElseThrow())
                    : Optional.empty();
        }
    }

    /** Makes a token for an account. */
    synchronized Token token(Account account, Instant now, Duration life) throws IOException {
        byte[] secret = new byte[TOKEN_BYTES];
        random.nextBytes(secret);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        Instant expires = now.plus(life);
        database.transaction(() -> {
            database.update("DELETE FROM tokens WHERE expires_ms <= ?", now.toEpochMilli());
            database.update(
                    "INSERT INTO tokens (hash, name, expires_ms) VALUES (?, ?, ?)",
                    hash(text),
                    account.name(),
                    expires.toEpochMilli());
            return database.update(
                    "DELETE FROM tokens WHERE name = ? AND number <= (SELECT number FROM tokens WHERE name = ?"
                            + " ORDER BY number DESC LIMIT 1 OFFSET ?)",
                    account.name(),
                    account.name(),
                    TOKENS);
        });
        return new Token(text, expires);
    }

    /** Whose token it is, if it holds. */
    synchronized Optional<Account> account(String token, Instant now) throws IOException {
        return database.first(
                Accounts::account,
                SELECT + "JOIN tokens AS t ON t.name = a.name WHERE t.hash = ? AND t.expires_ms > ?",
                hash(token),
                now.toEpochMilli());
    }

    /** Ends a token. */
    synchronized void end(String token) throws IOException {
        database.update("DELETE FROM tokens WHERE hash = ?", hash(token));
    }

    /** What was answered to this account under a key. */
    synchronized Optional<Kept> answer(Account account, String key) throws IOException {
        return database.first(
                row -> new Kept(row.getBytes(1), row.getInt(2), row.getString(3)),
                "SELECT request, status, body FROM answers WHERE name = ? AND key = ?",
                account.name(),
                key);
    }

    /** Keeps an answer, and lets those go that were given before a moment. */
    synchronized void keep(Account account, String key, Kept answer, Instant now, Instant oldest) throws IOException {
        database.transaction(() -> {
            database.update("DELETE FROM answers WHERE at_ms < ?", oldest.toEpochMilli());
            return database.update(
                    "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                    account.name(),
                    key,
                    answer.request(),
                    answer.status(),
                    answer.body(),
                    now.toEpochMilli());
        });
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        database.close();
    }
}
