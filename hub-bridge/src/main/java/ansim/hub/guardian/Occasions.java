package ansim.hub.guardian;

import ansim.hub.core.Basis;
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
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What some entries of the log have to say to guardians. A boarding is told when the vault has named its rider; what came before the name
 * is looked up in the log then. Inside its caller's transaction. One thread.
 *
 * <p>Nothing is told of tests, nor of what is late: what a guardian reads must be so now. Both are counted. Of what may come
 * from a clone or from a box that was replaced, and of the rides that these say have begun, only emergencies are told, in words of their own; the rest is counted. The riders of a named ride are told of each
 * centre that is given something of it, once, however late and whatever it is.
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

    /** What a ride's own entries here begin with. */
    static boolean isBoardingWithCards(LogEntry entry) {
        return entry.input() instanceof Input.Arrival arrival
                && entry.output().disposition() != Disposition.QUARANTINED
                && RideCards.of(arrival.message()).isPresent();
    }

    /** @param keyId under which the entry is sealed */
    void take(long index, OptionalLong keyId, LogEntry entry) throws IOException {
        if (entry.input() instanceof Input.VaultAnswer answer) {
            named(answer, entry.output());
        } else if (entry.input() instanceof Input.Erasure erasure) {
            erased(erasure);
        } else if (entry.input() instanceof Input.Arrival arrival && isBoardingWithCards(entry)) {
            boarded(arrival, keyId, isDoubtful(entry.output()));
            happened(index, entry);
        } else {
            happened(index, entry);
        }
        store.forgetBefore(entry.arrivedMs() - TimeUnit.HOURS.toMillis(FeedStore.KEEP_HOURS));
    }

    /** The vault will be asked about it. */
    private void boarded(Input.Arrival arrival, OptionalLong keyId, boolean doubtful) throws IOException {
        RideCards cards = RideCards.of(arrival.message()).orElseThrow();
        UnitRide key = new UnitRide(arrival.message().batch().unit(), cards.ride());
        FeedStore.Known known = store.ride(key).orElse(new FeedStore.Known(0, List.of()));
        store.put(key, new FeedStore.Known(known.waiting() + 1, known.handles()), arrival.arrivedMs());
        if (doubtful) {
            store.doubt(key);
        }
        if (keyId.isPresent()) {
            store.sealedUnder(keyId.getAsLong(), key);
        }
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
        List<String> centres =
                output.event().isPresent() ? given(key, output.event().get()) : List.of();
        provide(output.id(), answer.arrivedMs(), before.handles(), centres);
        if (!fresh.isEmpty()) {
            tellOfBoarding(key, answer, output, fresh);
            for (long index : store.held(key)) {
                Optional<LogEntry> held = entries.read(index);
                if (held.isPresent()) {
                    tell(key, held.get(), fresh, answer.arrivedMs(), List.of());
                }
            }
        }
        if (now.waiting() == 0) {
            store.release(key);
        }
    }

    private void tellOfBoarding(UnitRide key, Input.VaultAnswer answer, Output output, List<String> handles)
            throws IOException {
        List<String> centres = store.given(key);
        Optional<Event> event = output.event();
        if (event.isEmpty()) {
            provide(output.id(), answer.arrivedMs(), handles, centres);
            return;
        }
        boolean late = entries.read(answer.asked())
                .filter(each -> each.output().has(Flag.LATE))
                .isPresent();
        String id = output.id().endsWith(Output.VAULT)
                ? output.id().substring(0, output.id().length() - Output.VAULT.length())
                : output.id();
        boolean old = late || isOld(event.get(), answer.arrivedMs());
        Said said = new Said(id, event.get(), output.has(Flag.TEST), old, isDoubtful(output) || store.isDoubted(key));
        tell(said, Kind.BOARDED, handles, centres);
    }

    /** Alighting, emergency, lost taxi; and whatever else of a ride goes to a centre. */
    private void happened(long index, LogEntry entry) throws IOException {
        Output output = entry.output();
        if (output.event().isPresent()) {
            boolean goesOut = !output.has(Flag.WITHHELD);
            happened(index, entry, output.event().get(), kind(entry).isPresent(), goesOut);
        }
        if (output.numbersAlarm().isPresent()) {
            happened(index, entry, output.numbersAlarm().get(), false, true);
        }
    }

    /**
     * Of one event of an entry.
     *
     * @param told whether guardians are told of it
     * @param goesOut whether centres are given it
     */
    private void happened(long index, LogEntry entry, Event event, boolean told, boolean goesOut) throws IOException {
        Optional<UnitRide> key = key(entry, event);
        Optional<FeedStore.Known> ride = key.isPresent() ? store.ride(key.get()) : Optional.empty();
        if (key.isEmpty() || ride.isEmpty()) {
            return;
        }
        if (told && ride.get().waiting() > 0) {
            store.hold(key.get(), index);
        }
        List<String> centres = goesOut ? given(key.get(), event) : List.of();
        List<String> handles = ride.get().handles();
        if (told && !handles.isEmpty()) {
            tell(key.get(), entry, handles, entry.arrivedMs(), centres);
        } else {
            provide(entry.output().id(), entry.arrivedMs(), handles, centres);
        }
    }

    private void tell(UnitRide key, LogEntry entry, List<String> handles, long knownMs, List<String> centres)
            throws IOException {
        Optional<Kind> kind = kind(entry);
        Optional<Event> event = entry.output().event();
        if (kind.isPresent() && event.isPresent()) {
            Output output = entry.output();
            Said said = new Said(
                    output.id(),
                    event.get(),
                    output.has(Flag.TEST),
                    output.has(Flag.LATE) || isOld(event.get(), knownMs),
                    isDoubtful(output) || store.isDoubted(key));
            tell(said, kind.get(), handles, centres);
        }
    }

    /** One event, and what is to be known of it. */
    private record Said(String id, Event event, boolean test, boolean late, boolean doubtful) {
        /** Why no guardian is told of it. */
        Optional<String> quiet(Kind kind) {
            if (test || late) {
                return Optional.of(test ? "test" : "late");
            }
            return doubtful && kind != Kind.EMERGENCY ? Optional.of("suspect") : Optional.empty();
        }
    }

    /** The registered unit may not be the one that speaks. */
    private static boolean isDoubtful(Output output) {
        return output.has(Flag.SUSPECT) || output.has(Flag.FORK);
    }

    private void tell(Said said, Kind kind, List<String> handles, List<String> centres) throws IOException {
        String id = said.id();
        Event event = said.event();
        Optional<String> quiet = said.quiet(kind);
        if (quiet.isPresent()) {
            store.count(quiet.get());
            provide(id, event.when().ms(), handles, centres);
            return;
        }
        int most = Math.min(centres.size(), RideNotice.MAX_CENTRES);
        notices.add(new RideNotice(
                id,
                said.doubtful() ? Kind.UNSURE : kind,
                handles,
                event.vehicle(),
                event.company(),
                event.when().ms(),
                where(event),
                places(centres.subList(0, most))));
        provide(id, event.when().ms(), handles, centres.subList(most, centres.size()));
    }

    /** The centres that are given something of a ride now for the first time. */
    private List<String> given(UnitRide key, Event event) throws IOException {
        List<String> fresh = new ArrayList<>();
        for (String code : event.districts()) {
            if (!code.equals(Event.OUTSIDE) && rules.centre().test(code) && store.give(key, code)) {
                fresh.add(code);
            }
        }
        return fresh;
    }

    /** Nothing for guardians: only the riders hear of it. */
    private void provide(String id, long atMs, List<String> handles, List<String> centres) {
        for (int from = 0; from < centres.size() && !handles.isEmpty(); from += RideNotice.MAX_CENTRES) {
            int to = Math.min(from + RideNotice.MAX_CENTRES, centres.size());
            notices.add(RideNotice.provided(id, handles, atMs, places(centres.subList(from, to))));
        }
    }

    private List<Place> places(List<String> codes) {
        return codes.stream().map(this::place).toList();
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

    /** The ride that it is of, or that it shows all the same: as the provision ledger has it. */
    private static Optional<UnitRide> key(LogEntry entry, Event event) {
        return event.ride().or(() -> event.basis().flatMap(Basis::ride)).map(ride -> new UnitRide(entry.unit(), ride));
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
