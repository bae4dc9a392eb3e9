package ansim.hub.view;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The city as it stood at one place of the log: all of it ({@link Views#snapshot}), or the rows that a few entries changed
 * ({@link Views#apply}). Rows are whole: whoever takes a row twice has it once.
 *
 * <p>Times are ms since 1970 UTC. Districts are codes; "-" is outside of all, empty is not known. Immutable.
 *
 * @param index the log index that this is the state after
 * @param units units whose row is here
 * @param rides rides, each as it stands
 * @param emergencies calls for help, each as it stands
 * @param events what happened, oldest first
 * @param counts per district and day
 * @param districtsChanged whether another map of districts is in force
 * @param rowsGone whether something that may be on a screen was erased: what was shown before is to be asked for anew
 */
public record Picture(
        long index,
        List<Unit> units,
        List<Ride> rides,
        List<Emergency> emergencies,
        List<Happening> events,
        List<Count> counts,
        boolean districtsChanged,
        boolean rowsGone) {

    public Picture {
        units = List.copyOf(units);
        rides = List.copyOf(rides);
        emergencies = List.copyOf(emergencies);
        events = List.copyOf(events);
        counts = List.copyOf(counts);
    }

    /** With nothing gone. */
    public Picture(
            long index,
            List<Unit> units,
            List<Ride> rides,
            List<Emergency> emergencies,
            List<Happening> events,
            List<Count> counts,
            boolean districtsChanged) {
        this(index, units, rides, emergencies, events, counts, districtsChanged, false);
    }

    /** How well a unit's place is known. */
    public enum PlaceKind {
        /** A fix during a ride or an emergency. */
        PRECISE,
        /** A presence cell of 0.01 degree: about 1 km. */
        CELL,
        /** Where the registry says that it stands. */
        REGISTERED
    }

    /**
     * Where a unit was last.
     *
     * @param pos the place
     * @param kind how well it is known
     * @param atMs when it was there, by capture, not by arrival; for a registered place when it was registered
     * @param district the district there
     */
    public record Place(Pos pos, PlaceKind kind, long atMs, String district) {}

    /**
     * A unit's newest health record.
     *
     * @param atMs when it was made
     * @param json what it says: {@code uptimeS}, {@code ports}, {@code gnss}, {@code waiting}, {@code dropped}, {@code versions} and
     *     the rest of CONTRACT's health record by name
     */
    public record Health(long atMs, String json) {}

    /**
     * A unit.
     *
     * @param id its id
     * @param vehicle vehicle number
     * @param company who runs it
     * @param kind taxi, cctv-pole or locker-site
     * @param revoked whether its messages are refused
     * @param seenMs arrival of its newest message
     * @param place where it was last
     * @param onDuty by its newest presence
     * @param health its newest health record
     */
    public record Unit(
            Id16 id,
            String vehicle,
            String company,
            String kind,
            boolean revoked,
            OptionalLong seenMs,
            Optional<Place> place,
            Optional<Boolean> onDuty,
            Optional<Health> health) {}

    /**
     * A ride.
     *
     * @param id its id
     * @param unit the unit that carries it
     * @param vehicle vehicle number at its start
     * @param company likewise
     * @param boardedMs when somebody boarded; empty while only later messages of it have come
     * @param namedMs when its rider was named by a card
     * @param alightedMs when it ended; empty while it is on
     * @param districts every district that it passed, in the order in which their messages came; the last is the newest
     * @param source what told the unit of the boarding: card, meter-lamp, door, app, inferred
     * @param test whether a fitter tries the unit: in no count
     * @param owner the district whose centre owns it; empty while nobody knows
     * @param attention why it needs attention: lost, endless, no-position, long-stop, moving-away
     * @param lengthM metres, by its tracks
     */
    public record Ride(
            Id8 id,
            Id16 unit,
            String vehicle,
            String company,
            OptionalLong boardedMs,
            OptionalLong namedMs,
            OptionalLong alightedMs,
            List<String> districts,
            String source,
            boolean test,
            String owner,
            List<String> attention,
            long lengthM) {
        public Ride {
            districts = List.copyOf(districts);
            attention = List.copyOf(attention);
        }
    }

    /**
     * A call for help.
     *
     * @param alarm its id
     * @param unit the unit that it came from
     * @param vehicle vehicle number
     * @param company who runs it
     * @param unitKind taxi, cctv-pole or locker-site
     * @param raisedMs when it was raised, or first heard of
     * @param newestMs when it was last raised or repeated
     * @param cancelledMs when it was cancelled at the unit; empty while it is open
     * @param presses how many messages raised or repeated it
     * @param origin rider, driver, bell, app, duress-card, roof-lamp
     * @param silent whether nothing may show at the unit: nobody there may learn that help was called
     * @param districts who was told, the owner first
     * @param pos where
     * @param ride the ride that was on
     * @param flags late, suspect, test and other words of the log
     */
    public record Emergency(
            Id8 alarm,
            Id16 unit,
            String vehicle,
            String company,
            String unitKind,
            long raisedMs,
            long newestMs,
            OptionalLong cancelledMs,
            int presses,
            String origin,
            boolean silent,
            List<String> districts,
            Optional<Pos> pos,
            Optional<Id8> ride,
            Set<String> flags) {
        public Emergency {
            districts = List.copyOf(districts);
            flags = Set.copyOf(flags);
        }
    }

    /**
     * One event as it was delivered.
     *
     * @param index its log entry
     * @param type {@code ansim.ride.boarded} and so on
     * @param unit the unit
     * @param vehicle vehicle number
     * @param districts who was told, the owner first
     * @param alarm whether it went by the alarm lane
     * @param atMs when it happened
     * @param arrivedMs when it reached the hub
     * @param ride the ride it belongs to
     * @param detailsJson what else it says, an object of texts
     * @param flags words of the log
     */
    public record Happening(
            long index,
            String type,
            Id16 unit,
            String vehicle,
            List<String> districts,
            boolean alarm,
            long atMs,
            long arrivedMs,
            Optional<Id8> ride,
            String detailsJson,
            Set<String> flags) {
        public Happening {
            districts = List.copyOf(districts);
            flags = Set.copyOf(flags);
        }
    }

    /**
     * What a district saw in a day.
     *
     * @param day ISO date in the hub's zone
     * @param district its code
     * @param boarded rides that began there
     * @param alighted rides that ended there
     * @param emergencies calls for help, without tests
     */
    public record Count(String day, String district, int boarded, int alighted, int emergencies) {}
}
