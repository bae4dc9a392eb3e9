package ansim.edge;

import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Recovery;
import ansim.journal.Stored;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * One durable lane: a journal, the chains whose messages stand in it, and the small states that are stored with them.
 *
 * <p>Guarantee: what {@link #append} returns is on disk together with the state, or nothing is. The state is left out where it says
 * nothing that the messages do not. A number is never used twice
 * in a chain: when the tail of the journal cannot be proved, or an append has failed, the next message begins a new chain.
 * Not guaranteed: that every message can still be read; {@link #read} says so and {@link Lanes} writes the gap.
 * Guarded by {@link Lanes}.
 */
final class LaneStore implements AutoCloseable {
    /** Messages in one append of several, so that they and the state are one group of the journal. */
    static final int GROUP = 8;

    /** Closed chains beyond this are forgotten once they are receipted: a restored hub does not get them again. */
    static final int CHAINS_MAX = 16;

    private final Lane lane;
    private final Path directory;
    private final JournalOptions options;
    private final JournalFiles files;
    private final SecureRandom random;

    private @Nullable Journal journal;
    private List<Chain> chains = new ArrayList<>();
    private Map<Integer, byte[]> slots = new TreeMap<>();
    /** Of messages that only memory holds: they become the slots once these messages are on disk. */
    private final Map<Integer, byte[]> later = new TreeMap<>();

    private long generation;
    private final StoredState stored = new StoredState();

    LaneStore(Lane lane, Path directory, JournalOptions options, JournalFiles files, SecureRandom random) {
        this.lane = lane;
        this.directory = directory;
        this.options = options;
        this.files = files;
        this.random = random;
    }

    /** Numbers of a chain that were stored once and cannot be read any more. */
    record Damage(Id8 chain, long first, long last) {}

    /**
     * What opening found.
     *
     * @param ended the number behind the newest known of the chain that had to be closed because its tail cannot be proved
     * @param clean nothing is there that an earlier run did not leave so
     */
    record Opened(List<Damage> damage, Optional<Damage> ended, boolean clean) {}

    boolean isOpen() {
        return journal != null;
    }

    private Journal journal() throws JournalException {
        Journal open = journal;
        if (open == null) {
            throw new IllegalStateException("lane " + lane.number() + " is not open");
        }
        return open;
    }

    /** Opens the journal and finds out which chains stand in it; it is open only when both have been done. */
    Opened open() throws JournalException {
        Journal opened = Journal.open(directory, options, files);
        try {
            Opened found = search(opened);
            journal = opened;
            return found;
        } finally {
            if (journal == null) {
                chains = new ArrayList<>();
                close(opened);
            }
        }
    }

    private Opened search(Journal opened) throws JournalException {
        Map<Integer, byte[]> storedSlots = Map.of();
        boolean known = false;
        Optional<byte[]> state = opened.state();
        if (state.isPresent()) {
            try {
                LaneState read = LaneState.decode(state.get());
                chains = read.chains();
                generation = Math.max(generation, read.generation());
                read.slots().forEach(slots::putIfAbsent);
                storedSlots = read.slots();
                known = true;
            } catch (IOException e) {
                Logger.warn("lane {}: stored state is not readable: {}", lane.number(), e.getMessage());
            }
        }
        ChainSearch search = new ChainSearch(lane, opened, chains);
        if (known && search.isForeign()) {
            Logger.warn("lane {}: the store holds another lane's messages, they stay where they are", lane.number());
            chains.clear();
            slots.clear();
            storedSlots = Map.of();
            known = false;
        }
        boolean fresh = !known && opened.durableIndex() == 0;
        stored.found(storedSlots, search.listBehindState());
        boolean endIsLost = search.settleEnds();
        List<Damage> damage = search.lost();
        Recovery recovery = opened.recovery();
        boolean clean = fresh || (known && recovery.cleanTail() && !endIsLost);
        Optional<Damage> ended = clean ? Optional.empty() : search.unproved(damage);
        if (!clean) {
            closeCurrent();
        }
        return new Opened(damage, ended, recovery.nothingLost() && (fresh || known));
    }

    List<Chain> chains() {
        return chains;
    }

    Optional<Chain> chain(Id8 id) {
        return chains.stream().filter(chain -> chain.id.equals(id)).findFirst();
    }

    /** The next message begins a new chain. */
    void closeCurrent() {
        chains.forEach(chain -> chain.closed = true);
    }

    long generation() {
        return generation;
    }

    void generation(long highest) {
        generation = Math.max(generation, highest);
    }

    Optional<byte[]> slot(int slot) {
        return Optional.ofNullable(later.get(slot)).or(() -> onDisk(slot));
    }

    /** As {@link #slot}, but for what belongs to messages that only memory holds. */
    Optional<byte[]> onDisk(int slot) {
        return Optional.ofNullable(slots.get(slot));
    }

    /** What the next append of this lane stores with it. */
    void slot(int slot, byte[] state) {
        slots.put(slot, state);
        later.remove(slot);
    }

    /** What is stored once the messages that memory holds of this lane are on disk, and not before. */
    void slotLater(int slot, byte[] state) {
        later.put(slot, state);
    }

    /** Hears of the newest message's place while the state that is stored with it can still be changed. */
    interface Placed {
        Placed NOBODY = (chain, n) -> {};

        void at(Id8 chain, long n);

        /** The message did not reach the disk: nothing has happened, and the slots are as before. */
        default void notStored() {}

        /** It is in a memory-only chain instead. */
        default void inMemory(Id8 chain, long n) {}
    }

    /** Appends messages of the given records, one message per list, with the state: all or nothing, durable on return. */
    List<HeldMessage> append(Sealer sealer, List<List<Draft>> messages, Placed placed) throws JournalException {
        Journal open = journal();
        Chain chain = current(open);
        long lastN = chain.lastN;
        var lastHash = chain.lastHash;
        List<Entry> entries = new ArrayList<>(messages.size() + 1);
        List<HeldMessage> held = new ArrayList<>(messages.size());
        Map<Integer, byte[]> slotsBefore = new TreeMap<>(slots);
        boolean done = false;
        try {
            for (List<Draft> drafts : messages) {
                UpMessage message = sealer.seal(
                        new Sealer.Place(lane, chain.id, chain.lastN + 1, chain.previous(), waiting(), false), drafts);
                chain.lastN++;
                chain.lastHash = message.payloadHash();
                entries.add(Entry.message(message.bytes()));
                held.add(HeldMessage.of(message));
            }
            if (!chains.contains(chain)) {
                chains.add(chain);
            }
            placed.at(chain.id, chain.lastN);
            LaneState state = new LaneState(generation, chains, slots);
            boolean stateIsDue = !stored.covers(state, entries.size());
            if (stateIsDue) {
                entries.add(Entry.state(state.encode()));
            }
            open.append(entries.toArray(Entry[]::new));
            done = true;
            if (stateIsDue) {
                stored.stored(state);
            } else {
                stored.storedBehind(held.size());
            }
            return held;
        } finally {
            if (!done) {
                slots = slotsBefore;
                placed.notStored();
                chain.lastN = lastN;
                chain.lastHash = lastHash;
                chain.closed = true;
                chains.removeIf(each -> each.lastN < each.firstN);
            }
        }
    }

    private Chain current(Journal open) {
        Chain last = chains.isEmpty() ? null : chains.get(chains.size() - 1);
        if (last != null && !last.closed) {
            return last;
        }
        return new Chain(Id8.random(random), open.durableIndex() + 1, 1);
    }

    /**
     * Appends messages that were sealed for a memory-only chain, as they are, all or none; the chain is closed.
     *
     * @param last memory holds no others of this lane: with the last of them go the states that waited for them
     */
    void append(MemoryChain memory, List<HeldMessage> messages, boolean last) throws JournalException {
        Journal open = journal();
        closeCurrent();
        Chain chain =
                new Chain(memory.id, open.durableIndex() + 1, messages.get(0).n());
        chain.receiptedN = Math.max(memory.receiptedN, chain.receiptedN);
        chain.lastHash = memory.lastHash();
        chain.closed = true;
        chains.add(chain);
        Map<Integer, byte[]> slotsBefore = new TreeMap<>(slots);
        boolean done = false;
        try {
            for (int from = 0; from < messages.size(); from += GROUP) {
                int to = Math.min(from + GROUP, messages.size());
                List<Entry> entries = new ArrayList<>(GROUP + 1);
                messages.subList(from, to).forEach(message -> entries.add(Entry.message(message.bytes())));
                chain.lastN = messages.get(to - 1).n();
                if (last && to == messages.size()) {
                    slots.putAll(later);
                }
                entries.add(Entry.state(state().encode()));
                open.write(entries.toArray(Entry[]::new));
            }
            open.force();
            done = true;
            stored.stored(state());
        } finally {
            if (done && last) {
                later.clear();
            } else if (!done) {
                slots = slotsBefore;
                chains.remove(chain);
            }
        }
    }

    /** Stores the state alone, durable on return. */
    void store() throws JournalException {
        LaneState state = state();
        journal().append(Entry.state(state.encode()));
        stored.stored(state);
    }

    /** Stores with it what waited for messages that memory held: it holds none of this lane any more. */
    void storeAll() throws JournalException {
        slots.putAll(later);
        later.clear();
        store();
    }

    private LaneState state() {
        return new LaneState(generation, chains, slots);
    }

    /**
     * The message with that number; empty when it is not held any more or is damaged.
     *
     * @throws JournalException when it cannot be read now: nothing is known of it
     */
    Optional<HeldMessage> read(Chain chain, long n) throws JournalException {
        try {
            return journal()
                    .read(chain.indexOf(n))
                    .flatMap(stored -> message(chain, n, stored))
                    .map(HeldMessage::of);
        } catch (JournalException e) {
            orGone(e);
            return Optional.empty();
        }
    }

    private Optional<UpMessage> message(Chain chain, long n, Stored stored) {
        return ChainSearch.parse(lane, stored)
                .filter(message -> message.batch().chain().equals(chain.id)
                        && message.batch().n() == n);
    }

    /** A file that is not there, and has not been for so long that it is believed, holds nothing. */
    private static void orGone(JournalException e) throws JournalException {
        if (!(e.getCause() instanceof NoSuchFileException)) {
            throw e;
        }
    }

    /** The last number of this chain that lies in one file with this one: what is looked through at once. */
    long lastBeside(Chain chain, long n) throws JournalException {
        return Math.min(chain.lastN, Math.max(n, chain.numberAt(journal().lastBeside(chain.indexOf(n)))));
    }

    /**
     * The first number from {@code from} to {@code through} that can be read and is wanted, else the number behind them: in one pass.
     *
     * @throws JournalException when that cannot be told now
     */
    long firstReadable(Chain chain, long from, long through, LongPredicate wanted) throws JournalException {
        try (JournalReader reader = journal().reader(chain.indexOf(from), chain.indexOf(through))) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                long n = chain.numberAt(next.get().index());
                if (message(chain, n, next.get()).isPresent() && wanted.test(n)) {
                    return n;
                }
            }
        } catch (JournalException e) {
            orGone(e);
        }
        return through + 1;
    }

    /** The first number of this chain that has not been dropped with its segment. */
    long firstHeld(Chain chain) throws JournalException {
        return chain.numberAt(Math.max(chain.firstIndex, journal().firstIndex()));
    }

    /** Everything up to here is receipted: durable with the next append. */
    void receipted(Chain chain, long n) throws JournalException {
        chain.receiptedN = Math.max(chain.receiptedN, n);
        chain.everReceiptedN = Math.max(chain.everReceiptedN, chain.receiptedN);
        Journal open = journal();
        open.remove(receiptedThrough());
        chains.removeIf(each -> each.closed && each.waiting() == 0 && each.lastIndex() < open.firstIndex());
        while (chains.size() > CHAINS_MAX
                && chains.get(0).closed
                && chains.get(0).waiting() == 0) {
            chains.remove(0);
        }
    }

    /** The last journal index of which every message before it, itself included, is receipted. */
    private long receiptedThrough() {
        long through = 0;
        for (Chain chain : chains) {
            if (chain.waiting() > 0) {
                return Math.max(through, chain.indexOf(chain.receiptedN));
            }
            through = chain.lastIndex();
        }
        return through;
    }

    long waiting() {
        return chains.stream().mapToLong(Chain::waiting).sum();
    }

    long bytes() {
        Journal open = journal;
        return open == null ? 0 : open.bytes();
    }

    /** Whether the oldest segment holds nothing that waits for a receipt. */
    boolean oldestIsReceipted() throws JournalException {
        OptionalLong last = journal().oldestSegmentLastIndex();
        return last.isPresent() && last.getAsLong() <= receiptedThrough();
    }

    /** What would be lost with the oldest segment; empty when only the active one is left. */
    List<Damage> oldest() throws JournalException {
        List<Damage> numbers = new ArrayList<>();
        OptionalLong last = journal().oldestSegmentLastIndex();
        if (last.isPresent()) {
            for (Chain chain : chains) {
                long first = Math.max(firstHeld(chain), chain.receiptedN + 1);
                long end = Math.min(chain.lastN, chain.numberAt(last.getAsLong()));
                if (first <= end) {
                    numbers.add(new Damage(chain.id, first, end));
                }
            }
        }
        return numbers;
    }

    /**
     * Lets the oldest segment go, after a state that needs none of its messages to tell where the chains end and how far they are
     * receipted. Its slots are those that were stored before: a new one goes with the message that it belongs to, for which room may be made just now.
     */
    void dropOldest() throws JournalException {
        Journal open = journal();
        LaneState before = new LaneState(generation, chains, stored.slots());
        boolean needsState =
                open.oldestSegmentLastIndex().isPresent() && !(stored.isWhole() && stored.covers(before, 0));
        if (needsState) {
            open.write(Entry.state(before.encode()));
        }
        open.dropOldestSegment();
        if (needsState) {
            stored.stored(before);
        }
    }

    @Override
    public void close() {
        Journal open = journal;
        journal = null;
        if (open != null) {
            close(open);
        }
    }

    private void close(Journal open) {
        try {
            open.close();
        } catch (JournalException e) {
            Logger.warn("lane {}: the store does not close: {}", lane.number(), e.getMessage());
        }
    }
}
