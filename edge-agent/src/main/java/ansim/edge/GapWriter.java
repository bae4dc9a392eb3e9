package ansim.edge;

import ansim.edge.Gaps.Hole;
import ansim.edge.LaneStore.Damage;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records that explain numbers which will not come, each with its place in the table.
 *
 * <p>Guarantee: record and table are one append, so never one without the other on disk. A record about lane 1 itself begins a new
 * lane-1 chain. Not guaranteed: a record that only memory holds, across the end of the process; what it explains may not go for it, and
 * {@link #tellAgainForgotten} makes up for it at the next start. Guarded by {@link Lanes}.
 */
final class GapWriter {
    private final Lanes lanes;
    private final Gaps gaps;
    private final MemoryLanes memory;
    /** Damage that shows only when it is read raises its tamper once. */
    private boolean damageTold;

    GapWriter(Lanes lanes, Gaps gaps, MemoryLanes memory) {
        this.lanes = lanes;
        this.gaps = gaps;
        this.memory = memory;
    }

    /** Where a record goes: to the disk or else into memory, or to the disk or nowhere. */
    private interface Into {
        boolean append(Lane lane, List<List<Draft>> messages, LaneStore.Placed placed);
    }

    /**
     * Tells of a gap, on disk or else in memory. One about lane 1 itself first tells again what the numbers that it names, and those
     * behind them, told of other gaps: before it, since after a stop in between nobody would.
     *
     * @return whether it is on disk
     */
    boolean tell(Lane lane, Damage damage, Gap.Reason reason) {
        return tell(lane, damage, reason, lanes::append);
    }

    /**
     * As {@link #tell}, but on disk or not at all, also while memory holds other messages of lane 1: what it explains may go then.
     *
     * @return whether it is told
     */
    boolean tellOnDisk(Lane lane, Damage damage, Gap.Reason reason) {
        return tell(lane, damage, reason, lanes::appendOnDisk);
    }

    private boolean tell(Lane lane, Damage damage, Gap.Reason reason, Into into) {
        boolean all = lane != Lane.ALARM || tellAgain(hole -> hole.isToldIn(damage.chain(), damage.first()), into);
        return tellInTable(lane, damage, reason, into) && all;
    }

    /** Writes again the records of gaps that the hub may never get as they were told. */
    void tellAgain(Predicate<Hole> mayLack) {
        var unused = tellAgain(mayLack, lanes::append);
    }

    private boolean tellAgain(Predicate<Hole> mayLack, Into into) {
        boolean all = true;
        for (Hole hole : gaps.all()) {
            if (mayLack.test(hole)) {
                Damage damage = new Damage(hole.chain(), hole.first(), hole.last());
                all &= tellInTable(hole.lane(), damage, hole.reason(), into);
            }
        }
        return all;
    }

    /** After an opening: a stored table may name a record that only the memory of an earlier run held, and nothing would tell of it. */
    void tellAgainForgotten() {
        if (lanes.store(Lane.ALARM).isOpen()) {
            tellAgain(hole -> lanes.store(hole.lane()).isOpen() && isForgotten(hole.carrier()) && !isBehind(hole));
        }
    }

    private boolean tellInTable(Lane lane, Damage damage, Gap.Reason reason, Into into) {
        if (lane == Lane.ALARM) {
            lanes.store(lane).closeCurrent();
            memory.find(damage.chain()).ifPresent(chain -> chain.closed = true);
        }
        Gap gap = new Gap(lane, damage.chain(), damage.first(), damage.last(), reason);
        return tellOnly(gap, new IntoTable(lane, damage, reason), into);
    }

    private boolean tellOnly(Gap gap, LaneStore.Placed placed, Into into) {
        return into.append(
                Lane.ALARM, List.of(List.of(new Draft(gap, lanes.sealer().nowMs()))), placed);
    }

    /**
     * Tells that a chain ends though nobody can prove with which number. Not in the table, for it blocks nothing: the number that it
     * names may never have been.
     */
    void tellEnd(Lane lane, Id8 chain, long n) {
        tellOnly(new Gap(lane, chain, n, n, Gap.Reason.CHAIN_CLOSED), LaneStore.Placed.NOBODY, lanes::append);
    }

    /** Messages of an older segment turned out to be unreadable: explained by a gap, with one tamper per run. */
    void damaged(Lane lane, Damage damage) {
        tell(lane, damage, Gap.Reason.DAMAGED);
        if (!damageTold) {
            damageTold = true;
            lanes.tamper(Tamper.What.STORE_DAMAGED, Phase.RAISED);
        }
    }

    /** The first of these numbers that no record on disk explains; the one behind them when all are explained. */
    long firstUntold(Damage numbers) {
        long n = numbers.first();
        while (n <= numbers.last()) {
            long from = n;
            n = gaps.all().stream()
                    .filter(hole -> hole.covers(numbers.chain(), from) && isOnDisk(hole))
                    .mapToLong(hole -> hole.last() + 1)
                    .max()
                    .orElse(from);
            if (n == from) {
                return n;
            }
        }
        return n;
    }

    /** Whether a record on disk says that these were given up. */
    boolean isGivenUp(Damage numbers) {
        return gaps.covering(numbers.chain(), numbers.first())
                .filter(hole -> hole.last() >= numbers.last() && hole.reason() == Gap.Reason.EVICTED && isOnDisk(hole))
                .isPresent();
    }

    private boolean isOnDisk(Hole hole) {
        return memory.find(hole.carrier()).isEmpty();
    }

    /** Whether the lane-1 chain that tells of a gap is neither held nor remembered: nothing of it is sent again. */
    boolean isForgotten(Id8 carrier) {
        return memory.find(carrier).isEmpty()
                && lanes.store(Lane.ALARM).chain(carrier).isEmpty();
    }

    /** Whether everything up to the end of a gap needs nothing more. */
    boolean isBehind(Hole hole) {
        LaneStore store = lanes.store(hole.lane());
        return store.isOpen()
                && store.chain(hole.chain())
                        .map(chain -> chain.receiptedN >= Math.min(hole.last(), chain.lastN))
                        .orElse(memory.find(hole.chain()).isEmpty());
    }

    /** Puts a gap into the table, and takes it out again when its record did not reach the disk. */
    private final class IntoTable implements LaneStore.Placed {
        private final Lane lane;
        private final Damage damage;
        private final Gap.Reason reason;
        private @Nullable List<Hole> before;

        IntoTable(Lane lane, Damage damage, Gap.Reason reason) {
            this.lane = lane;
            this.damage = damage;
            this.reason = reason;
        }

        private void add(Id8 carrier, long n) {
            gaps.add(new Hole(lane, damage.chain(), damage.first(), damage.last(), reason, carrier, n));
        }

        @Override
        public void at(Id8 carrier, long n) {
            before = gaps.all();
            add(carrier, n);
            lanes.store(Lane.ALARM).slot(Lanes.GAPS, gaps.state());
        }

        @Override
        public void notStored() {
            if (before != null) {
                gaps.set(before);
                before = null;
            }
        }

        @Override
        public void inMemory(Id8 carrier, long n) {
            add(carrier, n);
            lanes.store(Lane.ALARM).slotLater(Lanes.GAPS, gaps.state());
        }
    }
}
