package ansim.profile;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One row of a recorded line: {@code <ms> <line> <0|1>}, the line by its name or number.
 *
 * @param ms monotonic
 * @param line index into the profile's lines
 * @param high the level
 */
public record LevelRow(long ms, int line, boolean high) {
    private static final Pattern ROW = Pattern.compile("\\s*(\\d{1,15})\\s+(\\S{1,64})\\s+([01])\\s*");

    /**
     * Reads a row.
     *
     * @throws IllegalArgumentException with the rule that the row breaks
     */
    public static LevelRow parse(String row, List<String> lines) {
        Matcher parts = ROW.matcher(row);
        if (!parts.matches()) {
            throw new IllegalArgumentException("a row must be <ms> <line> <0|1> (got '" + row + "')");
        }
        int line = lines.indexOf(parts.group(2));
        if (line < 0 && parts.group(2).matches("\\d") && Integer.parseInt(parts.group(2)) < lines.size()) {
            line = Integer.parseInt(parts.group(2));
        }
        if (line < 0) {
            throw new IllegalArgumentException(
                    "the line must be one of " + String.join(", ", lines) + " (got '" + row + "')");
        }
        return new LevelRow(Long.parseLong(parts.group(1)), line, parts.group(3).equals("1"));
    }
}
