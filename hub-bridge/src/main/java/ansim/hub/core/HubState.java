package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.CommandAck;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.TimeQuality;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the hub knows, rebuilt from its log by applying the entries in order. Live and replay run the same code: what was decided stands
 * in the entry and is not decided again.
 *
 * <p>Does not know what is committed: whoever applies an entry before its fsync must not answer anything of it before. One thread.
 */
public final class HubState {
    final Map<Id16, UnitState> units = new HashMap<>();
    DistrictMap districts;
    long generation;
    long applied;
    /** The newest key that an entry is sealed under, 0 for none: a store of keys that ends before it is not this log's. */
    long newestKey;

    long erasures;
    Id16 erasureHead = new Id16(0, 0);
    /** Of the newest erasure: after a crash it may be asked for once more. */
    List<Long> erasedLast = List.of();
    /** Whether the log was ever restored: only then may a unit say that a number was receipted earlier. */
    boolean restored;

    Unanswered unanswered = new Unanswered();
    Orders orders = new Orders();
    Policy policy = Policy.DEFAULT;
    final Watch watch = new Watch();

    private int copies;
    private @Nullable StateCopy copy;

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

    /** Log indexes of the boardings with sealed cards that no answer of the vault is about, oldest first; see {@link Unanswered}. */
    public List<Long> unanswered() {
        return unanswered.indexes();
    }

    /** Whether a boarding among {@link #unanswered} is a fork: then its id has a suffix. */
    boolean isFork(long asked) {
        return unanswered.isFork(asked);
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
            case MESSAGE, ERASED -> applyMessage(index, entry);
            case VAULT -> name(entry);
            case SETTINGS -> set((Input.SettingsChange) entry.input());
            case TICK -> tick(entry);
            case DESTINATION -> goTo(entry);
            case ERASURE -> erase(entry);
            case COMMAND -> orders.add(((Input.CommandOrdered) entry.input()).order(), entry.arrivedMs());
            case APP_EMERGENCY -> callFor((Input.AppEmergency) entry.input());
            case ERASED_ANSWER -> {
                // The ride that it named is erased, and the boarding that it is about.
            }
            default -> throw new IllegalStateException("no such entry " + entry.type());
        }
    }

    /** Begins a copy of all this as it is now. One at a time: an earlier one is given up, and is whole no more. */
    public StateCopy copy() {
        copies = copies == -1 ? 1 : copies + 1;
        copy = new StateCopy(this, copies);
        return copy;
    }

    /** No copy is needed any more. */
    public void endCopy() {
        copy = null;
    }

    /** A unit that an entry changes, if there is such a unit; nothing else gives one out to be changed. */
    private @Nullable UnitState changing(Id16 id) {
        UnitState unit = units.get(id);
        if (copy != null && unit != null) {
            copy.before(unit);
        }
        return unit;
    }

    /** An entry was sealed under a key, whether it can be read or not. */
    public void sealedUnder(long keyId) {
        newestKey = Math.max(newestKey, keyId);
    }

    /** The newest key that an entry is sealed under, 0 for none. */
    public long newestKey() {
        return newestKey;
    }

    /** Keys whose destruction is on record in the log. */
    public long erasures() {
        return erasures;
    }

    /** First 16 bytes of SHA-256 over the newest {@link Input.Erasure} as encoded, which names the one before it; 0 before the first. */
    public Id16 erasureHead() {
        return erasureHead;
    }

    /** What is still to come of the ride is for the centres, as after a call at the unit itself. */
    private void callFor(Input.AppEmergency app) {
        UnitState unit = changing(app.unit());
        if (unit != null) {
            app.ride().ifPresent(ride -> unit.callFrom(ride.ride()));
            app.ride().flatMap(ride -> unit.ride(ride.ride())).ifPresent(ride -> {
                ride.open();
                watch.look(policy, unit, ride, app.arrivedMs());
            });
        }
    }

    /** What of an erasure is not on record yet, as it has to be logged next. */
    public Optional<Input.Erasure> news(Input.Erasure erasure) {
        List<Input.Erasure.Item> left = erasure.items().stream()
                .filter(each -> !erasedLast.contains(each.keyId()))
                .toList();
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Input.Erasure(erasure.arrivedMs(), erasureHead, erasure.cause(), erasure.reason(), left));
    }

    private void erase(LogEntry entry) {
        Input.Erasure erasure = (Input.Erasure) entry.input();
        if (!erasure.previous().equals(erasureHead)) {
            throw new IllegalStateException(
                    "the record of erasures is broken: an earlier one is missing or another one");
        }
        erasureHead = Id16.first(sha256().digest(entry.encode()));
        erasures += erasure.items().size();
        erasedLast = erasure.items().stream().map(Input.Erasure.Item::keyId).toList();
        for (Input.Erasure.Item item : erasure.items()) {
            UnitState unit = item.ride().map(UnitRide::unit).map(this::changing).orElse(null);
            if (unit != null) {
                unit.forget(item.ride().orElseThrow().ride());
            }
        }
    }

    /** What a unit was ordered and has not acknowledged, oldest first; some of it may be over. */
    public List<Order> orders(Id16 unit) {
        return orders.waiting(unit);
    }

    /** Units that have not acknowledged something. */
    public Set<Id16> ordered() {
        return orders.units();
    }

    /** An order as it has to be logged next. */
    public Order numbered(Order order) {
        return orders.numbered(order);
    }

    /** The number that a request has got already, if it was lately. */
    public OptionalLong numberOf(Id8 request) {
        return orders.numberOf(request);
    }

    Orders orders() {
        return orders;
    }

    private void found(long index, Input.Founding founding) {
        boolean raised = index > 1 && founding.generation() > generation;
        if (raised) {
            orders.restored();
        }
        restored |= raised;
        generation = founding.generation();
    }

    /** A ride that is forgotten stays so, but whose it is counts for what is still to come of it. A test names no ride. */
    private void name(LogEntry entry) {
        Input.VaultAnswer answer = (Input.VaultAnswer) entry.input();
        unanswered.answered(answer.asked());
        Batch batch = answer.message().batch();
        UnitState unit = changing(batch.unit());
        if (unit == null || batch.test() || answer.riders().isEmpty()) {
            return;
        }
        batch.ride().ifPresent(ride -> unit.name(ride, answer.riders()));
        batch.ride().flatMap(unit::ride).ifPresent(ride -> {
            entry.output().event().ifPresent(event -> see(unit, ride, event));
            ride.open();
            watch.look(policy, unit, ride, answer.arrivedMs());
        });
    }

    /** What was withheld of a ride may be corrected now. */
    private static void see(UnitState unit, Ride ride, Event event) {
        ride.see(event.districts());
        unit.undated.replaceAll(
                each -> each.districts().isEmpty() && each.ride().equals(Optional.of(ride.id))
                        ? new UnitState.Undated(
                                each.id(),
                                each.boot(),
                                each.monoMs(),
                                each.when(),
                                event.districts(),
                                each.alarm(),
                                each.ride())
                        : each);
    }

    /** A start of the hub: silence counts from here. */
    private void set(Input.SettingsChange change) {
        if (copy != null) {
            copy.beforeAll();
        }
        policy = change.policy();
        watch.listeningMs = change.arrivedMs();
        if (policy.isOpen()) {
            units.values().forEach(unit -> unit.rides().forEach(Ride::open));
        }
        units.values().forEach(unit -> watch.look(policy, unit, change.arrivedMs()));
    }

    private void tick(LogEntry entry) {
        Input.Tick tick = (Input.Tick) entry.input();
        UnitState unit = changing(tick.ride().unit());
        Ride ride = unit == null ? null : unit.ride(tick.ride().ride()).orElse(null);
        if (unit == null || ride == null) {
            return;
        }
        entry.output().event().ifPresent(event -> {
            Concern concern = Concern.named(event.details().getOrDefault("reason", ""));
            boolean raised = "raised".equals(event.details().get("phase"));
            ride.tell(concern, raised, entry.output().has(Flag.WITHHELD), event);
        });
        watch.look(policy, unit, ride, tick.arrivedMs());
    }

    private void goTo(LogEntry entry) {
        Input.DestinationSaid said = (Input.DestinationSaid) entry.input();
        UnitState unit = changing(said.ride().unit());
        Ride ride = unit == null ? null : unit.ride(said.ride().ride()).orElse(null);
        if (unit != null && ride != null && entry.output().event().isPresent()) {
            ride.goTo(new Ride.Goal(said.place(), said.district(), said.atMs()), said.request());
            if (!entry.output().has(Flag.WITHHELD)) {
                ride.see(entry.output().event().get().districts());
            }
            watch.look(policy, unit, ride, said.arrivedMs());
        }
    }

    /** What decides on where events go from here on. */
    public Policy policy() {
        return policy;
    }

    Watch watch() {
        return watch;
    }

    /** The next ride of which something is to be told by then; whoever asks must log it, or ask no more. */
    public Optional<Input.Tick> due(long nowMs) {
        return watch.due(policy, units::get, nowMs);
    }

    /** Where a ride goes, as far as the city's app has said it: the code of the district. */
    public Optional<String> destination(UnitRide ride) {
        return Optional.ofNullable(units.get(ride.unit()))
                .flatMap(unit -> unit.ride(ride.ride()))
                .flatMap(Ride::goal)
                .map(Ride.Goal::district);
    }

    boolean restored() {
        return restored;
    }

    private void register(UnitRecord record) {
        UnitState unit = changing(record.unit());
        if (unit == null) {
            UnitState made = new UnitState(record);
            units.put(record.unit(), made);
            if (copy != null) {
                copy.born(made);
            }
        } else {
            unit.registered = record;
        }
    }

    private void applyMessage(long index, LogEntry entry) {
        Outline outline = entry.outline();
        UnitState unit = changing(outline.unit());
        if (unit == null) {
            throw new IllegalStateException("log entry " + index + " is of a unit that no entry before it registers");
        }
        Output output = entry.output();
        Chain chain = unit.chainOrNew(index, outline.lane(), outline.chain(), entry.arrivedMs());
        if (output.has(Flag.POSSIBLE_LOSS)) {
            unit.lossTold(outline.boot());
        }
        if (outline.numbersTold()) {
            NumbersAlarm.Cause.of(output.flags())
                    .ifPresent(
                            cause -> unit.numbersAlarm.tell(cause, outline.lane(), outline.chain(), entry.arrivedMs()));
        }
        if (output.disposition() != Disposition.QUARANTINED) {
            applyContent(index, entry, unit, chain);
        }
        unit.heardMs = Math.max(unit.heardMs, entry.arrivedMs());
        watch.look(policy, unit, entry.arrivedMs());
        Boot boot = unit.hearBoot(outline.boot());
        boot.hear(outline.m0Ms(), entry.arrivedMs());
        if (output.has(Flag.FORK) || output.has(Flag.BEHIND)) {
            chain.storeOnSide(index, outline.n(), outline.payloadHash());
            return;
        }
        chain.store(index, outline.n(), outline.payloadHash());
        if (outline.quality().compareTo(TimeQuality.NTP) <= 0) {
            // A clock that runs ahead must not date what follows it.
            chain.datedMs = Math.max(chain.datedMs, Math.min(outline.t0Ms(), entry.arrivedMs()));
        }
        if (outline.memoryOnly() && chain.memoryBoot == 0) {
            chain.memoryBoot = outline.boot().bits();
        }
    }

    /** Of what is erased only the gaps are left: they decide what numbers may follow. */
    private void applyContent(long index, LogEntry entry, UnitState unit, Chain chain) {
        if (entry.input() instanceof Input.Arrival arrival) {
            applyRecords(index, entry, arrival.message().batch(), unit, chain);
            RideCards.of(arrival.message())
                    .ifPresent(cards -> unanswered.add(
                            index, entry.arrivedMs(), entry.output().has(Flag.FORK)));
            return;
        }
        Input.Erased erased = (Input.Erased) entry.input();
        if (erased.message().isPresent()) {
            applyRecords(index, entry, erased.message().get().batch(), unit, chain);
            return;
        }
        Outline outline = erased.outline();
        // One counts; what was sealed before that was so may list more.
        if (!outline.gaps().isEmpty()
                && Rules.permits(restored, unit, outline.gaps().get(0))) {
            Following.gap(unit, outline.lane(), outline.gaps().get(0), index, entry.arrivedMs());
        }
    }

    private void applyRecords(long index, LogEntry entry, Batch batch, UnitState unit, Chain chain) {
        Optional<Event> event = entry.output().event();
        Boot known = unit.boot(batch.boot());
        // The same object each time, for what is kept of the message.
        Id8 id = known == null ? batch.boot() : known.id;
        for (UpRecord record : Rules.counting(batch)) {
            if (!Rules.permits(restored, unit, record.body())) {
                continue;
            }
            long dtMs = record.dtMs();
            When when = Dating.date(unit.boot(id), chain, batch, dtMs, entry.arrivedMs());
            Mark mark = new Mark(id, batch.m0Ms() + dtMs, when, null);
            Following.apply(
                    districts, unit, new Following.Moment(index, batch, mark, entry.arrivedMs()), record.body(), event);
            if (record.body() instanceof CommandAck ack) {
                orders.answered(batch.unit(), ack.command(), entry.arrivedMs());
            }
        }
        boolean withheld = entry.output().has(Flag.WITHHELD);
        event.filter(each -> each.type().isOfRide() && !batch.test())
                .ifPresent(each -> tell(index, unit, each, withheld));
        event.filter(each -> Dating.provisional(each.when()) && Following.worthDating(each.type()))
                .ifPresent(each -> {
                    if (unit.undated.size() == UnitState.UNDATED_KEPT) {
                        unit.undated.remove(0);
                    }
                    unit.undated.add(new UnitState.Undated(
                            entry.output().id(),
                            batch.boot(),
                            batch.m0Ms() + Rules.telling(batch).dtMs(),
                            each.when(),
                            withheld ? List.of() : each.districts(),
                            each.alarm(),
                            each.ride()));
                });
    }

    private static void tell(long index, UnitState unit, Event event, boolean withheld) {
        Ride ride = event.ride().flatMap(unit::ride).orElse(null);
        if (ride == null) {
            return;
        }
        if (event.type() == EventType.RIDE_BOARDED) {
            ride.boardedIndex = index;
            if (!withheld) {
                ride.see(event.districts());
            }
        }
        if (event.type() == EventType.RIDE_ALIGHTED && ride.alightedIndex == 0) {
            ride.alightedIndex = index;
        }
    }

    /** What holds of every unit. */
    public void forEachUnit(Consumer<UnitRecord> taker) {
        units.values().forEach(unit -> taker.accept(unit.registered));
    }

    /** Encodes everything here. Two states that behave the same have the same bytes. */
    public void write(DataOutput out) throws IOException {
        StateCodec.write(this, out);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException also for anything that no state can have been
     */
    public static HubState read(DataInput in) throws IOException {
        return StateCodec.read(in);
    }

    /** SHA-256 over what {@link #write} writes: two hubs with the same log have the same. */
    public byte[] hash() {
        try (DigestOutputStream digest = new DigestOutputStream(OutputStream.nullOutputStream(), sha256());
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(digest))) {
            write(out);
            out.flush();
            return digest.getMessageDigest().digest();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
