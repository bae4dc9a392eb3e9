package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of an input: CONTRACT's rules on identity and order, then on content, then where it goes.
 *
 * <p>Pure: reads the state, changes nothing, knows no clock. The same state and input give the same output. The caller logs what is to be
 * logged and hands it to {@link HubState#apply} before the next decision.
 */
public final class Step {
    /** Why what a replaced box still sends is suspect. */
    static final String REPLACED = "another box has taken its place";

    private final boolean restored;
    private final UnitState unit;
    private final Input.Arrival arrival;
    private final UpMessage message;
    private final Batch batch;
    private final @Nullable Chain chain;
    private final Set<Flag> flags = EnumSet.noneOf(Flag.class);

    private Step(UnitState unit, Input.Arrival arrival, boolean restored) {
        this.restored = restored;
        this.unit = unit;
        this.arrival = arrival;
        this.message = arrival.message();
        this.batch = message.batch();
        this.chain = unit.chain(batch.lane(), batch.chain());
    }

    public static Output decide(HubState state, Input input) {
        if (input instanceof Input.VaultAnswer answer) {
            return named(state, answer);
        }
        if (input instanceof Input.CommandOrdered ordered) {
            return ordered(state, ordered);
        }
        if (input instanceof Input.AppEmergency app) {
            return AppEvents.panic(state, app);
        }
        if (input instanceof Input.Tick tick) {
            return RideWords.ticked(state, tick);
        }
        if (input instanceof Input.DestinationSaid said) {
            return RideWords.destined(state, said);
        }
        if (!(input instanceof Input.Arrival arrival)) {
            return Output.plain();
        }
        UpMessage message = arrival.message();
        UnitState unit = state.state(message.batch().unit());
        Optional<String> refusal = refusal(unit, arrival);
        if (unit == null || refusal.isPresent()) {
            return Output.answer(
                    Disposition.REFUSED, Output.idOf(message), refusal.orElse("unknown unit"), Optional.empty());
        }
        return new Step(unit, arrival, state.restored()).decide(state.districts(), state.policy());
    }

    /** A ride that got a name is told of as one that was updated; that nobody knows the card is told to nobody, nor is a fitter's name. */
    private static Output named(HubState state, Input.VaultAnswer answer) {
        UpMessage message = answer.message();
        Batch batch = message.batch();
        UnitState unit = state.state(batch.unit());
        Set<Flag> flags = batch.test() ? EnumSet.of(Flag.TEST) : EnumSet.noneOf(Flag.class);
        if (state.isFork(answer.asked())) {
            flags.add(Flag.FORK);
        }
        if (unit == null || answer.riders().isEmpty() || batch.test()) {
            return Output.named(message, flags, Optional.empty());
        }
        Input.Arrival boarding = new Input.Arrival(answer.arrivedMs(), message);
        Chain chain = unit.chain(batch.lane(), batch.chain());
        Events events = new Events(unit, chain, boarding, state.districts(), state.policy());
        Optional<Event> event = events.named(answer.riders());
        Optional<Id8> id = batch.ride();
        if (event.isEmpty() || id.isEmpty()) {
            return Output.named(message, flags, event);
        }
        Optional<Ride> known = unit.ride(id.get());
        Ride ride = known.orElseGet(() -> RideWords.forgotten(unit, id.get(), answer.asked()));
        boolean mayForget = known.isEmpty() && state.policy().isOpen();
        return Output.named(message, flags, event)
                .with(RideWords.again(ride, event.get().districts(), mayForget));
    }

    /** A refused order is not logged: whoever gave it is told why. */
    private static Output ordered(HubState state, Input.CommandOrdered ordered) {
        long nowMs = ordered.arrivedMs();
        Optional<UnitRecord> unit = state.unit(ordered.order().unit());
        Optional<String> refusal = unit.isEmpty()
                ? Optional.of("unknown unit, or one that has not enrolled yet")
                : unit.get().isShutOut(nowMs)
                        ? Optional.of("the unit is shut out")
                        : state.orders().refusal(ordered.order(), nowMs);
        return refusal.map(why -> Output.answer(Disposition.REFUSED, "", why, Optional.empty()))
                .orElseGet(Output::plain);
    }

    /** By what the log says at this place, whatever the door knew when it verified. */
    private static Optional<String> refusal(@Nullable UnitState unit, Input.Arrival arrival) {
        if (unit == null) {
            return Optional.of("unknown unit");
        }
        if (unit.registered.revoked()) {
            return Optional.of("revoked");
        }
        if (unit.registered.isShutOut(arrival.arrivedMs())) {
            return Optional.of("another box has taken its place, and its time to drain is over");
        }
        return unit.registered.key(arrival.message().kid()).isPresent()
                ? Optional.empty()
                : Optional.of("another key is registered");
    }

    private Output decide(DistrictMap districts, Policy policy) {
        Optional<Output> answer = place();
        if (answer.isPresent()) {
            return answer.get();
        }
        Optional<String> broken = brokenRule();
        boolean replaced = unit.registered.standing().drainsUntilMs().isPresent();
        boolean suspect = replaced || (batch.lane() == Lane.ALARM && broken.isPresent());
        boolean quarantined = batch.lane() != Lane.ALARM && broken.isPresent();
        describe(suspect);
        Events events = new Events(unit, chain, arrival, districts, policy);
        Optional<Event> event = quarantined ? Optional.empty() : events.event();
        event.filter(each -> isLate(each.when())).ifPresent(each -> flags.add(Flag.LATE));
        if (event.isPresent() && events.isWithheld()) {
            flags.add(Flag.WITHHELD);
        }
        if (event.isPresent() && events.isOutside()) {
            flags.add(Flag.OUTSIDE);
        }
        Disposition disposition = quarantined
                ? Disposition.QUARANTINED
                : flags.contains(Flag.FORK) ? Disposition.FORK : Disposition.STORED;
        Optional<String> reason = broken.or(() -> replaced ? Optional.of(REPLACED) : Optional.empty());
        return Output.logged(disposition, message, flags, reason, links(), event)
                .with(NumbersAlarm.Cause.of(flags).filter(this::isDue).map(events::numbersAlarm));
    }

    private boolean isDue(NumbersAlarm.Cause cause) {
        return unit.numbersAlarm.isDue(cause, batch.lane(), batch.chain(), arrival.arrivedMs());
    }

    private Links links() {
        if (chain == null) {
            return Links.NONE;
        }
        return flags.contains(Flag.FORK) || flags.contains(Flag.BEHIND)
                ? chain.linksOnSide(batch.n())
                : chain.linksInOrder();
    }

    private boolean isLate(When when) {
        return Dating.late(
                when,
                unit.boot(batch.boot()),
                batch.m0Ms() + Rules.telling(batch).dtMs(),
                arrival.arrivedMs());
    }

    private void describe(boolean suspect) {
        if (suspect) {
            flags.add(Flag.SUSPECT);
        }
        if (batch.test()) {
            flags.add(Flag.TEST);
        }
        if (batch.memoryOnly()) {
            flags.add(Flag.MEMORY_ONLY);
        }
        if (unit.boot(batch.boot()) == null && unit.lossPossible(batch.boot())) {
            flags.add(Flag.POSSIBLE_LOSS);
        }
    }

    private Optional<String> brokenRule() {
        if (batch.lane() == Lane.STATUS && flags.contains(Flag.BEHIND)) {
            return Optional.of("number behind the last of lane 4");
        }
        if (batch.lane() == Lane.STATUS && unit.staleCounter(batch.chain())) {
            return Optional.of("start counter lower than the highest heard");
        }
        for (UpRecord record : batch.records()) {
            if (!Rules.permits(restored, unit, record.body())) {
                return Optional.of("a gap of reason 4 though the hub was never restored");
            }
        }
        return Rules.broken(message);
    }

    /** Finds the message's place in its chain and sets the flags of it, or answers at once. */
    private Optional<Output> place() {
        if (chain == null) {
            if (batch.n() > 1 && batch.lane() != Lane.STATUS && !unit.hasForgotten(batch.lane())) {
                return Optional.of(hole());
            }
            begin();
            return Optional.empty();
        }
        return batch.n() <= chain.lastN() ? placeBehind(chain) : placeAhead(chain);
    }

    private void begin() {
        flags.add(Flag.NEW_CHAIN);
        if (batch.lane() == Lane.STATUS) {
            return;
        }
        if (chain == null && unit.manyNewChains(arrival.arrivedMs())) {
            flags.add(Flag.NUMBERS);
        }
        // In the middle only a chain begins that may have been forgotten: nothing of it can be missed then, nor is it
        // to stand.
        if (batch.n() == 1 ? batch.previous().isPresent() : chain == null) {
            breakChain();
        }
    }

    private void breakChain() {
        flags.add(Flag.CHAIN_BREAK);
        flags.add(Flag.NUMBERS);
    }

    private Optional<Output> placeAhead(Chain known) {
        if (batch.lane() == Lane.STATUS) {
            return Optional.empty();
        }
        boolean next = batch.n() == known.lastN() + 1;
        if (!next && !known.covered(batch.n())) {
            return Optional.of(hole());
        }
        if (!known.started()) {
            begin();
        } else if (next && !batch.previous().map(known::endsWith).orElse(false)) {
            breakChain();
        }
        if (!next) {
            flags.add(Flag.GAP_BEFORE);
        }
        return Optional.empty();
    }

    private Optional<Output> placeBehind(Chain known) {
        Id16 hash = message.payloadHash();
        long n = batch.n();
        Chain.Known found =
                arrival.known().map(stored -> known.known(n, hash, stored)).orElseGet(() -> known.known(n, hash));
        return switch (found) {
            case SAME ->
                Optional.of(Output.answer(
                        Disposition.DUPLICATE,
                        Output.idOf(message),
                        "stored already",
                        Optional.of(new Receipted(batch.chain(), n, message.payloadHash8()))));
            case UNSURE -> Optional.of(Output.needs(Output.idOf(message), known.lookup(n)));
            case OTHER -> {
                flags.add(Flag.FORK);
                flags.add(Flag.NUMBERS);
                yield Optional.empty();
            }
            case NOTHING -> {
                flags.add(Flag.BEHIND);
                yield Optional.empty();
            }
        };
    }

    private Output hole() {
        Optional<Receipted> held =
                Optional.ofNullable(chain).filter(Chain::started).map(Chain::receipted);
        long last = chain == null ? 0 : chain.lastN();
        return Output.answer(
                Disposition.HOLE,
                Output.idOf(message),
                "numbers " + (last + 1) + " to " + (batch.n() - 1) + " are missing",
                held);
    }
}
