package ansim.edge.link;

import ansim.edge.keys.CoapIdentity;
import ansim.wire.Lane;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * CoAP over DTLS 1.2 with Connection ID and the unit's certificate (RFC 7252, 7641, 7959, 9146): a POST's answer carries the receipt,
 * what else comes down comes by Observe of {@code /d}.
 *
 * <p>One POST of each lane is on its way at a time, so that a lost datagram makes no hole and an alarm waits for no track; behind it wait
 * at most {@value #WAITING_MAX} of the lane. 5.03 holds all lanes for its Max-Age. A POST that has timed out is begun again. The link is
 * down when nothing was heard for {@value #SILENT_S} s although something was asked; then, and only then, the session is resumed
 * or begun anew, with {@link Backoff}. Another port or address of ours needs neither. A defect costs the connection, never the link.
 *
 * <p>Threads: {@code link-coap} does everything, DTLS and timers included; Scandium's {@code DTLS-Receiver} reads the socket.
 */
public final class CoapUplink implements Uplink {
    /** Messages of one lane handed over and not answered; more are refused to the caller. */
    static final int WAITING_MAX = 8;
    /** Silent for so long, it asks whether the hub is there: also what keeps a NAT's entry. */
    static final int KEEP_ALIVE_S = 20;
    /** Asked for so long without hearing anything, it is down. */
    static final int SILENT_S = 20;
    /** Seconds for the handshake and the answer to Observe. */
    static final int ANSWER_S = 10;
    /** The observation is told again so often: the hub may have given it up unheard. */
    static final int OBSERVE_AGAIN_S = 300;
    /** Connects failing in a row before a fresh socket and session are taken. */
    static final int FAILURES_MAX = 3;

    private static final int WATCH_MS = 500;
    private static final long CLOSE_MS = 2_000;
    private static final int PAUSE_LONGEST_S = 60;

    private final String address;
    private final CoapIdentity.Source source;
    private final LongSupplier monoMs;
    private final Backoff backoff;
    private final Complaints complaints = new Complaints();
    private final ScheduledThreadPoolExecutor thread;
    private final CoapSession session;
    private final Map<Lane, Queue> queues = new EnumMap<>(Lane.class);

    private volatile @Nullable Listener listener;
    private volatile boolean connected;
    private volatile boolean closed;
    private volatile Status status;

    // Of link-coap.
    private int era;
    private int attempts;
    private long connectedMs;
    private long heardMs;
    private long askedMs = -1;
    private long observedMs;
    private long pausedUntilMs;

    /** What is handed over of one lane. */
    private static final class Queue {
        final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        /** Also counts what has not reached {@link #waiting} yet. Any thread. */
        final AtomicInteger handedOver = new AtomicInteger();

        boolean onItsWay;
    }

    /**
     * Creates the link; {@link #start} connects.
     *
     * @param address {@code coaps://HOST:PORT}; the hub's certificate must bear that host's name or address
     * @param source asked for each connection
     * @param monoMs CLOCK_MONOTONIC, ms
     */
    public CoapUplink(URI address, CoapIdentity.Source source, LongSupplier monoMs, RandomGenerator random) {
        this.address = address.toString();
        this.source = source;
        this.monoMs = monoMs;
        this.backoff = new Backoff(random);
        this.status = new Status(this.address, false, 0, "not tried yet");
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "link-coap");
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
        // Californium and Scandium do not stop to schedule at once when they are closed.
        thread.setRejectedExecutionHandler((task, closing) -> Logger.debug("{}: stopped", this.address));
        this.session = new CoapSession(address, thread, this::execute, this::notified);
        for (Lane lane : Lane.values()) {
            queues.put(lane, new Queue());
        }
    }

    @Override
    public void start(Listener to) {
        listener = to;
        execute(this::connect);
        var unused = thread.scheduleWithFixedDelay(guarded(this::watch), WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean send(Lane lane, byte[] message) {
        Queue queue = queue(lane);
        if (!connected || queue.handedOver.incrementAndGet() > WAITING_MAX) {
            if (connected) {
                queue.handedOver.decrementAndGet();
            }
            return false;
        }
        execute(() -> {
            if (connected) {
                queue.waiting.add(message);
                sendNext(lane);
            }
        });
        return true;
    }

    private Queue queue(Lane lane) {
        Queue queue = queues.get(lane);
        if (queue == null) {
            throw new IllegalStateException("no queue for " + lane);
        }
        return queue;
    }

    @Override
    public Status status() {
        return status;
    }

    // ---- connecting, on link-coap

    private void connect() {
        if (closed) {
            return;
        }
        attempts++;
        int mine = ++era;
        try {
            session.open(source.identity());
            session.observeAnew(new CoapSession.Answer() {
                @Override
                public void answered(Response response) {
                    observed(mine, response);
                }

                @Override
                public void failed(String why) {
                    ended(mine, why);
                }
            });
            later(ANSWER_S * 1_000L, () -> ended(mine, "no answer within " + ANSWER_S + " s"));
        } catch (IOException e) {
            ended(mine, Complaints.words(e));
        } catch (RuntimeException | LinkageError e) {
            ended(mine, e.toString());
        }
    }

    private void observed(int mine, Response response) {
        if (mine != era || closed || connected) {
            return;
        }
        if (!response.isSuccess() || !response.getOptions().hasObserve()) {
            ended(mine, "the hub answers " + response.getCode());
            return;
        }
        attempts = 0;
        session.observed(response);
        observedMs = monoMs.getAsLong();
        connectedMs = observedMs;
        pausedUntilMs = observedMs;
        heard();
        complaints.forget();
        Logger.info("{}: connected", address);
        Listener to = listener;
        if (to != null) {
            to.connected();
        }
        // After it was told, so that nothing is handed over before and then again as if it had been lost.
        connected = true;
        status = new Status(address, true, 0, "");
        pass(response);
    }

    /** The connection that was made or tried as number {@code mine} is none. */
    private void ended(int mine, String why) {
        if (mine != era || closed || (connected && askedMs < 0)) {
            return;
        }
        if (connected && monoMs.getAsLong() - askedMs < SILENT_S * 1_000L) {
            return;
        }
        down(why);
    }

    private void down(String why) {
        era++;
        boolean was = connected;
        connected = false;
        askedMs = -1;
        status = new Status(address, false, attempts, why);
        queues.values().forEach(queue -> {
            queue.waiting.clear();
            queue.onItsWay = false;
            queue.handedOver.set(0);
        });
        backoff.stood(was ? monoMs.getAsLong() - connectedMs : 0);
        // Before anything that may fail.
        later(backoff.nextDelayMs(), this::connect);
        if (was) {
            Logger.info("{}: connection lost: {}", address, why);
            Listener to = listener;
            if (to != null) {
                to.disconnected();
            }
        } else if (complaints.due(why, monoMs.getAsLong())) {
            Logger.warn("{}: cannot connect, tried again and again: {}", address, why);
        } else {
            Logger.debug("{}: {}", address, why);
        }
        if (attempts > 0 && attempts % FAILURES_MAX == 0) {
            session.discard();
        }
    }

    // ---- sending, on link-coap

    private void sendNext(Lane lane) {
        Queue queue = queue(lane);
        byte[] next = queue.waiting.peekFirst();
        if (next == null || queue.onItsWay || !connected || !session.isOpen() || monoMs.getAsLong() < pausedUntilMs) {
            return;
        }
        int mine = era;
        queue.onItsWay = true;
        ask();
        session.post(lane, next, new CoapSession.Answer() {
            @Override
            public void answered(Response response) {
                CoapUplink.this.answered(mine, lane, response);
            }

            @Override
            public void failed(String why) {
                unanswered(mine, lane);
            }
        });
    }

    private void answered(int mine, Lane lane, Response response) {
        Queue queue = queue(lane);
        if (mine != era || !queue.onItsWay) {
            return;
        }
        queue.onItsWay = false;
        heard();
        if (response.getCode() == ResponseCode.SERVICE_UNAVAILABLE) {
            long pauseS =
                    Math.min(PAUSE_LONGEST_S, Math.max(1, response.getOptions().getMaxAge()));
            pausedUntilMs = monoMs.getAsLong() + pauseS * 1_000;
            return;
        }
        queue.waiting.removeFirst();
        queue.handedOver.decrementAndGet();
        if (response.getCode() == ResponseCode.UNAUTHORIZED) {
            Logger.debug("{}: the hub does not take messages of this unit", address);
        }
        pass(response);
        sendNext(lane);
    }

    /** Begun again with the next look; whether the link is down is for the silence to say. */
    private void unanswered(int mine, Lane lane) {
        if (mine == era) {
            queue(lane).onItsWay = false;
        }
    }

    private void notified(Response response) {
        heard();
        pass(response);
    }

    private void pass(Response response) {
        Listener to = listener;
        if (to != null && response.getPayloadSize() > 0 && !response.isServerError()) {
            to.received(response.getPayload());
        }
    }

    private void ask() {
        if (askedMs < 0) {
            askedMs = monoMs.getAsLong();
        }
    }

    private void heard() {
        heardMs = monoMs.getAsLong();
        askedMs = -1;
        Listener to = listener;
        if (to != null) {
            to.heard();
        }
    }

    /** Every half second: what has come to rest goes on, what is silent is asked, what does not answer is down. */
    private void watch() {
        long nowMs = monoMs.getAsLong();
        if (!connected || closed || !session.isOpen()) {
            return;
        }
        if (askedMs >= 0 && nowMs - askedMs >= SILENT_S * 1_000L) {
            ended(era, "nothing heard for " + SILENT_S + " s");
            return;
        }
        queues.keySet().forEach(this::sendNext);
        if (nowMs - observedMs >= OBSERVE_AGAIN_S * 1_000L) {
            observedMs = nowMs;
            observeAgain();
        } else if (askedMs < 0 && nowMs - heardMs >= KEEP_ALIVE_S * 1_000L) {
            ask();
            session.ping(this::heard);
        }
    }

    private void observeAgain() {
        int mine = era;
        ask();
        session.observeAgain(response -> {
            if (mine == era) {
                session.observed(response);
                notified(response);
            }
        });
    }

    private void later(long delayMs, Runnable task) {
        var unused = thread.schedule(guarded(task), delayMs, TimeUnit.MILLISECONDS);
    }

    private void execute(Runnable task) {
        thread.execute(guarded(task));
    }

    /** The executor would keep what a task throws to itself, and never again run one that is to be repeated. */
    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | LinkageError e) {
                Logger.warn(e, "{}: a defect", address);
                if (connected) {
                    down(e.toString());
                }
            }
        };
    }

    @Override
    public void close() {
        closed = true;
        connected = false;
        execute(session::discard);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
