package ansim.hub.intake;

import ansim.hub.core.Disposition;
import ansim.hub.core.Flag;
import ansim.hub.core.Output;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one connection is still to be told. A receipt names the newest of each chain; a duplicate, a fork, and what came behind the
 * chain's end are receipted one by one besides.
 *
 * <p>One thread: the committer's.
 */
final class ReceiptsDue {
    /** Of an unlisted chain that is in order and of duplicates only the highest counts; a fork counts for itself. */
    private record Key(Lane lane, Id8 chain, Disposition disposition, Id8 hash) {
        static final Id8 ANY = new Id8(0);
    }

    private final Duration every;
    /** The newest that came in order; with the next of another chain it joins the others. In place: there is one for each message of a city. */
    private boolean newest;

    private Lane newestLane = Lane.STATUS;
    private Disposition newestDisposition = Disposition.STORED;
    private long newestChain;
    private long newestN;
    private long newestHash;
    private final Map<Key, Receipted> single = new LinkedHashMap<>(0);
    private boolean pending;
    private boolean urgent;
    private boolean scheduled;
    private long lastSentNanos;
    private boolean everSent;

    ReceiptsDue() {
        this(Limits.RECEIPT_EVERY);
    }

    /**
     * Nothing is due yet.
     *
     * @param every how far apart receipts of lanes 3 and 4 are at least; zero where each answer carries one
     */
    ReceiptsDue(Duration every) {
        this.every = every;
    }

    /** The whole of what the hub holds is due at once: on a connect. */
    void greet() {
        pending = true;
        urgent = true;
    }

    /** A message was committed, or found to be no news. */
    void add(Lane lane, Output output) {
        pending = true;
        urgent |= lane == Lane.ALARM || lane == Lane.EVENT;
        if (output.disposition() == Disposition.HOLE || output.receipted().isEmpty()) {
            return;
        }
        Receipted receipted = output.receipted().get();
        if (output.disposition() == Disposition.FORK || output.has(Flag.BEHIND)) {
            put(new Key(lane, receipted.chain(), Disposition.FORK, receipted.hash()), receipted);
            return;
        }
        // Nearly always there is one chain, which the receipt of the whole says besides: no entry of a map for each
        // message of a city.
        boolean goesOn = newest
                && newestLane == lane
                && newestDisposition == output.disposition()
                && newestChain == receipted.chain().bits();
        if (goesOn && newestN > receipted.n()) {
            return;
        }
        if (!goesOn) {
            spill();
            newestLane = lane;
            newestDisposition = output.disposition();
            newestChain = receipted.chain().bits();
        }
        newest = true;
        newestN = receipted.n();
        newestHash = receipted.hash().bits();
    }

    private Receipted newest() {
        return new Receipted(new Id8(newestChain), newestN, new Id8(newestHash));
    }

    private void spill() {
        if (newest) {
            put(new Key(newestLane, new Id8(newestChain), newestDisposition, Key.ANY), newest());
            newest = false;
        }
    }

    private void put(Key key, Receipted receipted) {
        single.merge(key, receipted, (old, now) -> now.n() >= old.n() ? now : old);
        urgent |= single.size() >= Limits.SINGLE_RECEIPTS;
    }

    /** When it is to be sent, by the clock of {@code nowNanos}; now or earlier if at once. */
    long dueNanos(long nowNanos) {
        return urgent || !everSent ? nowNanos : lastSentNanos + every.toNanos();
    }

    boolean isPending() {
        return pending;
    }

    boolean isScheduled() {
        return scheduled;
    }

    void schedule(boolean on) {
        scheduled = on;
    }

    /**
     * Gives out the receipts, and forgets what was due.
     *
     * @param whole the newest of each chain
     */
    List<Map<Lane, List<Receipted>>> take(Map<Lane, List<Receipted>> whole, long nowNanos) {
        List<Map<Lane, List<Receipted>>> receipts = new ArrayList<>();
        if (!whole.isEmpty()) {
            receipts.add(whole);
        }
        if (newest && says(whole.getOrDefault(newestLane, List.of()), newestDisposition, newest())) {
            newest = false;
        }
        spill();
        int first = receipts.size();
        Map<Lane, Integer> counts = new EnumMap<>(Lane.class);
        single.forEach((key, receipted) -> {
            if (!says(whole.getOrDefault(key.lane(), List.of()), key.disposition(), receipted)) {
                int place = first + (counts.merge(key.lane(), 1, Integer::sum) - 1) / Receipt.MAX_CHAINS;
                while (receipts.size() <= place) {
                    receipts.add(new EnumMap<>(Lane.class));
                }
                receipts.get(place)
                        .computeIfAbsent(key.lane(), lane -> new ArrayList<>())
                        .add(receipted);
            }
        });
        clear();
        everSent = true;
        lastSentNanos = nowNanos;
        return receipts;
    }

    private static boolean says(List<Receipted> chains, Disposition disposition, Receipted receipted) {
        boolean inOrder = disposition == Disposition.STORED || disposition == Disposition.QUARANTINED;
        for (Receipted each : chains) {
            if (each.equals(receipted)
                    || (inOrder && each.chain().equals(receipted.chain()) && each.n() >= receipted.n())) {
                return true;
            }
        }
        return false;
    }

    /** Nobody listens: a connect brings everything. */
    void clear() {
        newest = false;
        if (!single.isEmpty()) {
            single.clear();
        }
        pending = false;
        urgent = false;
    }
}
