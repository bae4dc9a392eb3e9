package ansim.edge.port;

import ansim.profile.Reading;

/**
 * A reading and where it came from. Immutable.
 *
 * @param port the port's name in the configuration
 * @param reading what the device said
 * @param monoMs when it was complete, CLOCK_MONOTONIC ms
 */
public record PortReading(String port, Reading reading, long monoMs) {}
