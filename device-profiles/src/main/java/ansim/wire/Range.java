package ansim.wire;

import java.util.OptionalInt;
import java.util.OptionalLong;

/** The checks of constructors, all worded alike. */
final class Range {
    private Range() {}

    static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be in [" + least + ", " + most + "] (got " + value + ")");
        }
    }

    static void check(String what, OptionalInt value, long least, long most) {
        value.ifPresent(number -> check(what, number, least, most));
    }

    static void check(String what, OptionalLong value, long least, long most) {
        value.ifPresent(number -> check(what, number, least, most));
    }

    static void uint(String what, long value) {
        check(what, value, 0, Long.MAX_VALUE);
    }
}
