package ansim.hub.api;

import static ansim.hub.api.Operation.Answer.ok;
import static ansim.hub.api.Role.AUDITOR;
import static ansim.hub.api.Role.CENTRE;
import static ansim.hub.api.Role.FLEET;
import static ansim.hub.api.Role.OPERATOR;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.UnitRide;
import ansim.hub.deliver.CursorStatus;
import ansim.hub.view.Patience;
import ansim.hub.view.Picture;
import ansim.hub.view.Registry;
import ansim.hub.view.RideRow;
import ansim.hub.view.UnitSearch;
import ansim.hub.view.ViewSearch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What can be read, each account its own part: a centre what it is sent of its district (of rides those of known riders, unless every ride goes to centres), a fleet its own units and their rides. What lies outside is
 * not there for it. Nothing of a ride, no precise place and no emergency is given before the ledger has it. Any thread.
 */
final class Reads {
    /**
     * Where it comes from.
     *
     * @param units the registry and the views
     * @param views rides and emergencies
     * @param map the districts in force
     * @param deliveries how the sinks are
     * @param ledger told of every read of a ride
     * @param others the other classes of the ledger
     * @param everyRide whether centres may see the rides of riders whom the vault does not know
     */
    record Sources(
            UnitSearch units,
            ViewSearch views,
            Supplier<DistrictMap> map,
            Supplier<List<CursorStatus>> deliveries,
            AccessLedger ledger,
            LedgerLines others,
            boolean everyRide) {}

    private static final Operation.Access READERS = Operation.Access.of(OPERATOR, AUDITOR, CENTRE, FLEET);
    private static final Operation.Access CITY = Operation.Access.of(OPERATOR, AUDITOR, CENTRE);

    private final Sources from;

    Reads(Sources from) {
        this.from = from;
    }

    List<Operation> operations() {
        return List.of(
                read(
                        "/v1/units",
                        READERS,
                        this::units,
                        "company",
                        "district",
                        "group",
                        "search",
                        "state",
                        "reason",
                        "after",
                        "limit"),
                read("/v1/units/{id}", READERS, this::unit, "reason"),
                read(
                        "/v1/rides",
                        READERS,
                        this::rides,
                        "company",
                        "district",
                        "search",
                        "open",
                        "boardedFrom",
                        "boardedTo",
                        "reason",
                        "after",
                        "limit"),
                read("/v1/rides/{id}", READERS, this::ride, "reason"),
                read("/v1/emergencies", CITY, this::emergencies, "district", "open", "reason", "after", "limit"),
                read("/v1/districts", Operation.Access.of(Role.values()), this::districts),
                read("/v1/districts/{code}", Operation.Access.of(Role.values()), this::district),
                read("/v1/deliveries", CITY, this::deliveries, "district"),
                read("/v1/ledger", Operation.Access.of(OPERATOR, AUDITOR), this::ledger, "class", "after", "limit"));
    }

    private static Operation read(String path, Operation.Access access, Operation.Work work, String... parameters) {
        return new Operation("GET", path, access, Set.of(parameters), Operation.Room.READ, work);
    }

    private static Problem nothing() {
        return new Problem(Problem.Kind.NOT_FOUND, "there is no such thing, or this account may not see it");
    }

    /** Asking for somebody else's district or company finds nothing, and says so. */
    private static void own(Optional<String> asked, String scope, String what) throws Problem {
        if (asked.isPresent() && !asked.get().equals(scope)) {
            throw new Problem(Problem.Kind.FORBIDDEN, "this account may only see its own " + what);
        }
    }

    /** A centre finds a unit by its own district and by where it was last, but not by where a hired taxi is: see {@link #precise}. */
    private UnitSearch.Wanted units(Account who, UnitSearch.Wanted wanted) throws Problem {
        return switch (who.role()) {
            case CENTRE -> {
                own(wanted.district(), who.scope(), "district");
                UnitSearch.Wanted theirs = wanted.withDistrict(who.scope());
                yield from.everyRide ? theirs : theirs.onlyOpen();
            }
            case FLEET -> {
                own(wanted.company(), who.scope(), "company");
                yield wanted.withCompany(who.scope());
            }
            default -> wanted;
        };
    }

    /** A centre gets the rides that it was sent something of: without a legal ground for more, those of known riders. */
    private ViewSearch.Rides rides(Account who, ViewSearch.Rides wanted) throws Problem {
        return switch (who.role()) {
            case CENTRE -> {
                own(wanted.district(), who.scope(), "district");
                ViewSearch.Rides theirs = wanted.sentTo(who.scope());
                yield from.everyRide ? theirs : theirs.onlyKnown();
            }
            case FLEET -> {
                own(wanted.company(), who.scope(), "company");
                yield wanted.withCompany(who.scope());
            }
            default -> wanted;
        };
    }

    private Operation.Answer units(Asked asked) throws IOException, Problem {
        Optional<String> word = asked.text("state");
        Optional<UnitSearch.State> state = word.flatMap(UnitSearch.State::of);
        if (word.isPresent() && state.isEmpty()) {
            throw Asked.bad("state is none of those that a unit can have (got \"" + word.get() + "\")");
        }
        UnitSearch.Wanted wanted = units(
                asked.account(),
                new UnitSearch.Wanted(
                        asked.text("company"),
                        asked.text("district"),
                        asked.text("group"),
                        asked.text("search"),
                        state));
        Optional<String> after = asked.text("after");
        Optional<Id16> behind = after.isPresent() ? Optional.of(asked.unit(after.get())) : Optional.empty();
        int limit = asked.limit();
        long nowMs = asked.at().toEpochMilli();
        UnitSearch.Page page = from.units.page(wanted, behind, limit, nowMs, Patience.USUAL);
        List<JsonNode> rows = new ArrayList<>();
        List<AccessLedger.Subject> given = new ArrayList<>();
        for (Registry.Registered each : page.found()) {
            rows.add(unit(asked, each, nowMs, given));
        }
        writeDown(asked, given);
        return ok(ApiJson.page(rows, page.next().map(Id16::hex), page.lookedToMs()));
    }

    private Operation.Answer unit(Asked asked) throws IOException, Problem {
        Id16 unit = asked.unit(asked.part("id"));
        long nowMs = asked.at().toEpochMilli();
        Registry.Registered found = from.units
                .unit(unit, units(asked.account(), UnitSearch.Wanted.ALL), nowMs)
                .orElseThrow(Reads::nothing);
        List<AccessLedger.Subject> given = new ArrayList<>();
        JsonNode row = unit(asked, found, nowMs, given);
        writeDown(asked, given);
        return ok(row);
    }

    /** A precise place is a rider's, or of somebody who called for help: that it is given goes into the ledger. */
    private JsonNode unit(Asked asked, Registry.Registered each, long nowMs, List<AccessLedger.Subject> given)
            throws IOException {
        Id16 unit = each.unit().unit();
        boolean precise = precise(asked);
        Optional<Picture.Unit> live = precise ? from.views.unit(unit) : from.views.openUnit(unit);
        boolean personal = live.flatMap(Picture.Unit::place)
                .filter(at -> at.kind() == Picture.PlaceKind.PRECISE)
                .isPresent();
        if (precise && personal) {
            given.add(new AccessLedger.Subject(unit, from.views.rideOn(unit), Optional.empty()));
        }
        return ApiJson.unit(each, live, precise, nowMs);
    }

    /**
     * Where a hired taxi is says where its riders are; a centre hears that with their rides. Of the others it gets the last place from before, without
     * times: a place that is older than the last word is that of a hired taxi.
     */
    private boolean precise(Asked asked) {
        return asked.account().role() != CENTRE || from.everyRide;
    }

    private Operation.Answer rides(Asked asked) throws IOException, Problem {
        ViewSearch.Rides wanted = rides(
                asked.account(),
                new ViewSearch.Rides(
                        asked.text("district"),
                        Optional.empty(),
                        asked.text("company"),
                        asked.text("search"),
                        asked.flag("open"),
                        asked.time("boardedFrom"),
                        asked.time("boardedTo"),
                        false));
        int limit = asked.limit();
        ViewSearch.Page page = from.views.rides(wanted, asked.number("after"), limit);
        List<AccessLedger.Subject> given = new ArrayList<>();
        List<JsonNode> rows = new ArrayList<>();
        for (ViewSearch.Found each : page.found()) {
            given.add(of(new UnitRide(each.row().unit(), each.row().ride().id())));
            rows.add(ApiJson.ride(each.row()));
        }
        writeDown(asked, given);
        Optional<String> next =
                page.next().isPresent() ? Optional.of(Long.toString(page.next().getAsLong())) : Optional.empty();
        return ok(ApiJson.page(rows, next, page.lookedToMs()));
    }

    private Operation.Answer ride(Asked asked) throws IOException, Problem {
        UnitRide id = asked.ride(asked.part("id"));
        RideRow found = from.views
                .ride(id, rides(asked.account(), ViewSearch.Rides.ALL))
                .orElseThrow(Reads::nothing);
        writeDown(asked, List.of(of(id)));
        return ok(ApiJson.ride(found));
    }

    private Operation.Answer emergencies(Asked asked) throws IOException, Problem {
        Account who = asked.account();
        Optional<String> district = asked.text("district");
        if (who.role() == CENTRE) {
            own(district, who.scope(), "district");
            district = Optional.of(who.scope());
        }
        int limit = asked.limit();
        ViewSearch.Emergencies page = from.views.emergencies(district, asked.flag("open"), behind(asked), limit);
        List<AccessLedger.Subject> given = new ArrayList<>();
        for (Picture.Emergency each : page.found()) {
            Optional<Id8> alarm = each.ride().isPresent() ? Optional.empty() : Optional.of(each.alarm());
            given.add(new AccessLedger.Subject(each.unit(), each.ride(), alarm));
        }
        writeDown(asked, given);
        Optional<String> next = page.next()
                .map(last -> last.newestMs() + "." + last.unit().hex() + "."
                        + last.alarm().hex());
        List<ObjectNode> rows = page.found().stream().map(ApiJson::emergency).toList();
        return ok(ApiJson.page(rows, next, page.lookedToMs()));
    }

    private static Optional<ViewSearch.Last> behind(Asked asked) throws Problem {
        Optional<String> after = asked.text("after");
        if (after.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = after.get().split("\\.", 2);
        if (parts.length != 2 || !parts[0].matches("[0-9]{1,15}")) {
            throw Asked.bad("after must be a next of the page before (got \"" + after.get() + "\")");
        }
        UnitRide unit = asked.ride(parts[1]);
        return Optional.of(new ViewSearch.Last(Long.parseLong(parts[0]), unit.unit(), unit.ride()));
    }

    private static AccessLedger.Subject of(UnitRide ride) {
        return new AccessLedger.Subject(ride.unit(), Optional.of(ride.ride()), Optional.empty());
    }

    /** Before it is given. */
    private void writeDown(Asked asked, List<AccessLedger.Subject> given) throws IOException, Problem {
        String reason = asked.reason();
        List<AccessLedger.Access> lines = new ArrayList<>();
        for (AccessLedger.Subject each : given) {
            lines.add(new AccessLedger.Access(
                    asked.account().name(), asked.account().role().word(), each, asked.at(), reason));
        }
        from.ledger.append(lines);
    }

    private Operation.Answer districts(Asked asked) {
        List<ObjectNode> rows =
                from.map.get().districts().stream().map(ApiJson::district).toList();
        return ok(ApiJson.page(rows, Optional.empty()));
    }

    private Operation.Answer district(Asked asked) throws Problem {
        return ok(ApiJson.district(from.map.get().district(asked.part("code")).orElseThrow(Reads::nothing)));
    }

    private Operation.Answer deliveries(Asked asked) throws Problem {
        Account who = asked.account();
        Optional<String> district = asked.text("district");
        if (who.role() == CENTRE) {
            own(district, who.scope(), "district");
            district = Optional.of(who.scope());
        }
        Optional<String> only = district;
        List<ObjectNode> rows = from.deliveries.get().stream()
                .filter(each -> only.isEmpty() || only.get().equals(each.district()))
                .map(ApiJson::delivery)
                .toList();
        return ok(ApiJson.page(rows, Optional.empty()));
    }

    private Operation.Answer ledger(Asked asked) throws IOException, Problem {
        String name = asked.text("class").orElse(AccessLedger.CLASS);
        if (!name.equals(AccessLedger.CLASS) && !LedgerLines.isClass(name)) {
            throw Asked.bad("class must be access, console, rides or emergencies (got \"" + name + "\")");
        }
        OptionalLong after = asked.number("after");
        int limit = asked.limit();
        long behind = Math.max(0, after.orElse(0));
        List<JsonNode> lines = name.equals(AccessLedger.CLASS)
                ? from.ledger.lines(behind, limit)
                : from.others.lines(name, behind, limit);
        Optional<String> next = lines.size() < limit
                ? Optional.empty()
                : Optional.of(Long.toString(lines.get(limit - 1).path("n").asLong()));
        return ok(ApiJson.page(lines, next));
    }
}
