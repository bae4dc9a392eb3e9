package ansim.edge.port;

import ansim.profile.Reading;

/**
 * A reading and where it came from.
 *
 * @param port the port's name in the configuration
 * @param reading what the device said
 * @param monoMs CLOCK_MONOTONIC ms of its arrival
 */
public record PortReading(String port, Reading reading, long monoMs) {}
