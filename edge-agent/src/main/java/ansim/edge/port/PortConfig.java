package ansim.edge.port;

import ansim.profile.Wire;
import ansim.settings.Default;
import ansim.settings.Section;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A port of the unit: a device behind a profile.
 *
 * @param name what health and logs call it: 1 to 32 lower-case letters, digits and dashes
 * @param profile a shipped profile's name or a profile file
 * @param serial the device of a serial profile, best by its stable name {@code /dev/serial/by-id/...}
 * @param gpio the lines of a GPIO profile, in the profile's order: {@code gpiochip0/17}, {@code cp2112_gpio/5} by its chip's label,
 *     {@code 17} for a line of the board's header, or {@code sim:PATH}, a simulated one, see {@link SimulatedLines}
 * @param tcp {@code HOST} or {@code HOST:PORT} of a TCP profile; the port is the profile's unless given
 * @param evdev the input device, best by its stable name {@code /dev/input/by-id/...-event-kbd}
 * @param pcsc the reader's name as PC/SC tells it, or the beginning of it; {@code any} for the first
 * @param options put over the profile's: {@code baud: 38400}, {@code active: low}
 */
public record PortConfig(
        String name,
        String profile,
        Optional<String> serial,
        Optional<List<String>> gpio,
        Optional<String> tcp,
        Optional<String> evdev,
        Optional<String> pcsc,
        @Default("{}") Section options) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,32}");

    /** Checks the name, and that there is one device. */
    public PortConfig {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name must be 1 to 32 lower-case letters, digits and dashes (got " + name + ")");
        }
        long devices = Stream.of(serial, gpio, tcp, evdev, pcsc)
                .filter(Optional::isPresent)
                .count();
        if (devices != 1) {
            throw new IllegalArgumentException("port " + name + " must have one of serial, gpio, tcp, evdev and pcsc");
        }
        gpio.ifPresent(LineName::parseAll);
    }

    /** How the device is wired. */
    public Wire wire() {
        if (serial.isPresent()) {
            return Wire.SERIAL;
        } else if (gpio.isPresent()) {
            return Wire.GPIO;
        } else if (tcp.isPresent()) {
            return Wire.TCP;
        }
        return evdev.isPresent() ? Wire.EVDEV : Wire.PCSC;
    }

    /** The device as it was written. */
    public String device() {
        return serial.or(() -> gpio.map(lines -> String.join(", ", lines)))
                .or(() -> tcp)
                .or(() -> evdev)
                .or(() -> pcsc)
                .orElseThrow();
    }
}
