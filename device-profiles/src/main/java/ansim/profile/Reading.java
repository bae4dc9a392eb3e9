package ansim.profile;

import java.util.OptionalInt;

/** What a device said, once decoded: a closed set. Times of arrival travel beside a reading, not in it. Immutable. */
public sealed interface Reading {
    /** Which reading it is, for a switch. */
    Type type();

    /** The kinds of reading; the names in lower case with {@code -} are those of profiles and of {@code replay}. */
    enum Type {
        FIX,
        NO_FIX,
        TAP,
        LAMP,
        CONTACT,
        PANIC,
        MEASURE,
        FAULT
    }

    /**
     * A GNSS fix. Never repeated, never older than its epoch.
     *
     * @param timeMs UTC, ms since 1970
     * @param rolledOver the receiver's date was older than the build and had 1,024-week periods added: time quality 3 at best
     * @param latE7 1e-7 degree WGS 84, north positive, [-900000000, 900000000]
     * @param lonE7 1e-7 degree WGS 84, east positive, [-1800000000, 1800000000]
     * @param speedCms over ground, cm/s
     * @param courseCdeg true course, 1/100 degree, [0, 36000)
     * @param quality what surrounds the position, as far as the receiver told it in the same epoch
     * @param heldMs so long before it is given the receiver told its time: it waits for the rest of its epoch
     */
    record Fix(
            long timeMs,
            boolean rolledOver,
            int latE7,
            int lonE7,
            OptionalInt speedCms,
            OptionalInt courseCdeg,
            Quality quality,
            long heldMs)
            implements Reading {
        /** A fix that is given at once. */
        public Fix(
                long timeMs,
                boolean rolledOver,
                int latE7,
                int lonE7,
                OptionalInt speedCms,
                OptionalInt courseCdeg,
                Quality quality) {
            this(timeMs, rolledOver, latE7, lonE7, speedCms, courseCdeg, quality, 0);
        }

        /** Checks the ranges. */
        public Fix {
            if (Math.abs((long) latE7) > 900_000_000L) {
                throw new IllegalArgumentException("latitude must be in [-90, 90] (got " + latE7 + "e-7)");
            }
            if (Math.abs((long) lonE7) > 1_800_000_000L) {
                throw new IllegalArgumentException("longitude must be in [-180, 180] (got " + lonE7 + "e-7)");
            }
            if (heldMs < 0) {
                throw new IllegalArgumentException("heldMs must not be negative (got " + heldMs + ")");
            }
        }

        @Override
        public Type type() {
            return Type.FIX;
        }
    }

    /**
     * The quality of a fix: NMEA 0183 GGA and GSA of the same time.
     *
     * @param satellites used in the solution
     * @param hdopE2 horizontal dilution of precision, 1/100
     * @param altitudeDm above mean sea level, decimetre
     * @param mode 2 or 3 dimensions
     * @param accuracyDm the receiver's own estimate of the horizontal error, decimetre
     */
    record Quality(
            OptionalInt satellites,
            OptionalInt hdopE2,
            OptionalInt altitudeDm,
            OptionalInt mode,
            OptionalInt accuracyDm) {
        /** Nothing known. */
        public static final Quality NONE =
                new Quality(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

        /** Without an estimate of the error. */
        public Quality(OptionalInt satellites, OptionalInt hdopE2, OptionalInt altitudeDm, OptionalInt mode) {
            this(satellites, hdopE2, altitudeDm, mode, OptionalInt.empty());
        }
    }

    /** The receiver has had no fix for the profile's {@code lost-after}; once per loss, and once when none comes at the start. */
    record NoFix() implements Reading {
        @Override
        public Type type() {
            return Type.NO_FIX;
        }
    }

    /**
     * A card was presented. Whoever takes the reading wipes the card when it is done with it.
     *
     * @param card as the reader gave it, upper-case hex
     */
    record Tap(CardNumber card) implements Reading {
        /** Of a text, see {@link CardNumber#of}. */
        public Tap(String card) {
            this(CardNumber.of(card));
        }

        @Override
        public Type type() {
            return Type.TAP;
        }

        /** Without the card. */
        @Override
        public String toString() {
            return "Tap[]";
        }
    }

    /**
     * The meter's lamp, settled.
     *
     * @param hired the lamp says hired (vacant lamp off, by the profile's polarity)
     * @param initial the state found when the line was first read: not a change that was seen
     */
    record Lamp(boolean hired, boolean initial) implements Reading {
        @Override
        public Type type() {
            return Type.LAMP;
        }
    }

    /**
     * A contact, settled.
     *
     * @param name the profile's name of the contact, 1 to 32 characters
     * @param closed the circuit is closed
     * @param alarm it is away from its resting state, and that is an alarm: a normally closed loop that is open, so also one that is
     *     cut; mains, power, enclosure or loop that is normally open and closed now
     * @param initial the state found when the line was first read: not a change that was seen
     */
    record ContactChange(String name, boolean closed, boolean alarm, boolean initial) implements Reading {
        @Override
        public Type type() {
            return Type.CONTACT;
        }
    }

    /**
     * A call for help, once per press.
     *
     * @param origin who pressed
     * @param pattern how
     * @param silent nothing on the unit may show it: no lamp, buzzer or relay moves
     * @param press which press of this button since the port was opened, from 1
     */
    record PanicPress(Origin origin, Pattern pattern, boolean silent, int press) implements Reading {
        @Override
        public Type type() {
            return Type.PANIC;
        }
    }

    /**
     * A measured value, each time that it was read.
     *
     * @param name the profile's name of it, 1 to 32 characters: {@code supply}, {@code temperature}
     * @param valueE3 in 1/1000 of the unit
     * @param unit as the profile names it: {@code V}, {@code C}, {@code %}
     */
    record Measure(String name, long valueE3, String unit) implements Reading {
        @Override
        public Type type() {
            return Type.MEASURE;
        }
    }

    /**
     * Something is wrong with the device itself, told when it begins and when it ends.
     *
     * @param what what is wrong
     * @param raised it is so now; false when it has ended
     */
    record Fault(What what, boolean raised) implements Reading {
        @Override
        public Type type() {
            return Type.FAULT;
        }

        /** What is wrong. */
        public enum What {
            /** A device that must answer or speak does not. */
            SILENT,
            /** The receiver says that its antenna is open or shorted. */
            ANTENNA,
            /** The receiver says that it is jammed. */
            JAMMING
        }
    }

    /** Who calls; {@link #code} is the contract's number. */
    enum Origin {
        RIDER(1),
        DRIVER(2),
        BELL(3),
        APP(4),
        DURESS_CARD(5),
        LAMP(6);

        private final int code;

        Origin(int code) {
            this.code = code;
        }

        /** The message contract's number, 1 to 6. */
        public int code() {
            return code;
        }

        /** Whether a call of this origin is silent unless the profile says otherwise: the attacker may be looking on. */
        boolean silentByDefault() {
            return this == DRIVER || this == DURESS_CARD || this == LAMP;
        }
    }

    /** How it was called; {@link #code} is the contract's number. */
    enum Pattern {
        PRESS(1),
        LONG(2),
        DOUBLE(3),
        LATCHED(4),
        FLASH(5);

        private final int code;

        Pattern(int code) {
            this.code = code;
        }

        /** The message contract's number, 1 to 5. */
        public int code() {
            return code;
        }
    }
}
