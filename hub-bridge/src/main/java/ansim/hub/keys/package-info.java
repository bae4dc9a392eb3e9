/**
 * The keys under which what belongs to a ride or a day is sealed in the log: {@code ridekeys.db}, outside log and backup. Destroying a key is what
 * erases; the log only grows.
 */
@NullMarked
package ansim.hub.keys;

import org.jspecify.annotations.NullMarked;
