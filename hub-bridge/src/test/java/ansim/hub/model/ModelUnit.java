package ansim.hub.model;

import ansim.hub.model.Message.Told;
import ansim.hub.model.UnitLane.Hole;
import java.util.ArrayList;
import java.util.List;

/**
 * The unit: {@code Lanes}, {@code LaneStore}, {@code Outgoing}, {@code Receipts} and {@code Forwarder} of the edge agent, told again
 * without bytes. Each lane is there twice, as memory has it and as the disk has it; a lane of the disk is never changed, only replaced.
 *
 * <p>Not modelled: memory-only chains, lane 4, refusals, tampers, and that a closed chain is forgotten once all of it is receipted and
 * dropped.
 */
final class ModelUnit {
    private final Setting setting;
    private final Numbers numbers;
    final UnitLane[] now;
    final UnitLane[] disk;
    /** A copy of the card, null while there is none. */
    UnitLane[] image;

    /** Gives out bytes and chains. */
    static final class Numbers {
        private static final int BYTES = 64;
        int bytes;
        int chains;

        Numbers copy() {
            Numbers copy = new Numbers();
            copy.bytes = bytes;
            copy.chains = chains;
            return copy;
        }

        int nextBytes() {
            if (bytes == BYTES) {
                throw new IllegalStateException("a world has at most " + BYTES + " messages");
            }
            return bytes++;
        }
    }

    ModelUnit(Setting setting, Numbers numbers) {
        this.setting = setting;
        this.numbers = numbers;
        now = new UnitLane[setting.lanes() + 1];
        disk = new UnitLane[setting.lanes() + 1];
        for (int lane = 1; lane <= setting.lanes(); lane++) {
            now[lane] = new UnitLane(lane);
            disk[lane] = new UnitLane(lane);
        }
    }

    ModelUnit copy(Numbers copied) {
        ModelUnit copy = new ModelUnit(setting, copied);
        for (int lane = 1; lane < now.length; lane++) {
            copy.now[lane] = now[lane].copy(true);
            copy.disk[lane] = disk[lane];
        }
        copy.image = image;
        return copy;
    }

    private boolean broken(Broken rule) {
        return setting.broken() == rule;
    }

    // ---- LaneStore and Lanes

    /** Into memory; the next {@link #force} of the lane makes it durable. */
    Message append(int lane, Told gap) {
        List<UnitChain> chains = now[lane].chains;
        UnitChain chain = chains.isEmpty() ? null : chains.get(chains.size() - 1);
        if (chain == null || chain.closed) {
            chain = new UnitChain(lane, numbers.chains++);
            chains.add(chain);
        }
        Message message = new Message(lane, chain.id, ++chain.lastN, numbers.nextBytes(), gap);
        chain.held.add(message);
        return message;
    }

    boolean unforced(int lane) {
        return disk[lane].differs(now[lane]);
    }

    void force(int lane) {
        disk[lane] = now[lane].copy(false);
    }

    private void gap(Told told) {
        if (told.lane() == 1 && !broken(Broken.GAP_NOT_TOLD_AGAIN)) {
            tellAgain(told);
        }
        tell(told);
    }

    private void tell(Told told) {
        if (told.lane() == 1) {
            now[1].closeCurrent();
        }
        Message carrier = append(1, told);
        now[1].addHole(new Hole(told, carrier.chain(), carrier.n()));
    }

    /** {@code Lanes.tellAgain}: what the hub will not get of lane 1 may have told of these gaps. */
    private void tellAgain(Told lost) {
        for (Hole hole : List.copyOf(now[1].holes)) {
            if (hole.carrier() == lost.chain() && hole.carrierN() >= lost.first()) {
                tell(hole.told());
            }
        }
    }

    /** What would go with the next eviction of the lane; null when nothing may. */
    Message evictable(int lane) {
        Message oldest = disk[lane].oldest();
        if (lane == 1 || oldest == null) {
            return null;
        }
        UnitChain chain = now[lane].chain(oldest.chain());
        boolean open = oldest.n() > chain.receiptedN && now[1].covering(oldest.chain(), oldest.n()) == null;
        return open ? oldest : null;
    }

    /** The gap record; with the rule broken the deletion comes before it. Returns what was deleted, or null. */
    Message giveUpOldest(int lane) {
        Message oldest = evictable(lane);
        gap(new Told(lane, oldest.chain(), oldest.n(), oldest.n(), Message.EVICTED));
        if (broken(Broken.GAP_AFTER_DELETION)) {
            remove(lane, oldest);
            return oldest;
        }
        return null;
    }

    /** What {@link #dropOldest} would drop: receipted, or explained by a gap record that is on disk. */
    Message droppable(int lane) {
        Message oldest = disk[lane].oldest();
        if (oldest == null) {
            return null;
        }
        boolean receipted = oldest.n() <= now[lane].chain(oldest.chain()).receiptedN;
        Hole hole = disk[1].covering(oldest.chain(), oldest.n());
        boolean told = lane != 1 && hole != null && hole.told().reason() == Message.EVICTED;
        return receipted || told ? oldest : null;
    }

    Message dropOldest(int lane) {
        Message oldest = droppable(lane);
        remove(lane, oldest);
        return oldest;
    }

    private void remove(int lane, Message message) {
        now[lane].drop(message);
        disk[lane] = disk[lane].copy(false);
        disk[lane].drop(message);
    }

    // ---- the power goes

    void crash(boolean torn) {
        for (int lane = 1; lane < now.length; lane++) {
            boolean closing = torn && unforced(lane);
            now[lane] = disk[lane].copy(false);
            if (closing) {
                now[lane].closeCurrent();
            }
        }
    }

    /** The newest message of a lane's disk, if a person made it and the hub has not receipted it. */
    Message newest(int lane) {
        List<UnitChain> chains = disk[lane].chains;
        UnitChain last = chains.isEmpty() ? null : chains.get(chains.size() - 1);
        Message newest = last == null || last.held.isEmpty() ? null : last.held.get(last.held.size() - 1);
        return newest == null || newest.isGap() || newest.n() < last.lastN || newest.n() <= last.receiptedN
                ? null
                : newest;
    }

    /** The state record still names the number; what cannot be proved is never used again. */
    Message crashDamaged(int lane) {
        Message lost = newest(lane);
        UnitLane damaged = disk[lane].copy(false);
        damaged.drop(lost);
        if (broken(Broken.NUMBER_REUSED)) {
            damaged.chain(lost.chain()).lastN = lost.n() - 1;
        } else {
            damaged.closeCurrent();
        }
        disk[lane] = damaged;
        crash(false);
        return lost;
    }

    void takeImage() {
        image = disk.clone();
    }

    void cardRestored() {
        System.arraycopy(image, 0, disk, 0, disk.length);
        crash(false);
    }

    // ---- Outgoing

    void reconnect() {
        for (int lane = 1; lane < now.length; lane++) {
            now[lane].chains.forEach(chain -> chain.sentN = 0);
        }
    }

    UnitChain chain(int id) {
        for (int lane = 1; lane < now.length; lane++) {
            UnitChain chain = now[lane].chain(id);
            if (chain != null) {
                return chain;
            }
        }
        return null;
    }

    /** The last number that may leave the unit. */
    private int sendable(UnitChain chain) {
        if (broken(Broken.SEND_BEFORE_FSYNC)) {
            return chain.lastN;
        }
        UnitChain durable = disk[chain.lane].chain(chain.id);
        return durable == null ? 0 : durable.lastN;
    }

    boolean maySend(UnitChain chain) {
        int n = Math.max(chain.sentN, chain.receiptedN) + 1;
        Hole hole = now[1].covering(chain.id, n);
        while (hole != null && !blocks(chain.id, n)) {
            n = hole.told().last() + 1;
            hole = now[1].covering(chain.id, n);
        }
        return n <= sendable(chain) && chain.flying() < setting.window() && !blocks(chain.id, n);
    }

    /** {@code Outgoing.nextOnDisk}: the next message; null when it must wait. Numbers that cannot be read are told. */
    Message next(UnitChain chain) {
        int n = Math.max(chain.sentN, chain.receiptedN) + 1;
        int end = sendable(chain);
        while (n <= end && !blocks(chain.id, n)) {
            Hole hole = now[1].covering(chain.id, n);
            if (hole != null) {
                n = hole.told().last() + 1;
                continue;
            }
            Message message = chain.get(n);
            if (message != null) {
                chain.sentN = n;
                return message;
            }
            int last = n;
            while (last < end && chain.get(last + 1) == null) {
                last++;
            }
            gap(new Told(chain.lane, chain.id, n, last, Message.DAMAGED));
        }
        return null;
    }

    private boolean blocks(int chain, int n) {
        for (Hole hole : now[1].holes) {
            Told told = hole.told();
            if (told.chain() == chain && (told.first() <= n || told.lane() == 1) && !told(hole)) {
                return true;
            }
        }
        return false;
    }

    private boolean told(Hole hole) {
        UnitChain carrier = now[1].chain(hole.carrier());
        return carrier == null || carrier.receiptedN >= hole.carrierN();
    }

    /** With that rule broken: the transport has taken the message. */
    void puback(UnitChain chain, Message message) {
        if (broken(Broken.REMOVE_ON_PUBACK) && message.n() == chain.receiptedN + 1) {
            chain.raise(message.n());
        }
    }

    // ---- Receipts

    private int highestGeneration() {
        int highest = 0;
        for (int lane = 1; lane < now.length; lane++) {
            highest = Math.max(highest, now[lane].generation);
        }
        return highest;
    }

    void receipt(Answer answer) {
        if (answer.generation() < highestGeneration() && !broken(Broken.LOWER_GENERATION_TAKEN)) {
            return;
        }
        boolean rewound = false;
        for (int lane = 1; lane < now.length; lane++) {
            int known = now[lane].generation;
            if (answer.generation() > known) {
                now[lane].generation = answer.generation();
                if (known != 0) {
                    rewind(lane, answer.named());
                    rewound = true;
                }
            }
        }
        answer.named().forEach(this::apply);
        settle();
        if (rewound) {
            reconnect();
        }
    }

    private void apply(Answer.Named named) {
        UnitChain chain = now[named.lane()].chain(named.chain());
        if (chain == null || named.n() <= chain.receiptedN) {
            return;
        }
        Message own = chain.get(named.n());
        boolean same = own != null && (own.bytes() == named.bytes() || broken(Broken.HASH_NOT_COMPARED));
        if (same) {
            chain.raise(named.n());
        } else if (own != null || named.n() > chain.lastN) {
            now[chain.lane].closeCurrent();
        }
    }

    private void settle() {
        for (int lane = 1; lane < now.length; lane++) {
            for (UnitChain chain : now[lane].chains) {
                Hole hole = now[1].covering(chain.id, chain.receiptedN + 1);
                while (hole != null && told(hole)) {
                    chain.raise(Math.min(hole.told().last(), chain.lastN));
                    hole = chain.waiting() == 0 ? null : now[1].covering(chain.id, chain.receiptedN + 1);
                }
            }
        }
        now[1].holes.removeIf(hole -> told(hole) && behind(hole.told()));
    }

    private boolean behind(Told told) {
        UnitChain chain = now[told.lane()].chain(told.chain());
        return chain == null || chain.receiptedN >= Math.min(told.last(), chain.lastN);
    }

    private void rewind(int lane, List<Answer.Named> named) {
        for (UnitChain chain : new ArrayList<>(now[lane].chains)) {
            int known = 0;
            for (Answer.Named each : named) {
                if (each.chain() == chain.id) {
                    known = each.n();
                    break;
                }
            }
            if (known < chain.receiptedN) {
                int held = chain.held.isEmpty()
                        ? chain.lastN + 1
                        : chain.held.get(0).n();
                chain.receiptedN = known;
                int gone = Math.min(held - 1, chain.everReceiptedN);
                if (known < gone) {
                    gap(new Told(lane, chain.id, known + 1, gone, Message.RECEIPTED_EARLIER));
                }
            }
        }
    }

    /** Nothing waits for a receipt, nothing for an fsync. */
    boolean rests() {
        for (int lane = 1; lane < now.length; lane++) {
            for (UnitChain chain : now[lane].chains) {
                if (chain.waiting() > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    long mix() {
        long mixed = 0;
        for (int lane = 1; lane < now.length; lane++) {
            mixed = Mix.of(mixed, now[lane].mix(), disk[lane].mix());
            mixed = Mix.of(mixed, image == null ? 0 : image[lane].mix());
        }
        return mixed;
    }
}
