/**
 * The unit's keys: the folder that holds them, how it gets them from the hub (docs/enrolment.md), how they are renewed, and whom the unit
 * believes.
 */
@NullMarked
package ansim.edge.keys;

import org.jspecify.annotations.NullMarked;
