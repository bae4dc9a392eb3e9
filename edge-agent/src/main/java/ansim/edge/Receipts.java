package ansim.edge;

import ansim.edge.Gaps.Hole;
import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Receipted;
import ansim.wire.Tamper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * What came back: what a receipt or a refusal means for the lanes. {@link Outgoing} is what may go next.
 *
 * <p>A receipt counts only where the unit's own payload n has the hash that it names; then everything up to n in that chain
 * is receipted. An unknown chain is ignored. Another hash, or an n above the unit's last, means that somebody else has used
 * this chain: new messages go to a new one and tamper 9 is raised; the rest of the old one is still sent. In lane 4 the same, or a
 * higher counter than its own, means that another run used the counter: it goes on with the next, and what it held is displaced.
 *
 * <p>A receipt of a lower generation than the highest seen is ignored. Within a generation receipts only raise; a raised
 * generation is a restored hub: what it lacks is sent again as far as it is held, and told in a gap of reason 4 where not.
 *
 * <p>Every method takes the lanes' lock, and reads one file of a lane at most before it gives it back.
 */
final class Receipts {
    /** More restarts of lane 4's counter than this within an hour are a tamper. */
    static final int COUNTER_JUMPS_MAX = 3;

    private static final long HOUR_MS = 3_600_000;

    private final Lanes lanes;
    private final Outgoing outgoing;
    private long jumpsSinceMs;
    private int jumps;

    Receipts(Lanes lanes, Outgoing outgoing) {
        this.lanes = lanes;
        this.outgoing = outgoing;
    }

    /** What a receipt did. */
    enum Outcome {
        /** Of an older generation, or nothing of it was ours or new. */
        NOTHING,
        /** At least one message is receipted that was not. */
        RAISED,
        /** The hub was restored: everything sent and not receipted is to be sent again. */
        REWOUND
    }

    /** Applies a verified receipt. */
    Outcome receipt(long generation, Map<Lane, List<Receipted>> receipt) {
        synchronized (lanes) {
            long highest = highestGeneration();
            if (generation < highest) {
                return Outcome.NOTHING;
            }
            boolean restored = false;
            for (Lane lane : Lanes.DURABLE) {
                restored |= generation(lane, generation, receipt.getOrDefault(lane, List.of()));
            }
            boolean raised = false;
            for (Map.Entry<Lane, List<Receipted>> each : receipt.entrySet()) {
                for (Receipted receipted : each.getValue()) {
                    raised |= apply(each.getKey(), receipted);
                }
            }
            settle();
            return restored ? Outcome.REWOUND : raised ? Outcome.RAISED : Outcome.NOTHING;
        }
    }

    /**
     * Takes note of the hub's generation in one lane: last, after going back and telling again what the hub lacks, so that a stop in
     * between leaves all of it to do again. Each lane stores it for itself, so that a stop between two lanes leaves none behind.
     *
     * @return whether the hub was restored since this lane last heard of it
     */
    private boolean generation(Lane lane, long generation, List<Receipted> named) {
        LaneStore store = lanes.store(lane);
        long known = store.generation();
        if (generation <= known) {
            return false;
        }
        if (known == 0) {
            store.generation(generation);
            return false;
        }
        Logger.warn("lane {}: the hub has been restored, what it lacks is sent again", lane.number());
        rewind(lane, named);
        if (lane == Lane.ALARM) {
            lanes.gapWriter().tellAgain(hole -> lanes.gapWriter().isForgotten(hole.carrier()));
        }
        store.generation(generation);
        lanes.keep(lane);
        return true;
    }

    /** The highest generation that the hub has shown. */
    long highestGeneration() {
        synchronized (lanes) {
            return Lanes.DURABLE.stream()
                    .mapToLong(lane -> lanes.store(lane).generation())
                    .max()
                    .orElse(0);
        }
    }

    private boolean apply(Lane lane, Receipted receipted) {
        if (lane == Lane.STATUS) {
            return applyStatus(receipted);
        }
        Optional<MemoryChain> kept = lanes.memory().find(receipted.chain());
        if (kept.isPresent()) {
            return applyInMemory(kept.get(), receipted);
        }
        Optional<Chain> found =
                lanes.store(lane).isOpen() ? lanes.store(lane).chain(receipted.chain()) : Optional.empty();
        if (found.isEmpty() || receipted.n() <= found.get().receiptedN) {
            return false;
        }
        Chain chain = found.get();
        Optional<HeldMessage> own = receipted.n() <= chain.lastN ? read(lane, chain, receipted.n()) : Optional.empty();
        boolean same = own.isPresent() && own.get().hash().equals(receipted.hash());
        if (same) {
            return raise(lane, chain, receipted.n());
        }
        if (own.isPresent() || receipted.n() > chain.lastN) {
            disown(lane, chain);
        }
        return false;
    }

    private Optional<HeldMessage> read(Lane lane, Chain chain, long n) {
        try {
            return lanes.store(lane).read(chain, n);
        } catch (JournalException e) {
            Logger.warn("lane {}: message cannot be read now: {}", lane.number(), e.getMessage());
            return Optional.empty();
        }
    }

    private boolean raise(Lane lane, Chain chain, long n) {
        try {
            lanes.store(lane).receipted(chain, n);
            return true;
        } catch (JournalException e) {
            Logger.warn("lane {}: a receipt cannot be applied: {}", lane.number(), e.getMessage());
            return false;
        }
    }

    /** The hub knows other bytes under this chain's numbers: a restored or cloned card. */
    private void disown(Lane lane, Chain chain) {
        if (!chain.closed) {
            Logger.warn("lane {}: the hub knows other bytes of this chain, a new one begins", lane.number());
            lanes.store(lane).closeCurrent();
            lanes.tamper(Tamper.What.NUMBERS, Phase.RAISED);
        }
    }

    private boolean applyInMemory(MemoryChain chain, Receipted receipted) {
        Optional<HeldMessage> own = chain.get(receipted.n());
        if (own.isEmpty() || !own.get().hash().equals(receipted.hash())) {
            return false;
        }
        chain.receipted(receipted.n());
        return true;
    }

    private boolean applyStatus(Receipted receipted) {
        StatusLane status = lanes.status();
        int order = Long.compareUnsigned(receipted.chain().bits(), status.id().bits());
        if (order < 0) {
            return false;
        }
        Optional<HeldMessage> own = order == 0 ? status.get(receipted.n()) : Optional.empty();
        boolean foreign = order > 0
                || receipted.n() > status.lastN()
                || own.filter(message -> !message.hash().equals(receipted.hash()))
                        .isPresent();
        if (foreign) {
            status.restart(receipted.chain().bits() + 1);
            countJump();
            return false;
        }
        if (own.isEmpty()) {
            return false;
        }
        status.receipted(receipted.n());
        return true;
    }

    private void countJump() {
        long nowMs = lanes.sealer().nowMs();
        if (jumps == 0 || nowMs - jumpsSinceMs > HOUR_MS) {
            jumpsSinceMs = nowMs;
            jumps = 0;
        }
        jumps++;
        if (jumps == COUNTER_JUMPS_MAX + 1) {
            lanes.tamper(Tamper.What.NUMBERS, Phase.RAISED);
        }
    }

    /** Numbers in a told gap need no receipt of their own; gaps that lie behind are forgotten. */
    private void settle() {
        for (Lane lane : Lanes.DURABLE) {
            List<Chain> chains =
                    lanes.store(lane).isOpen() ? List.copyOf(lanes.store(lane).chains()) : List.of();
            for (Chain chain : chains) {
                try {
                    settle(lane, chain);
                } catch (JournalException e) {
                    outgoing.stall(lane, chain, chain.receiptedN + 1, e);
                }
            }
        }
        lanes.memory().chains().forEach(this::settleInMemory);
        lanes.gaps().forgetIf(hole -> outgoing.told(hole) && lanes.gapWriter().isBehind(hole));
        outgoing.forgetStalls();
    }

    private void settle(Lane lane, Chain chain) throws JournalException {
        long settledN = -1;
        while (chain.receiptedN > settledN && !outgoing.waits(chain.id)) {
            settledN = chain.receiptedN;
            Optional<Hole> hole =
                    chain.waiting() == 0 ? Optional.empty() : lanes.gaps().covering(chain.id, chain.receiptedN + 1);
            if (hole.isPresent()
                    && outgoing.told(hole.get())
                    && !outgoing.readsAgain(lane, chain, hole.get(), chain.receiptedN + 1)) {
                raise(lane, chain, Math.min(hole.get().last(), chain.lastN));
            }
        }
    }

    private void settleInMemory(MemoryChain chain) {
        Optional<Hole> hole = lanes.gaps().covering(chain.id, chain.receiptedN + 1);
        while (chain.receiptedN < chain.lastN && hole.filter(outgoing::told).isPresent()) {
            chain.receipted(Math.min(hole.get().last(), chain.lastN));
            hole = lanes.gaps().covering(chain.id, chain.receiptedN + 1);
        }
    }

    /** A restored hub: back to what it names, with a gap of reason 4 for what is receipted and no longer held. */
    private void rewind(Lane lane, List<Receipted> named) {
        for (MemoryChain chain : lanes.memory().chains()) {
            long known = known(named, chain.id);
            if (chain.lane == lane && known < chain.receiptedN) {
                long gone = chain.receiptedN;
                chain.receiptedN = known;
                lanes.gapWriter().tell(lane, new Damage(chain.id, known + 1, gone), Gap.Reason.RECEIPTED_EARLIER);
            }
        }
        LaneStore store = lanes.store(lane);
        if (!store.isOpen()) {
            return;
        }
        for (Chain chain : List.copyOf(store.chains())) {
            long known = known(named, chain.id);
            if (known >= chain.receiptedN) {
                continue;
            }
            try {
                long held = store.firstHeld(chain);
                chain.receiptedN = known;
                long gone = Math.min(held - 1, chain.everReceiptedN);
                if (known < gone) {
                    lanes.gapWriter().tell(lane, new Damage(chain.id, known + 1, gone), Gap.Reason.RECEIPTED_EARLIER);
                }
            } catch (JournalException e) {
                Logger.warn("lane {}: cannot be sent again: {}", lane.number(), e.getMessage());
            }
        }
    }

    private static long known(List<Receipted> named, Id8 chain) {
        return named.stream()
                .filter(each -> each.chain().equals(chain))
                .mapToLong(Receipted::n)
                .findFirst()
                .orElse(0);
    }

    /**
     * The hub will never accept these bytes: moved aside, then explained by a gap of reason 2. Where that fails they are offered again
     * later, but for a memory-only chain, which they do not hold up.
     */
    void refused(Lane lane, Id8 id, HeldMessage message) {
        synchronized (lanes) {
            if (lane == Lane.STATUS) {
                lanes.status().drop(message.n());
                return;
            }
            try {
                lanes.moveAside(lane, id, message);
            } catch (IOException e) {
                Logger.error("a refused message cannot be moved aside, it stays: {}", e.getMessage());
                Optional<Chain> chain = lanes.store(lane).chain(id);
                if (chain.isPresent()) {
                    outgoing.stall(lane, chain.get(), message.n(), e);
                    return;
                }
            }
            lanes.gapWriter().tell(lane, new Damage(id, message.n(), message.n()), Gap.Reason.DAMAGED);
        }
    }
}
