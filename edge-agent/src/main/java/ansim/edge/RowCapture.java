package ansim.edge;

import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A recording that is rows of text, each with its time: {@code <ms> <line> <0|1>} of a GPIO line, {@code <ms> <in|out> <hex>} of a
 * conversation. Empty rows and those that begin with {@code #} are skipped. One thread.
 *
 * @param <R> a row
 */
final class RowCapture<R> {
    /** A conversation's longest: 4 KiB in hex. */
    private static final int LONGEST_ROW = 8_400;

    private final String name;
    private final InputStream in;
    private final Format<R> format;
    private final byte[] row = new byte[LONGEST_ROW];
    private long number;
    private long lastMs;

    /**
     * What rows look like.
     *
     * @param parse reads one; throws IllegalArgumentException with the rule that it breaks
     * @param ms a row's time
     * @param example one that is right
     */
    record Format<R>(Function<String, R> parse, ToLongFunction<R> ms, String example) {}

    RowCapture(String name, InputStream in, Format<R> format) {
        this.name = name;
        this.in = in;
        this.format = format;
    }

    /** Reads to the end. A row that breaks the format, or goes back in time, ends the command. */
    void forEach(Consumer<R> consumer) throws IOException {
        int length = next();
        while (length >= 0) {
            String text = new String(row, 0, length, StandardCharsets.UTF_8).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                consumer.accept(parse(text));
            }
            length = next();
        }
    }

    /** The time of the last row. */
    long lastMs() {
        return lastMs;
    }

    private R parse(String text) {
        R parsed;
        try {
            parsed = format.parse().apply(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(name + ":" + number + ": " + e.getMessage(), looksLike());
        }
        long ms = format.ms().applyAsLong(parsed);
        if (ms < lastMs) {
            throw new CommandFailure(
                    name + ":" + number + ": time goes back from " + lastMs + " to " + ms + " ms",
                    "sort the rows by time");
        }
        lastMs = ms;
        return parsed;
    }

    private String looksLike() {
        return "rows look like: " + format.example();
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
                throw new CommandFailure(
                        name + ":" + number + ": a row is longer than " + LONGEST_ROW + " bytes", looksLike());
            }
            row[length++] = (byte) b;
            b = in.read();
        }
        return length;
    }
}
