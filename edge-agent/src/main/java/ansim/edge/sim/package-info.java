/** A taxi or a pole without hardware: devices on pseudo-terminals and simulated lines, and the people who use them. */
@NullMarked
package ansim.edge.sim;

import org.jspecify.annotations.NullMarked;
