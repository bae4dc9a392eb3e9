/** Bytes and edges in, relays out: the unit's own serial ports and lines. */
@NullMarked
package ansim.edge.port;

import org.jspecify.annotations.NullMarked;
