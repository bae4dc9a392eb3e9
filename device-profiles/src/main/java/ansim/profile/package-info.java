/**
 * A device described in one YAML file: line, framing, decoding, the readings it gives and its known answers; and the decoders
 * behind the shipped profiles. Pure: no ports, no threads, no clock; time comes in as an argument.
 */
@NullMarked
package ansim.profile;

import org.jspecify.annotations.NullMarked;
