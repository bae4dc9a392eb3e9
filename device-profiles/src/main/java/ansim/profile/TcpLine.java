package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;

/**
 * How a device is reached over TCP.
 *
 * @param port the TCP port, unless the configuration's address names one
 * @param connect stay keeps one connection open, and its loss is the loss of the device; when-asked connects when the profile has
 *     something to say, and the device may hang up afterwards
 * @param connectTimeout how long a connection may take
 */
public record TcpLine(
        @Range(min = 1, max = 65_535) int port,
        @Default("stay") Connect connect,
        @Default("2s") @Range(min = 100, max = 30_000) Duration connectTimeout) {
    /** When there is a connection. */
    public enum Connect {
        STAY,
        WHEN_ASKED
    }
}
