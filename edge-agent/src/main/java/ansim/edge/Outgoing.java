package ansim.edge;

import ansim.edge.Gaps.Hole;
import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * What may go next: the chains that have something to send, and of each the next message. {@link Receipts} is what comes back.
 *
 * <p>A message that cannot be read now is tried again later and holds up its own chain only; new alarms begin another one meanwhile. What
 * is damaged is told in a gap of reason 2, and sent all the same if it reads after all: a stored message wins over a gap that names it.
 *
 * <p>Guarded by the lanes' lock, which {@link #offers}, {@link #receipted} and {@link #next} take. Each of them reads one file of a lane
 * at most before it gives it back.
 */
final class Outgoing {
    /** So many tries for one message of lane 1, and new ones do not wait behind it. */
    static final int TRIES_IN_CHAIN = 2;

    private final Lanes lanes;
    private final Stalls stalls = new Stalls();

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
        if (chain.isEmpty() || waits(id)) {
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

    // ---- also for Receipts, which holds the lock of the lanes

    /** Whether the hub has receipted the record of a gap. */
    boolean told(Hole hole) {
        Optional<MemoryChain> kept = lanes.memory().find(hole.carrier());
        if (kept.isPresent()) {
            return kept.get().receiptedN >= hole.carrierN();
        }
        return lanes.store(Lane.ALARM)
                .chain(hole.carrier())
                .map(chain -> chain.receiptedN >= hole.carrierN())
                .orElse(true);
    }

    /**
     * Whether something of a gap that was told as damaged, from this number on and as far as one file, reads after all: then it is no gap
     * any more. What the hub refused reads, too, and stays where it is.
     */
    boolean readsAgain(Lane lane, Chain chain, Hole hole, long from) throws JournalException {
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
    void stall(Lane lane, Chain chain, long n, IOException why) {
        int tries = stalls.failed(chain.id, n, lanes.sealer().nowMs());
        Logger.warn("lane {}: a message has to wait: {}", lane.number(), why.getMessage());
        if (lane == Lane.ALARM && tries >= TRIES_IN_CHAIN && !chain.closed) {
            lanes.store(lane).closeCurrent();
        }
    }

    /** Whether this chain is not to be tried yet, since its next message could not be had. */
    boolean waits(Id8 chain) {
        return stalls.waits(chain, lanes.sealer().nowMs());
    }

    /** Forgets which messages could not be had, as far as the hub has receipted them since. */
    void forgetStalls() {
        stalls.forgetIf(this::isReceipted);
    }

    private boolean isReceipted(Id8 id, long n) {
        return Lanes.DURABLE.stream()
                .flatMap(lane -> lanes.store(lane).chain(id).stream())
                .allMatch(chain -> chain.receiptedN >= n);
    }
}
