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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * The lanes as the forwarder sees them: which message is next, and what a receipt or a refusal means.
 *
 * <p>A receipt counts only where the unit's own payload n has the hash that it names; then everything up to n in that chain
 * is receipted. An unknown chain is ignored. Another hash, or an n above the unit's last, means that somebody else has used
 * this chain: new messages go to a new one and tamper 9 is raised; the rest of the old one is still sent. In lane 4 the same, or a
 * higher counter than its own, means that another run used the counter: it goes on with the next, and what it held is displaced.
 *
 * <p>A receipt of a lower generation than the highest seen is ignored. Within a generation receipts only raise; a raised
 * generation is a restored hub: what it lacks is sent again as far as it is held, and told in a gap of reason 4 where not.
 *
 * <p>A message that cannot be read now is tried again later and holds up its own chain only; new alarms begin another one meanwhile. What
 * is damaged is told in a gap of reason 2, and sent all the same if it reads after all: a stored message wins over a gap that names it.
 *
 * <p>Every method takes the lanes' lock, and reads one file of a lane at most before it gives it back.
 */
final class Outgoing {
    /** More restarts of lane 4's counter than this within an hour are a tamper. */
    static final int COUNTER_JUMPS_MAX = 3;

    /** So many tries for one message of lane 1, and new ones do not wait behind it. */
    static final int TRIES_IN_CHAIN = 2;

    private static final long HOUR_MS = 3_600_000;

    private final Lanes lanes;
    private final Stalls stalls = new Stalls();
    private long jumpsSinceMs;
    private int jumps;

    Outgoing(Lanes lanes) {
        this.lanes = lanes;
    }

    /** A chain as it is offered for sending. */
    record Offer(Lane lane, Id8 chain, long receiptedN) {}

    /** The chains with something to send, the most urgent first. */
    List<Offer> offers() {
        synchronized (lanes) {
            return offersLocked();
        }
    }

    /** How far these chains are receipted, also those that need nothing more. */
    List<Offer> receipted(List<Id8> chains) {
        synchronized (lanes) {
            List<Offer> all = new ArrayList<>();
            for (Id8 id : chains) {
                for (Lane lane : Lanes.DURABLE) {
                    lanes.store(lane).chain(id).ifPresent(chain -> all.add(new Offer(lane, id, chain.receiptedN)));
                }
                lanes.memory().find(id).ifPresent(chain -> all.add(new Offer(chain.lane, id, chain.receiptedN)));
            }
            return all;
        }
    }

    private List<Offer> offersLocked() {
        List<Offer> offers = new ArrayList<>();
        for (Lane lane : Lanes.DURABLE) {
            for (Chain chain : lanes.store(lane).chains()) {
                if (chain.waiting() > 0) {
                    offers.add(new Offer(lane, chain.id, chain.receiptedN));
                }
            }
            for (MemoryChain chain : lanes.memory().chains()) {
                if (chain.lane == lane && !chain.held.isEmpty()) {
                    offers.add(new Offer(lane, chain.id, chain.receiptedN));
                }
            }
        }
        if (lanes.status().waiting() > 0) {
            offers.add(
                    new Offer(Lane.STATUS, lanes.status().id(), lanes.status().firstHeld() - 1));
        }
        return offers;
    }

    /** The next message of a chain behind number {@code after}; empty when there is none, or it must wait for a gap's receipt. */
    Optional<HeldMessage> next(Lane lane, Id8 id, long after) {
        synchronized (lanes) {
            return nextLocked(lane, id, after);
        }
    }

    private Optional<HeldMessage> nextLocked(Lane lane, Id8 id, long after) {
        if (lane == Lane.STATUS) {
            return lanes.status().id().equals(id) ? lanes.status().firstAfter(after) : Optional.empty();
        }
        Optional<MemoryChain> kept = lanes.memory().find(id);
        if (kept.isPresent()) {
            return nextInMemory(kept.get(), after);
        }
        Optional<Chain> chain = lanes.store(lane).isOpen() ? lanes.store(lane).chain(id) : Optional.empty();
        if (chain.isEmpty() || stalls.waits(id, lanes.sealer().nowMs())) {
            return Optional.empty();
        }
        return nextOnDisk(lane, chain.get(), after);
    }

    private Optional<HeldMessage> nextOnDisk(Lane lane, Chain chain, long after) {
        LaneStore store = lanes.store(lane);
        long n = Math.max(after, chain.receiptedN) + 1;
        try {
            while (n <= chain.lastN && !lanes.gaps().blocks(chain.id, n, this::told)) {
                Optional<Hole> hole = lanes.gaps().covering(chain.id, n);
                if (hole.isPresent() && !readsAgain(lane, chain, hole.get(), n)) {
                    n = hole.get().last() + 1;
                    continue;
                }
                Optional<HeldMessage> message = store.read(chain, n);
                if (message.isPresent()) {
                    return message;
                }
                long through = store.lastBeside(chain, n);
                long last = store.firstReadable(chain, n + 1, through, readable -> true) - 1;
                lanes.gapWriter().damaged(lane, new Damage(chain.id, n, last));
            }
        } catch (JournalException e) {
            stall(lane, chain, n, e);
        }
        return Optional.empty();
    }

    /**
     * Whether something of a gap that was told as damaged, from this number on and as far as one file, reads after all: then it is no gap
     * any more. What the hub refused reads, too, and stays where it is.
     */
    private boolean readsAgain(Lane lane, Chain chain, Hole hole, long from) throws JournalException {
        if (hole.reason() != Gap.Reason.DAMAGED) {
            return false;
        }
        LaneStore store = lanes.store(lane);
        long through = Math.min(Math.min(hole.last(), chain.lastN), store.lastBeside(chain, from));
        if (store.firstReadable(chain, from, through, n -> !lanes.isAside(lane, chain.id, n)) > through) {
            return false;
        }
        Logger.info("lane {}: what was told as damaged reads after all", lane.number());
        lanes.gaps().forgetIf(hole::equals);
        return true;
    }

    /** A message that is held and cannot be had now. */
    private void stall(Lane lane, Chain chain, long n, IOException why) {
        int tries = stalls.failed(chain.id, n, lanes.sealer().nowMs());
        Logger.warn("lane {}: a message has to wait: {}", lane.number(), why.getMessage());
        if (lane == Lane.ALARM && tries >= TRIES_IN_CHAIN && !chain.closed) {
            lanes.store(lane).closeCurrent();
        }
    }

    private Optional<HeldMessage> nextInMemory(MemoryChain chain, long after) {
        long n = Math.max(after, chain.receiptedN) + 1;
        Optional<HeldMessage> message = chain.firstAfter(n - 1);
        while (message.isPresent() && !lanes.gaps().blocks(chain.id, n, this::told)) {
            Optional<Hole> hole = lanes.gaps().covering(chain.id, n);
            if (hole.isPresent()) {
                n = hole.get().last() + 1;
                message = chain.firstAfter(n - 1);
            } else if (message.get().n() > n) {
                lanes.gapWriter()
                        .tell(chain.lane, new Damage(chain.id, n, message.get().n() - 1), Gap.Reason.EVICTED);
            } else {
                return message;
            }
        }
        return Optional.empty();
    }

    private Optional<HeldMessage> read(Lane lane, Chain chain, long n) {
        try {
            return lanes.store(lane).read(chain, n);
        } catch (JournalException e) {
            Logger.warn("lane {}: message cannot be read now: {}", lane.number(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether the hub has receipted the record of a gap. */
    private boolean told(Hole hole) {
        Optional<MemoryChain> kept = lanes.memory().find(hole.carrier());
        if (kept.isPresent()) {
            return kept.get().receiptedN >= hole.carrierN();
        }
        return lanes.store(Lane.ALARM)
                .chain(hole.carrier())
                .map(chain -> chain.receiptedN >= hole.carrierN())
                .orElse(true);
    }

    // ---- receipts

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
                    stall(lane, chain, chain.receiptedN + 1, e);
                }
            }
        }
        lanes.memory().chains().forEach(this::settleInMemory);
        lanes.gaps().forgetIf(hole -> told(hole) && lanes.gapWriter().isBehind(hole));
        stalls.forgetIf(this::isReceipted);
    }

    private void settle(Lane lane, Chain chain) throws JournalException {
        long settledN = -1;
        while (chain.receiptedN > settledN
                && !stalls.waits(chain.id, lanes.sealer().nowMs())) {
            settledN = chain.receiptedN;
            Optional<Hole> hole =
                    chain.waiting() == 0 ? Optional.empty() : lanes.gaps().covering(chain.id, chain.receiptedN + 1);
            if (hole.isPresent() && told(hole.get()) && !readsAgain(lane, chain, hole.get(), chain.receiptedN + 1)) {
                raise(lane, chain, Math.min(hole.get().last(), chain.lastN));
            }
        }
    }

    private void settleInMemory(MemoryChain chain) {
        Optional<Hole> hole = lanes.gaps().covering(chain.id, chain.receiptedN + 1);
        while (chain.receiptedN < chain.lastN && hole.filter(this::told).isPresent()) {
            chain.receipted(Math.min(hole.get().last(), chain.lastN));
            hole = lanes.gaps().covering(chain.id, chain.receiptedN + 1);
        }
    }

    private boolean isReceipted(Id8 id, long n) {
        return Lanes.DURABLE.stream()
                .flatMap(lane -> lanes.store(lane).chain(id).stream())
                .allMatch(chain -> chain.receiptedN >= n);
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
                    stall(lane, chain.get(), message.n(), e);
                    return;
                }
            }
            lanes.gapWriter().tell(lane, new Damage(id, message.n(), message.n()), Gap.Reason.DAMAGED);
        }
    }
}
