package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the registry says of a unit.
 *
 * @param unit its id
 * @param keys the public halves of its message keys, the newest last; each verifies what it signed for ever, only a revocation ends that. None
 *     before the unit has registered one: then it is not in the log yet
 * @param service what it is there for
 * @param past what it was before it was moved, the oldest first
 * @param standing whether it is believed
 */
public record UnitRecord(Id16 unit, List<VerifyKey> keys, Service service, List<Past> past, Standing standing) {
    /** Characters in vehicle, company and kind at most. */
    public static final int MAX_TEXT = 120;

    /** Keys of a unit at most: with a new one every year, more than it lives. */
    public static final int MAX_KEYS = 32;

    /** Moves that are remembered here; what happened before the oldest of them shows the name of then. */
    public static final int MAX_PAST = 16;

    /**
     * What a unit is there for.
     *
     * @param vehicle the vehicle number, or the pole's; shown to centres, never in topics, logs or file names
     * @param company who runs it
     * @param kind taxi, cctv-pole or locker-site
     * @param place where it stands, for what does not move
     * @param district code of the district of what does not move; empty if not given
     * @param group for people, to find units by; empty if not given
     */
    public record Service(
            String vehicle, String company, String kind, Optional<Pos> place, String district, String group) {
        public Service {
            check("vehicle", vehicle);
            check("company", company);
            check("kind", kind);
            check("district", district);
            check("group", group);
            // A city has 112,000 units and few of these.
            company = company.intern();
            kind = kind.intern();
            district = district.intern();
            group = group.intern();
        }

        /** Without district and group. */
        public Service(String vehicle, String company, String kind, Optional<Pos> place) {
            this(vehicle, company, kind, place, "", "");
        }
    }

    /**
     * What a unit was until it was moved.
     *
     * @param untilMs ms since 1970 UTC
     * @param vehicle as then
     * @param company as then
     */
    public record Past(long untilMs, String vehicle, String company) {
        public Past {
            check("vehicle", vehicle);
            check("company", company);
        }
    }

    /**
     * Whether a unit is believed.
     *
     * @param revoked whether its messages are refused from this place of the log on
     * @param drainsUntilMs another box has taken its place: what it still holds is taken until then, flagged suspect, and refused after
     */
    public record Standing(boolean revoked, OptionalLong drainsUntilMs) {
        public static final Standing GOOD = new Standing(false, OptionalLong.empty());
    }

    public UnitRecord {
        keys = List.copyOf(keys);
        past = List.copyOf(past);
        if (keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException("keys must be at most " + MAX_KEYS + " (got " + keys.size() + ")");
        }
        if (past.size() > MAX_PAST) {
            throw new IllegalArgumentException("past must have at most " + MAX_PAST + " (got " + past.size() + ")");
        }
    }

    /** A unit with one key that was never moved. */
    public UnitRecord(
            Id16 unit,
            VerifyKey key,
            String vehicle,
            String company,
            String kind,
            Optional<Pos> place,
            boolean revoked) {
        this(
                unit,
                List.of(key),
                new Service(vehicle, company, kind, place),
                List.of(),
                new Standing(revoked, OptionalLong.empty()));
    }

    private static void check(String what, String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    what + " must have at most " + MAX_TEXT + " characters (got " + text.length() + ")");
        }
    }

    /** The newest key. */
    public VerifyKey key() {
        if (keys.isEmpty()) {
            throw new IllegalStateException("unit " + unit + " has no message key yet");
        }
        return keys.get(keys.size() - 1);
    }

    /** The key that has this kid, if it is one of the unit's. */
    public Optional<VerifyKey> key(Id8 kid) {
        for (VerifyKey each : keys) {
            if (each.kid().equals(kid)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    public String vehicle() {
        return service.vehicle();
    }

    public String company() {
        return service.company();
    }

    public String kind() {
        return service.kind();
    }

    public Optional<Pos> place() {
        return service.place();
    }

    public boolean revoked() {
        return standing.revoked();
    }

    /** Whether its messages are refused for their sender alone: revoked, or replaced and drained. */
    public boolean isShutOut(long nowMs) {
        return standing.revoked()
                || (standing.drainsUntilMs().isPresent()
                        && nowMs > standing.drainsUntilMs().getAsLong());
    }

    /** What it was at a moment: its present service, or the name and company of then. */
    public Service at(long ms) {
        for (Past each : past) {
            if (ms < each.untilMs()) {
                return new Service(
                        each.vehicle(),
                        each.company(),
                        service.kind(),
                        service.place(),
                        service.district(),
                        service.group());
            }
        }
        return service;
    }

    /** The same unit, its messages refused from now on. */
    public UnitRecord revoke() {
        return new UnitRecord(unit, keys, service, past, new Standing(true, standing.drainsUntilMs()));
    }
}
