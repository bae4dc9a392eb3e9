package ansim.edge;

import ansim.edge.Outgoing.Offer;
import ansim.edge.Receipts.Outcome;
import ansim.edge.keys.HubTrust;
import ansim.edge.link.Uplink;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Refused;
import ansim.wire.WireException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.tinylog.Logger;

/**
 * Sends what the lanes hold and takes it away on the hub's signed receipt, never for any other reason.
 *
 * <p>Per chain at most {@value #WINDOW} messages are sent and not receipted, strictly in order of their numbers; lane 1 of
 * every chain goes before lane 2 of any. Everything in flight is sent again after a reconnect, and each message after 30 s,
 * doubling to 10 min. Which uplink carries is for {@link Ways}. Receipts, refusals and commands are
 * taken only if they verify with the hub's key and are meant for this unit.
 *
 * <p>One thread of its own; links only fill its bounded queue.
 */
final class Forwarder implements AutoCloseable {
    /** Sent and not receipted, per chain. */
    static final int WINDOW = 8;

    static final long RESEND_FIRST_MS = 30_000;
    static final long RESEND_LONGEST_MS = 600_000;
    /** A hub that lacks what lies before is answered with a new start after this, then after twice as long. */
    static final long HOLE_MS = 2_000;
    /** Messages from the hub that wait for this thread; more are dropped and counted: the hub sends receipts again. */
    static final int INBOX_MAX = 64;
    /** The issuer of everything that comes down. */
    static final String HUB = "hub";

    private static final long IDLE_MS = 500;
    /** How long a stop waits for this thread. It is never interrupted: it may be writing to a journal. */
    private static final long CLOSE_MS = 5_000;

    private final Outgoing outgoing;
    private final Receipts receipts;
    private final Commands commands;
    private final Identity identity;
    private final LongSupplier monoMs;
    private final Consumer<HeldMessage> onReceipted;
    private final Ways ways;
    private final BlockingQueue<Happening> inbox = new ArrayBlockingQueue<>(INBOX_MAX);
    private final AtomicBoolean woken = new AtomicBoolean();

    private final Map<Id8, Flight> flights = new HashMap<>();
    private final Counts counts = new Counts();
    private final Thread thread = new Thread(this::run, "forwarder");
    private volatile boolean closed;

    /** What a link told; {@code bytes} and {@code from} are empty for a wake-up. */
    private record Happening(Kind kind, byte[] bytes, Optional<Uplink> from) {
        private enum Kind {
            WAKE,
            RECEIVED
        }

        static final Happening WAKE = new Happening(Kind.WAKE, new byte[0], Optional.empty());
    }

    /** One message in flight. */
    private record Sent(HeldMessage message, long atMs, long againAfterMs) {}

    /** What is in flight of one chain. */
    private static final class Flight {
        final TreeMap<Long, Sent> sent = new TreeMap<>();
        long lastN;
        long holeAfterMs = HOLE_MS;

        void restart() {
            sent.clear();
            lastN = 0;
        }
    }

    /**
     * Who the hub is and who we are.
     *
     * @param hub says whether the hub has signed what comes down
     * @param unit what comes down must be meant for it
     */
    record Identity(HubTrust hub, Id16 unit) {}

    /**
     * Creates the forwarder; {@link #start} starts its thread.
     *
     * @param onReceipted told of each message of lanes 1 to 3 that the hub has taken, on this thread
     */
    Forwarder(
            Lanes lanes, Commands commands, Identity identity, LongSupplier monoMs, Consumer<HeldMessage> onReceipted) {
        this.outgoing = new Outgoing(lanes);
        this.receipts = new Receipts(lanes, outgoing);
        this.commands = commands;
        this.identity = identity;
        this.monoMs = monoMs;
        this.ways = new Ways(monoMs);
        this.onReceipted = onReceipted;
        thread.setDaemon(true);
    }

    /** Adds a way to the hub and lets it connect; the first is the preferred one. */
    void add(Uplink uplink) {
        ways.add(uplink, new Ways.Listener() {
            @Override
            public void wake() {
                Forwarder.this.wake();
            }

            @Override
            public void received(byte[] message) {
                tell(new Happening(Happening.Kind.RECEIVED, message, Optional.of(uplink)));
            }
        });
    }

    /** Whether lane 1 goes over a second way as well. */
    void alarmOnTwo(boolean on) {
        ways.alarmOnTwo(on);
    }

    /** Starts the thread; {@code onDefect} hears of it when it ends by one. */
    void start(Thread.UncaughtExceptionHandler onDefect) {
        thread.setUncaughtExceptionHandler(onDefect);
        thread.start();
    }

    /** There may be something new to send. Any thread, never blocks. */
    void wake() {
        if (!woken.getAndSet(true) && !inbox.offer(Happening.WAKE)) {
            // It has enough to wake up for, and looks afterwards; the next one must be told again.
            woken.set(false);
        }
    }

    private void tell(Happening happening) {
        if (!inbox.offer(happening)) {
            counts.inboxFull.increment();
        }
    }

    private void run() {
        try {
            while (!closed) {
                step(IDLE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Takes what came in, waiting for it up to {@code waitMs}, then sends what there is to send. At most {@link #INBOX_MAX} are taken:
     * a peer that sends faster than its signatures are verified holds up no alarm.
     */
    void step(long waitMs) throws InterruptedException {
        Happening happening = inbox.poll(waitMs, TimeUnit.MILLISECONDS);
        for (int taken = 1; happening != null; taken++) {
            if (happening.kind() == Happening.Kind.WAKE) {
                woken.set(false);
            } else {
                received(happening);
            }
            happening = taken < INBOX_MAX ? inbox.poll() : null;
        }
        commands.recall();
        if (ways.look()) {
            flights.clear();
        }
        pump(monoMs.getAsLong());
    }

    // ---- up

    private void pump(long nowMs) {
        if (!ways.isOpen()) {
            return;
        }
        List<Offer> offers = outgoing.offers();
        flights.keySet().retainAll(offers.stream().map(Offer::chain).toList());
        Set<Lane> full = EnumSet.noneOf(Lane.class);
        for (Offer offer : offers) {
            Flight flight = flights.computeIfAbsent(offer.chain(), chain -> new Flight());
            flight.sent.headMap(offer.receiptedN(), true).clear();
            // A link may have room for a lane below: CoAP has a queue for each, and MQTT keeps some for lane 4.
            boolean more =
                    !full.contains(offer.lane()) && sendAgain(offer, flight, nowMs) && sendNew(offer, flight, nowMs);
            if (!more) {
                full.add(offer.lane());
            }
        }
    }

    /** Returns false when the link takes no more of this lane. */
    private boolean sendAgain(Offer offer, Flight flight, long nowMs) {
        for (Map.Entry<Long, Sent> entry : flight.sent.entrySet()) {
            Sent sent = entry.getValue();
            if (nowMs - sent.atMs() < sent.againAfterMs()) {
                continue;
            }
            if (!send(offer.lane(), sent.message())) {
                return false;
            }
            entry.setValue(new Sent(sent.message(), nowMs, Math.min(2 * sent.againAfterMs(), RESEND_LONGEST_MS)));
        }
        return true;
    }

    private boolean sendNew(Offer offer, Flight flight, long nowMs) {
        while (flight.sent.size() < WINDOW) {
            Optional<HeldMessage> next =
                    outgoing.next(offer.lane(), offer.chain(), Math.max(flight.lastN, offer.receiptedN()));
            if (next.isEmpty()) {
                return true;
            }
            if (!send(offer.lane(), next.get())) {
                return false;
            }
            flight.lastN = next.get().n();
            flight.sent.put(flight.lastN, new Sent(next.get(), nowMs, RESEND_FIRST_MS));
        }
        return true;
    }

    private boolean send(Lane lane, HeldMessage message) {
        boolean taken = ways.send(lane, message.bytes());
        if (taken) {
            counts.sent.increment();
        }
        return taken;
    }

    // ---- down

    private void received(Happening happening) {
        Command command;
        try {
            DownMessage message = DownMessage.parse(happening.bytes());
            if (!identity.hub().verifies(message)) {
                counts.refuse("signature");
                return;
            }
            command = message.command();
        } catch (WireException e) {
            counts.refuse(e.reason().name().toLowerCase(Locale.ROOT));
            return;
        }
        if (!command.aud().equals(identity.unit()) || !command.iss().equals(HUB)) {
            counts.refuse("not for this unit");
            return;
        }
        switch (command.verb().number()) {
            case Receipt.NUMBER -> {
                happening.from().ifPresent(ways::receipted);
                receipt(command, (Receipt) command.verb());
            }
            case Refused.NUMBER -> refused(command.generation(), (Refused) command.verb());
            default -> commands.execute(command, receipts.highestGeneration());
        }
    }

    private void receipt(Command command, Receipt receipt) {
        Outcome outcome = receipts.receipt(command.generation(), receipt.lanes());
        if (outcome == Outcome.REWOUND) {
            flights.clear();
        }
        long nowMs = monoMs.getAsLong();
        counts.receiptAtMs.set(nowMs);
        for (Offer offer : outgoing.receipted(List.copyOf(flights.keySet()))) {
            Flight flight = flights.get(offer.chain());
            if (flight == null) {
                continue;
            }
            Map<Long, Sent> done = flight.sent.headMap(offer.receiptedN(), true);
            if (!done.isEmpty()) {
                done.values().forEach(sent -> onReceipted.accept(sent.message()));
                done.clear();
                flight.holeAfterMs = HOLE_MS;
            }
        }
        Map<Id8, Long> named = new HashMap<>();
        receipt.lanes().values().forEach(chains -> chains.forEach(each -> named.put(each.chain(), each.n())));
        flights.keySet().forEach(chain -> hole(chain, named.getOrDefault(chain, 0L), nowMs));
        if (outcome == Outcome.RAISED) {
            commands.heardHub(command.iatS(), receipts.highestGeneration());
        }
    }

    /**
     * The hub does not name what has been on its way for a while, or not even its chain: it lacks something before it, for a
     * receipt names the chains that it heard of last. Everything from the oldest held goes again, each time after twice as long
     * until a receipt raises. A hub that has nothing to name says nothing; then {@link #RESEND_FIRST_MS} brings the same.
     */
    private void hole(Id8 chain, long n, long nowMs) {
        Flight flight = flights.get(chain);
        if (flight == null || flight.sent.isEmpty() || n >= flight.sent.firstKey()) {
            return;
        }
        if (nowMs - flight.sent.firstEntry().getValue().atMs() >= flight.holeAfterMs) {
            flight.restart();
            flight.holeAfterMs = Math.min(2 * flight.holeAfterMs, RESEND_LONGEST_MS);
        }
    }

    private void refused(long generation, Refused refused) {
        if (generation < receipts.highestGeneration()) {
            return;
        }
        for (Map.Entry<Lane, Refused.Refusal> each : refused.lanes().entrySet()) {
            Refused.Refusal refusal = each.getValue();
            for (Map.Entry<Id8, Flight> entry : flights.entrySet()) {
                Optional<Sent> held = entry.getValue().sent.values().stream()
                        .filter(sent -> sent.message().messageHash().equals(refusal.message()))
                        .findFirst();
                if (held.isPresent()) {
                    Logger.warn(
                            "lane {}: the hub refuses a message: {}",
                            each.getKey().number(),
                            refusal.reason());
                    receipts.refused(each.getKey(), entry.getKey(), held.get().message());
                    entry.getValue().restart();
                    counts.refusedByHub.increment();
                    break;
                }
            }
        }
    }

    /** Messages in memory, sent and not receipted: all that this holds of a backlog. On the forwarder's thread. */
    int inFlight() {
        return flights.values().stream().mapToInt(flight -> flight.sent.size()).sum();
    }

    Counts counts() {
        return counts;
    }

    List<Uplink.Status> links() {
        return ways.statuses();
    }

    @Override
    public void close() {
        closed = true;
        wake();
        ways.close();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
