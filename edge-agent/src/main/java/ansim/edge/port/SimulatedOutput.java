package ansim.edge.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** An output for machines without GPIO: a text file {@code LEVEL TIMES-ON}; the count lets somebody who polls see every pulse. */
final class SimulatedOutput implements Output {
    private final Path file;
    private final Path next;

    SimulatedOutput(Path file) {
        this.file = file;
        this.next = file.resolveSibling(file.getFileName() + ".next");
    }

    @Override
    public long timesOn() {
        try {
            String text = Files.readString(file).trim();
            return Long.parseLong(text.substring(text.indexOf(' ') + 1));
        } catch (IOException | NumberFormatException notYetThere) {
            return 0;
        }
    }

    @Override
    public void set(boolean high, long timesOn) throws IOException {
        Files.writeString(next, (high ? 1 : 0) + " " + timesOn + "\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() {
        // nothing is held open between two changes
    }
}
