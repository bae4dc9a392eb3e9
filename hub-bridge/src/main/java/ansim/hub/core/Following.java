package ansim.hub.core;

import ansim.wire.Alighted;
import ansim.wire.Anchor;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.Track;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How a record that was stored changes what is known of its unit: rides, alarms, gaps, clocks, the last position. A test tells where the
 * unit is, but neither begins, changes nor ends a ride or an alarm: a real one under the same id goes on.
 */
final class Following {
    /** Half the diagonal of a presence cell (0.01 degree) anywhere, in decimetres. */
    private static final int CELL_DM = 7_900;

    private Following() {}

    /** Where a record stands: log index, batch, its moment, its arrival. */
    record Moment(long index, Batch batch, Mark mark, long arrivedMs) {
        /** Whether a fitter tries the unit. */
        boolean test() {
            return batch.test();
        }

        Mark at(Optional<Pos> pos) {
            return new Mark(mark.boot(), mark.monoMs(), mark.when(), pos.orElse(null));
        }

        Mark shifted(long ms, Optional<Pos> pos) {
            return new Mark(mark.boot(), mark.monoMs() + ms, mark.when().later(ms), pos.orElse(null));
        }
    }

    /** What is worth a correction when it can be dated at last. */
    static boolean worthDating(EventType type) {
        return switch (type) {
            case RIDE_BOARDED, RIDE_UPDATED, RIDE_ALIGHTED, PANIC, TAMPER, CONTACT -> true;
            default -> false;
        };
    }

    static void apply(DistrictMap map, UnitState unit, Moment at, Body body, Optional<Event> event) {
        switch (body.kind()) {
            case BOARDED -> board(map, unit, at, ((Boarded) body).change());
            case ALIGHTED -> alight(map, unit, at, ((Alighted) body).change());
            case POSITION -> position(map, unit, at, (Position) body);
            case TRACK -> track(map, unit, at, (Track) body);
            case PANIC -> panic(unit, at, (Panic) body, event);
            case GAP -> gap(unit, at.batch().lane(), (Gap) body, at.index(), at.arrivedMs());
            case ANCHOR -> anchor(unit, (Anchor) body);
            case PRESENCE -> unit.know(at.at(Optional.of(cell((Presence) body))), Optional.empty(), at.arrivedMs());
            default -> {
                // Tamper, contact, health and unknown kinds change nothing that is kept here; acknowledgements do in
                // Orders.
            }
        }
    }

    private static void board(DistrictMap map, UnitState unit, Moment at, RideChange change) {
        Mark mark = at.at(change.pos());
        unit.know(mark, Optional.of(change.ride()), at.arrivedMs());
        if (at.test()) {
            return;
        }
        Ride ride = unit.rideOrNew(change.ride(), at.index(), at.arrivedMs());
        ride.board(map, mark);
        ride.passThrough(around(map, mark));
    }

    private static void alight(DistrictMap map, UnitState unit, Moment at, RideChange change) {
        Mark mark = at.at(change.pos());
        unit.know(mark, Optional.of(change.ride()), at.arrivedMs());
        if (at.test()) {
            return;
        }
        Ride ride = unit.rideOrNew(change.ride(), at.index(), at.arrivedMs());
        ride.alight(mark);
        ride.passThrough(around(map, mark));
    }

    private static List<String> around(DistrictMap map, Mark mark) {
        return Routing.here(map, mark.pos());
    }

    private static void position(DistrictMap map, UnitState unit, Moment at, Position position) {
        Mark mark = at.at(Optional.of(position.pos()));
        unit.know(mark, position.ride(), at.arrivedMs());
        if (position.ride().isPresent() && !at.test()) {
            Ride ride = unit.rideOrNew(position.ride().get(), at.index(), at.arrivedMs());
            ride.pass(map, mark);
            ride.passThrough(around(map, mark));
        }
    }

    private static void track(DistrictMap map, UnitState unit, Moment at, Track track) {
        List<Pos> fixes = track.fixes();
        long spanMs = (long) track.stepMs() * (fixes.size() - 1);
        Mark end = at.shifted(spanMs, Optional.of(fixes.get(fixes.size() - 1)));
        unit.know(end, track.ride(), at.arrivedMs());
        if (track.ride().isPresent() && !at.test()) {
            Ride ride = unit.rideOrNew(track.ride().get(), at.index(), at.arrivedMs());
            ride.pass(map, at.mark(), end, track);
        }
    }

    private static void panic(UnitState unit, Moment at, Panic panic, Optional<Event> event) {
        long ageMs = Math.min(panic.posAgeS().orElse(0), at.mark().monoMs() / 1000) * 1000;
        unit.know(at.shifted(-ageMs, panic.pos()), panic.ride(), at.arrivedMs());
        if (at.test()) {
            return;
        }
        Optional<UnitState.OpenAlarm> open = unit.alarm(panic.alarm());
        open.ifPresent(unit.alarms::remove);
        if (panic.phase() == Phase.CANCELLED) {
            return;
        }
        Set<String> told = new LinkedHashSet<>();
        open.ifPresent(before -> told.addAll(before.districts()));
        event.ifPresent(each -> told.addAll(each.districts()));
        told.remove(Event.OUTSIDE);
        if (unit.alarms.size() == UnitState.ALARMS_KEPT) {
            unit.alarms.remove(0);
        }
        List<String> kept = new ArrayList<>(told);
        unit.alarms.add(new UnitState.OpenAlarm(
                panic.alarm(),
                kept.subList(0, Math.min(kept.size(), Routing.MAX_DISTRICTS)).stream()
                        .toList(),
                panic.ride()));
        panic.ride().flatMap(unit::ride).ifPresent(Ride::open);
    }

    /** What a gap record explains that came in a lane, in the entry with that index. */
    static void gap(UnitState unit, Lane lane, Gap gap, long index, long arrivedMs) {
        if (lane != Lane.ALARM || gap.lane() == Lane.STATUS) {
            return;
        }
        Chain chain = unit.chainOrNew(index, gap.lane(), gap.chain(), arrivedMs);
        chain.addGap(Math.max(1, gap.first()), gap.last());
        if (gap.reason() == Gap.Reason.CHAIN_CLOSED) {
            chain.memoryBoot = 0;
        }
    }

    private static void anchor(UnitState unit, Anchor anchor) {
        Boot boot = unit.hearBoot(anchor.boot());
        boot.anchor(anchor);
        unit.undated.removeIf(each -> each.boot().equals(boot.id));
        for (Ride ride : unit.rides()) {
            ride.redate(boot);
        }
        unit.lastKnown.redate(boot);
    }

    private static Pos cell(Presence presence) {
        return new Pos(presence.latE7(), presence.lonE7(), OptionalInt.of(CELL_DM));
    }

    /** The ride that a record names. */
    static Optional<Id8> ride(Body body) {
        return switch (body.kind()) {
            case BOARDED -> Optional.of(((Boarded) body).change().ride());
            case ALIGHTED -> Optional.of(((Alighted) body).change().ride());
            case POSITION -> ((Position) body).ride();
            case TRACK -> ((Track) body).ride();
            case PANIC -> ((Panic) body).ride();
            default -> Optional.empty();
        };
    }
}
