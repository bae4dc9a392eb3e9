package ansim.hub.view;

/**
 * How one ride stands: a {@link Driven} of which each message changes hardly more than its time, which is changed in place as in
 * {@link HeardSince}. Any thread.
 */
final class DrivenSince {
    private Driven driven;
    private long seenMs;
    private boolean written;

    /** As its row has it, or not written yet. */
    DrivenSince(Driven driven) {
        this.driven = driven;
        this.seenMs = driven.seenMs();
    }

    synchronized void set(Driven now) {
        if (!now.equals(driven.seen(now.seenMs()))) {
            driven = now;
        }
        seenMs = now.seenMs();
        written = false;
    }

    synchronized void written() {
        written = true;
    }

    synchronized boolean isWritten() {
        return written;
    }

    synchronized Driven driven() {
        return driven.seenMs() == seenMs ? driven : driven.seen(seenMs);
    }
}
