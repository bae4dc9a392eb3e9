/**
 * A load of real signed messages for a hub, and what is measured of it. Knows nothing of the hub but what units, brokers and centres see of it,
 * its registry and its process's figures.
 */
@NullMarked
package ansim.hub.load;

import org.jspecify.annotations.NullMarked;
