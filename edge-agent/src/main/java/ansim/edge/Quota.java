package ansim.edge;

/**
 * How much disk the lanes may take.
 *
 * @param totalBytes all three journals together; lanes 2 and 3 stop one segment before it, which stays for alarms and gaps
 * @param trackBytes the track lane alone
 * @param segmentBytes one journal segment
 */
record Quota(long totalBytes, long trackBytes, int segmentBytes) {
    /** A unit keeps at least four segments per lane. */
    static final int SEGMENTS_MIN = 12;

    /** The longest message and the state fit into half a segment. */
    static final int SEGMENT_BYTES_MIN = 32 * 1024;

    Quota {
        if (segmentBytes < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "a segment must have at least " + SEGMENT_BYTES_MIN + " bytes (got " + segmentBytes + ")");
        }
        if (totalBytes < (long) SEGMENTS_MIN * segmentBytes) {
            throw new IllegalArgumentException("the journal quota must hold " + SEGMENTS_MIN + " segments of "
                    + segmentBytes + " bytes (got " + totalBytes + " bytes)");
        }
    }
}
