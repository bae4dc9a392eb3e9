package ansim.hub.core;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes log entries of the journal's payloads. Any thread.
 *
 * <p>Whoever reads the hub's own log has the ride keys; who only needs the chains does without, and sees of everything sealed what is left after
 * an erasure.
 */
public interface EntryReader {
    /** For a log without sealed entries: one that is sealed does not read. */
    EntryReader UNSEALED = (index, keyId, payload) -> {
        if (keyId.isPresent()) {
            throw new LogEntry.Unreadable(
                    "it is sealed under ride key " + keyId.getAsLong() + ", and no keys are open");
        }
        return LogEntry.decode(payload);
    };

    /** Reads of what is sealed the outline, whether the key is there or not: what it leads to does not depend on any key. */
    EntryReader OUTLINES = (index, keyId, payload) ->
            keyId.isPresent() ? LogEntry.decodeErased(SealedPayload.of(payload).clear()) : LogEntry.decode(payload);

    /**
     * Reads one.
     *
     * @param index its log index
     * @param keyId what its content is sealed under
     * @param payload as it lies in the journal
     * @throws LogEntry.Unreadable when it is damaged, of a newer version, or its key should be there and is not
     */
    LogEntry read(long index, OptionalLong keyId, byte[] payload) throws LogEntry.Unreadable;

    /** An entry of the log that can be had without reading the log; that there is none says nothing. */
    default Optional<Logged> atHand(long index) {
        return Optional.empty();
    }
}
