package ansim.hub.intake;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The newest entries as the committer made them, for those who follow the log closely: the views, the deliveries' index, the couriers and the
 * snapshots each read every entry, and opening and decoding it again costs more than everything else that they do with it.
 *
 * <p>Guarantees that only committed entries are found here, and none of before an erasure once {@link #forget} has returned. Keeps at most
 * {@value #KEPT}; whoever is further behind reads the log. The committer's thread puts and forgets, any thread reads.
 */
final class RecentEntries implements EntryReader {
    static final int KEPT = 4096;

    private final EntryReader log;
    private final AtomicReferenceArray<Logged> ring = new AtomicReferenceArray<>(KEPT);

    /** @param log reads what is not here */
    RecentEntries(EntryReader log) {
        this.log = log;
    }

    /** It is durable now. */
    void put(Logged entry) {
        ring.set(place(entry.index()), entry);
    }

    /** Keys were destroyed: what was readable may be so no more. */
    void forget() {
        for (int i = 0; i < KEPT; i++) {
            ring.set(i, null);
        }
    }

    private static int place(long index) {
        return (int) (index % KEPT);
    }

    @Override
    public LogEntry read(long index, OptionalLong keyId, byte[] payload) throws LogEntry.Unreadable {
        Optional<Logged> kept = atHand(index);
        return kept.isPresent() ? kept.get().entry() : log.read(index, keyId, payload);
    }

    @Override
    public Optional<Logged> atHand(long index) {
        Logged kept = ring.get(place(index));
        return kept != null && kept.index() == index ? Optional.of(kept) : Optional.empty();
    }
}
