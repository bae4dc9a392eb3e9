package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
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
import org.jspecify.annotations.Nullable;

/**
 * What the hub knows, rebuilt from its log by applying the entries in order. Live and replay run the same code: what was decided stands
 * in the entry and is not decided again.
 *
 * <p>Does not know what is committed: whoever applies an entry before its fsync must not answer anything of it before. One thread.
 */
public final class HubState {
    private final Map<Id16, UnitState> units = new HashMap<>();
    private DistrictMap districts;
    private long generation;
    /** Whether this log was restored since its creation: only then numbers may have been receipted that it lacks. */
    private boolean restored;

    private long applied;

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

    /** Whether an entry after the first raised the generation. */
    boolean restored() {
        return restored;
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
            case FOUNDING -> {
                restored |= index > 1;
                generation = ((Input.Founding) entry.input()).generation();
            }
            case UNIT -> register(((Input.UnitChange) entry.input()).unit());
            case DISTRICTS -> districts = ((Input.DistrictsChange) entry.input()).map();
            case MESSAGE -> applyMessage(index, entry);
            default -> throw new IllegalStateException("no such entry " + entry.type());
        }
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
            long dtMs = record.dtMs();
            When when = Dating.date(unit.boot(batch.boot()), chain, batch, dtMs, entry.arrivedMs());
            Mark mark = new Mark(batch.boot(), batch.m0Ms() + dtMs, when, Optional.empty());
            if (Rules.permits(restored, unit, record.body())) {
                Following.apply(
                        unit, new Following.Moment(index, batch, mark, entry.arrivedMs()), record.body(), event);
            }
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

    /** SHA-256 over everything here: two hubs with the same log have the same. For tests and backups. */
    public byte[] hash() {
        try (DigestOutputStream digest =
                        new DigestOutputStream(OutputStream.nullOutputStream(), MessageDigest.getInstance("SHA-256"));
                DataOutputStream out = new DataOutputStream(digest)) {
            out.writeLong(applied);
            out.writeLong(generation);
            out.writeBoolean(restored);
            out.write(districts.sourceShared());
            for (UnitState unit : sorted()) {
                unit.write(out);
            }
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
