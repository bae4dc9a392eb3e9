/** Uplinks from a unit to the hub. */
@NullMarked
package ansim.edge.link;

import org.jspecify.annotations.NullMarked;
