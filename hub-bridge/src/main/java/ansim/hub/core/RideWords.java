package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the hub itself says of a ride: that it needs attention, where it goes, and who may see it only now. Pure. */
final class RideWords {
    private static final String BY = "by";

    private RideWords() {}

    /** One change of what a ride needs, if there is one. */
    static Output ticked(HubState state, Input.Tick tick) {
        UnitState unit = state.state(tick.ride().unit());
        Ride ride = unit == null ? null : unit.ride(tick.ride().ride()).orElse(null);
        if (unit == null || ride == null) {
            return Output.ticked(tick, Set.of(), Optional.empty());
        }
        int needs = state.watch().needs(state.policy().attention(), unit, ride, tick.arrivedMs());
        for (Concern concern : Concern.values()) {
            boolean raised = (needs & concern.bit()) != 0;
            if (raised != ((ride.told & concern.bit()) != 0)) {
                SortedMap<String, String> details = new TreeMap<>();
                details.put(BY, "hub");
                details.put("reason", concern.word());
                details.put("phase", raised ? "raised" : "ended");
                if (raised) {
                    explain(unit, ride, concern, details);
                }
                Event event = event(state, unit, ride, EventType.RIDE_ATTENTION, tick.arrivedMs(), details);
                Set<Flag> flags = flags(state, unit, ride);
                Optional<Ride.Heard> heard = raised || flags.isEmpty() ? Optional.empty() : ride.heard(concern);
                // The call for help that showed the ride may be over: whoever waits for the end hears of it, and no
                // more.
                return heard.map(who -> event.endingFor(who.districts(), Optional.of(who.ground())))
                        .map(end -> Output.ticked(tick, Set.of(), Optional.of(end)))
                        .orElseGet(() -> Output.ticked(tick, flags, Optional.of(event)));
            }
        }
        return Output.ticked(tick, Set.of(), Optional.empty());
    }

    private static void explain(UnitState unit, Ride ride, Concern concern, SortedMap<String, String> details) {
        Live live = ride.live;
        switch (concern) {
            case LOST -> details.put("since", time(unit.heardMs));
            case ENDLESS ->
                Optional.ofNullable(ride.boarded)
                        .ifPresent(mark -> details.put("since", time(mark.when().ms())));
            case NO_POSITION -> {
                if (ride.latest.isSet()) {
                    details.put("since", time(ride.latest.ms()));
                }
            }
            case LONG_STOP -> {
                if (live != null) {
                    details.put("since", time(live.last.ms() - live.standingMs()));
                }
            }
            default -> {
                if (live != null) {
                    details.put("metres", Long.toString(live.awayM(ride.goalPos())));
                }
            }
        }
    }

    private static String time(long ms) {
        return Instant.ofEpochMilli(ms).toString();
    }

    /** That the city's app has said where it goes. Refused for a ride that is not known, or has ended: nothing of it belongs into the log. */
    static Output destined(HubState state, Input.DestinationSaid said) {
        UnitState unit = state.state(said.ride().unit());
        Ride known = unit == null ? null : unit.ride(said.ride().ride()).orElse(null);
        if (unit == null || known == null || known.closed()) {
            RefusedInput.Why why = known == null ? RefusedInput.Why.UNKNOWN_RIDE : RefusedInput.Why.ENDED_RIDE;
            return Output.answer(Disposition.REFUSED, "", why.words(), Optional.empty());
        }
        if (known.isOld(said)) {
            return Output.destined(said, Set.of(), Optional.empty());
        }
        SortedMap<String, String> details = new TreeMap<>();
        details.put(BY, "app");
        details.put("destination", said.district());
        Routing.Around around = around(state, known);
        List<String> codes = new ArrayList<>(Routing.by(state.policy().ride(), around, state.districts()));
        // By the policy as it will be once the ride has this destination.
        boolean theirs = state.policy().ride().contains(Policy.To.DESTINATION)
                && state.districts().district(said.district()).isPresent();
        if (theirs && !codes.contains(said.district())) {
            codes.add(said.district());
        }
        Event event = event(state, unit, known, EventType.RIDE_UPDATED, said.arrivedMs(), details, codes);
        Set<Flag> flags = flags(state, unit, known);
        Output output = Output.destined(said, flags, Optional.of(event));
        return flags.contains(Flag.WITHHELD) ? output : output.with(again(known, event.districts(), false));
    }

    /** A district that a new map has no more owns nothing: then it is that in which the ride was seen last. */
    private static Routing.Around around(HubState state, Ride ride) {
        Optional<String> owner =
                ride.owner().filter(code -> state.districts().district(code).isPresent());
        List<String> here = owner.isPresent() ? List.of() : Routing.here(state.districts(), place(ride));
        return new Routing.Around(owner, here, Optional.empty(), Optional.of(ride), List.of());
    }

    private static Event event(
            HubState state, UnitState unit, Ride ride, EventType type, long nowMs, SortedMap<String, String> details) {
        Routing.Around around = around(state, ride);
        return event(
                state,
                unit,
                ride,
                type,
                nowMs,
                details,
                Routing.by(state.policy().ride(), around, state.districts()));
    }

    private static Event event(
            HubState state,
            UnitState unit,
            Ride ride,
            EventType type,
            long nowMs,
            SortedMap<String, String> details,
            List<String> codes) {
        Mark boarded = ride.boarded;
        UnitRecord.Service service =
                unit.registered.at(boarded == null ? nowMs : boarded.when().toMs());
        Optional<Pos> place = place(ride);
        return new Event(
                type,
                codes.isEmpty() ? List.of(state.policy().outside()) : codes,
                false,
                When.at(nowMs, TimeQuality.NTP, When.Source.HUB),
                place,
                place.isPresent() ? Event.PlaceSource.LAST_KNOWN : Event.PlaceSource.NONE,
                service.vehicle(),
                service.company(),
                service.kind(),
                Optional.of(ride.id),
                details,
                List.of(),
                Basis.of(state.policy(), unit, ride));
    }

    private static Optional<Pos> place(Ride ride) {
        Mark latest = ride.latest.mark();
        Mark last = latest == null ? ride.boarded : latest;
        return last == null ? Optional.empty() : last.pos();
    }

    private static Set<Flag> flags(HubState state, UnitState unit, Ride ride) {
        boolean closed = Basis.of(state.policy(), unit, ride).equals(Basis.NONE);
        return closed ? EnumSet.of(Flag.WITHHELD) : EnumSet.noneOf(Flag.class);
    }

    /**
     * What destinations that may see a ride only now are to get of it before.
     *
     * @param mayForget whether what it was told before is not known any more: then everybody gets it again, under the same id
     */
    static List<Output.Again> again(Ride ride, List<String> destinations, boolean mayForget) {
        List<String> fresh = new ArrayList<>(destinations);
        fresh.removeAll(ride.seen());
        if (ride.seen().isEmpty() && !mayForget) {
            fresh.add(Output.Again.EVERYBODY);
        }
        List<Output.Again> again = new ArrayList<>(2);
        for (long index : new long[] {ride.boardedIndex, ride.alightedIndex}) {
            if (index != 0 && !fresh.isEmpty()) {
                again.add(new Output.Again(index, fresh));
            }
        }
        return again;
    }

    /** Of a ride that is not in memory any more: what is left of it, or only its boarding. */
    static Ride forgotten(UnitState unit, Id8 id, long asked) {
        Ride ride = unit.rideOrPast(id);
        ride.boardedIndex = ride.boardedIndex == 0 ? asked : ride.boardedIndex;
        return ride;
    }
}
