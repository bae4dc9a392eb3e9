package ansim.journal;

/**
 * How a journal is kept.
 *
 * @param segmentBytes length of each segment file, {@value #MIN_SEGMENT_BYTES} to {@value #MAX_SEGMENT_BYTES}; the largest
 *     group of entries that one append can take is about 1 KiB less
 * @param retain true: segments whose messages are all removed stay until {@link Journal#dropOldestSegment}; false: they go
 *     by themselves once the removal is durable
 * @param tornTail what recovery does with good entries behind a damaged one in the last write before a crash
 */
public record JournalOptions(int segmentBytes, boolean retain, TornTail tornTail) {
    public static final int MIN_SEGMENT_BYTES = 4 * 1024;
    public static final int MAX_SEGMENT_BYTES = 1024 * 1024 * 1024;
    public static final int MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

    /** What was written but never seen durable by its writer may come back with holes. */
    public enum TornTail {
        /** Keep every good entry and report the holes: for a unit, whose messages stand for themselves. */
        SALVAGE,
        /** Keep what lies before the first hole: for the hub's log, where each entry follows from the ones before. */
        CUT
    }

    public JournalOptions {
        if (segmentBytes < MIN_SEGMENT_BYTES || segmentBytes > MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException("segmentBytes must be in [" + MIN_SEGMENT_BYTES + ", "
                    + MAX_SEGMENT_BYTES + "] (got " + segmentBytes + ")");
        }
    }

    /** A unit's lane: removed segments are retained until the lane drops them. */
    public static JournalOptions unit(int segmentBytes) {
        return new JournalOptions(segmentBytes, true, TornTail.SALVAGE);
    }

    /** The hub's log: 64 MiB segments, nothing is ever removed. */
    public static JournalOptions hub() {
        return new JournalOptions(64 * 1024 * 1024, true, TornTail.CUT);
    }
}
