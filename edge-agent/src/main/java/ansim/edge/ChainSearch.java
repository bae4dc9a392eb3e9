package ansim.edge;

import ansim.edge.LaneStore.Damage;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalReader;
import ansim.journal.Recovery;
import ansim.journal.Stored;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Finds out, while a lane opens, which chains stand in its journal and which of their numbers are lost: from the newest state that reads,
 * the messages behind it, and what the journal proves to have been there.
 *
 * <p>Guarantee: every entry that the journal proves and cannot read is a lost number of some chain, as long as any chain is known. Where
 * nothing readable says of which one it goes on the chain before, and its number there may never have been: as many are lost. Not
 * guaranteed: entries behind the last that anything proves. Guarded by {@link Lanes}.
 */
final class ChainSearch {
    private final Lane lane;
    private final Journal journal;
    /** The lane's own list, completed here. */
    private final List<Chain> chains;

    /** @param chains those of the newest state that reads */
    ChainSearch(Lane lane, Journal journal, List<Chain> chains) {
        this.lane = lane;
        this.journal = journal;
        this.chains = chains;
    }

    private @Nullable Chain last() {
        return chains.isEmpty() ? null : chains.get(chains.size() - 1);
    }

    /** The message in an entry of a lane, if it is one. */
    static Optional<UpMessage> parse(Lane lane, Stored stored) {
        try {
            return Optional.of(UpMessage.parse(stored.payload()));
        } catch (WireException e) {
            Logger.warn("lane {}: entry {} is not a message: {}", lane.number(), stored.index(), e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Another lane's segment was copied over the only one of this lane: nothing here can ever be receipted as this lane's. The state does
     * not say whose it is, and the messages that it names may be in the segment that is gone: then any message tells.
     */
    boolean isForeign() throws JournalException {
        Chain last = last();
        Optional<UpMessage> newest =
                last == null ? Optional.empty() : journal.read(last.lastIndex()).flatMap(each -> parse(lane, each));
        if (newest.isPresent()) {
            return newest.get().batch().lane() != lane;
        }
        boolean foreign = false;
        try (JournalReader reader = journal.reader(journal.firstIndex())) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                Optional<UpMessage> message = parse(lane, next.get());
                if (message.isPresent() && message.get().batch().lane() == lane) {
                    return false;
                }
                foreign |= message.isPresent();
            }
        }
        return foreign;
    }

    /**
     * Lists the messages behind the newest readable state: their chains are told by themselves.
     *
     * @return how many there are
     */
    int listBehindState() throws JournalException {
        long from =
                chains.stream().mapToLong(chain -> chain.lastIndex() + 1).max().orElse(1);
        int listed = 0;
        try (JournalReader reader = journal.reader(Math.max(from, journal.firstIndex()))) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                Optional<UpMessage> message =
                        parse(lane, next.get()).filter(each -> each.batch().lane() == lane);
                if (message.isPresent()) {
                    list(message.get(), next.get().index());
                    listed++;
                }
            }
        }
        return listed;
    }

    private void list(UpMessage message, long index) {
        Id8 id = message.batch().chain();
        long n = message.batch().n();
        Chain last = last();
        if (last == null || !last.id.equals(id) || last.indexOf(n) != index) {
            last = unlisted(id, n, index);
            chains.add(last);
        }
        last.lastN = n;
        last.lastHash = message.payloadHash();
    }

    /**
     * A chain that no readable state names, by its first readable message. What is lost right before it are its numbers before {@code n},
     * since a chain's messages stand side by side; what is lost before those goes on the chain before, of which nobody knows the end.
     */
    private Chain unlisted(Id8 id, long n, long index) {
        Chain before = last();
        long known = Math.max(journal.removedThrough(), before == null ? 0 : before.lastIndex());
        long own = Math.min(n - 1, Math.max(0, index - 1 - known));
        if (before != null && !before.closed) {
            before.lastN = index - own - 1 > known ? before.numberAt(index - own - 1) : before.lastN;
            before.closed = true;
        }
        return new Chain(id, index - own, n - own);
    }

    /**
     * Brings the chains to the end that the journal proves.
     *
     * @return whether numbers at the end are lost, so that the newest chain has to end
     */
    boolean settleEnds() {
        long durable = journal.durableIndex();
        Chain last = last();
        if (last == null) {
            return false;
        }
        if (last.lastIndex() < durable && !last.closed) {
            // A new chain comes with a state: what stood behind all that the states and messages tell of was the newest
            // chain's.
            last.lastN = last.numberAt(durable);
            return true;
        }
        return chains.stream().anyMatch(chain -> chain.lastIndex() > durable);
    }

    /** The numbers that cannot be read, as far as no receipt covers them. */
    List<Damage> lost() {
        List<Damage> damage = new ArrayList<>();
        cutLostTail(damage);
        for (Recovery.Lost lost : journal.recovery().lost()) {
            for (Chain chain : chains) {
                long first = Math.max(lost.first(), chain.firstIndex);
                long last = Math.min(lost.last(), chain.lastIndex());
                if (first <= last) {
                    add(chain, chain.numberAt(first), chain.numberAt(last), damage);
                }
            }
        }
        return damage;
    }

    /** Numbers that the state names and the journal has lost at its end. */
    private void cutLostTail(List<Damage> damage) {
        long durable = journal.durableIndex();
        for (Chain chain : chains) {
            if (chain.lastIndex() > durable) {
                long first = Math.max(chain.firstN, chain.numberAt(durable + 1));
                add(chain, first, chain.lastN, damage);
                chain.lastN = first - 1;
            }
        }
    }

    private static void add(Chain chain, long first, long last, List<Damage> damage) {
        long from = Math.max(first, chain.receiptedN + 1);
        if (from <= last) {
            damage.add(new Damage(chain.id, from, last));
        }
    }

    /** Where the current chain ends: how many more numbers it had is not known. */
    Optional<Damage> unproved(List<Damage> damage) {
        Chain last = last();
        if (last == null || last.closed) {
            return Optional.empty();
        }
        long end = damage.stream()
                .filter(each -> each.chain().equals(last.id))
                .mapToLong(Damage::last)
                .reduce(last.lastN, Math::max);
        return Optional.of(new Damage(last.id, end + 1, end + 1));
    }
}
