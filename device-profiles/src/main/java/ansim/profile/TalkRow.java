package ansim.profile;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One row of a recorded conversation: {@code <ms> <in|out> <hex>}, the hex with or without spaces.
 *
 * @param ms monotonic
 * @param out the unit told the device; otherwise the device told the unit
 * @param hex what was said, upper-case pairs of digits without spaces
 */
public record TalkRow(long ms, boolean out, String hex) {
    private static final Pattern ROW = Pattern.compile("\\s*(\\d{1,15})\\s+(in|out)\\s+((?:[0-9A-Fa-f]{2}\\s*)+)");

    /**
     * Reads a row.
     *
     * @throws IllegalArgumentException with the rule that the row breaks
     */
    public static TalkRow parse(String row) {
        Matcher parts = ROW.matcher(row);
        if (!parts.matches()) {
            throw new IllegalArgumentException("a row must be <ms> <in|out> <pairs of hex digits> (got '" + row + "')");
        }
        byte[] bytes = HexFormat.of().parseHex(parts.group(3).replaceAll("\\s", ""));
        return new TalkRow(
                Long.parseLong(parts.group(1)),
                parts.group(2).equals("out"),
                HexFormat.of().withUpperCase().formatHex(bytes));
    }

    /** What was said. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }
}
