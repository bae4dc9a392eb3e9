package ansim.hub.core;

import java.util.Locale;

/** Why a ride needs attention. The number of each is its bit in a state. */
enum Concern implements Numbered {
    /** Nothing is heard of the taxi. */
    LOST(0),
    /** It never ends. */
    ENDLESS(1),
    /** It is heard of, but nobody knows where it is. */
    NO_POSITION(2),
    /** It stands. */
    LONG_STOP(3),
    /** It goes away from its destination. */
    MOVING_AWAY(4);

    private final int number;

    Concern(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    int bit() {
        return 1 << number;
    }

    /** The name in events. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Concern named(String word) {
        for (Concern each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        throw new IllegalArgumentException("no such concern (" + word + ")");
    }
}
