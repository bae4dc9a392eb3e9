package ansim.hub.ledger;

import ansim.hub.core.UnitRide;
import ansim.hub.view.Database;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys under which the ledgers say whose ride a line is of: {@value #FILE}, and a second one on the disk of the log's mirror if there is one.
 *
 * <p>A line has {@code "key":N,"sealed":".."}: a key per ride, AES-256-GCM over what names unit, ride and event. A chain is over the sealed bytes, so
 * that it verifies with the key and without. They are not the ride keys of the log: the law wants the record of who was given a location for longer than
 * the location itself, and that a rider's wish takes both (Article 24 (4) of the Act).
 *
 * <p>Guarantees that a key is durable when {@link #commit} returns, on both disks, and in neither file when {@link #forget} returns; what is still written
 * of a ride afterwards is sealed under a key that nobody keeps. Not guaranteed: anything of a block that the disk itself keeps. Not in backups: a
 * ledger from a backup verifies, and says whose its lines are only beside the keys that were left. Any thread; the files may be read by others.
 */
public final class LedgerKeys implements AutoCloseable {
    /** Its name in the data folder, and in the mirror. */
    public static final String FILE = "ledgerkeys.db";

    /** A key that was used since says so on disk at most this much later. */
    private static final long RENEWED_MS = Duration.ofDays(1).toMillis();

    /** Keys in memory; others are read again when they are needed. */
    static final int REMEMBERED = 65_536;

    /** A delivery that was on its way when its ride was erased is over by then. */
    private static final long KEEP_GONE_MS = 30L * 86_400_000;

    private static final int PAGE = 1_000;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int OWNER_BYTES = 16;
    /** The key of what nobody is to open again. */
    private static final long NOBODY = 0;
    /** Ids begin below it and count up: those of two files do not meet, and JavaScript reads them exactly. */
    private static final long FIRST = 1L << 52;

    private static final String KEY = "key";
    private static final String SEALED = "sealed";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The owner is a hash: a file of keys does not say of which rides they are. */
    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS keys (
              id INTEGER PRIMARY KEY AUTOINCREMENT, owner BLOB NOT NULL UNIQUE, key BLOB NOT NULL, at_ms INTEGER NOT NULL);
            CREATE INDEX IF NOT EXISTS keys_at ON keys (at_ms);
            CREATE TABLE IF NOT EXISTS gone (owner BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
            """;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(long id, byte[] owner, byte[] key, long atMs) {}

    private final Database database;
    private final @Nullable Database mirror;
    private final SecureRandom random;
    private final Cipher cipher = aesGcm();
    private final Map<ByteBuffer, Kept> remembered = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Kept> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final List<Kept> fresh = new ArrayList<>();
    private long last;

    private LedgerKeys(Database database, @Nullable Database mirror, SecureRandom random) throws IOException {
        this.database = database;
        this.mirror = mirror;
        this.random = random;
        long kept = last(database);
        this.last = kept == NOBODY ? random.nextLong(FIRST) : kept;
    }

    /** Opens the keys, and makes the file when it is missing. */
    public static LedgerKeys open(Path file, SecureRandom random) throws IOException {
        return new LedgerKeys(opened(file), null, random);
    }

    /** Likewise with a second file, which is brought level. */
    public static LedgerKeys open(Path file, Path mirror, SecureRandom random) throws IOException {
        Database first = opened(file);
        try {
            Database second = opened(mirror);
            level(first, second);
            return new LedgerKeys(first, second, random);
        } catch (IOException | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    /** Brings the second file level, when another process may have written to the first alone. */
    public static void level(Path file, Path mirror) throws IOException {
        if (!Files.exists(file) || isLevel(file, mirror)) {
            return;
        }
        try (Database first = opened(file);
                Database second = opened(mirror)) {
            level(first, second);
        }
    }

    private static boolean isLevel(Path file, Path mirror) throws IOException {
        if (!Files.exists(mirror)) {
            return false;
        }
        try (Database first = Database.openToRead(file);
                Database second = Database.openToRead(mirror)) {
            long newest = first.number("SELECT max(id) FROM keys");
            return newest == NOBODY || second.number("SELECT count(*) FROM keys WHERE id = ?", newest) > 0;
        }
    }

    private static Database opened(Path file) throws IOException {
        Database database = Database.open(file, Database.Durability.FULL);
        try {
            database.overwriteDeleted();
            database.script(TABLES);
            return database;
        } catch (IOException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private static long last(Database database) throws IOException {
        return database.number("SELECT seq FROM sqlite_sequence WHERE name = 'keys'");
    }

    /** The first is written first: the second may lack its newest keys, and have what was destroyed while it was away. */
    private static void level(Database first, Database second) throws IOException {
        List<byte[]> gone = first.list(row -> row.getBytes(1), "SELECT owner FROM gone");
        second.transaction(() -> {
            for (byte[] owner : gone) {
                second.update("DELETE FROM keys WHERE owner = ?", (Object) owner);
            }
            return gone.size();
        });
        second.emptyLog();
        long newest = second.number("SELECT max(id) FROM keys");
        boolean ours = first.number("SELECT count(*) FROM keys WHERE id = ?", newest) > 0;
        long after = ours ? newest : NOBODY;
        for (List<Kept> page = page(first, after); !page.isEmpty(); page = page(first, after)) {
            List<Kept> missing = page;
            second.transaction(() -> insert(second, missing));
            after = page.get(page.size() - 1).id();
        }
    }

    private static List<Kept> page(Database from, long after) throws IOException {
        return kept(from, "id > ? ORDER BY id LIMIT " + PAGE, after);
    }

    private static List<Kept> kept(Database from, String where, Object value) throws IOException {
        return from.list(
                row -> new Kept(row.getLong(1), row.getBytes(2), row.getBytes(3), row.getLong(4)),
                "SELECT id, owner, key, at_ms FROM keys WHERE " + where,
                value);
    }

    /**
     * Over what a try before this one wrote, or another hub's keys on a disk that is used again. Not what was destroyed meanwhile, which another
     * process may have done.
     */
    private static int insert(Database to, List<Kept> keys) throws IOException {
        for (Kept each : keys) {
            to.update(
                    "INSERT OR REPLACE INTO keys SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM gone WHERE owner = ?2)",
                    each.id(),
                    each.owner(),
                    each.key(),
                    each.atMs());
        }
        return keys.size();
    }

    private static byte[] owner(String unit, String ride) {
        try {
            byte[] whole = MessageDigest.getInstance("SHA-256")
                    .digest(("ledger/" + unit + "/" + ride).getBytes(StandardCharsets.US_ASCII));
            return Arrays.copyOf(whole, OWNER_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * What names a ride, for nobody without its key.
     *
     * @param key the number of that key
     * @param text nonce and ciphertext, base64
     */
    record Sealed(long key, String text) {
        /** As fields of a line. */
        void write(JsonGenerator json) throws IOException {
            json.writeNumberField(KEY, key);
            json.writeStringField(SEALED, text);
        }
    }

    /**
     * Puts what names a ride into a line, sealed. The line may be written after the next {@link #commit}.
     *
     * @param unit hex
     * @param ride hex
     * @param personal what is sealed
     */
    public void seal(ObjectNode line, String unit, String ride, ObjectNode personal, Instant now) throws IOException {
        Sealed sealed = seal(unit, ride, personal, now);
        line.put(KEY, sealed.key).put(SEALED, sealed.text);
    }

    /** The same, for who writes lines field by field. */
    synchronized Sealed seal(String unit, String ride, ObjectNode personal, Instant now) throws IOException {
        Kept key = keyOf(owner(unit, ride), now.toEpochMilli());
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] text = JSON.writeValueAsBytes(personal);
        try {
            begin(Cipher.ENCRYPT_MODE, key.key(), nonce);
            byte[] sealed = cipher.doFinal(text);
            byte[] all = ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
            return new Sealed(key.id(), Base64.getEncoder().encodeToString(all));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private static Cipher aesGcm() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private void begin(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    }

    private Kept keyOf(byte[] owner, long nowMs) throws IOException {
        Kept key = remembered.get(ByteBuffer.wrap(owner));
        if (key != null && nowMs - key.atMs() <= RENEWED_MS) {
            return key;
        }
        if (key == null) {
            key = kept(database, "owner = ?", owner).stream().findFirst().orElse(null);
        }
        if (key != null && nowMs - key.atMs() > RENEWED_MS) {
            // A ride is told of again long after: the key lives as long as its newest line.
            key = new Kept(key.id(), owner, key.key(), nowMs);
            fresh.add(key);
        }
        if (key == null) {
            boolean gone = database.number("SELECT count(*) FROM gone WHERE owner = ?", (Object) owner) > 0;
            byte[] made = new byte[KEY_BYTES];
            random.nextBytes(made);
            if (gone) {
                return new Kept(NOBODY, owner, made, nowMs);
            }
            last++;
            key = new Kept(last, owner, made, nowMs);
            fresh.add(key);
        }
        remembered.put(ByteBuffer.wrap(owner), key);
        return key;
    }

    /** Returns when every key that was used is durable, on both disks. */
    public synchronized void commit() throws IOException {
        if (fresh.isEmpty()) {
            return;
        }
        database.transaction(() -> insert(database, fresh));
        Database second = mirror;
        if (second != null) {
            second.transaction(() -> insert(second, fresh));
        }
        fresh.clear();
    }

    /**
     * What a line says in the clear: with what was sealed in its place, or {@code "erased":true} where its key is gone.
     *
     * @throws IOException also when what is sealed is not what was
     */
    public synchronized ObjectNode open(JsonNode line) throws IOException {
        ObjectNode open = line.deepCopy();
        if (!line.has(SEALED)) {
            return open;
        }
        open.remove(List.of(KEY, SEALED));
        Optional<Kept> key =
                kept(database, "id = ?", line.path(KEY).asLong()).stream().findFirst();
        if (key.isEmpty()) {
            return open.put("erased", true);
        }
        byte[] all = line.path(SEALED).binaryValue();
        if (all.length < NONCE_BYTES) {
            throw new IOException("what is sealed in a line of a ledger is too short");
        }
        try {
            begin(Cipher.DECRYPT_MODE, key.get().key(), Arrays.copyOf(all, NONCE_BYTES));
            byte[] text = cipher.doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
            open.setAll((ObjectNode) JSON.readTree(text));
            return open;
        } catch (AEADBadTagException e) {
            throw new IOException("what is sealed in a line of a ledger does not open under its key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /**
     * Destroys the keys of rides: no line says any more that it was of one of them. Again it changes nothing.
     *
     * @throws IOException also when another process reads just now: to be tried again
     */
    public synchronized void forget(List<UnitRide> rides, Instant now) throws IOException {
        if (rides.isEmpty()) {
            return;
        }
        commit();
        List<byte[]> owners = rides.stream()
                .map(each -> owner(each.unit().hex(), each.ride().hex()))
                .toList();
        forgetIn(database, owners, now);
        Database second = mirror;
        if (second != null) {
            forgetIn(second, owners, now);
        }
        owners.forEach(each -> remembered.remove(ByteBuffer.wrap(each)));
    }

    private static void forgetIn(Database in, List<byte[]> owners, Instant now) throws IOException {
        in.transaction(() -> {
            for (byte[] owner : owners) {
                in.update("DELETE FROM keys WHERE owner = ?", (Object) owner);
                in.update("INSERT OR REPLACE INTO gone VALUES (?, ?)", owner, now.toEpochMilli());
            }
            return owners.size();
        });
        if (!in.emptyLog()) {
            throw new IOException("the ledger's keys are read by another process just now");
        }
    }

    /** Destroys the keys that were last used before a moment: what they sealed has been kept for long enough. */
    synchronized void drop(Instant before, Instant now) throws IOException {
        remembered.clear();
        commit();
        dropIn(database, before, now);
        Database second = mirror;
        if (second != null) {
            dropIn(second, before, now);
        }
    }

    private static void dropIn(Database in, Instant before, Instant now) throws IOException {
        in.transaction(() -> in.update("DELETE FROM keys WHERE at_ms < ?", before.toEpochMilli())
                + in.update("DELETE FROM gone WHERE at_ms < ?", now.toEpochMilli() - KEEP_GONE_MS));
        in.emptyLog();
    }

    /** Whether a file has the keys of another one; false also when one of them does not read, or has none. */
    public static boolean isCopy(Path file, Path of) {
        try (Database copy = Database.openToRead(file);
                Database original = Database.openToRead(of)) {
            long oldest = original.number("SELECT min(id) FROM keys");
            return oldest != NOBODY && copy.number("SELECT count(*) FROM keys WHERE id = ?", oldest) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        try (database) {
            if (mirror != null) {
                mirror.close();
            }
        }
    }
}
