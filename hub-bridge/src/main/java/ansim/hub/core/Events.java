package ansim.hub.core;

import ansim.wire.Anchor;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Track;
import ansim.wire.UpRecord;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is delivered of a message: at most one event, of the record that it speaks by, else of its first that anybody is to hear of. Pure. */
final class Events {
    /** The one kind of unit whose registered district says nothing of where it is. */
    private static final String TAXI = "taxi";

    private final UnitState unit;
    private final @Nullable Chain chain;
    private final Input.Arrival arrival;
    private final Batch batch;
    private final DistrictMap districts;
    private final Policy policy;
    private boolean outside;
    private boolean withheld;

    Events(UnitState unit, @Nullable Chain chain, Input.Arrival arrival, DistrictMap districts, Policy policy) {
        this.unit = unit;
        this.policy = policy;
        this.chain = chain;
        this.arrival = arrival;
        this.batch = arrival.message().batch();
        this.districts = districts;
    }

    Optional<Event> event() {
        Optional<Event> told = event(Rules.telling(batch));
        if (told.isPresent()) {
            return told;
        }
        for (UpRecord record : batch.records()) {
            Optional<Event> event = event(record);
            if (event.isPresent()) {
                return event;
            }
        }
        return Optional.empty();
    }

    /** Whether the event that was made last is of a place outside every district, or of none. */
    boolean isOutside() {
        return outside;
    }

    /** Whether the event that was made last is for no centre. */
    boolean isWithheld() {
        return withheld;
    }

    private Optional<Event> event(UpRecord record) {
        Body body = record.body();
        return switch (body.kind()) {
            case BOARDED -> Optional.of(event(record, boardingType(body)));
            case ALIGHTED -> Optional.of(event(record, EventType.RIDE_ALIGHTED));
            case POSITION ->
                ((Position) body).ride().isPresent() || !unit.alarms.isEmpty()
                        ? Optional.of(event(record, EventType.POSITION))
                        : Optional.empty();
            case TRACK -> Optional.of(event(record, EventType.TRACK));
            case PANIC -> Optional.of(event(record, EventType.PANIC));
            case TAMPER -> Optional.of(event(record, EventType.TAMPER));
            case CONTACT -> Optional.of(event(record, EventType.CONTACT));
            case GAP -> Optional.of(event(record, EventType.GAP));
            case ANCHOR -> correction(record, (Anchor) body);
            case UNKNOWN -> Optional.of(event(record, unknownType(body)));
            // Health, presence and acknowledgements are the operator's, not a centre's.
            default -> Optional.empty();
        };
    }

    private EventType boardingType(Body body) {
        Id8 ride = Following.ride(body).orElseThrow();
        return unit.hasBoarded(ride) ? EventType.RIDE_UPDATED : EventType.RIDE_BOARDED;
    }

    /** A panic or tamper whose body breaks its rules is still one. */
    private static EventType unknownType(Body body) {
        return switch (Kind.of(body.number())) {
            case PANIC -> EventType.PANIC;
            case TAMPER -> EventType.TAMPER;
            default -> EventType.UNKNOWN;
        };
    }

    private Event event(UpRecord record, EventType type) {
        return event(record, type, Details.of(record.body()), List.of());
    }

    private Event event(UpRecord record, EventType type, SortedMap<String, String> details, List<NamedRider> named) {
        Body body = record.body();
        Routing.Place place = Routing.place(unit, Routing.said(body));
        When when = when(record);
        UnitRecord.Service service = unit.registered.at(when.toMs());
        boolean alarm = batch.lane() == Lane.ALARM && type != EventType.GAP;
        boolean tracks = body.kind() == Kind.TRACK && batch.records().size() > 1;
        Routing.Around around = tracks ? along(Following.ride(body)) : around(body, place, when, record.dtMs(), named);
        around.before().ifPresent(owner -> details.put("owner-before", owner));
        List<String> codes = route(body, type, place.pos(), around);
        outside = codes.isEmpty();
        Optional<Basis> basis = type.isOfRide() ? ofRide(around) : ofOther(type, record, when, alarm);
        boolean closed = basis.filter(each -> each.why() == Basis.Why.NONE).isPresent();
        withheld = closed && (type.isOfRide() || !alarm);
        Event event = new Event(
                type,
                outside ? List.of(policy.outside()) : codes,
                alarm,
                when,
                place.pos(),
                place.source(),
                service.vehicle(),
                service.company(),
                service.kind(),
                Following.ride(body),
                details,
                List.of(),
                basis);
        return closed && !withheld ? event.reduced() : event;
    }

    /**
     * The hub's own tamper 9, of a message whose place among the numbers shows it. Dated and placed like the message: for one whose
     * clock cannot be trusted as an interval, which no correction narrows.
     */
    Event numbersAlarm(NumbersAlarm.Cause cause) {
        UpRecord record = Rules.telling(batch);
        Routing.Place place = Routing.place(unit, Routing.said(record.body()));
        When when = when(record);
        UnitRecord.Service service = unit.registered.at(when.toMs());
        List<String> codes = ofUnit(place.pos());
        Event event = new Event(
                EventType.TAMPER,
                codes.isEmpty() ? List.of(policy.outside()) : codes,
                true,
                when,
                place.pos(),
                place.source(),
                service.vehicle(),
                service.company(),
                service.kind(),
                batch.ride(),
                Details.numbersAlarm(cause, batch),
                List.of(),
                ofOther(EventType.TAMPER, record, when, true));
        return event.isReduced() ? event.reduced() : event;
    }

    /** What the rider vault made known of a boarding: where its riders live, not who they are. */
    Optional<Event> named(List<NamedRider> riders) {
        return batch.records().stream()
                .filter(each -> RideCards.sealedIn(each.body()).isPresent())
                .findFirst()
                .map(each -> event(each, EventType.RIDE_UPDATED, Details.named(each.body(), riders), riders));
    }

    private When when(UpRecord record) {
        return Dating.date(unit.boot(batch.boot()), chain, batch, record.dtMs(), arrival.arrivedMs());
    }

    /** By the registry for what does not move, else by where it is. */
    private List<String> ofUnit(Optional<Pos> place) {
        Optional<String> own = own();
        return own.isPresent() ? List.of(own.get()) : Routing.here(districts, place);
    }

    /** The district that a pole is registered in: it is its centre's wherever its position is. */
    private Optional<String> own() {
        String registered = unit.registered.service().district();
        boolean moves = unit.registered.kind().equals(TAXI);
        return !moves && districts.district(registered).isPresent() ? Optional.of(registered) : Optional.empty();
    }

    private List<String> route(Body body, EventType type, Optional<Pos> place, Routing.Around around) {
        if (type == EventType.PANIC) {
            List<String> told = new ArrayList<>(toldBefore(body));
            List<String> codes = new ArrayList<>(Routing.emergency(districts, place, policy.emergency(), around, told));
            own().ifPresent(code -> {
                codes.remove(code);
                codes.add(0, code);
            });
            return codes.subList(0, Math.min(codes.size(), Routing.MAX_DISTRICTS));
        }
        if (own().isPresent() || !type.isOfRide()) {
            return ofUnit(place);
        }
        boolean moving = type == EventType.POSITION || type == EventType.TRACK;
        return Routing.by(moving ? policy.position() : policy.ride(), around, districts);
    }

    private boolean isInForce(String code) {
        return districts.district(code).isPresent();
    }

    private Optional<Basis> ofRide(Routing.Around around) {
        if (!around.named().isEmpty()) {
            return Basis.CONSENT;
        }
        // A unit tells precisely where it is outside rides only while somebody calls for help.
        return around.ride().isPresent() ? Basis.of(policy, unit, around.ride().get()) : Basis.EMERGENCY;
    }

    /** Of what is not of a ride by itself, and shows one all the same; empty for what is of nobody. */
    private Optional<Basis> ofOther(EventType type, UpRecord record, When when, boolean alarm) {
        Optional<Basis> nobodys = alarm ? Basis.EMERGENCY : Optional.empty();
        Optional<Id8> ride = type == EventType.PANIC ? Optional.empty() : shown(record, when);
        if (ride.isEmpty()) {
            return nobodys;
        }
        Optional<Basis> basis = Basis.of(policy, unit, unit.rideOrPast(ride.get()));
        boolean closed = basis.equals(Basis.NONE);
        return (alarm && !closed ? nobodys : basis).map(each -> each.through(ride.get()));
    }

    /**
     * The ride in whose message a record stands, in which a taxi is, or from which it was seen last: the door of a taxi says where somebody gets out, and a
     * gap has the last place of whoever rode.
     */
    private Optional<Id8> shown(UpRecord record, When when) {
        Optional<Id8> named = batch.ride();
        if (named.isPresent() || !unit.registered.kind().equals(TAXI)) {
            return named;
        }
        return unit.rideAt(new Mark(batch.boot(), batch.m0Ms() + record.dtMs(), when, null))
                .or(unit::lastKnownRide);
    }

    /** Where a record is, and whose its ride is with it. */
    private Routing.Around around(Body body, Routing.Place place, When when, long dtMs, List<NamedRider> named) {
        Optional<Id8> id = Following.ride(body);
        if (id.isEmpty()) {
            List<String> here = body.kind() == Kind.TRACK
                    ? Routing.passed(districts, (Track) body)
                    : Routing.here(districts, place.pos());
            return new Routing.Around(Optional.empty(), here, Optional.empty(), Optional.empty(), named);
        }
        Ride ride = unit.rideOrPast(id.get());
        Mark mark = new Mark(
                batch.boot(), batch.m0Ms() + dtMs, when, Routing.said(body).orElse(null));
        List<String> here = body.kind() == Kind.TRACK
                ? Routing.backwards(ride.passing(districts, mark, (Track) body))
                : Routing.here(districts, place.pos());
        // A district that a new map has no more owns nothing.
        Optional<String> owner = switch (body.kind()) {
            case BOARDED -> ride.ownerBoarding(districts, mark);
            case POSITION -> ride.ownerPassing(districts, mark);
            case TRACK -> ride.ownerPassing(districts, mark, (Track) body);
            default -> ride.owner();
        };
        return around(ride, owner, here, named);
    }

    /** Along all tracks of one ride in the message: where its fixes have a gap a unit begins another. */
    private Routing.Around along(Optional<Id8> id) {
        Set<String> passed = new LinkedHashSet<>();
        List<Leg> legs = new ArrayList<>(batch.records().size());
        for (UpRecord record : batch.records()) {
            if (record.body() instanceof Track track && track.ride().equals(id)) {
                Set<String> through = Course.passed(districts, track);
                // The newest is last.
                passed.removeAll(through);
                passed.addAll(through);
                legs.add(Leg.of(districts, batch.boot(), batch.m0Ms() + record.dtMs(), when(record), track));
            }
        }
        List<String> here = Routing.backwards(passed);
        if (id.isEmpty()) {
            return new Routing.Around(Optional.empty(), here, Optional.empty(), Optional.empty(), List.of());
        }
        Ride ride = unit.rideOrPast(id.get());
        return around(ride, ride.ownerPassing(districts, legs), here, List.of());
    }

    private Routing.Around around(Ride ride, Optional<String> known, List<String> here, List<NamedRider> named) {
        Optional<String> inForce = known.filter(this::isInForce);
        Optional<String> owner = inForce.isEmpty() && !here.isEmpty() ? Optional.of(here.get(0)) : inForce;
        Optional<String> before = ride.owner().filter(this::isInForce).filter(each -> !owner.equals(Optional.of(each)));
        return new Routing.Around(owner, here, before, Optional.of(ride), named);
    }

    /** Whoever heard of an alarm hears how it goes on. */
    private List<String> toldBefore(Body body) {
        if (body.kind() != Kind.PANIC || ((Panic) body).phase() == Phase.RAISED) {
            return List.of();
        }
        return unit.alarm(((Panic) body).alarm())
                .map(UnitState.OpenAlarm::districts)
                .orElse(List.of());
    }

    /** A new anchor dates what was delivered of its boot without a good date. */
    private Optional<Event> correction(UpRecord record, Anchor anchor) {
        Boot boot = new Boot(anchor.boot());
        boot.anchor(anchor);
        List<UnitState.Undated> dated = unit.undated.stream()
                .filter(each -> each.boot().equals(anchor.boot()))
                .toList();
        if (dated.isEmpty()) {
            return Optional.empty();
        }
        Set<String> codes = new LinkedHashSet<>();
        dated.forEach(each -> codes.addAll(each.districts()));
        List<Event.Correction> corrections = dated.stream()
                .map(each -> new Event.Correction(
                        each.id(),
                        When.at(boot.utcMs(each.monoMs()), each.when().quality(), When.Source.ANCHOR),
                        each.districts()))
                .toList();
        SortedMap<String, String> none = new TreeMap<>();
        withheld = codes.isEmpty();
        return Optional.of(new Event(
                EventType.CORRECTION,
                withheld ? List.of(Event.OUTSIDE) : List.copyOf(codes),
                false,
                when(record),
                Optional.empty(),
                Event.PlaceSource.NONE,
                unit.registered.vehicle(),
                unit.registered.company(),
                unit.registered.kind(),
                Optional.empty(),
                none,
                corrections));
    }
}
