package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.BufferedOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the hub knows, rebuilt from its log by applying the entries in order. Live and replay run the same code: what was decided stands
 * in the entry and is not decided again.
 *
 * <p>Does not know what is committed: whoever applies an entry before its fsync must not answer anything of it before. One thread.
 */
public final class HubState {
    /** Of the encoding: another one is not read, the state is then built from the log. */
    private static final int VERSION = 2;

    /** Units that an encoding may have, ten times what a city needs. */
    private static final int MAX_UNITS = 2_000_000;

    private final Map<Id16, UnitState> units = new HashMap<>();
    private DistrictMap districts;
    private long generation;
    private long applied;
    /** Whether the log was ever restored: only then may a unit say that a number was receipted earlier. */
    private boolean restored;

    /** Nothing applied; the starter map until districts are imported. */
    public HubState() {
        this(StarterMap.map());
    }

    HubState(DistrictMap districts) {
        this.districts = districts;
    }

    /** The log index of the last entry applied, 0 at first. */
    public long applied() {
        return applied;
    }

    /** Seconds since 1970 of the log's creation or last restore. */
    public long generation() {
        return generation;
    }

    public DistrictMap districts() {
        return districts;
    }

    public Optional<UnitRecord> unit(Id16 id) {
        return Optional.ofNullable(units.get(id)).map(unit -> unit.registered);
    }

    @Nullable
    UnitState state(Id16 id) {
        return units.get(id);
    }

    /** Everything that the unit may take as receipted: the newest four chains per lane, in lane 4 the highest. For a connect. */
    public Map<Lane, List<Receipted>> receipt(Id16 unit) {
        UnitState state = units.get(unit);
        return state == null ? Map.of() : state.receipt();
    }

    /**
     * Takes a decision over.
     *
     * @param index of the entry in the log: one more than the last
     */
    public void apply(long index, LogEntry entry) {
        if (index != applied + 1) {
            throw new IllegalArgumentException(
                    "entry " + (applied + 1) + " of the log must come next (got " + index + ")");
        }
        applied = index;
        switch (entry.type()) {
            case FOUNDING -> found(index, (Input.Founding) entry.input());
            case UNIT -> register(((Input.UnitChange) entry.input()).unit());
            case DISTRICTS -> districts = ((Input.DistrictsChange) entry.input()).map();
            case MESSAGE -> applyMessage(index, entry);
            default -> throw new IllegalStateException("no such entry " + entry.type());
        }
    }

    private void found(long index, Input.Founding founding) {
        restored |= index > 1 && founding.generation() > generation;
        generation = founding.generation();
    }

    boolean restored() {
        return restored;
    }

    private void register(UnitRecord record) {
        UnitState unit = units.get(record.unit());
        if (unit == null) {
            units.put(record.unit(), new UnitState(record));
        } else {
            unit.registered = record;
        }
    }

    private void applyMessage(long index, LogEntry entry) {
        UpMessage message = entry.message();
        Batch batch = message.batch();
        UnitState unit = units.get(batch.unit());
        if (unit == null) {
            throw new IllegalStateException("log entry " + index + " is of a unit that no entry before it registers");
        }
        Output output = entry.output();
        Chain chain = unit.chainOrNew(batch.lane(), batch.chain(), entry.arrivedMs());
        if (output.has(Flag.POSSIBLE_LOSS)) {
            unit.lossTold(batch.boot());
        }
        if (output.numbersAlarm().isPresent()) {
            NumbersAlarm.Cause.of(output.flags())
                    .ifPresent(cause -> unit.numbersAlarm.tell(cause, batch.lane(), batch.chain(), entry.arrivedMs()));
        }
        if (output.disposition() != Disposition.QUARANTINED) {
            applyRecords(index, entry, unit, chain);
        }
        Boot boot = unit.hearBoot(batch.boot());
        boot.hear(batch.m0Ms(), entry.arrivedMs());
        if (output.has(Flag.FORK) || output.has(Flag.BEHIND)) {
            chain.storeOnSide(index, batch.n(), message.payloadHash());
            return;
        }
        chain.store(index, batch.n(), message.payloadHash());
        if (batch.quality().compareTo(TimeQuality.NTP) <= 0) {
            chain.datedMs = Math.max(chain.datedMs, batch.t0Ms());
        }
        if (batch.memoryOnly() && chain.memoryBoot == 0) {
            chain.memoryBoot = batch.boot().bits();
        }
    }

    private void applyRecords(long index, LogEntry entry, UnitState unit, Chain chain) {
        Batch batch = entry.message().batch();
        Optional<Event> event = entry.output().event();
        for (UpRecord record : batch.records()) {
            if (!Rules.permits(restored, unit, record.body())) {
                continue;
            }
            long dtMs = record.dtMs();
            When when = Dating.date(unit.boot(batch.boot()), chain, batch, dtMs, entry.arrivedMs());
            Mark mark = new Mark(batch.boot(), batch.m0Ms() + dtMs, when, Optional.empty());
            Following.apply(unit, new Following.Moment(index, batch, mark, entry.arrivedMs()), record.body(), event);
        }
        event.filter(each -> Dating.provisional(each.when()) && Following.worthDating(each.type()))
                .ifPresent(each -> {
                    if (unit.undated.size() == UnitState.UNDATED_KEPT) {
                        unit.undated.remove(0);
                    }
                    unit.undated.add(new UnitState.Undated(
                            entry.output().id(),
                            batch.boot(),
                            batch.m0Ms() + batch.records().get(0).dtMs(),
                            each.when(),
                            each.districts(),
                            each.alarm()));
                });
    }

    /** What holds of every unit. */
    public void forEachUnit(Consumer<UnitRecord> taker) {
        units.values().forEach(unit -> taker.accept(unit.registered));
    }

    /**
     * Encodes everything here, unit by unit: version, last index, generation, whether it was raised, GeoJSON of the districts, units in
     * the order of their ids. Two states that behave the same have the same bytes.
     */
    public void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeLong(applied);
        out.writeLong(generation);
        out.writeBoolean(restored);
        out.writeInt(districts.sourceShared().length);
        out.write(districts.sourceShared());
        out.writeInt(units.size());
        for (UnitState unit : sorted()) {
            unit.write(out);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException also for anything that no state can have been
     */
    public static HubState read(DataInput in) throws IOException {
        int version = in.readInt();
        if (version != VERSION) {
            throw new IOException("version " + version + " of the state, this program reads " + VERSION);
        }
        try {
            return readBody(in);
        } catch (IllegalArgumentException e) {
            throw new IOException("no state reads so: " + e.getMessage(), e);
        }
    }

    private static HubState readBody(DataInput in) throws IOException {
        long applied = in.readLong();
        long generation = in.readLong();
        boolean restored = in.readBoolean();
        byte[] geojson = new byte[Encoding.count(in, "bytes of districts", DistrictMap.MAX_BYTES)];
        in.readFully(geojson);
        HubState state = new HubState(DistrictMap.parse(geojson)
                .map()
                .orElseThrow(() -> new IOException("the districts of the state do not read")));
        state.applied = applied;
        state.generation = generation;
        state.restored = restored;
        for (int left = Encoding.count(in, "units", MAX_UNITS); left > 0; left--) {
            UnitState unit = UnitState.read(in);
            if (state.units.put(unit.registered.unit(), unit) != null) {
                throw new IOException("unit " + unit.registered.unit() + " is there twice");
            }
        }
        return state;
    }

    /** SHA-256 over what {@link #write} writes: two hubs with the same log have the same. */
    public byte[] hash() {
        try (DigestOutputStream digest =
                        new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(digest))) {
            write(out);
            out.flush();
            return digest.getMessageDigest().digest();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private List<UnitState> sorted() {
        return units.values().stream()
                .sorted(Comparator.comparing(unit -> unit.registered.unit().hex()))
                .toList();
    }
}
