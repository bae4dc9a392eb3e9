package ansim.wire;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Kind 6: something is wrong with the unit itself (lane 1).
 *
 * @param what what is wrong, key 20, not negative; the contract leaves it open, see {@link What} for what is named today
 * @param phase raised, repeated or cleared, key 23
 * @param detail a number that says more, key 24, not negative; its meaning depends on {@code what}
 */
public record Tamper(int what, Phase phase, OptionalLong detail) implements Body {
    /** What is wrong, as far as this version has names for it. */
    public enum What implements Coded {
        ENCLOSURE(1),
        LOOP_CUT(2),
        READER_SILENT(3),
        /** Antenna fault or jamming. */
        ANTENNA(4),
        POWER(5),
        CLOCK_JUMP(6),
        STORE_DAMAGED(7),
        STORE_IN_MEMORY(8),
        /** A fork or a break in a chain's numbers. */
        NUMBERS(9),
        UPDATE_REFUSED(10);

        private final int code;

        What(int code) {
            this.code = code;
        }

        /** The number on the wire, 1 to 10. */
        @Override
        public int code() {
            return code;
        }
    }

    public Tamper {
        Range.check("tamper", what, 0, Integer.MAX_VALUE);
        Range.check("detail", detail, 0, Long.MAX_VALUE);
    }

    public static Tamper of(What what, Phase phase) {
        return new Tamper(what.code(), phase, OptionalLong.empty());
    }

    /** The name of {@link #what()}, if this version has one. */
    public Optional<What> named() {
        return Arrays.stream(What.values()).filter(each -> each.code == what).findFirst();
    }

    @Override
    public Kind kind() {
        return Kind.TAMPER;
    }

    static Tamper read(Fields in) throws WireException {
        return new Tamper(
                in.integer(20, 0, Integer.MAX_VALUE),
                in.coded(23, Phase.values()),
                in.maybeLong(24, 0, Long.MAX_VALUE));
    }

    MapOut fields() {
        return new MapOut().put(20, what).put(23, phase.code()).putLong(24, detail);
    }
}
