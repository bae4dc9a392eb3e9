package ansim.hub;

import java.util.Optional;

/**
 * A point that somebody typed.
 *
 * @param lat degrees, [-90, 90]
 * @param lon degrees, [-180, 180]
 */
record PointLine(double lat, double lon) {
    /** Two numbers with blanks, tabs or one comma between them. */
    static Optional<PointLine> parse(String line) {
        String text = line.strip();
        int end = separator(text, 0);
        if (end == text.length()) {
            return Optional.empty();
        }
        String rest = text.substring(end).strip();
        if (rest.startsWith(",")) {
            rest = rest.substring(1).strip();
        }
        if (separator(rest, 0) != rest.length() || !looksLikeNumber(rest) || !looksLikeNumber(text)) {
            return Optional.empty();
        }
        try {
            double lat = Double.parseDouble(text.substring(0, end));
            double lon = Double.parseDouble(rest);
            boolean inRange = Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
            return inRange ? Optional.of(new PointLine(lat, lon)) : Optional.empty();
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    /** Where the first number ends. */
    private static int separator(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) != ',' && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Java also reads NaN, hexadecimal and a trailing d or f; nobody types those for a point. */
    private static boolean looksLikeNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean usual = (c >= '0' && c <= '9') || "+-.eE, \t".indexOf(c) >= 0;
            if (!usual) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
