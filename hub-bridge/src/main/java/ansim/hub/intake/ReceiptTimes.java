package ansim.hub.intake;

import ansim.hub.core.HubState;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Gives connections their receipts: at once where {@link ReceiptsDue} says so, else when their time has come.
 *
 * <p>A receipt says what the state holds when it is given, so nothing may be applied and not committed then. The committer's thread.
 */
final class ReceiptTimes {
    private record DueAt(long nanos, Session session) {}

    private final HubState state;
    private final Tally tally;
    private final PriorityQueue<DueAt> later = new PriorityQueue<>(Comparator.comparingLong(DueAt::nanos));

    ReceiptTimes(HubState state, Tally tally) {
        this.state = state;
        this.tally = tally;
    }

    /** Gives a connection what is due to it now; for what is due later it is remembered, once. */
    void send(Session session, long nowNanos) {
        ReceiptsDue receipts = session.receiptsDue();
        if (!receipts.isPending()) {
            return;
        }
        if (!session.isSubscribed()) {
            receipts.clear();
            return;
        }
        long at = receipts.dueNanos(nowNanos);
        if (at <= nowNanos) {
            session.receipt(receipts.take(state.receipt(session.unit()), nowNanos));
            tally.trace().receipted(session);
        } else if (!receipts.isScheduled()) {
            receipts.schedule(true);
            later.add(new DueAt(at, session));
        }
    }

    /** Gives what was remembered and has become due. */
    void sendDue() {
        long now = System.nanoTime();
        while (!later.isEmpty() && later.element().nanos() <= now) {
            Session session = later.remove().session();
            session.receiptsDue().schedule(false);
            send(session, now);
        }
    }

    /** How long until the next is due, but not longer than that. */
    long untilNextNanos(long most) {
        return later.isEmpty()
                ? most
                : Math.max(0, Math.min(most, later.element().nanos() - System.nanoTime()));
    }
}
