package ansim.hub.vault;

import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.view.Database;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Letters to guardians and riders, from a notice to the word of whoever took them: in the vault's database, sealed under their riders' keys.
 *
 * <p>Guarantee: a notice becomes one letter to each guardian who is to have it, however often it is handed in; each guardian's letters go in
 * order within alarms and within the rest, if whoever carries several at once says so to {@link #next}; none goes without the rider's consent as it
 * stands when the letter is taken out by {@link #next}; what a letter says is destroyed when it is sent, given up, forgotten or erased. Not guaranteed:
 * that a letter goes out once only. After a crash between the receiver's word and {@link #sent} it goes again, under the same id.
 *
 * <p>A letter that nobody took within {@value #GIVE_UP_HOURS} hours, or after {@value #MAX_TRIES} tries, is given up and counted. Any thread.
 */
public final class Outbox {
    /** So long a letter waits at most. */
    static final int GIVE_UP_HOURS = 24;

    /** So often it is tried at most. */
    static final int MAX_TRIES = 100;

    private static final int MAX_WHY = 200;
    /** What was sent is listed, and known as sent, for so long. */
    private static final Duration KEEP_SENT = Duration.ofDays(30);
    /** Rides are named within 72 hours: a handle is of use no longer. */
    private static final Duration KEEP_HANDLES = Duration.ofDays(7);

    private final VaultKeys keys;
    private final VaultStore store;
    private final Provided provided;
    private final Settling settling;
    private final Waiting waiting;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition handed = lock.newCondition();
    private long generation;

    Outbox(VaultKeys keys, VaultStore store, InstantSource clock) {
        this.keys = keys;
        this.store = store;
        this.provided = new Provided(keys, store);
        this.settling = new Settling(store, clock);
        this.waiting = new Waiting(keys, store, settling, clock);
        this.clock = clock;
    }

    /** Makes letters of notices, on disk before it returns. */
    void hand(List<RideNotice> notices) throws IOException {
        long nowMs = clock.millis();
        store.transaction(() -> {
            for (RideNotice notice : notices) {
                for (String handle : notice.handles()) {
                    hand(notice, HexFormat.of().parseHex(handle), nowMs);
                }
            }
            return notices.size();
        });
        wake();
    }

    private void hand(RideNotice notice, byte[] handle, long nowMs) throws IOException {
        Optional<VaultStore.Row> found = store.riderOf(handle);
        if (found.isEmpty()) {
            settling.count("unknown");
            return;
        }
        VaultStore.Row rider = found.get();
        if (rider.suspended() && notice.kind().isTold()) {
            settling.count("suspended");
        }
        RiderKey key = keys.unwrap(rider.id(), rider.secret());
        byte[] facts = key.seal(
                RiderKey.NOTICE,
                NoticeJson.bytes(new Letter.OfRide(
                        notice.kind(), notice.vehicle(), notice.company(), notice.atMs(), notice.place())));
        Optional<VaultStore.GuardianRow> own = Optional.empty();
        for (VaultStore.GuardianRow guardian : store.guardians(rider.id(), nowMs)) {
            if (guardian.own()) {
                own = Optional.of(guardian);
            } else if (!rider.suspended() && (guardian.wants() & notice.kind().bit()) != 0) {
                byte[] id = keys.noticeId(notice.event(), guardian.id());
                boolean alarm = notice.kind().alarm();
                add(id, guardian, handle, notice.kind().word(), alarm, facts, nowMs);
            }
        }
        if (own.isPresent()) {
            // Whoever is suspended in the middle of a ride is told what centres are given of it all the same.
            for (RideNotice.Place centre : notice.centres()) {
                // Once a ride and centre: what follows of the same ride is the same provision.
                byte[] id = keys.noticeId("centre/" + centre.name(), handle);
                provided.add(id, rider.id(), key, new Letter.Provision(centre, true, notice.kind(), nowMs));
            }
            tell(own.get(), key, nowMs);
        }
    }

    private void add(
            byte[] id,
            VaultStore.GuardianRow guardian,
            byte @Nullable [] handle,
            String kind,
            boolean alarm,
            byte[] facts,
            long nowMs)
            throws IOException {
        db().update(
                        "INSERT OR IGNORE INTO outbox (id, guardian, rider, handle, kind, alarm, channel, state, facts,"
                                + " handed_ms, due_ms, tries, why) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, 0, '')",
                        id,
                        guardian.id(),
                        guardian.rider(),
                        handle,
                        kind,
                        alarm,
                        guardian.channel(),
                        facts,
                        nowMs,
                        nowMs);
    }

    /** Writes to the rider when it is time. */
    private void tell(VaultStore.GuardianRow own, RiderKey key, long nowMs) throws IOException {
        Optional<Provided.Told> told = provided.due(own, key, nowMs);
        if (told.isPresent()) {
            add(told.get().id(), own, null, Provided.TOLD, false, told.get().facts(), nowMs);
        }
    }

    /**
     * The next letter of a channel that is due: of each guardian the oldest only; what was never tried before what was, and emergencies before lost
     * taxis, so that one whom the channel cannot reach holds up nobody else. What may not be sent any more is settled on the way.
     *
     * @param alarm of emergencies and lost taxis, or of the rest
     * @param inHand guardians to whom a letter is on its way: none of theirs is the next. Nobody here knows them, only who carries
     */
    public Optional<Letter> next(boolean alarm, String channel, Set<String> inHand) throws IOException {
        return store.transaction(() -> waiting.next(alarm, channel, inHand));
    }

    /** As {@link #next}, only of what was never tried. */
    public Optional<Letter> nextUntried(boolean alarm, String channel, Set<String> inHand) throws IOException {
        return store.transaction(() -> waiting.nextUntried(alarm, channel, inHand));
    }

    /**
     * What waits for the users of the city's app, alarms first, then oldest first; consent is looked at as in {@link #next}.
     *
     * @param after the letter behind which to go on, whatever became of it; one that is not known is passed over
     */
    public List<Letter> waitingForApp(Optional<String> after, int most) throws IOException {
        return store.transaction(() -> waiting.forApp(after, most));
    }

    /** The city's app has a letter, or said so before; false when it was given none of this id. */
    public boolean taken(String id) throws IOException {
        record Found(long seq, String state) {}
        return store.transaction(() -> {
            Optional<Found> found = db().first(
                            row -> new Found(row.getLong(1), row.getString(2)),
                            "SELECT seq, state FROM outbox WHERE id = ? AND channel = ?",
                            HexFormat.of().parseHex(id),
                            Guardian.API);
            if (found.isPresent() && found.get().state().equals("waiting")) {
                sentNow(found.get().seq());
                return true;
            }
            return found.isPresent() && found.get().state().equals("sent");
        });
    }

    /** Somebody else has it: what it says is destroyed, and the rider will be told. */
    public void sent(Letter letter) throws IOException {
        store.transaction(() -> {
            sentNow(letter.seq());
            return true;
        });
    }

    private void sentNow(long seq) throws IOException {
        record Sent(byte[] id, byte[] rider, byte[] guardian, String kind, boolean own, byte[] contact) {}
        long nowMs = clock.millis();
        Optional<Sent> found = db().first(
                        row -> new Sent(
                                row.getBytes(1),
                                row.getBytes(2),
                                row.getBytes(3),
                                row.getString(4),
                                row.getBoolean(5),
                                row.getBytes(6)),
                        "SELECT o.id, o.rider, o.guardian, o.kind, g.own, g.contact FROM outbox o"
                                + " JOIN guardians g ON g.id = o.guardian WHERE o.seq = ? AND o.state = 'waiting'",
                        seq);
        if (found.isEmpty()) {
            // Erased while it was on its way.
            return;
        }
        settling.settle(seq, "sent", "");
        Sent sent = found.get();
        VaultStore.Row rider = store.byId(sent.rider()).orElseThrow();
        List<VaultStore.GuardianRow> all = store.guardians(rider.id(), nowMs);
        Optional<VaultStore.GuardianRow> own =
                all.stream().filter(VaultStore.GuardianRow::own).findFirst();
        if (sent.own() || own.isEmpty()) {
            return;
        }
        RiderKey key = keys.unwrap(rider.id(), rider.secret());
        String name = ContactJson.guardian(
                        all.stream()
                                .filter(each -> Arrays.equals(each.id(), sent.guardian()))
                                .findFirst()
                                .orElseThrow(),
                        key)
                .shown();
        Kind kind = Kind.valueOf(sent.kind().toUpperCase(Locale.ROOT));
        RideNotice.Place to = new RideNotice.Place(name, name);
        provided.add(sent.id(), rider.id(), key, new Letter.Provision(to, false, kind, nowMs));
        tell(own.get(), key, nowMs);
    }

    /** It goes again at a later moment, or is given up when it was tried often enough. */
    public void later(Letter letter, long dueMs, String why) throws IOException {
        store.transaction(() -> {
            if (letter.tries() + 1 >= MAX_TRIES) {
                return settling.settle(letter.seq(), "dead", "after " + MAX_TRIES + " tries: " + clean(letter, why));
            }
            return db().update(
                            "UPDATE outbox SET tries = tries + 1, due_ms = ?, why = ? WHERE seq = ? AND state = 'waiting'",
                            dueMs,
                            clean(letter, why),
                            letter.seq());
        });
    }

    /** It will never be taken. */
    public void refused(Letter letter, String why) throws IOException {
        store.transaction(() -> {
            db().update("UPDATE outbox SET tries = tries + 1 WHERE seq = ?", letter.seq());
            return settling.settle(letter.seq(), "dead", clean(letter, why));
        });
    }

    private static String clean(Letter letter, String why) {
        String told = why.replace(letter.address(), "(address)").replaceAll("\\p{Cntrl}+", " ");
        return told.length() > MAX_WHY ? told.substring(0, MAX_WHY) : told;
    }

    /** The rides of these handles were erased: nobody is told of them any more. */
    void forget(List<String> handles) throws IOException {
        store.transaction(() -> {
            for (String handle : handles) {
                byte[] bytes = HexFormat.of().parseHex(handle);
                List<Long> waiting = db().list(
                                row -> row.getLong(1),
                                "SELECT seq FROM outbox WHERE handle = ? AND state = 'waiting'",
                                bytes);
                for (long seq : waiting) {
                    settling.settle(seq, "forgotten", "");
                }
                db().update("DELETE FROM handles WHERE handle = ?", bytes);
            }
            return handles.size();
        });
    }

    /** Once in a while: gives up what nobody came for, tells riders who wait for their bundle, lets go of what is long done. */
    public void sweep() throws IOException {
        long nowMs = clock.millis();
        store.transaction(() -> {
            List<Long> overdue = db().list(
                            row -> row.getLong(1),
                            "SELECT seq FROM outbox WHERE state = 'waiting' AND handed_ms <= ?",
                            nowMs - TimeUnit.HOURS.toMillis(GIVE_UP_HOURS));
            for (long seq : overdue) {
                settling.settle(seq, "dead", "nobody took it within " + GIVE_UP_HOURS + " hours");
            }
            for (byte[] rider : provided.waitingLong(nowMs)) {
                VaultStore.Row row = store.byId(rider).orElseThrow();
                RiderKey key = keys.unwrap(rider, row.secret());
                for (VaultStore.GuardianRow each : store.guardians(rider, nowMs)) {
                    if (each.own()) {
                        tell(each, key, nowMs);
                    }
                }
            }
            db().update("DELETE FROM outbox WHERE done_ms < ?", nowMs - KEEP_SENT.toMillis());
            provided.letGo(nowMs - KEEP_SENT.toMillis());
            return db().update("DELETE FROM handles WHERE at_ms < ?", nowMs - KEEP_HANDLES.toMillis());
        });
    }

    /** Channels that guardians have. */
    public List<String> channels() throws IOException {
        return store.transaction(
                () -> db().list(row -> row.getString(1), "SELECT DISTINCT channel FROM guardians ORDER BY channel"));
    }

    /** Waits until something was handed in since {@code seen}, or a while has passed; gives the new number to wait from. */
    public long await(long seen, Duration most) throws InterruptedException {
        lock.lock();
        try {
            long leftNanos = most.toNanos();
            while (generation == seen && leftNanos > 0) {
                leftNanos = handed.awaitNanos(leftNanos);
            }
            return generation;
        } finally {
            lock.unlock();
        }
    }

    /** Lets everybody who waits look again. */
    public void wake() {
        lock.lock();
        try {
            generation++;
            handed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Database db() {
        return store.database();
    }
}
