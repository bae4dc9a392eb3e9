package ansim.edge;

import ansim.edge.Gaps.Hole;
import ansim.edge.LaneStore.Damage;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The unit's four lanes: what it holds until the hub's signed receipt.
 *
 * <p>Guarantees: {@link #append} into lanes 1 to 3 is durable when it returns true, and nothing of these lanes is offered for
 * sending before; a message goes only by a receipt, or after the gap record that explains it is durable; order within a chain
 * is strict; what lies behind a gap is offered only after that gap record's receipt. When the disk fails, alarms and events go
 * on in a memory-only chain of the newest {@value MemoryLanes#NEWEST} messages, events displaced before alarms; track is dropped and
 * counted. The disk is tried again every {@value #RETRY_MS} ms; then what memory holds is appended as it was sealed.
 *
 * <p>Not guaranteed: memory-only chains across the end of the process. Receipted segments are kept until the quota needs them
 * and are sent again when the hub's generation rises: not for a number of days, since no clock of the unit can be trusted with
 * that, and evidence that is kept longer harms nobody.
 *
 * <p>Any thread; one lock, held while a message is forced.
 */
final class Lanes implements AutoCloseable {
    static final long RETRY_MS = 5_000;
    /** A store that does not open at the start is tried so often before its lane begins in memory. */
    static final int OPEN_TRIES = 3;
    /** State slots: the rules' own small states, by number. */
    static final int RIDE = 1;

    static final int ALARMS = 2;
    static final int COMMANDS = 3;
    static final int ANCHOR = 4;
    static final int GAPS = 5;
    static final int CONTACTS = 6;
    static final int TAMPERS = 7;
    /** Whether it was told that the disk fails, and not yet that it works again: one byte, a {@link Phase}. */
    static final int IN_MEMORY = 8;

    static final List<Lane> DURABLE = List.of(Lane.ALARM, Lane.EVENT, Lane.TRACK);

    private static final String ASIDE = "aside";

    private final Path data;
    private final JournalFiles files;
    private final Quota quota;
    private final Sealer sealer;
    private final Map<Lane, LaneStore> stores = new EnumMap<>(Lane.class);
    private final MemoryLanes memory;
    private final StatusLane status;
    private final Gaps gaps = new Gaps();
    private final Map<Lane, Long> dropped = new EnumMap<>(Lane.class);
    private final FsyncTimes fsyncTimes = new FsyncTimes();
    private @Nullable String failure;
    private boolean degraded;
    /** The gap record that eviction writes must not evict again: the reserved segment takes it. */
    private boolean makingRoom;
    /** Damage that shows only when it is read raises its tamper once. */
    private boolean damageTold;

    private long retryAtMs;
    private Runnable onStored = () -> {};

    /** What health and status say. */
    record Figures(
            List<Long> waiting, List<Long> dropped, Optional<String> failure, OptionalLong fsyncP99Us, long bytes) {}

    Lanes(Path data, Quota quota, JournalFiles files, Sealer sealer, SecureRandom random) {
        this.data = data;
        this.files = files;
        this.quota = quota;
        this.sealer = sealer;
        this.memory = new MemoryLanes(random);
        JournalFiles patient = JournalFiles.patient(files, sealer::nowMs);
        for (Lane lane : DURABLE) {
            stores.put(
                    lane,
                    new LaneStore(
                            lane,
                            data.resolve("lane-" + lane.number()),
                            JournalOptions.unit(quota.segmentBytes()),
                            patient,
                            random));
        }
        for (Lane lane : Lane.values()) {
            dropped.put(lane, 0L);
        }
        this.status = new StatusLane(new StartCounter(data.resolve("starts"), files));
    }

    /** Called, under the lock, whenever there is something new to send. */
    synchronized void onStored(Runnable wake) {
        this.onStored = wake;
    }

    /**
     * Opens the journals. One that fails is retried by {@link #tick}.
     *
     * @throws JournalException only when another process has the data directory
     */
    synchronized void open() throws JournalException {
        for (Lane lane : DURABLE) {
            try {
                openAtStart(lane);
            } catch (JournalException e) {
                if (e.reason() == JournalException.Reason.LOCKED) {
                    throw e;
                }
                failed(lane, e.getMessage());
            }
        }
        if (failure == null && inMemoryTold()) {
            // Opening only reads: whether the disk works again is known when it is written.
            degraded = true;
            failure = "it failed in an earlier run and has not been written since";
            retryAtMs = sealer.nowMs();
        }
    }

    /** Once more at once where it fails: an agent that starts without its states does not know of the ride that is on. */
    private void openAtStart(Lane lane) throws JournalException {
        for (int left = OPEN_TRIES - 1; left > 0; left--) {
            try {
                openStore(lane);
                return;
            } catch (JournalException e) {
                if (e.reason() == JournalException.Reason.LOCKED) {
                    throw e;
                }
                Logger.warn("lane {}: the store does not open: {}", lane.number(), e.getMessage());
            }
        }
        openStore(lane);
    }

    private boolean inMemoryTold() {
        return store(Lane.ALARM)
                .slot(IN_MEMORY)
                .filter(phase -> phase[0] == (byte) Phase.RAISED.code())
                .isPresent();
    }

    private void tellInMemory(Phase phase) {
        store(Lane.ALARM).slot(IN_MEMORY, new byte[] {(byte) phase.code()});
        tamper(Tamper.What.STORE_IN_MEMORY, phase);
    }

    private void openStore(Lane lane) throws JournalException {
        LaneStore store = store(lane);
        LaneStore.Opened opened = store.open();
        if (lane == Lane.ALARM && store.slot(GAPS).isPresent()) {
            try {
                gaps.restore(store.slot(GAPS).get());
            } catch (IOException e) {
                Logger.warn("the table of gaps is not readable: {}", e.getMessage());
            }
        }
        boolean news = false;
        for (Damage damage : opened.damage()) {
            if (gaps.covering(damage.chain(), damage.first()).isEmpty()) {
                news |= gap(lane, damage, Gap.Reason.DAMAGED);
            }
        }
        opened.ended().ifPresent(end -> closed(lane, end));
        if (news || !opened.clean()) {
            Logger.warn("lane {}: the store was damaged", lane.number());
            tamper(Tamper.What.STORE_DAMAGED, Phase.RAISED);
        }
        finishEviction(lane, store);
    }

    /**
     * Tells that a chain ends though nobody can prove with which number: once, since the lane stores that it is closed. It blocks
     * nothing, for the number that it names may never have been.
     */
    private void closed(Lane lane, Damage end) {
        tell(new Gap(lane, end.chain(), end.first(), end.last(), Gap.Reason.CHAIN_CLOSED), LaneStore.Placed.NOBODY);
        if (lane != Lane.ALARM) {
            keep(lane);
        }
    }

    /** Messages of an older segment turned out to be unreadable: explained by a gap, with one tamper per run. */
    void damaged(Lane lane, Damage damage) {
        gap(lane, damage, Gap.Reason.DAMAGED);
        if (!damageTold) {
            damageTold = true;
            tamper(Tamper.What.STORE_DAMAGED, Phase.RAISED);
        }
    }

    /** A gap record is durable before its segment goes; a stop in between is made up for here. */
    private void finishEviction(Lane lane, LaneStore store) throws JournalException {
        while (lane != Lane.ALARM) {
            List<Damage> oldest = store.oldest();
            boolean told = !oldest.isEmpty()
                    && oldest.stream()
                            .allMatch(each -> gaps.covering(each.chain(), each.first())
                                    .filter(hole -> hole.last() >= each.last() && hole.reason() == Gap.Reason.EVICTED)
                                    .isPresent());
            if (!told) {
                return;
            }
            store.dropOldest();
        }
    }

    LaneStore store(Lane lane) {
        LaneStore store = stores.get(lane);
        if (store == null) {
            throw new IllegalArgumentException("lane must be 1, 2 or 3 (got " + lane.number() + ")");
        }
        return store;
    }

    /** A small state that an earlier run stored with this lane. */
    synchronized Optional<byte[]> state(Lane lane, int slot) {
        return store(lane).slot(slot);
    }

    /**
     * Appends records, each as a message of its own, together with a state.
     *
     * @return whether they are on disk; false when they are in a memory-only chain or, in lane 3, dropped
     */
    synchronized boolean append(Lane lane, List<Draft> records, int slot, byte[] state) {
        store(lane).slot(slot, state);
        return append(lane, records.stream().map(List::of).toList());
    }

    /** Appends one message of several records. */
    synchronized boolean append(Lane lane, List<List<Draft>> messages) {
        return append(lane, messages, LaneStore.Placed.NOBODY);
    }

    private boolean append(Lane lane, List<List<Draft>> messages, LaneStore.Placed placed) {
        LaneStore store = store(lane);
        boolean stored = false;
        if (usable(lane)) {
            try {
                if (room(lane)) {
                    long startNs = System.nanoTime();
                    store.append(sealer, messages, placed);
                    fsyncTimes.add(System.nanoTime() - startNs);
                    stored = true;
                } else {
                    failed(lane, "the quota is full");
                }
            } catch (JournalException e) {
                failed(lane, e.getMessage());
            }
        }
        if (!stored) {
            keepInMemory(lane, messages);
        }
        onStored.run();
        return stored;
    }

    /** Stores a state that no message goes with. */
    synchronized boolean keep(Lane lane, int slot, byte[] state) {
        store(lane).slot(slot, state);
        return keep(lane);
    }

    /** Stores how the lane stands. */
    synchronized boolean keep(Lane lane) {
        if (!usable(lane)) {
            return false;
        }
        try {
            store(lane).store();
            return true;
        } catch (JournalException e) {
            failed(lane, e.getMessage());
            return false;
        }
    }

    /** Counts a message that was given up before it was sealed. */
    synchronized void dropped(Lane lane) {
        dropped.merge(lane, 1L, Long::sum);
    }

    /** Seals a record into lane 4. */
    synchronized void status(Draft record) {
        status.add(sealer, record);
        onStored.run();
    }

    /** Signs with another key from the next message on. */
    synchronized void key(SigningKey next) {
        sealer.key(next);
    }

    /** Whether what is appended to this lane goes to disk. */
    synchronized boolean durable(Lane lane) {
        return usable(lane);
    }

    private boolean usable(Lane lane) {
        return store(lane).isOpen() && !memory.has(lane);
    }

    // ---- when the disk has failed

    private void failed(Lane lane, @Nullable String why) {
        Logger.error("lane {}: the store has failed: {}", lane.number(), why);
        failure = "lane " + lane.number() + ": " + why;
        retryAtMs = sealer.nowMs() + RETRY_MS;
        store(lane).closeCurrent();
        if (!degraded) {
            degraded = true;
            if (!inMemoryTold()) {
                tellInMemory(Phase.RAISED);
            }
        }
    }

    private Draft tamperDraft(Tamper.What what, Phase phase) {
        return new Draft(Tamper.of(what, phase), sealer.nowMs());
    }

    private void keepInMemory(Lane lane, List<List<Draft>> messages) {
        if (lane == Lane.TRACK) {
            dropped.merge(lane, (long) messages.size(), Long::sum);
        } else {
            messages.forEach(drafts -> memory.add(lane, drafts, sealer));
        }
    }

    /** Lets time pass: tries a failed disk again. */
    synchronized void tick() {
        if (failure == null || sealer.nowMs() < retryAtMs) {
            return;
        }
        retryAtMs = sealer.nowMs() + RETRY_MS;
        try {
            for (Lane lane : DURABLE) {
                if (!store(lane).isOpen()) {
                    openStore(lane);
                }
                if (!room(lane)) {
                    return;
                }
                store(lane).store();
            }
            for (MemoryChain chain : memory.chains()) {
                backOnDisk(chain);
            }
            if (!memory.chains().isEmpty()) {
                return;
            }
        } catch (JournalException e) {
            Logger.debug("the store is still failing: {}", e.getMessage());
            return;
        }
        Logger.info("the store works again");
        failure = null;
        degraded = false;
        tellInMemory(Phase.CANCELLED);
    }

    /** Appends what a memory-only chain holds, as it was sealed, and ends the chain. */
    private void backOnDisk(MemoryChain chain) throws JournalException {
        Optional<HeldMessage> first = chain.firstAfter(chain.receiptedN);
        if (first.isPresent()) {
            store(chain.lane).append(chain, chain.messages());
        }
        memory.remove(chain);
        long missingFrom = chain.receiptedN + 1;
        long missingTo = first.isPresent() ? first.get().n() - 1 : chain.lastN;
        if (missingFrom <= missingTo && gaps.covering(chain.id, missingFrom).isEmpty()) {
            gap(chain.lane, new Damage(chain.id, missingFrom, missingTo), Gap.Reason.EVICTED);
        }
        tell(
                new Gap(chain.lane, chain.id, chain.lastN + 1, chain.lastN + 1, Gap.Reason.CHAIN_CLOSED),
                LaneStore.Placed.NOBODY);
    }

    void tamper(Tamper.What what, Phase phase) {
        append(Lane.ALARM, List.of(List.of(tamperDraft(what, phase))));
    }

    // ---- gaps and room

    /**
     * Puts a gap record into lane 1 and into the table. One about lane 1 itself first tells again what the numbers that it names, and
     * those behind them, told of other gaps: before it, since after a stop in between nobody would.
     *
     * @return whether it is on disk, so that what it explains may go
     */
    boolean gap(Lane lane, Damage damage, Gap.Reason reason) {
        if (lane == Lane.ALARM) {
            tellAgain(hole -> hole.isToldIn(damage.chain(), damage.first()));
        }
        return tell(lane, damage, reason);
    }

    /** Writes again the records of gaps that the hub may never get as they were told. */
    void tellAgain(Predicate<Hole> mayLack) {
        for (Hole hole : gaps.all()) {
            if (mayLack.test(hole)) {
                tell(hole.lane(), new Damage(hole.chain(), hole.first(), hole.last()), hole.reason());
            }
        }
    }

    /**
     * Record and table in one append: never one without the other on disk. One about lane 1 itself begins a new lane-1 chain.
     */
    private boolean tell(Lane lane, Damage damage, Gap.Reason reason) {
        if (lane == Lane.ALARM) {
            store(lane).closeCurrent();
            memory.find(damage.chain()).ifPresent(chain -> chain.closed = true);
        }
        IntoTable intoTable = new IntoTable(lane, damage, reason);
        if (tell(new Gap(lane, damage.chain(), damage.first(), damage.last(), reason), intoTable)) {
            return true;
        }
        memory.current(Lane.ALARM).ifPresent(carrier -> intoTable.at(carrier.id, carrier.lastN));
        return false;
    }

    /** Puts a gap into the table, and takes it out again when its record did not reach the disk: then memory tells it. */
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

        @Override
        public void at(Id8 carrier, long n) {
            before = gaps.all();
            gaps.add(new Hole(lane, damage.chain(), damage.first(), damage.last(), reason, carrier, n));
            store(Lane.ALARM).slot(GAPS, gaps.state());
        }

        @Override
        public void notStored() {
            if (before != null) {
                gaps.set(before);
                store(Lane.ALARM).slot(GAPS, gaps.state());
            }
        }
    }

    /** Appends a gap record. */
    private boolean tell(Gap gap, LaneStore.Placed placed) {
        return append(Lane.ALARM, List.of(List.of(new Draft(gap, sealer.nowMs()))), placed);
    }

    /**
     * Makes room in a lane by giving up the oldest: what is receipted, then track, then events; alarms never.
     *
     * @return false when the quota is full all the same
     */
    private boolean room(Lane lane) throws JournalException {
        if (makingRoom) {
            return true;
        }
        makingRoom = true;
        try {
            LaneStore track = store(Lane.TRACK);
            if (track.isOpen() && track.bytes() > quota.trackBytes()) {
                giveUpOldest(Lane.TRACK);
            }
            long limit = lane == Lane.ALARM ? quota.totalBytes() : quota.totalBytes() - quota.segmentBytes();
            while (bytes() > limit) {
                if (!dropReceipted() && !giveUpOldest(Lane.TRACK) && !giveUpOldest(Lane.EVENT)) {
                    return false;
                }
            }
            return true;
        } finally {
            makingRoom = false;
        }
    }

    private boolean dropReceipted() throws JournalException {
        for (Lane lane : List.of(Lane.TRACK, Lane.EVENT, Lane.ALARM)) {
            if (store(lane).isOpen() && store(lane).oldestIsReceipted()) {
                store(lane).dropOldest();
                return true;
            }
        }
        return false;
    }

    /** Drops a lane's oldest segment, after the record of what goes with it is durable. */
    private boolean giveUpOldest(Lane lane) throws JournalException {
        LaneStore store = store(lane);
        if (!store.isOpen() || store.oldestIsReceipted()) {
            return store.isOpen() && drop(store);
        }
        List<Damage> numbers = store.oldest();
        if (numbers.isEmpty()) {
            return false;
        }
        for (Damage each : numbers) {
            if (!gap(lane, each, Gap.Reason.EVICTED)) {
                return false;
            }
            dropped.merge(lane, each.last() - each.first() + 1, Long::sum);
        }
        return drop(store);
    }

    private static boolean drop(LaneStore store) throws JournalException {
        store.dropOldest();
        return true;
    }

    private long bytes() {
        return stores.values().stream().mapToLong(LaneStore::bytes).sum();
    }

    // ---- for the forwarder, which holds the lock of this object

    MemoryLanes memory() {
        return memory;
    }

    StatusLane status() {
        return status;
    }

    Gaps gaps() {
        return gaps;
    }

    Sealer sealer() {
        return sealer;
    }

    /** Keeps a message that the hub refused for its bytes, durable on return: it is never lost though it never arrives. */
    void moveAside(Lane lane, Id8 chain, HeldMessage message) throws IOException {
        Path file = aside(lane, chain, message.n());
        Path folder = data.resolve(ASIDE);
        files.createDirectories(folder);
        if (!Files.exists(file)) {
            Path half = folder.resolve(file.getFileName() + ".part");
            try (JournalFiles.OpenFile out = files.open(half, true)) {
                out.write(ByteBuffer.wrap(message.bytes()), 0);
                out.force(true);
            }
            files.rename(half, file);
        }
        files.forceDirectory(folder);
        files.forceDirectory(data);
    }

    /** Whether this message was refused, and moved aside. */
    boolean isAside(Lane lane, Id8 chain, long n) {
        return Files.exists(aside(lane, chain, n));
    }

    private Path aside(Lane lane, Id8 chain, long n) {
        return data.resolve(ASIDE).resolve("lane-" + lane.number() + "-" + chain.hex() + "-" + n + ".cbor");
    }

    // ---- for health

    synchronized Figures figures() {
        List<Long> waiting = new ArrayList<>();
        List<Long> lost = new ArrayList<>();
        for (Lane lane : DURABLE) {
            waiting.add(store(lane).waiting() + memory.waiting(lane));
            lost.add(dropped.getOrDefault(lane, 0L) + memory.displaced(lane));
        }
        waiting.add(status.waiting());
        lost.add(status.displaced());
        return new Figures(waiting, lost, Optional.ofNullable(failure), fsyncTimes.p99Us(), bytes());
    }

    @Override
    public synchronized void close() {
        stores.values().forEach(LaneStore::close);
    }
}
