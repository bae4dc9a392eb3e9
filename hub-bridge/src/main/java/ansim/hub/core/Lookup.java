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
 * @param newest log index of the chain's newest message in order, 0 for none, or when those in order need not be asked
 * @param side log index of the chain's newest message out of order, 0 likewise
 */
public record Lookup(long n, long newest, long side) {
    /**
     * Entries out of order that are read at most: those of a card that was cloned or put back once are found among a million. Whoever
     * makes more of a muddle than that has an old message stored again, under its one id, and holds up nobody's emergency.
     */
    static final int SIDE_READS = 512;

    /** The hub's log, committed or not: whatever the state has applied. */
    @FunctionalInterface
    public interface Log {
        /** The entry at that index; it must exist. */
        LogEntry read(long index) throws IOException;
    }

    /** Walks the log: at most 64 + 64 + n / 4096 entries in order, likewise in each run out of order, of those {@link #SIDE_READS} in all. */
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
        long at = side;
        for (int reads = 0; at != 0 && reads < SIDE_READS; reads++) {
            LogEntry entry = log.read(at);
            Links links = entry.output().links();
            boolean found = entry.outline().n() == n;
            if (found) {
                hashes.add(entry.outline().payloadHash());
            }
            long further = found ? 0 : links.towards(n);
            at = further == 0 ? links.side() : further;
        }
        return hashes;
    }
}
