/**
 * Keys and certificates of the links between units and the hub, as X.509 (RFC 5280), PKCS#10 (RFC 2986) and PKCS#7 (RFC 5652) have
 * them, and who is believed at the other end of a connection.
 *
 * <p>What signs messages is not here but in {@code ansim.wire}: a link's certificate ends after a year, a message is to be verified
 * for ever. Everything here is pure: no file, no socket, no thread; time and randomness come in.
 */
@NullMarked
package ansim.trust;

import org.jspecify.annotations.NullMarked;
