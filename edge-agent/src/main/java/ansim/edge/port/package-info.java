/** Bytes and edges in, relays out: the only place that knows serial ports and GPIO. */
@NullMarked
package ansim.edge.port;

import org.jspecify.annotations.NullMarked;
