package ansim.hub.keys;

import ansim.hub.core.Belonging;
import ansim.hub.core.Input;
import ansim.hub.core.Keep;
import ansim.hub.core.UnitRide;
import ansim.hub.view.Database;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The keys of rides and days: {@code ridekeys.db}, and a second one on the disk of the log's mirror if there is one.
 *
 * <p>Guarantees that a key is durable when {@link #commit} returns, on both disks, and that it is in neither file when {@link #destroy} returns:
 * the rows are overwritten, the files' own logs emptied. Key ids count up and are never used twice, so that an id that is gone is one that was
 * destroyed, and one above {@link #last} is one that this file never had. How many are gone is counted: a file that has lost rows does not open.
 *
 * <p>Not guaranteed: that the disk itself keeps no older copy of a block that was overwritten. Disks that spread their writes do; on them the data
 * folder belongs on an encrypted volume. What was copied from the file by other means has to be destroyed by whoever copied it.
 *
 * <p>Any thread. One process makes and destroys; others may note wishes and look.
 */
public final class RideKeys implements AutoCloseable {
    private static final int KEY_BYTES = 32;

    /**
     * Keys in memory, about 250 bytes each; others are read again when they are needed. More than a city has units: with one fewer than there are rides,
     * every message would wait for the file.
     */
    static final int REMEMBERED = 131_072;

    /** A key as it is kept. */
    record Kept(long id, Owner owner, Keep keep, long fromMs, byte[] key) {
        Kept raised() {
            return new Kept(id, owner, Keep.EMERGENCIES, fromMs, key);
        }
    }

    /**
     * A key that was or is to be destroyed.
     *
     * @param id its id
     * @param ride the ride that it is of; empty for a day
     * @param keep how long it is kept
     */
    public record Due(long id, Optional<UnitRide> ride, Keep keep) {}

    private final Path file;
    private final Database database;
    private final @Nullable Database mirror;
    private final SecureRandom random;
    private final Map<Owner, Kept> byOwner = remembering();
    private final Map<Long, Kept> byId = remembering();
    private final List<Kept> fresh = new ArrayList<>();
    private final List<Kept> raised = new ArrayList<>();
    private long last;

    private static <K> Map<K, Kept> remembering() {
        // The first in goes first, used or not: to move each to the end with each use is work for the collector, and
        // one read again costs little.
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, Kept> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    private RideKeys(Path file, Database database, @Nullable Database mirror, SecureRandom random) throws IOException {
        this.file = file;
        this.database = database;
        this.mirror = mirror;
        this.random = random;
        this.last = database.number("SELECT last FROM store");
    }

    /**
     * Opens the keys of a log, and makes the file when it is missing.
     *
     * @param log the log's id
     * @throws CommandFailure when they are of another log or some are missing
     */
    public static RideKeys open(Path file, long log, SecureRandom random) throws IOException {
        return new RideKeys(file, KeyFile.opened(file, log), null, random);
    }

    /** Likewise with a second file, which is brought level: what is destroyed in the first is destroyed there, too. */
    public static RideKeys open(Path file, Path mirror, long log, SecureRandom random) throws IOException {
        Database database = KeyFile.opened(file, log);
        Database second = KeyFile.opened(mirror, log);
        KeyFile.level(database, file, second, mirror);
        return new RideKeys(file, database, second, random);
    }

    /** The id of the log whose keys a file has; empty for one that does not read. */
    public static OptionalLong logOf(Path file) {
        return KeyFile.logOf(file);
    }

    /** Takes the keys up to one that are missing for destroyed: they are lost, and the operator says so. A file that does not read is begun anew. */
    public static void giveUp(Path file, long log, long through) throws IOException {
        KeyFile.giveUp(file, log, through);
    }

    /** The newest key that was ever made. */
    public synchronized long last() {
        return last;
    }

    /** The key of what a new entry belongs to; a new one is durable after {@link #commit}, and must be before the entry is written. */
    synchronized Kept of(Belonging belonging, long arrivedMs) throws IOException {
        Owner owner = Owner.of(belonging, arrivedMs);
        Kept known = byOwner.get(owner);
        boolean news = known == null;
        if (known == null) {
            known = stored("owner = ?", owner.bytes()).orElseGet(() -> made(owner, belonging.keep(), arrivedMs));
        }
        if (belonging.keep() == Keep.EMERGENCIES && known.keep() != Keep.EMERGENCIES) {
            known = known.raised();
            raised.add(known);
            news = true;
        }
        if (news) {
            remember(known);
        }
        return known;
    }

    private Kept made(Owner owner, Keep keep, long arrivedMs) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        last++;
        Kept made = new Kept(last, owner, keep, arrivedMs, key);
        fresh.add(made);
        return made;
    }

    private void remember(Kept kept) {
        byOwner.put(kept.owner(), kept);
        byId.put(kept.id(), kept);
    }

    private Optional<Kept> stored(String where, Object value) throws IOException {
        return database.first(
                row -> new Kept(
                        row.getLong(1),
                        Owner.of(row.getBytes(2)),
                        keep(row.getInt(3)),
                        row.getLong(4),
                        row.getBytes(5)),
                "SELECT id, owner, keep, from_ms, key FROM keys WHERE " + where,
                value);
    }

    private static Keep keep(int number) {
        for (Keep keep : Keep.values()) {
            if (keep.number() == number) {
                return keep;
            }
        }
        throw new IllegalArgumentException("no such class (" + number + ")");
    }

    /** Returns when every key that was given out is durable; nothing is written when there is no new one. */
    public synchronized void commit() throws IOException {
        if (fresh.isEmpty() && raised.isEmpty()) {
            return;
        }
        write(database);
        if (mirror != null) {
            write(mirror);
        }
        fresh.clear();
        raised.clear();
    }

    private void write(Database to) throws IOException {
        to.transaction(() -> {
            for (Kept each : fresh) {
                to.update(
                        "INSERT INTO keys VALUES (?, ?, ?, ?, ?)",
                        each.id(),
                        each.owner().bytes(),
                        each.keep().number(),
                        each.fromMs(),
                        each.key());
            }
            for (Kept each : raised) {
                to.update("UPDATE keys SET keep = ? WHERE id = ?", Keep.EMERGENCIES.number(), each.id());
            }
            return to.update("UPDATE store SET last = max(last, ?)", last);
        });
    }

    /** A key by its id; empty when it was destroyed, or was never here. */
    synchronized Optional<byte[]> find(long id) throws IOException {
        Kept known = byId.get(id);
        if (known == null) {
            Optional<Kept> stored = stored("id = ?", id);
            // By its id alone: a reader of old entries must not displace the keys of the rides that are on.
            stored.ifPresent(each -> byId.put(id, each));
            return stored.map(Kept::key);
        }
        return Optional.of(known.key());
    }

    /** Keys of a class that were made before a moment, oldest first. */
    public synchronized List<Due> older(Keep keep, long beforeMs, int most) throws IOException {
        return due(
                "SELECT id, owner, keep FROM keys WHERE keep = ? AND from_ms < ? ORDER BY from_ms LIMIT ?",
                keep.number(),
                beforeMs,
                most);
    }

    /** What became of a wish. */
    public enum Wish {
        /** It is noted: the hub erases the ride, and what comes of it later. */
        NOTED,
        /** There was an emergency in that ride, and the wish did not say that it is meant. */
        EMERGENCY,
        /** Nothing that can be erased is there of such a ride. */
        NOTHING
    }

    /**
     * Notes that a ride is to be erased.
     *
     * @param emergency whether an emergency in it goes with it
     */
    public synchronized Wish wish(UnitRide ride, String reason, boolean emergency) throws IOException {
        byte[] owner = Owner.of(ride).bytes();
        return database.transaction(() -> {
            Optional<Kept> key = stored("owner = ?", owner);
            if (key.isEmpty()) {
                return Wish.NOTHING;
            }
            if (key.get().keep() == Keep.EMERGENCIES && !emergency) {
                return Wish.EMERGENCY;
            }
            database.update("INSERT OR REPLACE INTO wished VALUES (?, ?, ?)", owner, reason, emergency ? 1 : 0);
            return Wish.NOTED;
        });
    }

    /** Whether nothing is left to do of a wish: the key is gone, the log says so, and no file holds anything of the ride. */
    public synchronized boolean isDone(UnitRide ride) throws IOException {
        byte[] owner = Owner.of(ride).bytes();
        return database.number(
                        "SELECT (SELECT count(*) FROM keys WHERE owner = ?) + (SELECT count(*) FROM destroyed WHERE owner = ?)",
                        owner,
                        owner)
                == 0;
    }

    /**
     * Keys of rides that are to be erased on request, also of what came of them since; an emergency that came since stays.
     *
     * @param reason of the wish
     */
    public record Wished(String reason, List<Due> keys) {}

    /** Those of one reason. */
    public synchronized Optional<Wished> wished(int most) throws IOException {
        String due = "FROM wished w JOIN keys k ON k.owner = w.owner WHERE (k.keep <> 2 OR w.emergency = 1)";
        Optional<String> reason = database.first(row -> row.getString(1), "SELECT w.reason " + due + " LIMIT 1");
        return reason.isEmpty()
                ? Optional.empty()
                : Optional.of(new Wished(
                        reason.get(),
                        due("SELECT k.id, k.owner, k.keep " + due + " AND w.reason = ? LIMIT ?", reason.get(), most)));
    }

    private List<Due> due(String sql, Object... values) throws IOException {
        return database.list(
                row -> new Due(row.getLong(1), Owner.of(row.getBytes(2)).ride(), keep(row.getInt(3))), sql, values);
    }

    /**
     * Destroys keys, and notes that the log must say so: {@link #unrecorded}. One whose class is another one by now is left: an emergency has come.
     *
     * @return how many there were
     */
    public synchronized int destroy(List<Due> keys, Input.Erasure.Cause cause, String reason, long nowMs)
            throws IOException {
        commit();
        List<Long> gone = database.transaction(() -> {
            List<Long> ids = new ArrayList<>();
            for (Due each : keys) {
                if (note(each, cause, reason, nowMs)) {
                    delete(database, each.id());
                    ids.add(each.id());
                }
            }
            return ids;
        });
        Database second = mirror;
        if (second != null) {
            second.transaction(() -> {
                for (Long id : gone) {
                    delete(second, id);
                }
                return gone.size();
            });
            KeyFile.empty(second, file);
        }
        KeyFile.empty(database, file);
        forget(gone);
        return gone.size();
    }

    private boolean note(Due due, Input.Erasure.Cause cause, String reason, long nowMs) throws IOException {
        int noted = database.update(
                "INSERT INTO destroyed SELECT id, owner, ?, ?, ?, 0 FROM keys WHERE id = ? AND keep = ?",
                nowMs,
                cause.number(),
                reason,
                due.id(),
                due.keep().number());
        if (noted > 0 && due.ride().isPresent()) {
            database.update(
                    "UPDATE wished SET emergency = 0 WHERE owner = ?",
                    Owner.of(due.ride().get()).bytes());
        }
        return noted > 0;
    }

    private static void delete(Database from, long id) throws IOException {
        int gone = from.update("DELETE FROM keys WHERE id = ?", id);
        from.update("UPDATE store SET gone = gone + ?", gone);
    }

    /** Destroys once more what is on record as destroyed: an older copy of the file was put back. */
    public synchronized void destroyAgain(Input.Erasure onRecord) throws IOException {
        database.transaction(() -> {
            for (Input.Erasure.Item each : onRecord.items()) {
                delete(database, each.keyId());
            }
            return onRecord.items().size();
        });
        KeyFile.empty(database, file);
    }

    private void forget(List<Long> ids) {
        for (Long id : ids) {
            Kept gone = byId.remove(id);
            if (gone != null) {
                byOwner.remove(gone.owner(), gone);
            }
        }
    }

    /**
     * What was destroyed and is not on record in the log yet, oldest first; of one cause and reason.
     *
     * @param most of them
     */
    public synchronized Optional<Input.Erasure> unrecorded(int most, long nowMs) throws IOException {
        Optional<Input.Erasure> first = database.first(
                row -> erasure(nowMs, row.getInt(1), row.getString(2), List.of(item(row.getLong(3), row.getBytes(4)))),
                "SELECT cause, reason, id, owner FROM destroyed WHERE recorded = 0 ORDER BY at_ms, id LIMIT 1");
        if (first.isEmpty()) {
            return first;
        }
        List<Input.Erasure.Item> same = database.list(
                row -> item(row.getLong(1), row.getBytes(2)),
                "SELECT id, owner FROM destroyed WHERE recorded = 0 AND cause = ? AND reason = ? ORDER BY at_ms, id LIMIT ?",
                first.get().cause().number(),
                first.get().reason(),
                most);
        return Optional.of(
                new Input.Erasure(nowMs, first.get().cause(), first.get().reason(), same));
    }

    private static Input.Erasure.Item item(long id, byte[] owner) {
        return new Input.Erasure.Item(id, Owner.of(owner).ride());
    }

    private static Input.Erasure erasure(long nowMs, int cause, String reason, List<Input.Erasure.Item> items) {
        boolean request = cause == Input.Erasure.Cause.REQUEST.number();
        return new Input.Erasure(
                nowMs, request ? Input.Erasure.Cause.REQUEST : Input.Erasure.Cause.RETENTION, reason, items);
    }

    /** It is on record in the log. */
    public synchronized void recorded(Input.Erasure erasure) throws IOException {
        database.transaction(() -> {
            for (Input.Erasure.Item each : erasure.items()) {
                database.update("UPDATE destroyed SET recorded = 1 WHERE id = ?", each.keyId());
            }
            return erasure.items().size();
        });
    }

    /** Rides of which something was destroyed on request, as long as other files may hold something of them. */
    public synchronized List<UnitRide> requested() throws IOException {
        return database
                .list(
                        row -> Owner.of(row.getBytes(1)).ride(),
                        "SELECT owner FROM destroyed WHERE cause = ?",
                        Input.Erasure.Cause.REQUEST.number())
                .stream()
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    /** Whether other files may still hold something of what was destroyed. */
    public synchronized boolean isAnyUnclean() throws IOException {
        return database.number("SELECT EXISTS (SELECT 1 FROM destroyed)") > 0;
    }

    /** No file holds anything any more of what is on record. */
    public synchronized void cleaned() throws IOException {
        database.update("DELETE FROM destroyed WHERE recorded = 1");
    }

    /** Another number once another process has changed the file. */
    public synchronized long dataVersion() throws IOException {
        return database.number("PRAGMA data_version");
    }

    /** Writes all keys into a new file, for its owner's eyes only; whoever has it must destroy in it what is erased here. */
    public synchronized void copyTo(Path copy) throws IOException {
        database.copyTo(copy);
    }

    /** Whether there is any. */
    public synchronized boolean any() throws IOException {
        return database.number("SELECT EXISTS (SELECT 1 FROM keys)") > 0;
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
