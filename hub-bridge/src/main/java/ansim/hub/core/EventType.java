package ansim.hub.core;

/** The types of events. */
public enum EventType implements Numbered {
    RIDE_BOARDED(1, "ansim.ride.boarded"),
    /** A second boarding of a known ride: what is now known of it. */
    RIDE_UPDATED(2, "ansim.ride.updated"),
    RIDE_ALIGHTED(3, "ansim.ride.alighted"),
    /** One live position, of a ride or while an alarm is open. */
    POSITION(4, "ansim.position"),
    TRACK(5, "ansim.track"),
    PANIC(6, "ansim.panic"),
    TAMPER(7, "ansim.tamper"),
    CONTACT(8, "ansim.contact"),
    GAP(9, "ansim.gap"),
    /** Dates events that were delivered before. */
    CORRECTION(10, "ansim.correction"),
    /** A kind that this version does not know. */
    UNKNOWN(11, "ansim.unknown"),
    /** The hub's own word: a ride needs attention, or does not need it any more. */
    RIDE_ATTENTION(12, "ansim.ride.attention");

    private final int number;
    private final String word;

    EventType(int number, String word) {
        this.number = number;
        this.word = word;
    }

    @Override
    public int number() {
        return number;
    }

    /** Whether it tells of a ride and of nothing else: then it is for those who may see that ride. */
    public boolean isOfRide() {
        return switch (this) {
            case RIDE_BOARDED, RIDE_UPDATED, RIDE_ALIGHTED, POSITION, TRACK, RIDE_ATTENTION -> true;
            default -> false;
        };
    }

    /** The CloudEvents type. */
    public String word() {
        return word;
    }
}
