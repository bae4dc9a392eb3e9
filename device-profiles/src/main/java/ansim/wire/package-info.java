/**
 * The message contract, version 1: what a unit and the hub say to each other, as bytes.
 *
 * <p>Deterministic CBOR (RFC 8949 section 4.2) with integer keys inside a COSE_Sign1 (RFC 9052 section 4.2). {@code wire.cddl}
 * beside this package is the same contract in CDDL (RFC 8610), held to the code by a test.
 *
 * <p>Everything here is pure: no I/O, no clock, no thread. Values are immutable and may be shared between threads.
 */
@NullMarked
package ansim.wire;

import org.jspecify.annotations.NullMarked;
