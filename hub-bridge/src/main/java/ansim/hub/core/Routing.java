package ansim.hub.core;

import ansim.wire.Body;
import ansim.wire.Pos;
import ansim.wire.Track;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which districts an event goes to: the one under the unit, and for an emergency every one that it may be in. Pure. */
final class Routing {
    /** An emergency also goes to districts this much further than the position's uncertainty, metres. */
    static final double MARGIN_M = 50;

    /** A larger uncertainty than this is taken as this, metres: beyond it a position says nothing. */
    static final double MAX_UNCERTAINTY_M = 5_000;

    /** Districts that one event goes to at most. */
    static final int MAX_DISTRICTS = 16;

    /** Where something was, and how that is known. */
    record Place(Optional<Pos> pos, Event.PlaceSource source) {}

    private Routing() {}

    static Place place(UnitState unit, Optional<Pos> said) {
        if (said.isPresent()) {
            return new Place(said, Event.PlaceSource.MESSAGE);
        }
        Mark known = unit.lastKnown;
        if (known != null) {
            return new Place(known.pos(), Event.PlaceSource.LAST_KNOWN);
        }
        Optional<Pos> registered = unit.registered.place();
        return new Place(registered, registered.isPresent() ? Event.PlaceSource.REGISTERED : Event.PlaceSource.NONE);
    }

    static List<String> current(DistrictMap map, Optional<Pos> pos) {
        return List.of(pos.flatMap(map::locate).map(District::code).orElse(Event.OUTSIDE));
    }

    /** The district at the end of a track owns it; the others that it passes watch. */
    static List<String> track(DistrictMap map, Track track) {
        List<Pos> fixes = track.fixes();
        Set<String> codes = new LinkedHashSet<>();
        for (int i = fixes.size() - 1; i >= 0 && codes.size() < MAX_DISTRICTS; i--) {
            map.locate(fixes.get(i)).ifPresent(each -> codes.add(each.code()));
        }
        return codes.isEmpty() ? List.of(Event.OUTSIDE) : List.copyOf(codes);
    }

    /** Those that contain the place, then those within its uncertainty and the margin, then those told of this alarm before. */
    static List<String> emergency(DistrictMap map, Optional<Pos> pos, List<String> toldBefore) {
        Set<String> codes = new LinkedHashSet<>();
        pos.ifPresent(at -> {
            double uncertaintyM = Math.min(at.haccDm().orElse(0) / 10.0, MAX_UNCERTAINTY_M);
            map.near(at, uncertaintyM + MARGIN_M).forEach(each -> codes.add(each.code()));
        });
        codes.addAll(toldBefore);
        if (codes.isEmpty()) {
            return List.of(Event.OUTSIDE);
        }
        List<String> all = new ArrayList<>(codes);
        return all.subList(0, Math.min(all.size(), MAX_DISTRICTS)).stream().toList();
    }

    /** Where a record itself says that it was; for a track its end. */
    static Optional<Pos> said(Body body) {
        return switch (body.kind()) {
            case BOARDED -> ((ansim.wire.Boarded) body).change().pos();
            case ALIGHTED -> ((ansim.wire.Alighted) body).change().pos();
            case POSITION -> Optional.of(((ansim.wire.Position) body).pos());
            case TRACK -> {
                List<Pos> fixes = ((Track) body).fixes();
                yield Optional.of(fixes.get(fixes.size() - 1));
            }
            case PANIC -> ((ansim.wire.Panic) body).pos();
            case CONTACT -> ((ansim.wire.Contact) body).pos();
            default -> Optional.empty();
        };
    }
}
