package ansim.hub.vault;

import ansim.hub.view.Database;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What became of the letters in the {@link Outbox}, for operators and for riders who ask. Reads only. Any thread. */
public final class LetterBook {
    /**
     * A letter as an operator sees it: no address, and of the ride only its handle.
     *
     * @param state waiting, sent, dead, withheld (no consent), suspended, forgotten
     * @param why what the last try came to
     */
    public record Listed(
            String id,
            String handle,
            String kind,
            String channel,
            String state,
            int tries,
            Instant handed,
            Optional<Instant> done,
            String why) {}

    private final VaultStore store;

    LetterBook(VaultStore store) {
        this.store = store;
    }

    /** The letters of the last {@code 30} days and what waits, in the order in which they were handed in. */
    public List<Listed> list(int most) throws IOException {
        return store.transaction(() -> listed(" ORDER BY seq DESC LIMIT ?", most));
    }

    List<Listed> of(byte[] rider) throws IOException {
        return store.transaction(() -> listed(" WHERE rider = ? ORDER BY seq", rider));
    }

    private List<Listed> listed(String which, Object value) throws IOException {
        HexFormat hex = HexFormat.of();
        return db().list(
                        row -> {
                            byte[] handle = row.getBytes(2);
                            long doneMs = row.getLong(8);
                            boolean done = !row.wasNull();
                            return new Listed(
                                    hex.formatHex(row.getBytes(1)),
                                    handle == null ? "" : hex.formatHex(handle),
                                    row.getString(3),
                                    row.getString(4),
                                    row.getString(5),
                                    row.getInt(6),
                                    Instant.ofEpochMilli(row.getLong(7)),
                                    done ? Optional.of(Instant.ofEpochMilli(doneMs)) : Optional.empty(),
                                    row.getString(9));
                        },
                        "SELECT id, handle, kind, channel, state, tries, handed_ms, done_ms, why FROM outbox" + which,
                        value);
    }

    /** What became of letters, by their last state, since the vault was made; and how many wait. */
    public Map<String, Long> counts() throws IOException {
        return store.transaction(() -> {
            Map<String, Long> counts = new TreeMap<>();
            db().list(row -> counts.put(row.getString(1), row.getLong(2)), "SELECT name, value FROM counts");
            counts.put("waiting", db().number("SELECT count(*) FROM outbox WHERE state = 'waiting'"));
            return counts;
        });
    }

    private Database db() {
        return store.database();
    }
}
