/** Hash-chained files, and in them the record of who was given what of whom. */
@NullMarked
package ansim.hub.ledger;

import org.jspecify.annotations.NullMarked;
