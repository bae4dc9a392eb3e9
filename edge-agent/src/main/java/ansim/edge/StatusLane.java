package ansim.edge;

import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Lane 4: the newest {@value #NEWEST} status messages, in memory only. Its chain is the agent's start counter; a displaced
 * message is counted and never sent again. Guarded by {@link Lanes}.
 */
final class StatusLane {
    static final int NEWEST = 16;

    private final Deque<HeldMessage> held = new ArrayDeque<>();
    private final StartCounter starts;
    private long counter;
    private long lastN;
    private long displaced;

    StatusLane(StartCounter starts) {
        this.starts = starts;
        this.counter = starts.next();
    }

    Id8 id() {
        return new Id8(counter);
    }

    long lastN() {
        return lastN;
    }

    /** The number of the oldest held, one above the last when nothing is. */
    long firstHeld() {
        HeldMessage first = held.peekFirst();
        return first == null ? lastN + 1 : first.n();
    }

    long waiting() {
        return held.size();
    }

    long displaced() {
        return displaced;
    }

    void add(Sealer sealer, Draft draft) {
        UpMessage message =
                sealer.seal(new Sealer.Place(Lane.STATUS, id(), lastN + 1, Optional.empty(), 0, false), List.of(draft));
        lastN++;
        held.addLast(HeldMessage.of(message));
        if (held.size() > NEWEST) {
            held.removeFirst();
            displaced++;
        }
    }

    Optional<HeldMessage> firstAfter(long n) {
        return held.stream().filter(message -> message.n() > n).findFirst();
    }

    Optional<HeldMessage> get(long n) {
        return held.stream().filter(message -> message.n() == n).findFirst();
    }

    void receipted(long n) {
        held.removeIf(message -> message.n() <= n);
    }

    void drop(long n) {
        held.removeIf(message -> message.n() == n);
    }

    /** Goes on under another counter; what is held under the old one is displaced. */
    void restart(long newCounter) {
        counter = starts.store(newCounter);
        lastN = 0;
        displaced += held.size();
        held.clear();
    }
}
