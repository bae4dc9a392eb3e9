package ansim.edge.port;

import ansim.settings.Default;
import ansim.settings.Section;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A port of the unit: a device behind a profile.
 *
 * @param name what health and logs call it: 1 to 32 lower-case letters, digits and dashes
 * @param profile a shipped profile's name or a profile file
 * @param serial the device of a serial profile, best by its stable name {@code /dev/serial/by-id/...}
 * @param gpio the line of a GPIO profile; {@code sim:PATH} is a simulated one, see {@link SimulatedLine}
 * @param options put over the profile's: {@code baud: 38400}, {@code active: low}
 */
public record PortConfig(
        String name,
        String profile,
        Optional<String> serial,
        Optional<String> gpio,
        @Default("{}") Section options) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,32}");

    /** Checks the name, and that there is one device. */
    public PortConfig {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name must be 1 to 32 lower-case letters, digits and dashes (got " + name + ")");
        }
        if (serial.isPresent() == gpio.isPresent()) {
            throw new IllegalArgumentException("port " + name + " must have either serial or gpio");
        }
        gpio.ifPresent(LineName::check);
    }

    /** The device as it was written. */
    public String device() {
        return serial.or(() -> gpio).orElseThrow();
    }
}
