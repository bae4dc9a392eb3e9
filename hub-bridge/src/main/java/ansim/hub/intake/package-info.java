/**
 * The doors by which messages come in, their verification, and the one thread that commits them: parse and verify in parallel by unit,
 * decide, append to the log, fsync, and only then answer. Everything between threads is a bounded queue; lane 1 overtakes in each.
 */
@NullMarked
package ansim.hub.intake;

import org.jspecify.annotations.NullMarked;
