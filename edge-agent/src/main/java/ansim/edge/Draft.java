package ansim.edge;

import ansim.wire.Body;

/**
 * A record before it is sealed into a message.
 *
 * @param body what it says
 * @param monoMs CLOCK_MONOTONIC ms of what it speaks of, on this boot
 */
record Draft(Body body, long monoMs) {}
