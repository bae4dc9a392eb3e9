package ansim.hub.vault;

import java.util.List;
import java.util.Locale;

/**
 * What happened on a ride whose riders the vault has named, for those whom they want to be told: no contact, no card, no name.
 *
 * @param event the id of what was delivered of it: the same at every repeat, so that each guardian is told once
 * @param kind what it was
 * @param handles what the riders are called in this ride
 * @param vehicle its number by the registry
 * @param company by the registry
 * @param atMs when it happened, ms since 1970 UTC
 * @param place the district
 * @param centres the districts whose centres are given the ride and were not before, of which the riders are to be told
 */
public record RideNotice(
        String event,
        Kind kind,
        List<String> handles,
        String vehicle,
        String company,
        long atMs,
        Place place,
        List<Place> centres) {
    /** Characters of an event's id. */
    static final int MAX_EVENT = 200;

    /** Centres in one notice: with the longest names it fits into a line of the vault's socket. */
    public static final int MAX_CENTRES = 8;

    /** The kinds of which somebody is told; a guardian gets those that the rider chose. */
    public enum Kind {
        BOARDED(1),
        ALIGHTED(2),
        EMERGENCY(4),
        /** No word of the taxi for too long during a ride. */
        LOST(8),
        /** An emergency by a unit that may be a clone, or a box that was replaced: told in other words to whom emergencies are told. */
        UNSURE(4),
        /** Centres were given a ride, late or on its way: of that the rider alone is told. */
        RIDE(0);

        /** As it is stored with others. */
        private final int bit;

        Kind(int bit) {
            this.bit = bit;
        }

        /** Whether a rider chooses it for a guardian. */
        public boolean isChosen() {
            return isTold() && this != UNSURE;
        }

        /** Whether guardians are told of it. */
        public boolean isTold() {
            return bit != 0;
        }

        /** Whether it overtakes the others. */
        public boolean alarm() {
            return this == EMERGENCY || this == LOST || this == UNSURE;
        }

        /** In files and lists, lower case. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        int bit() {
            return bit;
        }
    }

    /**
     * A district by its names; both empty outside every district.
     *
     * @param name as its people write it
     * @param nameEn in English
     */
    public record Place(String name, String nameEn) {
        public static final Place NONE = new Place("", "");
    }

    /** Centres were given a ride that they had nothing of before; guardians have nothing to be told. */
    public static RideNotice provided(String event, List<String> handles, long atMs, List<Place> centres) {
        return new RideNotice(event, Kind.RIDE, handles, "", "", atMs, Place.NONE, centres);
    }

    public RideNotice {
        if (event.isEmpty() || event.length() > MAX_EVENT) {
            throw new IllegalArgumentException(
                    "an event's id must have 1 to " + MAX_EVENT + " characters (got " + event.length() + ")");
        }
        if (centres.size() > MAX_CENTRES) {
            throw new IllegalArgumentException(
                    "centres must be at most " + MAX_CENTRES + " (got " + centres.size() + ")");
        }
        handles = List.copyOf(handles);
        centres = List.copyOf(centres);
    }
}
