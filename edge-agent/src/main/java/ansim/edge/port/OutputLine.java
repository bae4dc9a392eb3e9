package ansim.edge.port;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A GPIO output: a light, a buzzer, a relay. Off when made and when closed. Setting it never throws and never waits for a device: a
 * line that cannot be set is reported by {@link #error}, and {@link #retry} and the next change try it again.
 *
 * <p>Not guaranteed: that it goes off when the process is killed. The kernel then takes the line back, and many chips leave its
 * level as it was; it is off when the next process has made it. A relay that must drop then needs a resistor to its resting level.
 *
 * <p>A simulated line {@code sim:PATH} is a text file {@code LEVEL TIMES-ON}, see {@link SimulatedOutput}. Thread-safe.
 */
public final class OutputLine implements AutoCloseable {
    private final LineName line;
    private final boolean activeHigh;
    private final Supplier<GpioChips> chips;
    private Optional<Output> output = Optional.empty();
    private boolean on;
    private boolean closed;
    private long timesOn;
    private boolean counted;
    private Optional<String> error = Optional.empty();

    /**
     * Opens a line that is high while it is on, and switches it off.
     *
     * @param line its name in the configuration
     * @throws IllegalArgumentException if there can be no such line
     */
    public OutputLine(String line) {
        this(line, true);
    }

    /**
     * Opens the line and switches it off.
     *
     * @param line its name in the configuration
     * @param activeHigh the electrical level that is on
     * @throws IllegalArgumentException if there can be no such line
     */
    public OutputLine(String line, boolean activeHigh) {
        this(line, activeHigh, GpioChips::real);
    }

    OutputLine(String line, boolean activeHigh, Supplier<GpioChips> chips) {
        this.line = LineName.parse(line);
        this.activeHigh = activeHigh;
        this.chips = chips;
        write();
    }

    /**
     * Checks a line's name.
     *
     * @throws IllegalArgumentException if there can be no such line
     */
    public static void check(String line) {
        LineName.parse(line);
    }

    /** Switches it. */
    public synchronized void set(boolean to) {
        if (to && !on) {
            timesOn++;
        }
        on = to;
        write();
    }

    /**
     * Tries a line again that could not be set, or whose chip has gone since; otherwise does nothing. A chip that has gone must be let
     * go: while anybody holds a line of it the kernel gives its number to no other, and it comes back under another name.
     */
    public synchronized void retry() {
        if (error.isPresent() || gone()) {
            write();
        }
    }

    private boolean gone() {
        try {
            if (output.isPresent()) {
                output.get().check();
            }
            return false;
        } catch (IOException e) {
            failed(e);
            return true;
        }
    }

    /** Why the line could not be set the last time; empty when it could. */
    public synchronized Optional<String> error() {
        return error;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            set(false);
            closed = true;
            output.ifPresent(Output::close);
            output = Optional.empty();
        }
    }

    private void write() {
        if (closed) {
            return;
        }
        boolean high = on == activeHigh;
        try {
            if (output.isEmpty()) {
                output = Optional.of(open(high));
                timesOn += counted ? 0 : output.get().timesOn();
                counted = true;
            }
            output.get().set(high, timesOn);
            error = Optional.empty();
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException e) {
        error = Optional.of(String.valueOf(e.getMessage()));
        output.ifPresent(Output::close);
        output = Optional.empty();
    }

    private Output open(boolean high) throws IOException {
        return line.simulated()
                ? new SimulatedOutput(line.file().orElseThrow())
                : new GpioOutput(chips.get(), line, high);
    }
}
