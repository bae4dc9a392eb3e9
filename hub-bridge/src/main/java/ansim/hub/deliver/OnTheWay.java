package ansim.hub.deliver;

import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Place;
import ansim.hub.ledger.Provisions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One event between its sending and the cursor's move, or a range of entries that are dropped. Only with the last event of an entry the entry
 * is done. The outcome may be set by any thread, the rest is the courier's.
 */
final class OnTheWay {
    /** Nothing to write down. */
    static final CompletableFuture<Void> BOOKED = CompletableFuture.completedFuture(null);

    final long slot;
    final Place place;
    final boolean last;
    final boolean again;
    final String id;
    /** What is to be written down when it is given; empty for what is nobody's. */
    final Optional<Provisions.Provision> provision;
    /** Entries that it stands for; more than one when they are dropped. */
    final long entries;

    /** It was sent, or may have been before: then it is written down who was given it. */
    boolean sent;

    volatile @Nullable Outcome outcome;
    CompletableFuture<Void> booked = BOOKED;

    OnTheWay(Step step, String id, boolean last, Optional<Provisions.Provision> provision) {
        this(step, id, last, provision, 1);
    }

    private OnTheWay(Step step, String id, boolean last, Optional<Provisions.Provision> provision, long entries) {
        this.slot = step.slot;
        this.place = step.place();
        this.again = step.again;
        this.last = last;
        this.id = id;
        this.provision = provision;
        this.entries = entries;
    }

    /** Where a courier goes next. */
    record Step(long slot, long logIndex, int part, boolean again) {
        Place place() {
            return new Place(logIndex, part);
        }
    }

    /** Entries that are not sent at all, up to a slot. */
    static OnTheWay dropped(long slot, long logIndex, long entries) {
        return new OnTheWay(new Step(slot, logIndex, 0, false), "", true, Optional.empty(), entries);
    }

    boolean isDropped() {
        return outcome == null;
    }
}
