package ansim.hub.view;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which phones may pick plates: PINs that wait for their phone, and what a phone got for its PIN. Both are kept as hashes and end at the
 * PIN's end. Thread rule as {@link Registry}.
 */
public final class Fitters {
    private final Registry registry;
    private final Database database;

    Fitters(Registry registry, Database database) {
        this.registry = registry;
        this.database = database;
    }

    /** A PIN for one phone; what has ended is forgotten on the way. */
    public void addPin(String pin, long nowMs, long untilMs) throws IOException {
        synchronized (registry) {
            database.transaction(() -> {
                database.update("DELETE FROM fitters WHERE expires_ms < ?", nowMs);
                return database.update("INSERT OR REPLACE INTO fitters VALUES (?, 1, ?)", hash(pin), untilMs);
            });
        }
    }

    /**
     * Gives a phone a token for its PIN, which is used then.
     *
     * @return false when there is no such PIN, or it has ended
     */
    public boolean signIn(String pin, String token, long nowMs) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> database.update(
                            "UPDATE fitters SET hash = ?, pin = 0 WHERE hash = ? AND pin = 1 AND expires_ms >= ?",
                            hash(token),
                            hash(pin),
                            nowMs)
                    == 1);
        }
    }

    /** Whether a token is one of a phone's, and has not ended. */
    public boolean isSignedIn(String token, long nowMs) throws IOException {
        synchronized (registry) {
            return database.number(
                            "SELECT count(*) FROM fitters WHERE hash = ? AND pin = 0 AND expires_ms >= ?",
                            hash(token),
                            nowMs)
                    == 1;
        }
    }

    private static byte[] hash(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
