/** How the hub is, in numbers for Prometheus and in one word for whoever keeps it running. No unit, no rider, no vehicle is named. */
@NullMarked
package ansim.hub.metrics;

import org.jspecify.annotations.NullMarked;
