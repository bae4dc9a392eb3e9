package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.UpRecord;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * To whom the content of a log entry belongs, and so under whose key it is sealed. Pure.
 *
 * <p>A message of a ride belongs to the ride, and so does what the rider vault says of its boarding, the city's app of its destination and the hub of its attention. What the hub says of another message from a ride's last known position belongs to that ride, too:
 * without that a gap record would show where somebody rode. What is of no ride belongs to the day on which it came. Gaps, anchors, tampers and
 * acknowledgements themselves stay readable: they say nothing of people, and the numbers of the unit's chains follow from them.
 *
 * <p>Not guaranteed: where one ride began says where the ride before it ended, and a correction that dates events of several rides at once is
 * not sealed: it names their districts and times.
 *
 * @param keep how long it is kept
 * @param ride the ride; empty for what belongs to a day
 * @param whole whether the message itself is sealed, or only what the hub says of it
 */
public record Belonging(Keep keep, Optional<UnitRide> ride, boolean whole) {
    /** Kinds that stay readable. */
    private static final Set<Kind> OPEN = EnumSet.of(Kind.GAP, Kind.ANCHOR, Kind.TAMPER, Kind.COMMAND_ACK);

    /**
     * Of an entry that is about to be logged.
     *
     * @param state before the entry is applied
     * @return empty for what stays readable for ever
     */
    public static Optional<Belonging> of(HubState state, LogEntry entry) {
        if (entry.input() instanceof Input.VaultAnswer answer) {
            // Repeats the boarding, and more: an answer is of the ride that it names, whoever is registered by now.
            Batch boarding = answer.message().batch();
            return boarding.ride().map(ride -> ofRide(Keep.RIDES, boarding, ride, true));
        }
        if (entry.input() instanceof Input.AppEmergency app) {
            return Optional.of(new Belonging(Keep.EMERGENCIES, app.ride(), true));
        }
        Optional<UnitRide> ride = entry.ride();
        if (ride.isPresent()) {
            return Optional.of(new Belonging(Keep.RIDES, ride, true));
        }
        UnitState unit = entry.input() instanceof Input.Arrival arrival
                ? state.state(arrival.message().batch().unit())
                : null;
        return unit == null ? Optional.empty() : of(unit, entry);
    }

    private static Optional<Belonging> of(UnitState unit, LogEntry entry) {
        Batch batch = entry.message().batch();
        boolean panic = holds(batch, Kind.PANIC);
        Optional<Id8> ride = batch.ride();
        if (ride.isPresent()) {
            return Optional.of(ofRide(panic ? Keep.EMERGENCIES : Keep.RIDES, batch, ride.get(), true));
        }
        boolean open = isOpen(batch);
        Set<Optional<Id8>> corrected = corrected(unit, entry.output());
        Optional<Id8> told = toldOf(unit, entry.output(), corrected);
        if (told.isPresent() && !panic) {
            return Optional.of(ofRide(Keep.RIDES, batch, told.get(), !open));
        }
        if (open) {
            // Of several rides at once, each with the districts that were told: of no one of them, and not for long.
            return saysWhere(entry.output()) || corrected.size() > 1
                    ? Optional.of(new Belonging(Keep.HEALTH, Optional.empty(), false))
                    : Optional.empty();
        }
        boolean emergency = panic || (holds(batch, Kind.POSITION) && !unit.alarms.isEmpty());
        return Optional.of(new Belonging(emergency ? Keep.EMERGENCIES : Keep.HEALTH, Optional.empty(), true));
    }

    private static boolean isOpen(Batch batch) {
        for (UpRecord record : batch.records()) {
            if (!OPEN.contains(record.body().kind())) {
                return false;
            }
        }
        return true;
    }

    private static Belonging ofRide(Keep keep, Batch batch, Id8 ride, boolean whole) {
        return new Belonging(keep, Optional.of(new UnitRide(batch.unit(), ride)), whole);
    }

    private static boolean holds(Batch batch, Kind kind) {
        for (UpRecord record : batch.records()) {
            Body body = record.body();
            // A panic whose body breaks its rules is still one.
            if (body.kind() == kind || (body.kind() == Kind.UNKNOWN && Kind.of(body.number()) == kind)) {
                return true;
            }
        }
        return false;
    }

    /** The ride that shows through what the hub says of a message that names none. */
    private static Optional<Id8> toldOf(UnitState unit, Output output, Set<Optional<Id8>> corrected) {
        Optional<Id8> shown = shown(output.event()).or(() -> shown(output.numbersAlarm()));
        if (shown.isPresent()) {
            return shown;
        }
        boolean fromLastKnown = output.event().filter(Belonging::isLastKnown).isPresent()
                || output.numbersAlarm().filter(Belonging::isLastKnown).isPresent();
        if (fromLastKnown && unit.lastKnownRide().isPresent()) {
            return unit.lastKnownRide();
        }
        return corrected.size() == 1 ? corrected.iterator().next() : Optional.empty();
    }

    private static Optional<Id8> shown(Optional<Event> event) {
        return event.flatMap(Event::basis).flatMap(Basis::ride);
    }

    /** Of which rides the events are that are dated now; empty in it for those of none. */
    private static Set<Optional<Id8>> corrected(UnitState unit, Output output) {
        if (output.event().isEmpty() || output.event().get().corrections().isEmpty()) {
            return Set.of();
        }
        Set<String> ids = output.event().stream()
                .flatMap(each -> each.corrections().stream())
                .map(Event.Correction::id)
                .collect(Collectors.toSet());
        return unit.undated.stream()
                .filter(each -> ids.contains(each.id()))
                .map(UnitState.Undated::ride)
                .collect(Collectors.toSet());
    }

    private static boolean isLastKnown(Event event) {
        return event.placeSource() == Event.PlaceSource.LAST_KNOWN;
    }

    private static boolean saysWhere(Output output) {
        return output.event().filter(Belonging::isLastKnown).isPresent()
                || output.numbersAlarm().filter(Belonging::isLastKnown).isPresent();
    }
}
