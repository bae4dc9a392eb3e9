package ansim.hub.deliver;

import java.util.concurrent.CompletableFuture;

/** A way to a centre. Thread-safe. */
interface Sink extends AutoCloseable {
    /** What became of one delivery. */
    record Outcome(Verdict verdict, String why) {
        static final Outcome TAKEN = new Outcome(Verdict.TAKEN, "");
    }

    /** Whether to go on. */
    enum Verdict {
        /** The centre has it. */
        TAKEN,
        /** The centre will never take it: go on without. */
        REFUSED,
        /** It was erased before its turn came: nothing is left to send. */
        ERASED,
        /** Try again later; nothing behind it may overtake it. */
        FAILED
    }

    /** What is sent: the event's bytes and where to. */
    record Parcel(String id, String district, boolean alarm, byte[] json) {}

    /** Sends; the future never fails, and completes within a bounded time. */
    CompletableFuture<Outcome> send(Parcel parcel);

    /** How many may be on their way at once without losing their order. */
    int window();

    @Override
    void close();
}
