package ansim.wire;

/** How far the wall clock of a message can be trusted, best first. */
public enum TimeQuality implements Coded {
    /** GNSS with its pulse per second. */
    GNSS_PPS(0),
    GNSS(1),
    NTP(2),
    /** Kept by the unit's own oscillator since a better source was lost. */
    HELD_OVER(3),
    /** No wall time: only boot and monotonic time date the message until an anchor does. */
    UNKNOWN(4);

    private final int code;

    TimeQuality(int code) {
        this.code = code;
    }

    /** The number on the wire, 0 to 4. */
    @Override
    public int code() {
        return code;
    }
}
