package ansim.edge;

import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.wire.Gap;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * What happens when a lane's disk has failed, and how the lane comes back: each for itself, lane 1 first, for its records explain what
 * the others lack.
 *
 * <p>Guarantee: first the record of what memory displaced is on disk, then what memory holds as it was sealed, and with the last of it
 * the states that belong to it. So a stop anywhere leaves a chain that the hub can take, and no state tells of a message that is not
 * there. That the disk fails is told once, and once that it works again, over restarts. Guarded by {@link Lanes}.
 */
final class Mending {
    private final Lanes lanes;
    private final MemoryLanes memory;
    private final GapWriter gapWriter;
    private final Room room;
    private final Map<Lane, String> failures = new EnumMap<>(Lane.class);
    /** Failed since all worked for the last time. */
    private boolean degraded;

    private long retryAtMs;

    Mending(Lanes lanes, MemoryLanes memory, GapWriter gapWriter, Room room) {
        this.lanes = lanes;
        this.memory = memory;
        this.gapWriter = gapWriter;
        this.room = room;
    }

    /** Why a lane's disk does not work; empty when all do. */
    Optional<String> failure() {
        return failures.entrySet().stream()
                .findFirst()
                .map(each -> "lane " + each.getKey().number() + ": " + each.getValue());
    }

    /** A lane's disk has failed; what it did not take is in memory by now, so that nothing that is told here overtakes it. */
    void failed(Lane lane, String why) {
        Logger.error("lane {}: the store has failed: {}", lane.number(), why);
        failures.put(lane, why);
        retryAtMs = nowMs() + Lanes.RETRY_MS;
        lanes.store(lane).closeCurrent();
        if (!degraded) {
            degraded = true;
            if (!isTold()) {
                tell(Phase.RAISED);
            }
        }
    }

    /** All have opened. An earlier run may have told that the disk fails, and opening only reads: it is written at the next tick. */
    void opened() {
        if (failures.isEmpty() && isTold()) {
            degraded = true;
            retryAtMs = nowMs();
            Lanes.DURABLE.forEach(
                    lane -> failures.put(lane, "it failed in an earlier run and has not been written since"));
        }
    }

    private boolean isTold() {
        return lanes.store(Lane.ALARM)
                .slot(Lanes.IN_MEMORY)
                .filter(phase -> phase[0] == (byte) Phase.RAISED.code())
                .isPresent();
    }

    private void tell(Phase phase) {
        Draft tamper = new Draft(Tamper.of(Tamper.What.STORE_IN_MEMORY, phase), nowMs());
        lanes.append(Lane.ALARM, List.of(tamper), Lanes.IN_MEMORY, new byte[] {(byte) phase.code()});
    }

    private long nowMs() {
        return lanes.sealer().nowMs();
    }

    /** Lets time pass: tries again what has failed. */
    void tick() {
        if (failures.isEmpty() || nowMs() < retryAtMs) {
            return;
        }
        retryAtMs = nowMs() + Lanes.RETRY_MS;
        for (Lane lane : Lanes.DURABLE) {
            if (failures.containsKey(lane) && isMended(lane)) {
                failures.remove(lane);
                Logger.info("lane {}: the store works again", lane.number());
            }
        }
        if (failures.isEmpty()) {
            degraded = false;
            tell(Phase.CANCELLED);
        }
    }

    private boolean isMended(Lane lane) {
        try {
            if (!lanes.store(lane).isOpen()) {
                lanes.openStore(lane);
            }
            return memory.chains(lane).stream().allMatch(this::displacedIsTold)
                    && room.write(lane, () -> backOnDisk(lane))
                    && !memory.has(lane);
        } catch (JournalException e) {
            Logger.debug("lane {}: the store is still failing: {}", lane.number(), e.getMessage());
            return false;
        }
    }

    private boolean displacedIsTold(MemoryChain chain) {
        long last = chain.firstAfter(chain.receiptedN).map(HeldMessage::n).orElse(chain.lastN + 1) - 1;
        long first = gapWriter.firstUntold(new Damage(chain.id, chain.receiptedN + 1, last));
        return first > last || gapWriter.tellOnDisk(chain.lane, new Damage(chain.id, first, last), Gap.Reason.EVICTED);
    }

    /** Appends what the lane's memory-only chains hold, as it was sealed, and ends them. */
    private void backOnDisk(Lane lane) throws JournalException {
        LaneStore store = lanes.store(lane);
        if (lane == Lane.ALARM) {
            store.slotLater(Lanes.GAPS, lanes.gaps().state());
        }
        List<MemoryChain> chains = memory.chains(lane);
        List<MemoryChain> ended = new ArrayList<>();
        boolean stored = false;
        try {
            for (MemoryChain chain : chains) {
                stored = !chain.held.isEmpty();
                if (stored) {
                    store.append(chain, chain.messages(), ended.size() == chains.size() - 1);
                }
                memory.remove(chain);
                ended.add(chain);
            }
            if (!stored) {
                store.storeAll();
            }
        } finally {
            ended.forEach(chain -> gapWriter.tellEnd(lane, chain.id, chain.lastN + 1));
        }
    }
}
