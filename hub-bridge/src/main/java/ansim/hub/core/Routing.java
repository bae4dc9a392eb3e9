package ansim.hub.core;

import ansim.wire.Body;
import ansim.wire.Pos;
import ansim.wire.Track;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which districts an event goes to: by the policy of its class, and for an emergency every one that it may be in. Pure. */
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
        if (unit.lastKnown.isSet()) {
            return new Place(unit.lastKnown.pos(), Event.PlaceSource.LAST_KNOWN);
        }
        Optional<Pos> registered = unit.registered.place();
        return new Place(registered, registered.isPresent() ? Event.PlaceSource.REGISTERED : Event.PlaceSource.NONE);
    }

    /**
     * The districts that have to do with an event.
     *
     * @param owner whose centre owns the ride, if there is one
     * @param here those under it, the newest first
     * @param before who owned the ride until now
     * @param ride the ride, if there is one
     * @param named whom the vault names with this very event
     */
    record Around(
            Optional<String> owner,
            List<String> here,
            Optional<String> before,
            Optional<Ride> ride,
            List<NamedRider> named) {
        Optional<String> find(Policy.To to) {
            return switch (to) {
                case CURRENT -> owner.isPresent() || here.isEmpty() ? owner : Optional.of(here.get(0));
                case HOME ->
                    ride.flatMap(Ride::home).or(() -> named.stream().findFirst().map(NamedRider::home));
                case ORIGIN -> ride.flatMap(Ride::origin).or(() -> find(Policy.To.CURRENT));
                case DESTINATION -> ride.flatMap(Ride::goal).map(Ride.Goal::district);
            };
        }
    }

    static List<String> here(DistrictMap map, Optional<Pos> pos) {
        if (pos.isEmpty()) {
            return List.of();
        }
        String code = map.codeAt(pos.get());
        return code.equals(Event.OUTSIDE) ? List.of() : List.of(code);
    }

    /** Those that a track passes, the last first. */
    static List<String> passed(DistrictMap map, Track track) {
        return backwards(Course.passed(map, track));
    }

    static List<String> backwards(Set<String> passed) {
        List<String> codes = new ArrayList<>(passed);
        Collections.reverse(codes);
        return codes;
    }

    /** By a policy: the first place that is known owns it. Empty when none is. */
    static List<String> by(List<Policy.To> policy, Around around, DistrictMap map) {
        List<String> codes = new ArrayList<>(4);
        for (Policy.To to : policy) {
            Optional<String> code = around.find(to);
            if (code.isPresent() && map.district(code.get()).isPresent()) {
                addOnce(codes, code.get());
            }
        }
        if (codes.isEmpty()) {
            around.find(Policy.To.CURRENT).ifPresent(codes::add);
        }
        if (policy.contains(Policy.To.CURRENT)) {
            around.here().forEach(code -> addOnce(codes, code));
            // Who owned it learns who owns it now.
            around.before().ifPresent(code -> addOnce(codes, code));
        }
        return List.copyOf(codes.subList(0, Math.min(codes.size(), MAX_DISTRICTS)));
    }

    /** They are few. */
    private static void addOnce(List<String> codes, String code) {
        if (!codes.contains(code)) {
            codes.add(code);
        }
    }

    /**
     * Those that contain the place, then those within its uncertainty and the margin, then those that the policy names and those told of this
     * alarm before; but whoever the policy names first and is not where it is owns it.
     */
    static List<String> emergency(
            DistrictMap map, Optional<Pos> pos, List<Policy.To> policy, Around around, List<String> toldBefore) {
        Set<String> codes = new LinkedHashSet<>();
        if (policy.get(0) != Policy.To.CURRENT) {
            around.find(policy.get(0))
                    .filter(code -> map.district(code).isPresent())
                    .ifPresent(codes::add);
        }
        pos.ifPresent(at -> {
            double uncertaintyM = Math.min(at.haccDm().orElse(0) / 10.0, MAX_UNCERTAINTY_M);
            map.near(at, uncertaintyM + MARGIN_M).forEach(each -> codes.add(each.code()));
        });
        codes.addAll(toldBefore);
        for (Policy.To to : policy) {
            around.find(to).filter(code -> map.district(code).isPresent()).ifPresent(codes::add);
        }
        return first(codes);
    }

    private static List<String> first(Set<String> codes) {
        return codes.stream().limit(MAX_DISTRICTS).toList();
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
