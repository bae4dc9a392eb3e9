package ansim.edge;

import ansim.profile.LevelRow;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** A recorded line: rows of {@code <ms> <line> <0|1>}; empty rows and those that begin with {@code #} are skipped. */
final class LevelCapture {
    private static final int LONGEST_ROW = 256;
    private static final String TRY = "rows look like: 1500 lamp 1";

    private final String name;
    private final InputStream in;
    private final List<String> lines;
    private final byte[] row = new byte[LONGEST_ROW];
    private long number;
    private long lastMs;

    LevelCapture(String name, InputStream in, List<String> lines) {
        this.name = name;
        this.in = in;
        this.lines = lines;
    }

    /** Reads to the end. A row that breaks the format, or goes back in time, ends the command. */
    void forEach(Consumer<LevelRow> consumer) throws IOException {
        int length = next();
        while (length >= 0) {
            String text = new String(row, 0, length, StandardCharsets.UTF_8).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                LevelRow level = parse(text);
                lastMs = level.ms();
                consumer.accept(level);
            }
            length = next();
        }
    }

    /** The time of the last row. */
    long lastMs() {
        return lastMs;
    }

    private LevelRow parse(String text) {
        LevelRow level;
        try {
            level = LevelRow.parse(text, lines);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(name + ":" + number + ": " + e.getMessage(), TRY);
        }
        if (level.ms() < lastMs) {
            throw new CommandFailure(
                    name + ":" + number + ": time goes back from " + lastMs + " to " + level.ms() + " ms",
                    "sort the rows by time");
        }
        return level;
    }

    /** The next row's length, or -1 at the end. */
    private int next() throws IOException {
        number++;
        int length = 0;
        int b = in.read();
        if (b < 0) {
            return -1;
        }
        while (b >= 0 && b != '\n') {
            if (length == LONGEST_ROW) {
                throw new CommandFailure(name + ":" + number + ": a row is longer than " + LONGEST_ROW + " bytes", TRY);
            }
            row[length++] = (byte) b;
            b = in.read();
        }
        return length;
    }
}
