/**
 * How a box becomes a unit: certificates over the URLs of EST (RFC 7030), message keys, and the claims that allow it
 * (docs/enrolment.md).
 */
@NullMarked
package ansim.hub.enrol;

import org.jspecify.annotations.NullMarked;
