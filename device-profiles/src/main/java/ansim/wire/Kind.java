package ansim.wire;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** The kinds of record that this version knows. */
public enum Kind {
    POSITION(1),
    TRACK(2),
    BOARDED(3),
    ALIGHTED(4),
    PANIC(5),
    TAMPER(6),
    HEALTH(7),
    COMMAND_ACK(8),
    CONTACT(9),
    GAP(10),
    ANCHOR(11),
    PRESENCE(12),
    /** Any other number: kept as it came, see {@link Unknown}. */
    UNKNOWN(-1);

    private static final Map<Long, Kind> NUMBERED = Arrays.stream(values())
            .filter(kind -> kind.number > 0)
            .collect(Collectors.toMap(kind -> (long) kind.number, kind -> kind));

    /** Kinds from this number on are for private use. */
    public static final int FIRST_PRIVATE = 64;

    private final int number;

    Kind(int number) {
        this.number = number;
    }

    /** The number on the wire; -1 for {@link #UNKNOWN}, see {@link Body#number()}. */
    public int number() {
        return number;
    }

    /** The kind with that number, or {@link #UNKNOWN}. */
    public static Kind of(long number) {
        return NUMBERED.getOrDefault(number, UNKNOWN);
    }
}
