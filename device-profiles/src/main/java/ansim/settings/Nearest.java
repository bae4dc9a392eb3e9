package ansim.settings;

/** What a mistyped word may have meant. */
final class Nearest {
    private static final int MOST_EDITS = 2;

    private Nearest() {}

    static String suggestion(String word, Iterable<String> known) {
        String best = "";
        int fewest = MOST_EDITS + 1;
        for (String candidate : known) {
            int edits = edits(word, candidate);
            if (edits < fewest && edits < candidate.length()) {
                fewest = edits;
                best = candidate;
            }
        }
        return best.isEmpty() ? "" : " (did you mean " + best + "?)";
    }

    /** Levenshtein distance, by two rows. */
    private static int edits(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int swap = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(swap, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
