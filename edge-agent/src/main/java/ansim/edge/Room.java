package ansim.edge;

import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.wire.Gap;
import ansim.wire.Lane;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.tinylog.Logger;

/**
 * Keeps the lanes within their quota, and within what others have left of the disk, by giving up the oldest: what is receipted, then
 * track, then events; alarms never.
 *
 * <p>Guarantee: what waits for a receipt goes only after the record that explains it is on disk; a stop in between is made up for when
 * the lane opens. Where the disk is too full even for that record, it takes the {@link Reserve}, which is made again from what goes then:
 * at most {@value #DROPS_MAX} segments of what is receipted or track. Not guaranteed: room on a disk whose lane cannot write even that its
 * oldest segment goes when the reserve is in use, too. Guarded by {@link Lanes}.
 */
final class Room {
    /**
     * Segments that one write gives up at most where the disk has no space left: the first of a lane may become its spare, and frees nothing
     * for another.
     */
    static final int DROPS_MAX = 4;

    private final Map<Lane, LaneStore> stores;
    private final Quota quota;
    private final GapWriter gapWriter;
    private final Reserve reserve;
    private final Map<Lane, Long> givenUp = new EnumMap<>(Lane.class);
    /** The gap record that eviction writes must not evict again: the reserved segment takes it. */
    private boolean making;
    /** The reserve was given up, and no track has gone yet to make it again: only then, for others may fill the disk without end. */
    private boolean owesReserve;

    private long reserveAtMs;

    Room(Map<Lane, LaneStore> stores, Quota quota, GapWriter gapWriter, Reserve reserve) {
        this.stores = stores;
        this.quota = quota;
        this.gapWriter = gapWriter;
        this.reserve = reserve;
    }

    /** What needs room. Done again when it threw for lack of space. */
    interface Write {
        void run() throws JournalException;
    }

    /**
     * Writes into a lane with room made before it.
     *
     * @return false, with nothing written, when the quota is full all the same
     */
    boolean write(Lane lane, Write write) throws JournalException {
        for (int drops = 0; make(lane); drops++) {
            try {
                write.run();
                return true;
            } catch (JournalException e) {
                if (e.reason() != JournalException.Reason.NO_SPACE) {
                    throw e;
                }
                if (!making && drops < DROPS_MAX && dropOneOnFullDisk(e)) {
                    Logger.warn("lane {}: the disk is full, the oldest goes: {}", lane.number(), e.getMessage());
                } else if (lane != Lane.ALARM || !giveUpReserve()) {
                    throw e;
                }
            }
        }
        return false;
    }

    /** What cannot go leaves the reserve to an alarm. */
    private boolean dropOneOnFullDisk(JournalException full) {
        try {
            return dropOne();
        } catch (JournalException e) {
            full.addSuppressed(e);
            return false;
        }
    }

    private boolean giveUpReserve() {
        boolean given = reserve.giveUp();
        owesReserve |= given;
        return given;
    }

    /** Lets time pass: makes the reserve where there is none. */
    void tick(long nowMs) {
        if (reserve.isHeld() || nowMs < reserveAtMs || !store(Lane.ALARM).isOpen()) {
            return;
        }
        reserveAtMs = nowMs + Reserve.RETRY_MS;
        try {
            int drops = 0;
            while (reserve.make() == Reserve.Made.NO_SPACE && drops < DROPS_MAX && making(this::dropForReserve)) {
                drops++;
            }
            owesReserve &= drops < DROPS_MAX && !reserve.isHeld();
        } catch (JournalException e) {
            Logger.warn("nothing can go for the reserve: {}", e.getMessage());
        }
    }

    private boolean dropForReserve() throws JournalException {
        return dropReceipted() || (owesReserve && giveUpOldest(Lane.TRACK));
    }

    boolean isReserveInUse() {
        return reserve.isInUse();
    }

    /** Where the lane cannot write even that its oldest goes, that takes the reserve: more than it comes free. */
    private void dropOldest(LaneStore store) throws JournalException {
        try {
            store.dropOldest();
        } catch (JournalException e) {
            if (e.reason() != JournalException.Reason.NO_SPACE || !giveUpReserve()) {
                throw e;
            }
            store.dropOldest();
        }
    }

    private boolean make(Lane lane) throws JournalException {
        if (making) {
            return true;
        }
        LaneStore track = store(Lane.TRACK);
        if (track.isOpen() && track.bytes() > quota.trackBytes()) {
            making(() -> giveUpOldest(Lane.TRACK));
        }
        long limit = lane == Lane.ALARM ? quota.totalBytes() : quota.totalBytes() - quota.segmentBytes();
        while (bytes() > limit) {
            if (!dropOne()) {
                return false;
            }
        }
        return true;
    }

    private interface Drop {
        boolean done() throws JournalException;
    }

    private boolean making(Drop drop) throws JournalException {
        making = true;
        try {
            return drop.done();
        } finally {
            making = false;
        }
    }

    private boolean dropOne() throws JournalException {
        return making(() -> dropReceipted() || giveUpOldest(Lane.TRACK) || giveUpOldest(Lane.EVENT));
    }

    private boolean dropReceipted() {
        for (Lane lane : List.of(Lane.TRACK, Lane.EVENT, Lane.ALARM)) {
            LaneStore store = store(lane);
            try {
                if (store.isOpen() && store.oldestIsReceipted()) {
                    dropOldest(store);
                    return true;
                }
            } catch (JournalException e) {
                Logger.warn("lane {}: what is receipted cannot go: {}", lane.number(), e.getMessage());
            }
        }
        return false;
    }

    /** Drops a lane's oldest segment, after the record of what goes with it is durable. */
    private boolean giveUpOldest(Lane lane) throws JournalException {
        LaneStore store = store(lane);
        if (!store.isOpen()) {
            return false;
        }
        List<Damage> numbers = store.oldest();
        if (numbers.isEmpty() && !store.oldestIsReceipted()) {
            return false;
        }
        for (Damage each : numbers) {
            if (!gapWriter.isGivenUp(each)) {
                if (!gapWriter.tellOnDisk(lane, each, Gap.Reason.EVICTED)) {
                    return false;
                }
                givenUp.merge(lane, each.last() - each.first() + 1, Long::sum);
            }
        }
        dropOldest(store);
        return true;
    }

    /** A stop after the record and before its segment went is made up for here; what cannot go now goes when room is needed. */
    void finishEviction(Lane lane) {
        try {
            while (lane != Lane.ALARM && oldestIsGivenUp(lane)) {
                store(lane).dropOldest();
            }
        } catch (JournalException e) {
            Logger.warn("lane {}: what was given up cannot go: {}", lane.number(), e.getMessage());
        }
    }

    private boolean oldestIsGivenUp(Lane lane) throws JournalException {
        List<Damage> oldest = store(lane).oldest();
        return !oldest.isEmpty() && oldest.stream().allMatch(gapWriter::isGivenUp);
    }

    /** Messages of this lane that were given up. */
    long givenUp(Lane lane) {
        return givenUp.getOrDefault(lane, 0L);
    }

    long bytes() {
        return stores.values().stream().mapToLong(LaneStore::bytes).sum();
    }

    private LaneStore store(Lane lane) {
        LaneStore store = stores.get(lane);
        if (store == null) {
            throw new IllegalArgumentException("lane must be 1, 2 or 3 (got " + lane.number() + ")");
        }
        return store;
    }
}
