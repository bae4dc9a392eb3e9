package ansim.profile;

/**
 * One question at a time to a device that must be asked: what is still to be written, and whether the answer is late. The time
 * runs from when the question is made, written or not, so that a device whose line is gone is late, too. One thread.
 */
final class Dialogue {
    private final long timeoutMs;
    private byte[] outgoing = Decoder.NOTHING;
    private long askedMs;
    private boolean waiting;

    Dialogue(long timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    void ask(byte[] request, long monoMs) {
        outgoing = request;
        askedMs = monoMs;
        waiting = true;
    }

    /** What is to be written now, given once. */
    byte[] toSend() {
        byte[] request = outgoing;
        outgoing = Decoder.NOTHING;
        return request;
    }

    /** Is there a question without an answer? */
    boolean waiting() {
        return waiting;
    }

    /** The answer has come, or nobody waits for one any more. */
    void over() {
        waiting = false;
        outgoing = Decoder.NOTHING;
    }

    /** True once for a question whose answer did not come in time; it is then over. */
    boolean late(long monoMs) {
        boolean late = waiting && monoMs - askedMs >= timeoutMs;
        if (late) {
            over();
        }
        return late;
    }
}
