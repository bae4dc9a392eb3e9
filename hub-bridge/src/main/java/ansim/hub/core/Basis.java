package ansim.hub.core;

import ansim.wire.Id8;
import java.util.Optional;

/**
 * On what ground centres hear of an event, as it was when that was decided: in the log with the event, so that what is written down of a provision years
 * later is what held then. Immutable.
 *
 * @param why the ground
 * @param text of the setting, for {@link Why#SETTING}; else empty
 * @param ride the ride that shows through an event which names none; empty for an event of a ride, which names it itself
 */
public record Basis(Why why, String text, Optional<Id8> ride) {
    /** The grounds. */
    public enum Why implements Numbered {
        /** The rider is registered and consents. */
        CONSENT(1),
        /** Somebody called for help, in this ride or outside any. */
        EMERGENCY(2),
        /** A setting opens every ride, and names its legal ground: {@link Policy#everyRide}. */
        SETTING(3),
        /** There is none: it stays at the hub, or, for an alarm, goes out without anything of the ride. */
        NONE(4);

        private final int number;

        Why(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    static final Optional<Basis> CONSENT = Optional.of(new Basis(Why.CONSENT));
    static final Optional<Basis> EMERGENCY = Optional.of(new Basis(Why.EMERGENCY));
    static final Optional<Basis> NONE = Optional.of(new Basis(Why.NONE));

    private Basis(Why why) {
        this(why, "", Optional.empty());
    }

    /** For what is of a ride. */
    static Optional<Basis> of(Policy policy, UnitState unit, Ride ride) {
        if (ride.isNamed()) {
            return CONSENT;
        }
        if (unit.isAlarmedIn(ride.id)) {
            return EMERGENCY;
        }
        return policy.isOpen()
                ? Optional.of(new Basis(Why.SETTING, policy.everyRide().orElse(""), Optional.empty()))
                : NONE;
    }

    /** The same for what names no ride and shows one all the same. */
    Basis through(Id8 shown) {
        return new Basis(why, text, Optional.of(shown));
    }
}
