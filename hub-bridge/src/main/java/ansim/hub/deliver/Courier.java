package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.journal.Journal;
import ansim.journal.Stored;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Brings one destination's alarms, or its other events, to one sink: in order, from disk, without end.
 *
 * <p>When one delivery fails, everything behind it is sent again after it: a centre may see an event twice, never a later one
 * instead of an earlier one. The cursor moves when the sink has taken an event, so a crash repeats at most what was on its way.
 * Memory holds at most {@link Sink#window} events, however many wait.
 *
 * <p>Turns run one at a time on the pool, whoever wakes it; it has no thread of its own.
 */
final class Courier implements AutoCloseable {
    static final long FIRST_RETRY_MS = 250;
    static final long LAST_RETRY_ALARM_MS = 5_000;
    static final long LAST_RETRY_NORMAL_MS = 15_000;
    private static final int MAX_DOUBLINGS = 16;

    /** What a courier needs of the hub. */
    record Hub(
            Journal log,
            EntryReader entries,
            ScheduledExecutorService pool,
            LongSupplier nowMs,
            RandomGenerator random) {}

    /** What a courier works on. */
    record Route(String district, String name, boolean alarm, LaneIndex index, Sink sink) {}

    /** One notice of an entry; only with the last of them the entry is delivered. */
    private static final class OnTheWay {
        final long slot;
        final long logIndex;
        final String id;
        final boolean last;
        volatile @Nullable Outcome outcome;

        OnTheWay(long slot, long logIndex, String id, boolean last) {
            this.slot = slot;
            this.logIndex = logIndex;
            this.id = id;
            this.last = last;
        }
    }

    private final Hub hub;
    private final Route route;
    private final CursorFile cursor;
    private final DeadLetters deadLetters;
    private final AtomicInteger wakeups = new AtomicInteger();
    private final ArrayDeque<OnTheWay> onTheWay = new ArrayDeque<>();
    private long nextSlot;
    /** Of the entry at {@link #nextSlot}: how many of its notices were sent. */
    private int nextNotice;

    private int failures;
    private boolean pausing;
    private volatile boolean pauseOver;
    private volatile boolean closed;

    private volatile long deliveredSlot;
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong erased = new AtomicLong();
    private volatile OptionalLong lastDeliveredMs = OptionalLong.empty();
    private volatile OptionalLong oldestWaitingMs = OptionalLong.empty();
    private volatile Optional<String> lastError = Optional.empty();

    Courier(Hub hub, Route route, CursorFile cursor, DeadLetters deadLetters) throws IOException {
        this.hub = hub;
        this.route = route;
        this.cursor = cursor;
        this.deadLetters = deadLetters;
        long end = hub.log.durableIndex();
        if (cursor.position() > end) {
            // A log that was put back from an older copy: its next entries take these numbers and must not be passed
            // over.
            Logger.warn(
                    "the log ends at {} but {} {} had {}: going on from the end",
                    end,
                    route.district,
                    route.name,
                    cursor.position());
            cursor.moveTo(end);
        }
        this.nextSlot = route.index.slotAfter(cursor.position());
        this.deliveredSlot = nextSlot;
    }

    boolean reads(LaneIndex index) {
        return route.index == index;
    }

    /** There may be something to do. Any thread. */
    void wake() {
        if (wakeups.getAndIncrement() == 0) {
            execute();
        }
    }

    private void execute() {
        try {
            hub.pool.execute(this::run);
        } catch (RejectedExecutionException shuttingDown) {
            closed = true;
        }
    }

    private void run() {
        int seen = wakeups.get();
        try {
            if (!closed) {
                turn();
            }
        } catch (IOException e) {
            pause(Problems.words(e));
        } catch (RuntimeException e) {
            Logger.error(e, "delivery to {} {}", route.district, route.name);
            pause(Problems.words(e));
        }
        if (wakeups.addAndGet(-seen) > 0) {
            execute();
        }
    }

    private void turn() throws IOException {
        if (pauseOver) {
            pauseOver = false;
            pausing = false;
        }
        if (!settle() || pausing) {
            return;
        }
        passOverDelivered();
        while (onTheWay.size() < route.sink.window() && nextSlot < route.index.size()) {
            send(nextSlot, route.index.at(nextSlot));
        }
    }

    /** The index may be made anew behind a cursor that was kept, after a promote or a restore. */
    private void passOverDelivered() throws IOException {
        if (onTheWay.isEmpty() && nextSlot < route.index.size() && route.index.at(nextSlot) <= cursor.position()) {
            nextSlot = route.index.slotAfter(cursor.position());
            deliveredSlot = nextSlot;
        }
    }

    /** Takes account of what has arrived, in order. False when something has failed. */
    private boolean settle() throws IOException {
        OnTheWay failed = null;
        Optional<OnTheWay> through = Optional.empty();
        while (failed == null && !onTheWay.isEmpty() && onTheWay.peek().outcome != null) {
            OnTheWay first = onTheWay.element();
            Outcome outcome = first.outcome;
            if (outcome == null || outcome.verdict() == Sink.Verdict.FAILED) {
                failed = first;
                break;
            }
            if (outcome.verdict() == Sink.Verdict.REFUSED) {
                refuse(first.logIndex, first.id, outcome.why());
            } else if (outcome.verdict() == Sink.Verdict.ERASED) {
                erased.incrementAndGet();
            } else {
                delivered.incrementAndGet();
                lastDeliveredMs = OptionalLong.of(hub.nowMs.getAsLong());
                failures = 0;
                lastError = Optional.empty();
            }
            onTheWay.remove();
            through = first.last ? Optional.of(first) : through;
        }
        if (through.isPresent()) {
            moveTo(through.get());
        }
        if (failed != null && failed.outcome != null && onTheWay.stream().allMatch(each -> each.outcome != null)) {
            pause(failed.outcome.why());
        }
        return failed == null;
    }

    private void moveTo(OnTheWay through) throws IOException {
        cursor.moveTo(through.logIndex);
        deliveredSlot = through.slot + 1;
        if (deliveredSlot == route.index.size()) {
            oldestWaitingMs = OptionalLong.empty();
        }
    }

    private void refuse(long logIndex, String id, String why) throws IOException {
        deadLetters.add(hub.nowMs.getAsLong(), id, logIndex, why);
        refused.incrementAndGet();
        Logger.error("{} {} refused log entry {} for good: {}", route.district, route.name, logIndex, why);
    }

    /** Goes back to the cursor and tries again a while later. */
    private void pause(String why) {
        if (lastError.isEmpty()) {
            Logger.warn("delivery to {} {} fails: {}", route.district, route.name, why);
        }
        lastError = Optional.of(why);
        onTheWay.clear();
        nextSlot = deliveredSlot;
        nextNotice = 0;
        pausing = true;
        long cap = route.alarm ? LAST_RETRY_ALARM_MS : LAST_RETRY_NORMAL_MS;
        long delayMs = Math.min(cap, FIRST_RETRY_MS << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        long jittered = delayMs / 2 + hub.random.nextLong(delayMs / 2 + 1);
        try {
            var unused = hub.pool.schedule(this::resume, jittered, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException shuttingDown) {
            closed = true;
        }
    }

    private void resume() {
        pauseOver = true;
        wake();
    }

    /** Sends the next notice of an entry. */
    private void send(long slot, long logIndex) throws IOException {
        Optional<LogEntry> entry = entry(logIndex);
        List<Notice> notices = entry.stream()
                .flatMap(each -> Notice.of(each).stream())
                .filter(each -> each.goes(route.district, route.alarm))
                .toList();
        if (entry.isEmpty() || notices.isEmpty()) {
            boolean gone = entry.filter(LogEntry::isErased).isPresent();
            OnTheWay nothing = new OnTheWay(slot, logIndex, "", true);
            nothing.outcome = gone
                    ? new Outcome(Sink.Verdict.ERASED, "")
                    : new Outcome(Sink.Verdict.REFUSED, "the log entry does not read");
            onTheWay.add(nothing);
            nextSlot++;
            nextNotice = 0;
            wake();
            return;
        }
        if (onTheWay.isEmpty()) {
            oldestWaitingMs = OptionalLong.of(entry.get().arrivedMs());
        }
        boolean last = nextNotice == notices.size() - 1;
        Notice notice = notices.get(nextNotice);
        nextNotice = last ? 0 : nextNotice + 1;
        nextSlot += last ? 1 : 0;
        hand(entry.get(), notice, new OnTheWay(slot, logIndex, notice.id(), last));
    }

    private void hand(LogEntry entry, Notice notice, OnTheWay item) {
        String district =
                route.district.equals(Destination.ALL) ? notice.event().owner() : route.district;
        byte[] json = CloudEvent.encode(entry, notice, district);
        onTheWay.add(item);
        var unused = route.sink
                .send(new Parcel(notice.id(), district, route.alarm, json))
                .whenComplete((outcome, error) -> {
                    item.outcome = error == null ? outcome : new Outcome(Sink.Verdict.FAILED, Problems.words(error));
                    wake();
                });
    }

    private Optional<LogEntry> entry(long logIndex) throws IOException {
        Optional<Stored> stored = hub.log.read(logIndex);
        try {
            return stored.isEmpty()
                    ? Optional.empty()
                    : Optional.of(hub.entries.read(
                            logIndex, stored.get().keyId(), stored.get().payload()));
        } catch (LogEntry.Unreadable e) {
            Logger.error("log entry {}: {}", logIndex, e.getMessage());
            return Optional.empty();
        }
    }

    CursorStatus status() {
        long waiting = Math.max(0, route.index.size() - deliveredSlot);
        return new CursorStatus(
                route.district,
                route.name,
                route.alarm,
                waiting,
                delivered.get(),
                refused.get(),
                erased.get(),
                lastDeliveredMs,
                waiting == 0 ? OptionalLong.empty() : oldestWaitingMs,
                lastError);
    }

    /** Nothing is sent from now on. */
    void stop() {
        closed = true;
    }

    /** After the pool has ended. */
    @Override
    public void close() throws IOException {
        try (cursor) {
            deadLetters.close();
        }
    }
}
