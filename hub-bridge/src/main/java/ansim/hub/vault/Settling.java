package ansim.hub.vault;

import ansim.hub.view.Database;
import java.io.IOException;
import java.time.InstantSource;

/** Ends letters that wait, each once, and counts how: what they say is destroyed. Inside a transaction of the store. */
final class Settling {
    private final VaultStore store;
    private final InstantSource clock;

    Settling(VaultStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /** How many it ended: none when it was settled before, or erased. */
    int settle(long seq, String state, String why) throws IOException {
        int settled = db().update(
                        "UPDATE outbox SET state = ?, facts = NULL, done_ms = ?, why = ? WHERE seq = ? AND state = 'waiting'",
                        state,
                        clock.millis(),
                        why,
                        seq);
        if (settled > 0) {
            count(state);
        }
        return settled;
    }

    void count(String name) throws IOException {
        db().update("INSERT INTO counts VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", name);
    }

    private Database db() {
        return store.database();
    }
}
