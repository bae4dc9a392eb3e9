package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.util.SerialExecutor;
import org.jspecify.annotations.Nullable;

/**
 * One unit at the CoAP door, whatever address and association it has just now: its POSTs that wait for the commit, and what it is told
 * by Observe (RFC 7641).
 *
 * <p>The answer to a POST carries the receipt (2.04, or 4.09 for a hole) or the refusal (4.22). Observe tells the rest, one notification at
 * a time and each until it is acknowledged, so that none displaces another: {@link Limits#TO_TELL} receipts wait at most, and commands go
 * behind them in their order.
 *
 * <p>Everything here happens on one serial executor; the methods of {@link Session} may be called by any thread.
 */
final class CoapSession implements Session {
    private static final int SEQUENCE_MASK = 0xff_ffff;
    private static final int COSE_SIGN1 = MediaTypeRegistry.APPLICATION_COSE_SIGN1;

    private final CoapDoor door;
    private final Id16 unit;
    private final Executor serial;
    private final ReceiptsDue receiptsDue = new ReceiptsDue(Duration.ZERO);
    private final AtomicBoolean greeting = new AtomicBoolean();

    private final Map<Integer, CoapExchange> open = new HashMap<>();
    private final List<Settled> settled = new ArrayList<>();
    private final List<CoapExchange> asking = new ArrayList<>();
    private final ArrayDeque<byte[]> toTell = new ArrayDeque<>();
    private final OrdersDue ordersDue;
    private int nextId;
    private @Nullable Exchange observer;
    private boolean telling;
    private int sequence;
    private volatile long heardNanos;
    private volatile boolean observed;

    /** A POST that only waits for its receipt. */
    private record Settled(CoapExchange exchange, ResponseCode code) {}

    CoapSession(CoapDoor door, Id16 unit, ScheduledExecutorService threads) {
        this.door = door;
        this.unit = unit;
        this.serial = new SerialExecutor(threads);
        this.heardNanos = System.nanoTime();
        this.ordersDue = new OrdersDue(door.rooms().orders(), unit, door.rooms().clock(), new OrdersDue.Way() {
            @Override
            public boolean send(Order order) {
                return tellOrder(order);
            }

            @Override
            public void after(Duration delay, Runnable task) {
                var unused = threads.schedule(() -> execute(task), delay.toMillis(), TimeUnit.MILLISECONDS);
            }
        });
    }

    @Override
    public Id16 unit() {
        return unit;
    }

    /** The certificate has named it. */
    @Override
    public String source() {
        return "unit " + unit;
    }

    /** The answer to a POST reaches it, or it asks again. */
    @Override
    public boolean isSubscribed() {
        return true;
    }

    @Override
    public ReceiptsDue receiptsDue() {
        return receiptsDue;
    }

    @Override
    public AtomicBoolean greeting() {
        return greeting;
    }

    /** Whether it may be forgotten. Any thread. */
    boolean isIdle(long nowNanos) {
        return !observed && nowNanos - heardNanos > Limits.COAP_IDLE.toNanos();
    }

    /** A message of the unit. Any thread. */
    void post(CoapExchange exchange, Lane lane) {
        heardNanos = System.nanoTime();
        execute(() -> {
            Incoming incoming = new Incoming(
                    this,
                    nextId++,
                    lane,
                    exchange.getRequestPayload(),
                    door.rooms().nowMs());
            if (open.size() + settled.size() >= Limits.IN_FLIGHT
                    || !door.rooms().verification().offer(incoming)) {
                door.rooms().tally().count(Refusal.BUSY);
                exchange.respondOverload(Limits.COME_BACK_S);
                return;
            }
            open.put(incoming.packetId, exchange);
        });
    }

    /** The unit asks what there is for it; with Observe it is told from now on, and an older observer no more. Any thread. */
    void get(CoapExchange exchange) {
        heardNanos = System.nanoTime();
        execute(() -> {
            if (asking.size() >= Limits.TO_TELL) {
                door.rooms().tally().count(Refusal.BUSY);
                exchange.respondOverload(Limits.COME_BACK_S);
                return;
            }
            if (exchange.advanced().getRelation() != null) {
                observe(exchange.advanced());
            }
            asking.add(exchange);
            door.rooms().committer().greet(this);
        });
    }

    private void observe(Exchange by) {
        Exchange before = observer;
        if (before != null && !before.equals(by) && before.getRelation() != null) {
            before.execute(() -> before.getRelation().cancel());
        }
        observer = by;
        observed = true;
        telling = false;
        ordersDue.end();
    }

    @Override
    public void answer(List<Incoming> messages) {
        execute(() -> messages.forEach(this::settle));
    }

    private void settle(Incoming message) {
        CoapExchange exchange = open.remove(message.packetId);
        if (exchange == null) {
            return;
        }
        switch (message.fate()) {
            case TAKEN -> settled.add(new Settled(exchange, ResponseCode.CHANGED));
            case HOLE -> settled.add(new Settled(exchange, ResponseCode.CONFLICT));
            case REFUSED -> exchange.respond(ResponseCode.UNPROCESSABLE_ENTITY);
            case NOT_ALLOWED -> exchange.respond(ResponseCode.UNAUTHORIZED);
            case DEFECT -> exchange.respond(ResponseCode.INTERNAL_SERVER_ERROR);
            default -> throw new IllegalStateException("no such fate " + message.fate());
        }
    }

    /** What names single messages stands behind the whole and is given out first: the whole comes again with every answer. */
    @Override
    public void receipt(List<Map<Lane, List<Receipted>>> receipts) {
        execute(() -> {
            ArrayDeque<byte[]> signed = new ArrayDeque<>();
            receipts.forEach(each -> signed.addFirst(door.rooms().signer().receipt(unit, each)));
            byte[] whole = signed.isEmpty() ? new byte[0] : signed.getLast();
            for (Settled each : settled) {
                respond(each.exchange, each.code, signed.isEmpty() ? whole : signed.removeFirst());
            }
            settled.clear();
            for (CoapExchange each : asking) {
                respond(each, ResponseCode.CONTENT, whole);
                signed.pollLast();
            }
            asking.clear();
            signed.forEach(this::tell);
            if (observer != null && !ordersDue.isBegun()) {
                // Not before the answer to its GET: that is what makes it an observer.
                ordersDue.begin();
            }
        });
    }

    @Override
    public void refused(Incoming incoming, Refused.Refusal refusal) {
        execute(() -> {
            CoapExchange exchange = open.remove(incoming.packetId);
            if (exchange != null) {
                byte[] signed = door.rooms().signer().refused(unit, incoming.lane, refusal);
                respond(exchange, ResponseCode.UNPROCESSABLE_ENTITY, signed);
            }
        });
    }

    private void respond(CoapExchange exchange, ResponseCode code, byte[] signed) {
        Response response = new Response(code);
        if (signed.length > 0) {
            response.setPayload(signed);
            response.getOptions().setContentFormat(COSE_SIGN1);
        }
        if (exchange.advanced().getRelation() != null) {
            response.getOptions().setObserve(nextInSequence());
        }
        exchange.respond(response);
    }

    private int nextInSequence() {
        sequence = (sequence + 1) & SEQUENCE_MASK;
        return sequence;
    }

    /** Sends a signed message by Observe, after those that wait. Any thread. */
    void down(byte[] signed) {
        execute(() -> tell(signed));
    }

    private void tell(byte[] signed) {
        if (observer == null || !door.rooms().isAllowed(unit)) {
            door.rooms().tally().count(Refusal.RECEIPT_NOT_SENT);
            return;
        }
        if (toTell.size() >= Limits.TO_TELL) {
            toTell.removeFirst();
            door.rooms().tally().count(Refusal.RECEIPT_NOT_SENT);
        }
        toTell.addLast(signed);
        tellNext();
    }

    private void tellNext() {
        Exchange to = observer;
        if (to == null || telling) {
            return;
        }
        if (toTell.isEmpty()) {
            ordersDue.look();
        } else {
            sendNotification(to, toTell.getFirst());
        }
    }

    private boolean tellOrder(Order order) {
        Exchange to = observer;
        if (to == null || telling || !toTell.isEmpty() || !door.rooms().isAllowed(unit)) {
            return false;
        }
        sendNotification(to, door.rooms().signer().order(order));
        return true;
    }

    /** What the unit is ordered has changed. Any thread. */
    void ordersChanged() {
        execute(ordersDue::look);
    }

    private void sendNotification(Exchange to, byte[] first) {
        Response notification = new Response(ResponseCode.CONTENT);
        notification.setType(CoAP.Type.CON);
        notification.setPayload(first);
        notification.getOptions().setContentFormat(COSE_SIGN1);
        notification.getOptions().setObserve(nextInSequence());
        notification.addMessageObserver(new MessageObserverAdapter() {
            @Override
            public void onAcknowledgement() {
                execute(() -> told(to, first));
            }

            @Override
            protected void failed() {
                execute(() -> lost(to));
            }
        });
        telling = true;
        to.sendResponse(notification);
    }

    private void told(Exchange by, byte[] signed) {
        if (by.equals(observer)) {
            telling = false;
            toTell.remove(signed);
            tellNext();
        }
    }

    /** The observer is not there, or wants no more: it registers again when it is back, and is greeted then. */
    private void lost(Exchange by) {
        if (by.equals(observer)) {
            observer = null;
            observed = false;
            telling = false;
            ordersDue.end();
            toTell.forEach(each -> door.rooms().tally().count(Refusal.RECEIPT_NOT_SENT));
            toTell.clear();
        }
    }

    /** Ends the observation of a unit that may no longer be told anything (RFC 7641 section 4.2). Any thread. */
    void checkAllowed() {
        if (observed && !door.rooms().isAllowed(unit)) {
            execute(() -> {
                Exchange to = observer;
                if (to != null) {
                    door.rooms().tally().count(Refusal.SHUT_OUT, source(), "observed");
                    lost(to);
                    Response last = new Response(ResponseCode.UNAUTHORIZED);
                    last.setType(CoAP.Type.CON);
                    to.sendResponse(last);
                }
            });
        }
    }

    /** The relation of this exchange has ended. Any thread. */
    void unobserved(Exchange by) {
        execute(() -> lost(by));
    }

    private void execute(Runnable task) {
        serial.execute(task);
    }
}
