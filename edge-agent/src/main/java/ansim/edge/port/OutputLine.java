package ansim.edge.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A GPIO output: a light or a buzzer. Off when made and when closed. Setting it never throws and never waits for a device: a
 * line that cannot be set is reported by {@link #error} and tried again with the next change.
 *
 * <p>A simulated line {@code sim:PATH} is a text file {@code LEVEL RISING-EDGES}: the count lets somebody who polls see every
 * pulse. Thread-safe.
 */
public final class OutputLine implements AutoCloseable {
    private final Path file;
    private final Path next;
    private boolean high;
    private long risingEdges;
    private Optional<String> error = Optional.empty();

    /**
     * Opens the line and switches it off.
     *
     * @param line its name in the configuration
     * @throws IllegalArgumentException if there can be no such line
     */
    public OutputLine(String line) {
        file = LineName.file(line);
        next = file.resolveSibling(file.getFileName() + ".next");
        risingEdges = edgesSoFar();
        write();
    }

    /**
     * Checks a line's name.
     *
     * @throws IllegalArgumentException if there can be no such line
     */
    public static void check(String line) {
        LineName.check(line);
    }

    /** Switches it. */
    public synchronized void set(boolean on) {
        if (on && !high) {
            risingEdges++;
        }
        high = on;
        write();
    }

    /** Why the line could not be set the last time; empty when it could. */
    public synchronized Optional<String> error() {
        return error;
    }

    @Override
    public void close() {
        set(false);
    }

    private long edgesSoFar() {
        try {
            String text = Files.readString(file).trim();
            return Long.parseLong(text.substring(text.indexOf(' ') + 1));
        } catch (IOException | NumberFormatException notYetThere) {
            return 0;
        }
    }

    private void write() {
        try {
            Files.writeString(next, (high ? 1 : 0) + " " + risingEdges + "\n");
            Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
            error = Optional.empty();
        } catch (IOException e) {
            error = Optional.of(e.toString());
        }
    }
}
