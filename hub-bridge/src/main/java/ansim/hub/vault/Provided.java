package ansim.hub.vault;

import ansim.hub.view.Database;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The duty to tell a rider of each provision to somebody else: what was given to whom, sealed under the rider's key in the vault's database until a
 * letter has it. Korea's Location Information Act, Article 19 (3) and (4), wants that at once, or in bundles if the rider agrees.
 *
 * <p>Guarantee: a provision is there once under its id, however often it is added, and in one letter. Inside a transaction of the store.
 */
final class Provided {
    /** A rider who wants no message for each provision is told after so long. */
    static final int BUNDLE_DAYS = 30;

    /** Provisions in one letter: more come in the next. */
    private static final int MAX_PROVISIONS = 60;

    /** What such a letter is among the kinds. */
    static final String TOLD = "told";

    /** What is to be written to the rider now: the letter's id, and what it says, sealed. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Told(byte[] id, byte[] facts) {}

    private final VaultKeys keys;
    private final VaultStore store;

    Provided(VaultKeys keys, VaultStore store) {
        this.keys = keys;
        this.store = store;
    }

    /** To be told to the rider. */
    void add(byte[] id, byte[] rider, RiderKey key, Letter.Provision provision) throws IOException {
        db().update(
                        "INSERT OR IGNORE INTO provisions (id, rider, facts, at_ms, told) VALUES (?, ?, ?, ?, 0)",
                        id,
                        rider,
                        key.seal(RiderKey.NOTICE, NoticeJson.bytes(provision)),
                        provision.atMs());
    }

    private record Untold(long seq, byte[] facts, long atMs) {}

    /**
     * What to write to the rider when it is time: after each provision, or after {@link Guardian#BUNDLE} of them or {@value #BUNDLE_DAYS} days.
     * It counts as told from then on.
     */
    Optional<Told> due(VaultStore.GuardianRow own, RiderKey key, long nowMs) throws IOException {
        List<Untold> untold = db().list(
                        row -> new Untold(row.getLong(1), row.getBytes(2), row.getLong(3)),
                        "SELECT seq, facts, at_ms FROM provisions WHERE rider = ? AND told = 0 ORDER BY seq LIMIT ?",
                        own.rider(),
                        MAX_PROVISIONS);
        boolean due = untold.size() >= own.every()
                || (!untold.isEmpty()
                        && nowMs - untold.get(0).atMs()
                                >= Duration.ofDays(BUNDLE_DAYS).toMillis());
        if (!due) {
            return Optional.empty();
        }
        List<Letter.Provision> all = new ArrayList<>();
        for (Untold each : untold) {
            all.add(NoticeJson.provision(key.unseal(RiderKey.NOTICE, each.facts())));
        }
        long last = untold.get(untold.size() - 1).seq();
        byte[] facts = key.seal(RiderKey.NOTICE, NoticeJson.bytes(new Letter.OfProvisions(all)));
        db().update("UPDATE provisions SET told = 1 WHERE rider = ? AND told = 0 AND seq <= ?", own.rider(), last);
        return Optional.of(new Told(keys.noticeId(TOLD + "/" + last, own.id()), facts));
    }

    /** Riders whose oldest provision waits for as long as a bundle may. */
    List<byte[]> waitingLong(long nowMs) throws IOException {
        return db().list(
                        row -> row.getBytes(1),
                        "SELECT DISTINCT rider FROM provisions WHERE told = 0 AND at_ms <= ?",
                        nowMs - Duration.ofDays(BUNDLE_DAYS).toMillis());
    }

    /** What was told is let go of. */
    void letGo(long beforeMs) throws IOException {
        db().update("DELETE FROM provisions WHERE told = 1 AND at_ms < ?", beforeMs);
    }

    private Database db() {
        return store.database();
    }
}
