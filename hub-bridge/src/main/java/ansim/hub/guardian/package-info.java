/**
 * Guardians: what of a ride they are told, in which words, and how it gets to them. Follows the log and hands notices to the vault, which knows
 * whom to tell; takes letters out of the vault's outbox and sends them. Of the vault only what is public: no key, no card.
 */
@NullMarked
package ansim.hub.guardian;

import org.jspecify.annotations.NullMarked;
