package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Format;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A way to a centre. Thread-safe. */
interface Sink extends AutoCloseable {
    /** What became of one delivery. */
    record Outcome(Verdict verdict, String why) {
        static final Outcome TAKEN = new Outcome(Verdict.TAKEN, "");

        static Outcome failed(Throwable error) {
            return new Outcome(Verdict.FAILED, Problems.words(error));
        }
    }

    /** Whether to go on. */
    enum Verdict {
        /** The centre has it. */
        TAKEN,
        /** The centre will never take it: go on without. */
        REFUSED,
        /** It was erased before its turn came: nothing is left to send. */
        ERASED,
        /** An operator does not want it sent. */
        SKIPPED,
        /** Try again later; nothing behind it may overtake it. */
        FAILED
    }

    /** Where an event stands, in the order in which a cursor goes through them: its entry, and which of the entry's events it is. */
    record Place(long logIndex, int part) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return logIndex == other.logIndex
                    ? Integer.compare(part, other.part)
                    : Long.compare(logIndex, other.logIndex);
        }
    }

    /**
     * The bytes and what they are.
     *
     * @param format of the bytes
     * @param bytes what is sent
     * @param unit the unit's id, hex
     * @param attributes the CloudEvent's own, by name: specversion, id, source, type, time, subject
     */
    record Body(Format format, byte[] bytes, String unit, Map<String, String> attributes) {
        static final String COSE_TYPE = "application/cose; cose-type=\"cose-sign1\"";

        String contentType() {
            return format == Format.COSE ? COSE_TYPE : CloudEvent.CONTENT_TYPE;
        }
    }

    /**
     * What is sent and where to.
     *
     * @param id of the event, the same at every repeat
     * @param place where it stands
     * @param district whose copy it is
     * @param alarm its class
     * @param again whether it goes again because somebody asked for it
     * @param attempt raised whenever something has failed and all from there on goes again
     */
    record Parcel(String id, Place place, String district, boolean alarm, boolean again, long attempt, Body body) {}

    /** Sends, at the latest with {@link #flush}; the future never fails. It completes within a bounded time unless a centre is connected that answers in its own. */
    CompletableFuture<Outcome> send(Parcel parcel);

    /** All that is to go now was handed over. A sink that sends several together waits for this, and for nothing else. */
    default void flush() {
        // Most send each at once.
    }

    /** How many may be on their way at once without losing their order. */
    int window();

    /** The same until something is taken again: what goes alone is not sent again and again with one that always fails. */
    default int windowAfterFailure() {
        return window();
    }

    /** Who is to be told when a sink that failed for want of a centre has one. */
    default void onReady(Runnable again) {
        // A sink that goes to the centre learns it by trying.
    }

    @Override
    void close();
}
