package ansim.wire;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Kind 5: somebody asks for help (lane 1).
 *
 * @param pos last known position, key 1
 * @param ride the ride that is on, key 10
 * @param origin who asked, key 20
 * @param pattern how it was pressed, key 21
 * @param alarm the alarm that this raises, repeats or cancels, key 22
 * @param phase raised, repeated or cancelled, key 23
 * @param posAgeS age of {@code pos} in seconds, key 15, not negative
 */
public record Panic(
        Optional<Pos> pos,
        Optional<Id8> ride,
        Origin origin,
        Pattern pattern,
        Id8 alarm,
        Phase phase,
        OptionalLong posAgeS)
        implements Body {
    /** Who asks for help, or through what. */
    public enum Origin implements Coded {
        RIDER(1),
        /** The driver's hidden or foot switch: silent. */
        DRIVER(2),
        BELL(3),
        APP(4),
        /** A card that says more than it seems to: silent. */
        DURESS_CARD(5),
        ROOF_LAMP(6);

        private final int code;

        Origin(int code) {
            this.code = code;
        }

        /** The number on the wire, 1 to 6. */
        @Override
        public int code() {
            return code;
        }
    }

    /** How it was pressed. */
    public enum Pattern implements Coded {
        PRESS(1),
        LONG(2),
        DOUBLE(3),
        LATCHED(4),
        FLASH(5);

        private final int code;

        Pattern(int code) {
            this.code = code;
        }

        /** The number on the wire, 1 to 5. */
        @Override
        public int code() {
            return code;
        }
    }

    public Panic {
        Range.check("age of the position", posAgeS, 0, Long.MAX_VALUE);
    }

    @Override
    public Kind kind() {
        return Kind.PANIC;
    }

    static Panic read(Fields in) throws WireException {
        return new Panic(
                in.maybePos(1),
                in.maybeId8(10),
                in.coded(20, Origin.values()),
                in.coded(21, Pattern.values()),
                in.id8(22),
                in.coded(23, Phase.values()),
                in.maybeLong(15, 0, Long.MAX_VALUE));
    }

    MapOut fields() {
        return new MapOut()
                .putPos(1, pos)
                .putId8(10, ride)
                .putLong(15, posAgeS)
                .put(20, origin.code())
                .put(21, pattern.code())
                .put(22, alarm)
                .put(23, phase.code());
    }
}
