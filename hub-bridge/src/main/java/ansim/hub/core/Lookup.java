package ansim.hub.core;

import ansim.wire.Id16;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Where to look for what is stored of an old number of a chain. Answered by reading the log; the answer goes into
 * {@link Input.Arrival#known} of the same arrival, which is decided again.
 *
 * @param n the number in question
 * @param newest log index of the chain's newest message in order, 0 for none
 * @param side log index of the chain's newest message out of order, 0 for none
 */
public record Lookup(long n, long newest, long side) {

    /** The hub's log, committed or not: whatever the state has applied. */
    @FunctionalInterface
    public interface Log {
        /** The entry at that index; it must exist. */
        LogEntry read(long index) throws IOException;
    }

    /** Walks the log: at most 64 + 64 + n / 4096 entries in order, and every entry out of order. */
    public Set<Id16> answer(Log log) throws IOException {
        Set<Id16> hashes = new LinkedHashSet<>();
        for (long at = newest; at != 0; ) {
            LogEntry entry = log.read(at);
            if (entry.outline().n() == n) {
                hashes.add(entry.outline().payloadHash());
                break;
            }
            at = entry.output().links().towards(n);
        }
        for (long at = side; at != 0; ) {
            LogEntry entry = log.read(at);
            if (entry.outline().n() == n) {
                hashes.add(entry.outline().payloadHash());
            }
            at = entry.output().links().side();
        }
        return hashes;
    }
}
