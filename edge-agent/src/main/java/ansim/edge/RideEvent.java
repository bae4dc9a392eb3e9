package ansim.edge;

import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.RideChange.Source;
import java.util.Optional;

/**
 * What the ride's rules made of one input. Only the first three become messages; a tap that is kept or already known
 * changes the stored state at most, and is confirmed to the person all the same.
 *
 * @param kind what happened
 * @param ride which ride
 * @param source what told so, contract key 12
 * @param riders how many riders are known, 0 when none has tapped
 * @param atSpeed contract key 14 bit 0: the tap came while driving
 * @param atMs CLOCK_MONOTONIC ms of the thing itself, which may lie two seconds back, or 60 when it is a tap that waited
 * @param place where the unit was then, if it was known
 * @param sealedCard the card that this event comes of, sealed for this ride
 */
record RideEvent(
        Kind kind,
        Id8 ride,
        Source source,
        int riders,
        boolean atSpeed,
        long atMs,
        Optional<Pos> place,
        Optional<Bytes> sealedCard) {
    /** What happened to the ride. */
    enum Kind {
        /** A ride began. */
        BOARDED,
        /** The ride got its name, or another rider: a second `boarded` with the same ride id. */
        UPDATED,
        /** The ride is over. */
        ALIGHTED,
        /** A tap waits for what the lamp says next; it is in the stored state. */
        KEPT,
        /** A tap that the stored state already holds. */
        KNOWN,
        /** The stored state changed and nobody waits for a confirmation. */
        CHANGED
    }

    /** The same with the card that it comes of. */
    RideEvent with(Optional<Bytes> card) {
        return new RideEvent(kind, ride, source, riders, atSpeed, atMs, place, card);
    }

    /** The same for a tap that came at this speed. */
    RideEvent atSpeed(boolean driving) {
        return new RideEvent(kind, ride, source, riders, driving, atMs, place, sealedCard);
    }

    /** The same at this place. */
    RideEvent at(Optional<Pos> where) {
        return new RideEvent(kind, ride, source, riders, atSpeed, atMs, where, sealedCard);
    }

    /** Whether this becomes a message of its own. */
    boolean travels() {
        return kind == Kind.BOARDED || kind == Kind.UPDATED || kind == Kind.ALIGHTED;
    }

    /** Whether a person waits for the signal *stored*. */
    boolean confirmed() {
        return kind != Kind.CHANGED;
    }
}
