package ansim.wire;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** MQTT topic names. No plate, card or ride ever stands in one. */
public final class Topics {
    private static final String PREFIX = "ansim/1/";
    private static final Pattern UNIT = Pattern.compile("[0-9a-f]{32}");
    private static final Pattern UP = Pattern.compile(PREFIX + "u/([0-9a-f]{32})/([1-4])");

    private Topics() {}

    /**
     * Where a unit publishes.
     *
     * @param unit the unit
     * @param lane the lane
     */
    public record Up(Id16 unit, Lane lane) {}

    /** {@code ansim/1/u/{unit}/{lane}}: a unit's messages, QoS 1, never retained. */
    public static String up(Id16 unit, Lane lane) {
        return PREFIX + "u/" + unit.hex() + "/" + lane.number();
    }

    /** Reads what {@link #up} writes; empty for any other topic. */
    public static Optional<Up> parseUp(String topic) {
        Matcher match = UP.matcher(topic);
        return match.matches()
                ? Lane.of(match.group(2).charAt(0) - '0').map(lane -> new Up(Id16.parse(match.group(1)), lane))
                : Optional.empty();
    }

    /** {@code ansim/1/u/{unit}/will}: a unit's last will, unsigned and a hint only. */
    public static String will(Id16 unit) {
        return PREFIX + "u/" + unit.hex() + "/will";
    }

    /** {@code ansim/1/d/{unit}}: receipts and commands to a unit. */
    public static String down(Id16 unit) {
        return PREFIX + "d/" + unit.hex();
    }

    /** {@code ansim/1/g/{district}/alarm} or {@code .../normal}: events on a centre's own broker. */
    public static String centre(String district, boolean alarm) {
        return PREFIX + "g/" + district + (alarm ? "/alarm" : "/normal");
    }

    /** Reads a unit in the one form that topics and {@code aud} allow: 32 lower-case hexadecimal digits. */
    static Optional<Id16> parseUnit(String hex) {
        return UNIT.matcher(hex).matches() ? Optional.of(Id16.parse(hex)) : Optional.empty();
    }
}
