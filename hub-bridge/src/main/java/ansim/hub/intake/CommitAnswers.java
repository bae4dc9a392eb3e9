package ansim.hub.intake;

import ansim.hub.core.Disposition;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.Order;
import ansim.hub.intake.CommitWork.Change;
import ansim.hub.trace.Trace;
import ansim.wire.Id16;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tells everybody what became of a batch, once it is durable: PUBACKs, orders, receipts, whoever waits. On the committer's thread. */
final class CommitAnswers {
    private final HubState state;
    private final KeyRing ring;
    private final OrderBook orders;
    private final Tally tally;
    private final ReceiptTimes receipts;

    CommitAnswers(HubState state, Committer.Known known, Tally tally, ReceiptTimes receipts) {
        this.state = state;
        this.ring = known.ring();
        this.orders = known.orders();
        this.tally = tally;
        this.receipts = receipts;
    }

    /** After its fsync. */
    void answer(CommitBatch batch) {
        long now = System.nanoTime();
        Map<Session, List<Incoming>> answered = new LinkedHashMap<>();
        for (CommitBatch.Decided each : batch.decided) {
            Incoming incoming = each.incoming();
            Disposition disposition = each.output().disposition();
            tally.count(disposition);
            tally.count(each.output().flags());
            incoming.settle(fate(disposition));
            answered.computeIfAbsent(incoming.session, session -> new ArrayList<>())
                    .add(incoming);
            if (disposition == Disposition.REFUSED) {
                tally.count(
                        Refusal.BY_LOG,
                        incoming.session.source(),
                        each.output().reason().orElse(""));
            } else {
                incoming.session.receiptsDue().add(incoming.lane, each.output());
            }
        }
        for (Trace.Followed each : batch.followed) {
            tally.trace().answered(each);
        }
        for (Session session : batch.greeted) {
            session.greeting().set(false);
            session.receiptsDue().greet();
            answered.putIfAbsent(session, new ArrayList<>());
        }
        // Before the receipts: a unit that has just heard of the hub's next key is told by that key.
        tellOrders(batch);
        answered.forEach((session, messages) -> {
            if (!messages.isEmpty()) {
                session.answer(messages);
            }
            receipts.send(session, now);
        });
        for (Change change : batch.changes) {
            if (change.input() instanceof Input.UnitChange unit) {
                ring.put(unit.unit());
            }
            change.done().complete(null);
        }
        batch.placed.forEach(each -> each.work().done().complete(each.result()));
        batch.erased.forEach(each -> each.work().done().complete(each.recorded()));
    }

    /** Of units that were ordered something, or may have answered. */
    private void tellOrders(CommitBatch batch) {
        Set<Id16> units = new LinkedHashSet<>();
        batch.placed.forEach(each -> units.add(each.work().order().unit()));
        batch.decided.stream()
                .map(each -> each.incoming().session.unit())
                .filter(orders::has)
                .forEach(units::add);
        for (Id16 unit : units) {
            List<Order> waiting = state.orders(unit);
            if (!waiting.equals(orders.of(unit))) {
                orders.put(unit, waiting);
            }
        }
    }

    private static Incoming.Fate fate(Disposition disposition) {
        return switch (disposition) {
            case HOLE -> Incoming.Fate.HOLE;
            case REFUSED -> Incoming.Fate.NOT_ALLOWED;
            default -> Incoming.Fate.TAKEN;
        };
    }
}
