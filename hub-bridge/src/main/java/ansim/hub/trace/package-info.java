/** The way of single messages through the hub, told to an OpenTelemetry collector by setting. */
@NullMarked
package ansim.hub.trace;

import org.jspecify.annotations.NullMarked;
