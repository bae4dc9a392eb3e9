package ansim.hub.guardian;

import ansim.hub.core.Disposition;
import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.Output;
import ansim.hub.core.RideCards;
import ansim.hub.core.UnitRide;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.vault.RideNotice.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What some entries of the log have to say to guardians. A boarding is told when the vault has named its rider; what came before the name
 * is looked up in the log then. Inside its caller's transaction. One thread.
 *
 * <p>Nothing is told of tests, nor of what is late: what a guardian reads must be so now. Both are counted.
 */
final class Occasions {
    /** What the hub itself says of a ride, and that it has heard nothing of the taxi for too long. */
    private static final String ATTENTION = "ansim.ride.attention";

    private static final String LOST = "lost";
    private static final String RAISED = "raised";

    /** Reads an entry of the log again. */
    interface Entries {
        Optional<LogEntry> read(long index) throws IOException;
    }

    private final FeedStore store;
    private final GuardianFeed.Rules rules;
    private final Entries entries;
    private final List<RideNotice> notices = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();
    private boolean erased;

    Occasions(FeedStore store, GuardianFeed.Rules rules, Entries entries) {
        this.store = store;
        this.rules = rules;
        this.entries = entries;
    }

    List<RideNotice> notices() {
        return notices;
    }

    /** Handles of rides that were erased. */
    List<String> forgotten() {
        return forgotten;
    }

    /** Whether anything was erased, known here or not. */
    boolean hasErased() {
        return erased;
    }

    void take(long index, LogEntry entry) throws IOException {
        if (entry.input() instanceof Input.VaultAnswer answer) {
            named(answer, entry.output());
        } else if (entry.input() instanceof Input.Erasure erasure) {
            erased(erasure);
        } else if (entry.input() instanceof Input.Arrival arrival
                && entry.output().disposition() != Disposition.QUARANTINED
                && RideCards.of(arrival.message()).isPresent()) {
            boarded(arrival);
        } else {
            happened(index, entry);
        }
        store.forgetBefore(entry.arrivedMs() - TimeUnit.HOURS.toMillis(FeedStore.KEEP_HOURS));
    }

    /** The vault will be asked about it. */
    private void boarded(Input.Arrival arrival) throws IOException {
        RideCards cards = RideCards.of(arrival.message()).orElseThrow();
        UnitRide key = new UnitRide(arrival.message().batch().unit(), cards.ride());
        FeedStore.Known known = store.ride(key).orElse(new FeedStore.Known(0, List.of()));
        store.put(key, new FeedStore.Known(known.waiting() + 1, known.handles()), arrival.arrivedMs());
    }

    private void named(Input.VaultAnswer answer, Output output) throws IOException {
        Optional<RideCards> cards = RideCards.of(answer.message());
        if (cards.isEmpty()) {
            return;
        }
        UnitRide key = new UnitRide(answer.message().batch().unit(), cards.get().ride());
        FeedStore.Known before = store.ride(key).orElse(new FeedStore.Known(1, List.of()));
        List<String> fresh = answer.riders().stream()
                .map(NamedRider::handle)
                .distinct()
                .filter(handle -> !before.handles().contains(handle))
                .toList();
        List<String> all = new ArrayList<>(before.handles());
        all.addAll(fresh);
        FeedStore.Known now = new FeedStore.Known(Math.max(0, before.waiting() - 1), all);
        if (now.waiting() == 0 && all.isEmpty()) {
            store.forget(key);
            return;
        }
        store.put(key, now, answer.arrivedMs());
        if (!fresh.isEmpty()) {
            tellOfBoarding(answer, output, fresh);
            for (long index : store.held(key)) {
                Optional<LogEntry> held = entries.read(index);
                if (held.isPresent()) {
                    tell(held.get(), fresh, answer.arrivedMs());
                }
            }
        }
        if (now.waiting() == 0) {
            store.release(key);
        }
    }

    private void tellOfBoarding(Input.VaultAnswer answer, Output output, List<String> handles) throws IOException {
        Optional<Event> event = output.event();
        if (event.isEmpty()) {
            return;
        }
        boolean late = entries.read(answer.asked())
                .filter(each -> each.output().has(Flag.LATE))
                .isPresent();
        String id = output.id().endsWith(Output.VAULT)
                ? output.id().substring(0, output.id().length() - Output.VAULT.length())
                : output.id();
        tell(id, Kind.BOARDED, event.get(), handles, late || isOld(event.get(), answer.arrivedMs()), output);
    }

    /** Alighting, emergency, lost taxi. */
    private void happened(long index, LogEntry entry) throws IOException {
        Optional<UnitRide> key = kind(entry).isPresent() ? key(entry) : Optional.empty();
        Optional<FeedStore.Known> ride = key.isPresent() ? store.ride(key.get()) : Optional.empty();
        if (key.isEmpty() || ride.isEmpty()) {
            return;
        }
        if (ride.get().waiting() > 0) {
            store.hold(key.get(), index);
        }
        if (!ride.get().handles().isEmpty()) {
            tell(entry, ride.get().handles(), entry.arrivedMs());
        }
    }

    private void tell(LogEntry entry, List<String> handles, long knownMs) throws IOException {
        Optional<Kind> kind = kind(entry);
        Optional<Event> event = entry.output().event();
        if (kind.isPresent() && event.isPresent()) {
            Output output = entry.output();
            boolean late = output.has(Flag.LATE) || isOld(event.get(), knownMs);
            tell(output.id(), kind.get(), event.get(), handles, late, output);
        }
    }

    private void tell(String id, Kind kind, Event event, List<String> handles, boolean late, Output output)
            throws IOException {
        if (output.has(Flag.TEST) || late) {
            store.count(output.has(Flag.TEST) ? "test" : "late");
            return;
        }
        List<Place> centres = event.districts().stream()
                .filter(code -> !code.equals(Event.OUTSIDE) && rules.centre().test(code))
                .limit(RideNotice.MAX_CENTRES)
                .map(this::place)
                .toList();
        notices.add(new RideNotice(
                id,
                kind,
                handles,
                event.vehicle(),
                event.company(),
                event.when().ms(),
                where(event),
                centres));
    }

    private boolean isOld(Event event, long knownMs) {
        return knownMs - event.when().ms() > rules.late().toMillis();
    }

    /** Where it happened, whoever owns it. */
    private Place where(Event event) {
        return event.place()
                .flatMap(pos -> rules.districts().get().locate(pos))
                .map(each -> new Place(each.name(), each.nameEn()))
                .orElseGet(() -> place(event.owner()));
    }

    private Place place(String code) {
        return rules.districts()
                .get()
                .district(code)
                .map(each -> new Place(each.name(), each.nameEn()))
                .orElse(code.equals(Event.OUTSIDE) ? Place.NONE : new Place(code, code));
    }

    private static Optional<Kind> kind(LogEntry entry) {
        return entry.output().event().flatMap(event -> {
            if (event.type() == EventType.RIDE_ALIGHTED) {
                return Optional.of(Kind.ALIGHTED);
            }
            if (event.type() == EventType.PANIC && RAISED.equals(event.details().get("phase"))) {
                return Optional.of(Kind.EMERGENCY);
            }
            boolean lost = event.type().word().equals(ATTENTION)
                    && LOST.equals(event.details().get("reason"))
                    && RAISED.equals(event.details().get("phase"));
            return lost ? Optional.of(Kind.LOST) : Optional.empty();
        });
    }

    private static Optional<UnitRide> key(LogEntry entry) {
        return entry.output().event().flatMap(Event::ride).map(ride -> new UnitRide(entry.unit(), ride));
    }

    private void erased(Input.Erasure erasure) throws IOException {
        erased = true;
        for (Input.Erasure.Item item : erasure.items()) {
            if (item.ride().isPresent()) {
                UnitRide key = item.ride().get();
                store.ride(key).ifPresent(known -> forgotten.addAll(known.handles()));
                store.forget(key);
            }
        }
    }
}
