package ansim.hub.load;

import ansim.wire.Batch;
import ansim.wire.DownMessage;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;

/**
 * What was sent and is not receipted yet. A message counts as receipted when a receipt names it, or a later one of its chain, with the right hash
 * for the one that it names. Every {@value #VERIFY_EVERY}th receipt's signature is verified too. Any thread.
 */
final class Receipts {
    static final int VERIFY_EVERY = 64;
    private static final int LANES = Lane.values().length;
    private static final long LONGEST_US = 3_600_000_000L;

    private record Sent(long chain, long n, long hash, int positions, long nanos) {}

    private final VerifyKey hub;
    private final List<ArrayDeque<Sent>> waiting;
    private final LongAdder sent = new LongAdder();
    private final LongAdder receipted = new LongAdder();
    private final LongAdder positions = new LongAdder();
    private final LongAdder told = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final AtomicLong heard = new AtomicLong();
    /** Lanes 1 and 2, which are receipted at once; others once a second. */
    private final Recorder urgentUs = new Recorder(LONGEST_US, 3);

    Receipts(int units, VerifyKey hub) {
        this.hub = hub;
        this.waiting = new ArrayList<>(units * LANES);
        for (int i = 0; i < units * LANES; i++) {
            waiting.add(new ArrayDeque<>(0));
        }
    }

    private ArrayDeque<Sent> of(int unit, Lane lane) {
        return waiting.get(unit * LANES + lane.number() - 1);
    }

    /** Before it goes. */
    void sent(int unit, UpMessage message, int fixes) {
        Batch batch = message.batch();
        ArrayDeque<Sent> deque = of(unit, batch.lane());
        Sent one =
                new Sent(batch.chain().bits(), batch.n(), message.payloadHash8().bits(), fixes, System.nanoTime());
        synchronized (deque) {
            deque.addLast(one);
        }
        sent.increment();
    }

    int unreceipted(int unit, Lane lane) {
        ArrayDeque<Sent> deque = of(unit, lane);
        synchronized (deque) {
            return deque.size();
        }
    }

    /** What the hub told a unit. */
    void told(int unit, byte[] signed) {
        told.increment();
        try {
            DownMessage message = DownMessage.parse(signed);
            boolean verify = heard.incrementAndGet() % VERIFY_EVERY == 0;
            if ((verify && !message.verify(UnitKeyVerifier.INSTANCE, hub))
                    || !(message.command().verb() instanceof Receipt receipt)) {
                wrong.increment();
                return;
            }
            for (Map.Entry<Lane, List<Receipted>> each : receipt.lanes().entrySet()) {
                each.getValue().forEach(chain -> take(unit, each.getKey(), chain));
            }
        } catch (WireException e) {
            wrong.increment();
        }
    }

    private void take(int unit, Lane lane, Receipted chain) {
        ArrayDeque<Sent> deque = of(unit, lane);
        long now = System.nanoTime();
        synchronized (deque) {
            while (!deque.isEmpty()
                    && deque.element().chain() == chain.chain().bits()
                    && deque.element().n() <= chain.n()) {
                Sent first = deque.remove();
                if (first.n() == chain.n() && first.hash() != chain.hash().bits()) {
                    wrong.increment();
                }
                receipted.increment();
                positions.add(first.positions());
                if (lane == Lane.ALARM || lane == Lane.EVENT) {
                    urgentUs.recordValue(Math.min(LONGEST_US, (now - first.nanos()) / 1000));
                }
            }
        }
    }

    /** Counted so far. */
    record Counts(long sent, long receipted, long positions, long told, long wrong) {
        Counts since(Counts before) {
            return new Counts(
                    sent - before.sent,
                    receipted - before.receipted,
                    positions - before.positions,
                    told - before.told,
                    wrong - before.wrong);
        }
    }

    Counts counts() {
        return new Counts(sent.sum(), receipted.sum(), positions.sum(), told.sum(), wrong.sum());
    }

    /** From sending to the receipt, of lanes 1 and 2 since the last call. */
    Delays urgentDelays() {
        return Delays.of(urgentUs.getIntervalHistogram());
    }
}
