package ansim.hub.vault;

import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.view.Database;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which letters of the {@link Outbox} go now, and what they say. What may not be sent any more is settled on the way. Inside a transaction of the store.
 */
final class Waiting {
    private static final String DUE =
            "SELECT o.seq, o.id, o.guardian, o.rider, o.facts, o.channel, o.tries, o.handed_ms, g.own,"
                    + " coalesce((SELECT given FROM consents WHERE guardian = o.guardian AND from_ms <= ? ORDER BY n DESC LIMIT 1), 0)"
                    + " FROM outbox o JOIN guardians g ON g.id = o.guardian WHERE o.state = 'waiting'";

    private static final String OLDEST = DUE + " AND o.channel = ? AND o.alarm = ? AND o.due_ms <= ?"
            + " AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.guardian = o.guardian AND p.alarm = o.alarm"
            + " AND p.state = 'waiting' AND p.seq < o.seq)";

    /** One after the other, for only of what was tried all are looked at: of what was not, however much waits, the first is the next. */
    private static final List<String> IN_TURN = List.of(
            OLDEST + " AND o.tries = 0 AND o.kind = '" + Kind.EMERGENCY.word() + "' ORDER BY o.seq LIMIT ?",
            OLDEST + " AND o.tries = 0 ORDER BY o.seq LIMIT ?",
            OLDEST + " ORDER BY o.kind <> '" + Kind.EMERGENCY.word() + "', o.due_ms, o.seq LIMIT ?");

    /** So many of them look for what was never tried. */
    private static final int UNTRIED = 2;

    private record Due(
            long seq,
            byte[] id,
            byte[] guardian,
            byte[] rider,
            byte[] facts,
            String channel,
            int tries,
            long handedMs,
            boolean own,
            boolean consented) {
        String whose() {
            return HexFormat.of().formatHex(guardian);
        }
    }

    private record Place(boolean alarm, long seq) {}

    private final VaultKeys keys;
    private final VaultStore store;
    private final Settling settling;
    private final InstantSource clock;

    Waiting(VaultKeys keys, VaultStore store, Settling settling, InstantSource clock) {
        this.keys = keys;
        this.store = store;
        this.settling = settling;
        this.clock = clock;
    }

    /** As {@link Outbox#next}. */
    Optional<Letter> next(boolean alarm, String channel, Set<String> inHand) throws IOException {
        return next(alarm, channel, inHand, IN_TURN);
    }

    /** As {@link Outbox#nextUntried}. */
    Optional<Letter> nextUntried(boolean alarm, String channel, Set<String> inHand) throws IOException {
        return next(alarm, channel, inHand, IN_TURN.subList(0, UNTRIED));
    }

    private Optional<Letter> next(boolean alarm, String channel, Set<String> inHand, List<String> turns)
            throws IOException {
        while (true) {
            Optional<Due> due = due(alarm, channel, inHand, turns);
            if (due.isEmpty()) {
                return Optional.empty();
            }
            Optional<Letter> letter = letter(due.get());
            if (letter.isPresent()) {
                return letter;
            }
        }
    }

    private static Due due(ResultSet row) throws SQLException {
        return new Due(
                row.getLong(1),
                row.getBytes(2),
                row.getBytes(3),
                row.getBytes(4),
                row.getBytes(5),
                row.getString(6),
                row.getInt(7),
                row.getLong(8),
                row.getBoolean(9),
                row.getBoolean(10));
    }

    private Optional<Due> due(boolean alarm, String channel, Set<String> inHand, List<String> turns)
            throws IOException {
        long nowMs = clock.millis();
        // Each guardian is among them once: of one more than are in hand, one is not.
        int enough = inHand.size() + 1;
        Optional<Due> due = Optional.empty();
        for (int i = alarm ? 0 : 1; i < turns.size() && due.isEmpty(); i++) {
            due = db().list(Waiting::due, turns.get(i), nowMs, channel, alarm, nowMs, enough).stream()
                    .filter(each -> !inHand.contains(each.whose()))
                    .findFirst();
        }
        return due;
    }

    /** Empty when it may not be sent: then it is settled. */
    private Optional<Letter> letter(Due due) throws IOException {
        long nowMs = clock.millis();
        VaultStore.Row rider = store.byId(due.rider()).orElseThrow();
        if (!due.own() && (rider.suspended() || !due.consented())) {
            settling.settle(due.seq(), rider.suspended() ? "suspended" : "withheld", "");
            return Optional.empty();
        }
        if (nowMs - due.handedMs() >= TimeUnit.HOURS.toMillis(Outbox.GIVE_UP_HOURS)) {
            settling.settle(due.seq(), "dead", "nobody took it within " + Outbox.GIVE_UP_HOURS + " hours");
            return Optional.empty();
        }
        RiderKey key = keys.unwrap(rider.id(), rider.secret());
        Guardian guardian = ContactJson.guardian(
                store.guardians(rider.id(), nowMs).stream()
                        .filter(each -> Arrays.equals(each.id(), due.guardian()))
                        .findFirst()
                        .orElseThrow(),
                key);
        return Optional.of(new Letter(
                due.seq(),
                HexFormat.of().formatHex(due.id()),
                due.whose(),
                due.channel(),
                guardian.address(),
                rider.language(),
                due.tries(),
                due.handedMs(),
                NoticeJson.news(key.unseal(RiderKey.NOTICE, due.facts()))));
    }

    /** As {@link Outbox#waitingForApp}. */
    List<Letter> forApp(Optional<String> after, int most) throws IOException {
        Place from = new Place(true, 0);
        if (after.isPresent()) {
            from = db().first(
                            row -> new Place(row.getBoolean(1), row.getLong(2)),
                            "SELECT alarm, seq FROM outbox WHERE id = ?",
                            (Object) HexFormat.of().parseHex(after.get()))
                    .orElse(from);
        }
        List<Letter> letters = new ArrayList<>();
        while (letters.size() < most) {
            List<Due> waiting = db().list(
                            Waiting::due,
                            DUE + " AND o.channel = ? AND (o.alarm < ? OR (o.alarm = ? AND o.seq > ?))"
                                    + " ORDER BY o.alarm DESC, o.seq LIMIT ?",
                            clock.millis(),
                            Guardian.API,
                            from.alarm(),
                            from.alarm(),
                            from.seq(),
                            most - letters.size());
            if (waiting.isEmpty()) {
                break;
            }
            for (Due due : waiting) {
                letter(due).ifPresent(letters::add);
            }
            from = place(waiting.get(waiting.size() - 1).seq());
        }
        return letters;
    }

    private Place place(long seq) throws IOException {
        return db().first(
                        row -> new Place(row.getBoolean(1), row.getLong(2)),
                        "SELECT alarm, seq FROM outbox WHERE seq = ?",
                        seq)
                .orElseThrow();
    }

    private Database db() {
        return store.database();
    }
}
