package ansim.wire;

/** Where an alarm stands. A cancel appends, it never deletes. */
public enum Phase implements Coded {
    RAISED(1),
    REPEATED(2),
    /** Cancelled (panic) or cleared (tamper). */
    CANCELLED(3);

    private final int code;

    Phase(int code) {
        this.code = code;
    }

    /** The number on the wire, 1 to 3. */
    @Override
    public int code() {
        return code;
    }
}
