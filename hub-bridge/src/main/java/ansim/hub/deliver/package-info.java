/** A durable cursor per destination, and the sinks; also the reference centre at the other end of them. */
@NullMarked
package ansim.hub.deliver;

import org.jspecify.annotations.NullMarked;
