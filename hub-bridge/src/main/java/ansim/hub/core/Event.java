package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is delivered of one logged message: the enriched part of one CloudEvent. Its id is {@link Output#id}, the signed bytes are the
 * log entry's.
 *
 * @param type see {@link EventType}
 * @param districts codes; the first one owns it, the others watch. {@link #OUTSIDE} when no district is known
 * @param alarm whether it goes by the alarm lane of every destination
 * @param when when it happened
 * @param place where, if known
 * @param placeSource where the place comes from
 * @param vehicle vehicle number by the registry
 * @param company by the registry
 * @param unitKind taxi, cctv-pole or locker-site
 * @param ride the ride that it belongs to
 * @param details what else the record says, by name: numbers as decimal text, ids as hex
 * @param corrections for a correction: what it dates
 * @param basis on what ground it goes out; empty for what is of nobody, and for what was logged before that was written down
 */
public record Event(
        EventType type,
        List<String> districts,
        boolean alarm,
        When when,
        Optional<Pos> place,
        PlaceSource placeSource,
        String vehicle,
        String company,
        String unitKind,
        Optional<Id8> ride,
        SortedMap<String, String> details,
        List<Correction> corrections,
        Optional<Basis> basis) {
    /** The district of what lies outside every district. */
    public static final String OUTSIDE = "-";

    /** Where an event's place comes from. */
    public enum PlaceSource implements Numbered {
        /** The message itself. */
        MESSAGE(1),
        /** The unit's last known position. */
        LAST_KNOWN(2),
        /** Where the registry says that the unit stands. */
        REGISTERED(3),
        /** Not known. */
        NONE(4);

        private final int number;

        PlaceSource(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }

        /** The name in events, lower case with dashes. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A better date for an event that happened before.
     *
     * @param id of that event
     * @param when the better date
     * @param districts who was told of that event, and so may be told of this; none when it was withheld
     */
    public record Correction(String id, When when, List<String> districts) {
        public Correction {
            districts = List.copyOf(districts);
        }
    }

    public Event {
        if (districts.isEmpty()) {
            throw new IllegalArgumentException("an event must have a district, \"" + OUTSIDE + "\" if nothing else");
        }
        districts = List.copyOf(districts);
        details = new TreeMap<>(details);
        corrections = List.copyOf(corrections);
    }

    /** Of nobody. */
    public Event(
            EventType type,
            List<String> districts,
            boolean alarm,
            When when,
            Optional<Pos> place,
            PlaceSource placeSource,
            String vehicle,
            String company,
            String unitKind,
            Optional<Id8> ride,
            SortedMap<String, String> details,
            List<Correction> corrections) {
        this(
                type,
                districts,
                alarm,
                when,
                place,
                placeSource,
                vehicle,
                company,
                unitKind,
                ride,
                details,
                corrections,
                Optional.empty());
    }

    /** The same for other districts. */
    public Event to(List<String> others) {
        return new Event(
                type,
                others,
                alarm,
                when,
                place,
                placeSource,
                vehicle,
                company,
                unitKind,
                ride,
                details,
                corrections,
                basis);
    }

    /** The same with some of its corrections only. */
    public Event correcting(List<Correction> some) {
        return new Event(
                type,
                districts,
                alarm,
                when,
                place,
                placeSource,
                vehicle,
                company,
                unitKind,
                ride,
                details,
                some,
                basis);
    }

    /** The same on a ground. */
    public Event on(Optional<Basis> ground) {
        return new Event(
                type,
                districts,
                alarm,
                when,
                place,
                placeSource,
                vehicle,
                company,
                unitKind,
                ride,
                details,
                corrections,
                ground);
    }

    /** The same without where it was, and in which ride: an alarm of a ride that stays at the hub. */
    Event reduced() {
        return new Event(
                type,
                districts,
                alarm,
                when,
                Optional.empty(),
                PlaceSource.NONE,
                vehicle,
                company,
                unitKind,
                Optional.empty(),
                details,
                corrections,
                basis);
    }

    /** The same without where it was, for those who heard how it began, on the ground on which they did. */
    Event endingFor(List<String> hearers, Optional<Basis> ground) {
        return new Event(
                type,
                hearers,
                alarm,
                when,
                Optional.empty(),
                PlaceSource.NONE,
                vehicle,
                company,
                unitKind,
                ride,
                details,
                corrections,
                ground);
    }

    /** Whether it goes out though the ride that its message shows does not: then the message itself does not go with it. */
    public boolean isReduced() {
        return alarm && basis.filter(each -> each.why() == Basis.Why.NONE).isPresent();
    }

    /** The district whose centre owns it. */
    public String owner() {
        return districts.get(0);
    }
}
