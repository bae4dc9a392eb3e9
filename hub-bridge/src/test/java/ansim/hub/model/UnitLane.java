package ansim.hub.model;

import ansim.hub.model.Message.Told;
import java.util.ArrayList;
import java.util.List;

/** {@code ansim.edge.LaneStore}, as memory or disk has it; lane 1 with the table of {@code ansim.edge.Gaps}. */
final class UnitLane {
    final int lane;
    final List<UnitChain> chains = new ArrayList<>(2);
    final List<Hole> holes = new ArrayList<>(0);
    int generation;

    /** Numbers that will not come, told by message {@code carrierN} of lane-1 chain {@code carrier}. */
    record Hole(Told told, int carrier, int carrierN) {
        private boolean alike(Hole other) {
            return told.chain() == other.told.chain() && told.reason() == other.told.reason();
        }

        boolean contains(Hole other) {
            return alike(other) && told.first() <= other.told.first() && other.told.last() <= told.last();
        }

        boolean joins(Hole other) {
            return alike(other)
                    && carrier == other.carrier
                    && told.first() <= other.told.last() + 1
                    && other.told.first() <= told.last() + 1;
        }

        Hole with(Hole earlier) {
            int first = Math.min(told.first(), earlier.told.first());
            int last = Math.max(told.last(), earlier.told.last());
            return new Hole(new Told(told.lane(), told.chain(), first, last, told.reason()), carrier, carrierN);
        }
    }

    UnitLane(int lane) {
        this.lane = lane;
    }

    UnitLane copy(boolean withMemory) {
        UnitLane copy = new UnitLane(lane);
        for (UnitChain chain : chains) {
            copy.chains.add(chain.copy(withMemory));
        }
        copy.holes.addAll(holes);
        copy.generation = generation;
        return copy;
    }

    UnitChain chain(int id) {
        for (UnitChain chain : chains) {
            if (chain.id == id) {
                return chain;
            }
        }
        return null;
    }

    Message oldest() {
        for (UnitChain chain : chains) {
            if (!chain.held.isEmpty()) {
                return chain.held.get(0);
            }
        }
        return null;
    }

    void drop(Message message) {
        UnitChain chain = chain(message.chain());
        if (chain != null) {
            chain.held.remove(message);
        }
    }

    void closeCurrent() {
        for (UnitChain chain : chains) {
            chain.closed = true;
        }
    }

    /** {@code Gaps.add}: told again it is another's; neighbours that one lane-1 chain tells are one, told by the later message. */
    void addHole(Hole hole) {
        Hole added = hole;
        for (Hole old : List.copyOf(holes)) {
            if (hole.contains(old)) {
                holes.remove(old);
            } else if (old.joins(added)) {
                holes.remove(old);
                added = added.with(old);
            }
        }
        holes.add(added);
    }

    Hole covering(int chain, int n) {
        for (Hole hole : holes) {
            if (hole.told().names(chain, n)) {
                return hole;
            }
        }
        return null;
    }

    /** Whether memory holds more than this disk: an fsync would change something. */
    boolean differs(UnitLane memory) {
        return mix(false) != memory.mix(false);
    }

    private long mix(boolean withMemory) {
        long mixed = generation;
        for (UnitChain chain : chains) {
            int sent = chain.sentN;
            if (!withMemory) {
                chain.sentN = 0;
            }
            mixed = Mix.of(mixed, chain.mix());
            chain.sentN = sent;
        }
        for (Hole hole : holes) {
            mixed = Mix.of(mixed, hole.told().hashCode(), hole.carrier() * 64L + hole.carrierN());
        }
        return mixed;
    }

    long mix() {
        return mix(true);
    }
}
