/**
 * The hub's rules: one pure step from a state and an input to an output, the log entry that keeps both, and the map of districts.
 *
 * <p>No I/O, no clock, no thread: time comes in with the input. {@link ansim.hub.core.Step#decide} reads a state and changes
 * nothing; {@link ansim.hub.core.HubState#apply} takes a logged decision over, live and on replay alike.
 */
@NullMarked
package ansim.hub.core;

import org.jspecify.annotations.NullMarked;
