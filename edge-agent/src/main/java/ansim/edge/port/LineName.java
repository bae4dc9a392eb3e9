package ansim.edge.port;

import java.nio.file.Path;

/** The name of a GPIO line in the configuration. */
final class LineName {
    static final String SIMULATED = "sim:";

    private LineName() {}

    /**
     * Checks that this program can drive the line.
     *
     * @throws IllegalArgumentException saying what a name looks like
     */
    static void check(String line) {
        if (!line.startsWith(SIMULATED) || line.length() == SIMULATED.length()) {
            throw new IllegalArgumentException(
                    "a line must be sim:PATH, a simulated line; this version does not drive GPIO "
                            + "hardware yet (got " + line + ")");
        }
    }

    /** The file of a simulated line. */
    static Path file(String line) {
        check(line);
        return Path.of(line.substring(SIMULATED.length()));
    }
}
