package ansim.hub.ledger;

import ansim.hub.core.Keep;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** Where it is written down who was given what. Thread-safe. */
@FunctionalInterface
public interface Provisions {
    /** Of a hub that keeps no record: for tests. */
    Provisions NONE = provision -> CompletableFuture.completedFuture(null);

    /** How certain it is that somebody has it. */
    enum Outcome {
        /** The centre said that it has it. */
        GIVEN,
        /** The centre had the bytes and refused them. */
        REFUSED,
        /** It was sent or may have been, without an answer, and is not sent again: it was erased, skipped or dropped. */
        PERHAPS;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One event that went to one centre. No name, no card, no plate.
     *
     * @param atMs when, ms since 1970 UTC
     * @param to who was given it: district and sink
     * @param outcome how certain it is
     * @param keep how long this record is kept
     * @param reason on what ground
     * @param unit whose: the unit's id, hex
     * @param ride in which ride, hex; empty outside rides or when only the outline of the event is left
     * @param event the event's id
     * @param type the event's type
     */
    record Provision(
            long atMs,
            String to,
            Outcome outcome,
            Keep keep,
            String reason,
            String unit,
            String ride,
            String event,
            String type) {
        /** The same with what became of it, and when. */
        public Provision as(Outcome became, long whenMs) {
            return new Provision(whenMs, to, became, keep, reason, unit, ride, event, type);
        }
    }

    /** Completes when it is on disk; exceptionally when it cannot be written, and then nothing goes on. */
    CompletableFuture<Void> add(Provision provision);
}
