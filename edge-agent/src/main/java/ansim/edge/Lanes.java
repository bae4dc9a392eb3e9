package ansim.edge;

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
import org.tinylog.Logger;

/**
 * The unit's four lanes: what it holds until the hub's signed receipt.
 *
 * <p>Guarantees: {@link #append} into lanes 1 to 3 is durable when it returns true, and nothing of these lanes is offered for
 * sending before; a message goes only by a receipt, or after the gap record that explains it is durable; order within a chain
 * is strict; what lies behind a gap is offered only after that gap record's receipt. When the disk fails, alarms and events go
 * on in a memory-only chain of the newest {@value MemoryLanes#NEWEST} messages, events displaced before alarms; track is dropped and
 * counted. A write that failed is tried once more at once, and the disk again every {@value #RETRY_MS} ms: see {@link Mending}.
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
    private final Sealer sealer;
    private final Map<Lane, LaneStore> stores = new EnumMap<>(Lane.class);
    private final MemoryLanes memory;
    private final StatusLane status;
    private final Gaps gaps = new Gaps();
    private final Map<Lane, Long> dropped = new EnumMap<>(Lane.class);
    private final FsyncTimes fsyncTimes = new FsyncTimes();
    private final GapWriter gapWriter;
    private final Room room;
    private final Mending mending;
    private Runnable onStored = () -> {};

    /** What health and status say. */
    record Figures(
            List<Long> waiting, List<Long> dropped, Optional<String> failure, OptionalLong fsyncP99Us, long bytes) {}

    Lanes(Path data, Quota quota, JournalFiles files, Sealer sealer, SecureRandom random) {
        this.data = data;
        this.files = files;
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
        this.gapWriter = new GapWriter(this, gaps, memory);
        this.room = new Room(stores, quota, gapWriter, new Reserve(data, quota.segmentBytes(), files));
        this.mending = new Mending(this, memory, gapWriter, room);
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
                mending.failed(lane, String.valueOf(e.getMessage()));
            }
        }
        mending.opened();
        room.tick(sealer.nowMs());
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

    void openStore(Lane lane) throws JournalException {
        LaneStore store = store(lane);
        LaneStore.Opened opened = store.open();
        Optional<byte[]> table = lane == Lane.ALARM ? store.onDisk(GAPS) : Optional.empty();
        if (table.isPresent()) {
            try {
                gaps.restore(table.get());
            } catch (IOException e) {
                Logger.warn("the table of gaps is not readable: {}", e.getMessage());
            }
        }
        gapWriter.tellAgainForgotten();
        boolean news = false;
        for (Damage damage : opened.damage()) {
            if (gaps.covering(damage.chain(), damage.first()).isEmpty()) {
                news |= gapWriter.tell(lane, damage, Gap.Reason.DAMAGED);
            }
        }
        opened.ended().ifPresent(end -> closed(lane, end));
        if (news || !opened.clean()) {
            Logger.warn("lane {}: the store was damaged", lane.number());
            tamper(Tamper.What.STORE_DAMAGED, Phase.RAISED);
        }
        room.finishEviction(lane);
    }

    /** Tells that a chain ends: once, since the lane stores that it is closed. */
    private void closed(Lane lane, Damage end) {
        gapWriter.tellEnd(lane, end.chain(), end.first());
        if (lane != Lane.ALARM) {
            keep(lane);
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
        return append(lane, records.stream().map(List::of).toList(), new WithState(store(lane), slot, state));
    }

    /** A state is set when its messages are, not before: what room has to be made for stores others of the lane. */
    private record WithState(LaneStore store, int slot, byte[] state) implements LaneStore.Placed {
        @Override
        public void at(Id8 chain, long n) {
            store.slot(slot, state);
        }

        @Override
        public void inMemory(Id8 chain, long n) {
            store.slotLater(slot, state);
        }
    }

    /** Appends one message of several records. */
    synchronized boolean append(Lane lane, List<List<Draft>> messages) {
        return append(lane, messages, LaneStore.Placed.NOBODY);
    }

    boolean append(Lane lane, List<List<Draft>> messages, LaneStore.Placed placed) {
        boolean usable = usable(lane);
        Optional<String> failure = usable ? write(lane, messages, placed) : Optional.empty();
        boolean stored = usable && failure.isEmpty();
        if (!stored) {
            keepInMemory(lane, messages, placed);
        }
        failure.ifPresent(why -> mending.failed(lane, why));
        onStored.run();
        return stored;
    }

    /** Appends to the disk, beside what memory may hold of this lane, or nowhere. */
    boolean appendOnDisk(Lane lane, List<List<Draft>> messages, LaneStore.Placed placed) {
        if (!store(lane).isOpen()) {
            return false;
        }
        Optional<String> failure = write(lane, messages, placed);
        failure.ifPresent(why -> mending.failed(lane, why));
        onStored.run();
        return failure.isEmpty();
    }

    private Optional<String> write(Lane lane, List<List<Draft>> messages, LaneStore.Placed placed) {
        return write(lane, () -> {
            long startNs = System.nanoTime();
            store(lane).append(sealer, messages, placed);
            fsyncTimes.add(System.nanoTime() - startNs);
        });
    }

    /** Returns why it failed: twice, where a second try can help, for the journal goes on in another segment. */
    private Optional<String> write(Lane lane, Room.Write write) {
        for (boolean again = true; ; again = false) {
            try {
                return room.write(lane, write) ? Optional.empty() : Optional.of("the quota is full");
            } catch (JournalException e) {
                if (!again || e.reason() != JournalException.Reason.IO) {
                    return Optional.of(String.valueOf(e.getMessage()));
                }
                Logger.warn("lane {}: once more: {}", lane.number(), e.getMessage());
            }
        }
    }

    /** Stores a state that no message goes with. */
    synchronized boolean keep(Lane lane, int slot, byte[] state) {
        if (!usable(lane)) {
            store(lane).slotLater(slot, state);
            return false;
        }
        store(lane).slot(slot, state);
        return keep(lane);
    }

    /** Stores how the lane stands. */
    synchronized boolean keep(Lane lane) {
        if (!usable(lane)) {
            return false;
        }
        Optional<String> failure = write(lane, store(lane)::store);
        failure.ifPresent(why -> mending.failed(lane, why));
        return failure.isEmpty();
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

    /** Whether what an earlier run stored with this lane is known. */
    synchronized boolean isOpen(Lane lane) {
        return store(lane).isOpen();
    }

    private boolean usable(Lane lane) {
        return store(lane).isOpen() && !memory.has(lane);
    }

    private void keepInMemory(Lane lane, List<List<Draft>> messages, LaneStore.Placed placed) {
        if (lane == Lane.TRACK) {
            dropped.merge(lane, (long) messages.size(), Long::sum);
            return;
        }
        for (List<Draft> drafts : messages) {
            MemoryChain chain = memory.add(lane, drafts, sealer);
            placed.inMemory(chain.id, chain.lastN);
        }
    }

    /** Lets time pass: tries a failed disk again. */
    synchronized void tick() {
        mending.tick();
        room.tick(sealer.nowMs());
    }

    void tamper(Tamper.What what, Phase phase) {
        append(Lane.ALARM, List.of(List.of(new Draft(Tamper.of(what, phase), sealer.nowMs()))));
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

    GapWriter gapWriter() {
        return gapWriter;
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
            lost.add(dropped.getOrDefault(lane, 0L) + room.givenUp(lane) + memory.displaced(lane));
        }
        waiting.add(status.waiting());
        lost.add(status.displaced());
        return new Figures(waiting, lost, failure(), fsyncTimes.p99Us(), room.bytes());
    }

    private Optional<String> failure() {
        return mending.failure().map(why -> room.isReserveInUse() ? why + "; the reserve is in use" : why);
    }

    @Override
    public synchronized void close() {
        stores.values().forEach(LaneStore::close);
    }
}
