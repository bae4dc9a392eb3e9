/**
 * What a court gets of a ride: every signed message with the keys, the chain and the hub's seal, checked without a hub. Knows the log and the
 * contract; no socket, no command line.
 */
@NullMarked
package ansim.hub.evidence;

import org.jspecify.annotations.NullMarked;
