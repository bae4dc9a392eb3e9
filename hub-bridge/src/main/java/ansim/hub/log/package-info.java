/** Reading the hub's log behind the one who writes it. */
@NullMarked
package ansim.hub.log;

import org.jspecify.annotations.NullMarked;
