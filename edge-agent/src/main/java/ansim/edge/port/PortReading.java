package ansim.edge.port;

import ansim.profile.Reading;

/**
 * A reading and where it came from. Immutable.
 *
 * @param port the port's name in the configuration
 * @param reading what the device said
 * @param monoMs when the profile's decoder gave it, CLOCK_MONOTONIC ms; a fix says how long it was held before
 */
public record PortReading(String port, Reading reading, long monoMs) {}
