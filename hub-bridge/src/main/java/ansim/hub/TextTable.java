package ansim.hub;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table for a terminal, whose columns also stand where Korean is two cells wide. One thread. */
final class TextTable {
    private final List<String[]> rows = new ArrayList<>();

    TextTable(String... headings) {
        rows.add(headings);
    }

    void row(String... cells) {
        rows.add(cells);
    }

    void print(PrintWriter out) {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], width(row[i]));
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row[i]);
                if (i < columns - 1) {
                    line.append(" ".repeat(widths[i] - width(row[i]) + 2));
                }
            }
            out.println(line);
        }
    }

    /** Cells of a terminal, by Unicode's East Asian Width (UAX #11): W and F take two. */
    static int width(String text) {
        return text.codePoints()
                .map(point -> isMark(point) ? 0 : isWide(point) ? 2 : 1)
                .sum();
    }

    private static boolean isMark(int point) {
        int type = Character.getType(point);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    private static boolean isWide(int point) {
        return point >= 0x1100 && point <= 0x115f // Hangul Jamo, leading
                || point >= 0x2e80 && point <= 0xa4cf && point != 0x303f // CJK, Kana, Yi
                || point >= 0xac00 && point <= 0xd7a3 // Hangul syllables
                || point >= 0xf900 && point <= 0xfaff // CJK compatibility
                || point >= 0xfe30 && point <= 0xfe6f
                || point >= 0xff00 && point <= 0xff60 // full-width forms
                || point >= 0xffe0 && point <= 0xffe6
                || point >= 0x1f300 && point <= 0x1faff // pictures
                || point >= 0x20000 && point <= 0x3fffd;
    }
}
