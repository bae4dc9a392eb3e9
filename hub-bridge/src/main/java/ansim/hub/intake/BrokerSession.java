package ansim.hub.intake;

import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** One unit behind the city's broker, as one connection of ours heard it. Any thread. */
final class BrokerSession implements Session {
    private final CityBroker broker;
    private final BrokerConnection connection;
    private final Id16 unit;
    private final String source;
    private final ReceiptsDue receiptsDue = new ReceiptsDue();
    private final AtomicBoolean greeting = new AtomicBoolean();
    private volatile long heardNanos = System.nanoTime();

    BrokerSession(CityBroker broker, BrokerConnection connection, Id16 unit, boolean registered) {
        this.broker = broker;
        this.connection = connection;
        this.unit = unit;
        this.source = registered ? "unit " + unit : "the city's broker";
    }

    void heard() {
        heardNanos = System.nanoTime();
    }

    long heardNanos() {
        return heardNanos;
    }

    @Override
    public Id16 unit() {
        return unit;
    }

    @Override
    public String source() {
        return source;
    }

    /** Whether the unit listens only the broker knows. */
    @Override
    public boolean isSubscribed() {
        return !connection.isOver();
    }

    @Override
    public ReceiptsDue receiptsDue() {
        return receiptsDue;
    }

    @Override
    public AtomicBoolean greeting() {
        return greeting;
    }

    @Override
    public void answer(List<Incoming> messages) {
        connection.answered(messages);
    }

    @Override
    public void receipt(List<Map<Lane, List<Receipted>>> receipts) {
        receipts.forEach(each -> broker.tell(unit, () -> broker.rooms().signer().receipt(unit, each)));
    }

    @Override
    public void refused(Incoming incoming, Refused.Refusal refusal) {
        broker.tell(unit, () -> broker.rooms().signer().refused(unit, incoming.lane, refusal));
    }
}
