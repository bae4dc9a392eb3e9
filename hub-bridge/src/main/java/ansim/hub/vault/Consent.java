package ansim.hub.vault;

import java.time.Instant;
import java.util.Optional;

/**
 * A rider's word, as it was recorded; a later one counts, none is ever changed.
 *
 * @param guardian whom it is about, 32 hexadecimal digits; empty for all that the vault does for the rider
 * @param given given or withdrawn
 * @param by who recorded it, and on whose word
 * @param from since when it counts
 * @param recorded when it was recorded
 */
public record Consent(Optional<String> guardian, boolean given, String by, Instant from, Instant recorded) {}
