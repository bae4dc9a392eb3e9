package ansim.hub.core;

import ansim.wire.TimeQuality;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is told of what the city's app says: the same events as a unit's, with nothing signed. Pure. */
final class AppEvents {
    private AppEvents() {}

    /** A call for help goes where one of a unit at the same place would go, by the alarm lane. */
    static Output panic(HubState state, Input.AppEmergency app) {
        Optional<UnitState> unit = Optional.ofNullable(state.state(app.unit()));
        Routing.Place place = unit.map(known -> Routing.place(known, app.pos()))
                .orElseGet(() -> new Routing.Place(
                        app.pos(), app.pos().isPresent() ? Event.PlaceSource.MESSAGE : Event.PlaceSource.NONE));
        Optional<Ride> ride = unit.flatMap(known -> app.ride().map(named -> known.rideOrPast(named.ride())));
        Routing.Around around = new Routing.Around(
                ride.flatMap(Ride::owner),
                Routing.here(state.districts(), place.pos()),
                Optional.empty(),
                ride,
                List.of());
        List<String> codes =
                Routing.emergency(state.districts(), place.pos(), state.policy().emergency(), around, List.of());
        SortedMap<String, String> details = new TreeMap<>();
        details.put("alarm", app.alarm().hex());
        details.put("origin", "app");
        details.put("gesture", app.gesture().word());
        details.put("phase", "raised");
        Optional<UnitRecord> registered = state.unit(app.unit());
        When when = When.at(app.atMs(), TimeQuality.UNKNOWN, When.Source.UNIT);
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        if (app.arrivedMs() - app.atMs() > Dating.LATE_MS) {
            flags.add(Flag.LATE);
        }
        if (codes.isEmpty()) {
            flags.add(Flag.OUTSIDE);
        }
        return Output.app(
                app,
                flags,
                Optional.of(new Event(
                        EventType.PANIC,
                        codes.isEmpty() ? List.of(state.policy().outside()) : codes,
                        true,
                        when,
                        place.pos(),
                        place.source(),
                        registered.map(UnitRecord::vehicle).orElse(""),
                        registered.map(UnitRecord::company).orElse(""),
                        registered.map(UnitRecord::kind).orElse("app"),
                        app.ride().map(UnitRide::ride),
                        details,
                        List.of(),
                        Basis.EMERGENCY)));
    }
}
