package ansim.hub.core;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the log and its place.
 *
 * @param index its index in the log
 * @param keyId what its content is sealed under
 * @param entry the entry
 */
public record Logged(long index, OptionalLong keyId, LogEntry entry) {
    /** The key's id as a column of a table; null when nothing is sealed. */
    public @Nullable Long key() {
        return keyId.isPresent() ? keyId.getAsLong() : null;
    }
}
