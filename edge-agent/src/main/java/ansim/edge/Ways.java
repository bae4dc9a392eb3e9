package ansim.edge;

import ansim.edge.link.Uplink;
import ansim.wire.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The ways to the hub in their order of preference, and which of them carries now.
 *
 * <p>The first that is up carries everything. When it goes down, or is silent for {@value #SILENT_MS} ms although messages were handed to
 * it, the next that is up takes over at once: well within 10 s of the first message that had no answer. So does it when a way answers but
 * brings no receipt for {@value #UNRECEIPTED_MS} ms after it was handed something: a broker whose hub is gone. A preferred way carries
 * again when it has been up for {@value #BACK_AFTER_MS} ms without a break; one that was left for its silence waits twice as long each
 * time, up to {@value #BACK_LONGEST_MS} ms, until a receipt comes over it while it carries. When every way that is up is silent, nothing
 * changes: it is the hub then, not the way. Lane 1 may go over a second way as well.
 *
 * <p>{@link #add}, {@link #alarmOnTwo}, {@link #statuses} and what links tell come from any thread, the rest from the forwarder's.
 */
final class Ways {
    /** Handed something and not heard for so long, a way is silent. */
    static final long SILENT_MS = 7_000;
    /** Handed something and no receipt over it for so long, a way leads nowhere: what was lost was sent again in this time. */
    static final long UNRECEIPTED_MS = 90_000;
    /** Up for so long, a preferred way carries again. */
    static final long BACK_AFTER_MS = 30_000;
    /** The longest that a way which fell silent again and again is held back. */
    static final long BACK_LONGEST_MS = 480_000;

    private static final int BITS_MAX = 4;

    private final LongSupplier monoMs;
    private final List<Way> ways = new CopyOnWriteArrayList<>();
    private @Nullable Way carrier;
    private volatile boolean alarmOnTwo = true;

    /** One of them. */
    private static final class Way {
        final Uplink uplink;
        /** When it was first handed something since it was last heard; -1 when nothing is owed. */
        final AtomicLong askedMs = new AtomicLong(-1);

        /** When it was first handed something since the last receipt over it; -1 when none is owed. */
        final AtomicLong owedMs = new AtomicLong(-1);
        /** How often it was left for its silence since a receipt came over it while it carried. */
        final AtomicInteger silences = new AtomicInteger();

        final AtomicBoolean reconnected = new AtomicBoolean();

        /** Of the forwarder's thread. */
        long upSinceMs = -1;

        Way(Uplink uplink) {
            this.uplink = uplink;
        }

        void isHeard() {
            askedMs.set(-1);
        }

        boolean isUp() {
            return upSinceMs >= 0;
        }

        boolean isSilent(long nowMs) {
            return since(askedMs, nowMs) >= SILENT_MS || since(owedMs, nowMs) >= UNRECEIPTED_MS;
        }

        private static long since(AtomicLong whenMs, long nowMs) {
            long when = whenMs.get();
            return when < 0 ? 0 : nowMs - when;
        }

        void owesNothing() {
            askedMs.set(-1);
            owedMs.set(-1);
        }

        /** How its link is, and what it owes although it is up. */
        Uplink.Status status(long nowMs) {
            Uplink.Status link = uplink.status();
            long receiptMs = since(owedMs, nowMs);
            long answerMs = since(askedMs, nowMs);
            String but = "";
            if (receiptMs >= UNRECEIPTED_MS) {
                but = "no receipt for " + receiptMs / 1_000 + " s";
            } else if (answerMs >= SILENT_MS) {
                but = "no answer for " + answerMs / 1_000 + " s";
            } else if (silences.get() > 0) {
                but = "nothing came back when it last carried";
            }
            return link.connected() ? new Uplink.Status(link.name(), true, link.attempts(), but) : link;
        }

        /** How long it must have been up before it carries in place of another. */
        long heldBackMs() {
            return Math.min(BACK_LONGEST_MS, BACK_AFTER_MS << Math.min(silences.get(), BITS_MAX));
        }

        boolean mayTakeBack(long nowMs) {
            return isUp() && nowMs - upSinceMs >= heldBackMs();
        }
    }

    /** What a link tells beside its being up, for the forwarder. */
    interface Listener {
        /** Something about a link has changed. */
        void wake();

        /** Bytes from the hub, not verified. */
        void received(byte[] message);
    }

    Ways(LongSupplier monoMs) {
        this.monoMs = monoMs;
    }

    /** Whether lane 1 goes over a second way as well; it does if nobody says otherwise. */
    void alarmOnTwo(boolean on) {
        alarmOnTwo = on;
    }

    /** Adds the next in the order of preference, and lets it connect. */
    void add(Uplink uplink, Listener listener) {
        Way way = new Way(uplink);
        ways.add(way);
        uplink.start(new Uplink.Listener() {
            @Override
            public void connected() {
                way.isHeard();
                way.reconnected.set(true);
                listener.wake();
            }

            @Override
            public void disconnected() {
                listener.wake();
            }

            @Override
            public void received(byte[] message) {
                way.isHeard();
                listener.received(message);
            }

            @Override
            public void heard() {
                way.isHeard();
            }
        });
    }

    /** Looks which way carries from now on. True when all that is in flight must be sent again: another one, or the same anew. */
    boolean look() {
        long nowMs = monoMs.getAsLong();
        ways.forEach(way -> note(way, nowMs));
        Way before = carrier;
        Way now = choose(before, nowMs);
        carrier = now;
        if (now == null) {
            return false;
        }
        boolean anew = now.reconnected.getAndSet(false);
        if (now.equals(before)) {
            return anew;
        }
        // What an alarm was owed over it before is not held against it.
        now.owesNothing();
        if (ways.size() > 1) {
            Logger.info("messages go over {} now", now.uplink.status().name());
        }
        return true;
    }

    private void note(Way way, long nowMs) {
        if (!way.uplink.status().connected()) {
            way.upSinceMs = -1;
            way.owesNothing();
        } else if (!way.isUp()) {
            way.upSinceMs = nowMs;
        }
    }

    /** A receipt that verifies came over this way. */
    void receipted(Uplink uplink) {
        for (Way way : ways) {
            if (way.uplink.equals(uplink)) {
                way.owedMs.set(-1);
                if (way.equals(carrier)) {
                    way.silences.set(0);
                }
            }
        }
    }

    private @Nullable Way choose(@Nullable Way before, long nowMs) {
        if (before == null || !before.isUp()) {
            return ways.stream()
                    .filter(way -> way.isUp() && way.silences.get() == 0)
                    .findFirst()
                    .or(() -> ways.stream().filter(Way::isUp).findFirst())
                    .orElse(null);
        }
        if (before.isSilent(nowMs)) {
            Optional<Way> other = ways.stream()
                    .filter(way ->
                            !way.equals(before) && way.isUp() && (way.silences.get() == 0 || way.mayTakeBack(nowMs)))
                    .findFirst();
            if (other.isPresent()) {
                before.silences.incrementAndGet();
                before.upSinceMs = nowMs;
                before.owesNothing();
                return other.get();
            }
            return before;
        }
        return ways.subList(0, ways.indexOf(before)).stream()
                .filter(way -> way.mayTakeBack(nowMs))
                .findFirst()
                .orElse(before);
    }

    /** Whether anything can be sent. */
    boolean isOpen() {
        return carrier != null;
    }

    /** Hands a message to the way that carries, one of lane 1 to a second as well. False when none takes it. */
    boolean send(Lane lane, byte[] message) {
        Way first = carrier;
        if (first == null) {
            return false;
        }
        boolean taken = send(first, lane, message);
        if (lane == Lane.ALARM && alarmOnTwo) {
            Optional<Way> second = ways.stream()
                    .filter(way -> !way.equals(first) && way.isUp())
                    .findFirst();
            if (second.isPresent()) {
                taken |= send(second.get(), lane, message);
            }
        }
        return taken;
    }

    private boolean send(Way way, Lane lane, byte[] message) {
        long nowMs = monoMs.getAsLong();
        // Before it is sent: the answer may be there before this goes on.
        boolean first = way.askedMs.compareAndSet(-1, nowMs);
        if (!way.uplink.send(lane, message)) {
            if (first) {
                way.askedMs.compareAndSet(nowMs, -1);
            }
            return false;
        }
        way.owedMs.compareAndSet(-1, nowMs);
        return true;
    }

    /** How each is; of one that is connected and brings nothing back, that. Any thread. */
    List<Uplink.Status> statuses() {
        long nowMs = monoMs.getAsLong();
        List<Uplink.Status> statuses = new ArrayList<>();
        ways.forEach(way -> statuses.add(way.status(nowMs)));
        return statuses;
    }

    void close() {
        ways.forEach(way -> way.uplink.close());
    }
}
