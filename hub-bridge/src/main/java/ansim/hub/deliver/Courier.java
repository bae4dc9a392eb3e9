package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.deliver.CursorFile.Account;
import ansim.hub.deliver.OnTheWay.Step;
import ansim.hub.deliver.Settlement.Standing;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.hub.deliver.Sink.Verdict;
import ansim.hub.ledger.Provisions;
import ansim.hub.ledger.Provisions.Provision;
import ansim.hub.trace.Trace;
import ansim.journal.Journal;
import ansim.journal.Stored;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.tinylog.Logger;

/**
 * Brings one destination's alarms, or its other events, to one sink: in order, from disk, without end.
 *
 * <p>When one delivery fails, everything behind it is sent again after it: a centre may see an event twice, never a later one
 * instead of an earlier one. The cursor moves when the sink has taken an event and the provision is written down, so a crash repeats at
 * most what was on its way or not yet written down. Memory holds at most {@link Sink#window} events, and what is to be written down of
 * {@value Settlement#BOOKING}, however many wait.
 *
 * <p>What somebody wants delivered again goes only when nothing new waits: a replay of a month holds up no alarm.
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
            RandomGenerator random,
            Provisions provisions) {}

    /** What a courier works on. */
    record Route(
            String district,
            String name,
            boolean alarm,
            Destination.Format format,
            LaneIndex index,
            Indexer indexer,
            Sink sink) {}

    /** What it keeps on disk. */
    record Books(CursorFile cursor, DeadLetters deadLetters, Orders orders) {}

    private final Hub hub;
    private final Route route;
    private final Books books;
    private final String to;
    private final Settlement settlement;
    private final Itinerary itinerary;
    private final AtomicInteger wakeups = new AtomicInteger();
    private final ArrayDeque<OnTheWay> onTheWay = new ArrayDeque<>();

    private int failures;
    /** How often it has gone back. */
    private long attempt;

    private boolean pausing;
    private volatile boolean pauseOver;
    private volatile boolean closed;
    private volatile boolean checkDue;
    private volatile long dropTo;

    private volatile OptionalLong lastDeliveredMs = OptionalLong.empty();
    private volatile OptionalLong oldestWaitingMs = OptionalLong.empty();
    private volatile Optional<String> lastError = Optional.empty();
    private volatile Optional<String> next = Optional.empty();

    Courier(Hub hub, Route route, Books books) throws IOException {
        this.hub = hub;
        this.route = route;
        this.books = books;
        this.to = route.district + " " + route.name;
        this.settlement = new Settlement(hub, route, books, this::wake);
        this.itinerary =
                new Itinerary(route.index, books.orders, settlement.standing().slot());
        route.sink.onReady(this::resume);
    }

    boolean reads(LaneIndex index) {
        return route.index == index;
    }

    Route route() {
        return route;
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
        } catch (RuntimeException | Error e) {
            // Also a defect of ours, or no memory for this turn: it is tried again, for nobody else would.
            Logger.error(e, "delivery to {} {}", route.district, route.name);
            pause(Problems.words(e));
        } finally {
            if (wakeups.addAndGet(-seen) > 0) {
                execute();
            }
        }
    }

    private void turn() throws IOException {
        if (pauseOver) {
            pauseOver = false;
            pausing = false;
        }
        if (settlement.isRebaseDue()) {
            if (!settlement.rebase()) {
                // The indexer wakes it when it is there.
                return;
            }
            itinerary.goBack(settlement.standing().slot(), List.of());
        }
        boolean well = settle();
        if (checkDue) {
            checkDue = false;
            settlement.check();
        }
        if ((dropTo > settlement.standing().slot() && !drop()) || !well || pausing) {
            return;
        }
        sendAll();
    }

    /** When an entry cannot be sent, what stands before it goes all the same and is settled first: then the entry is met alone. */
    private void sendAll() throws IOException {
        try {
            int window = failures == 0 ? route.sink.window() : route.sink.windowAfterFailure();
            while (onTheWay.size() < window && settlement.hasRoom() && !newestFailed()) {
                Optional<Step> step = itinerary.next(this::isAgainUnsettled);
                if (step.isEmpty()) {
                    break;
                }
                send(step.get());
            }
        } catch (IOException | RuntimeException e) {
            if (onTheWay.isEmpty()) {
                throw e;
            }
            Logger.debug("{} {}: {}, after what is on its way", route.district, route.name, Problems.words(e));
        } finally {
            route.sink.flush();
        }
    }

    /** What comes after it must not arrive before it. */
    private boolean newestFailed() {
        OnTheWay newest = onTheWay.peekLast();
        Outcome outcome = newest == null ? null : newest.outcome;
        return outcome != null && outcome.verdict() == Verdict.FAILED;
    }

    private boolean isAgainUnsettled() {
        return onTheWay.stream().anyMatch(each -> each.again)
                || settlement.booking().stream().anyMatch(each -> each.again);
    }

    /** Takes account of what has arrived, in order. False when something has failed. */
    private boolean settle() throws IOException {
        OnTheWay first = onTheWay.peek();
        while (first != null && settlement.hasRoom()) {
            Outcome outcome = first.outcome;
            if (outcome == null || outcome.verdict() == Verdict.FAILED) {
                break;
            }
            if (outcome.verdict() == Verdict.TAKEN) {
                lastDeliveredMs = OptionalLong.of(hub.nowMs.getAsLong());
                failures = 0;
                lastError = Optional.empty();
            }
            settlement.add(onTheWay.remove(), outcome);
            first = onTheWay.peek();
        }
        if (!settlement.moveOverBooked(itinerary)) {
            pause("who was given what could not be written down");
        }
        if (settlement.standing().slot() == route.index.size()) {
            oldestWaitingMs = OptionalLong.empty();
            next = Optional.empty();
        }
        first = onTheWay.peek();
        Outcome failed = first == null ? null : first.outcome;
        if (failed == null || failed.verdict() != Verdict.FAILED) {
            return true;
        }
        if (onTheWay.stream().allMatch(each -> each.outcome != null)) {
            pause(failed.why());
        }
        return false;
    }

    /** False as long as something is on its way or not written down: until then nothing else is sent, for the sink still holds that. */
    private boolean drop() throws IOException {
        boolean sent = onTheWay.stream().anyMatch(each -> each.outcome == null);
        if (sent || !settlement.booking().isEmpty()) {
            return false;
        }
        long end = Math.min(dropTo, route.index.size());
        dropTo = 0;
        if (end > settlement.standing().slot()) {
            onTheWay.clear();
            settlement.drop(end, this::provisions);
            itinerary.goBack(end, List.of());
            wake();
        }
        return true;
    }

    private List<Provision> provisions(long slot) throws IOException {
        long logIndex = route.index.at(slot);
        Optional<LogEntry> entry = entry(logIndex);
        if (entry.filter(LogEntry::isErased).isPresent()) {
            return Shipping.provisionOfErased(entry.get(), to).stream().toList();
        }
        return notices(entry).stream()
                .flatMap(notice -> Shipping.provision(notice, to).stream())
                .toList();
    }

    private List<Notice> notices(Optional<LogEntry> entry) throws IOException {
        return entry.isPresent() ? Shipping.notices(entry.get(), this::entry, route.district, route.alarm) : List.of();
    }

    /** Goes back to what is not settled and tries again a while later. */
    private void pause(String why) {
        if (lastError.isEmpty()) {
            Logger.warn("delivery to {} {} fails: {}", route.district, route.name, why);
        }
        lastError = Optional.of(why);
        onTheWay.clear();
        itinerary.goBack(settlement.standing().slot(), settlement.booking());
        pausing = true;
        attempt++;
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

    /** Sends the next event of an entry. */
    private void send(Step step) throws IOException {
        Optional<LogEntry> entry = entry(step.logIndex());
        List<Notice> notices = notices(entry);
        if (onTheWay.isEmpty() && settlement.booking().isEmpty() && entry.isPresent() && !step.again()) {
            oldestWaitingMs = OptionalLong.of(entry.get().arrivedMs());
        }
        if (entry.isEmpty() || notices.isEmpty() || (!step.again() && books.orders.skips(step.logIndex()))) {
            passOver(step, entry, notices);
            return;
        }
        boolean last = step.part() == notices.size() - 1;
        Notice notice = notices.get(step.part());
        Parcel parcel = parcel(notice, step);
        OnTheWay item = new OnTheWay(step, notice.id(), last, Shipping.provision(notice, to));
        LogEntry of = notice.entry();
        long begun = of.hasMessage() ? route.indexer.trace().begin(of.message()) : 0;
        // What may throw stands before this: an event that is gone past and not on its way would be lost.
        itinerary.advance(step, last);
        if (onTheWay.isEmpty()) {
            next = Optional.of(notice.id());
        }
        item.sent = true;
        if (!step.again()) {
            settlement.sent(step.slot());
        }
        hand(notice, item, parcel, begun);
    }

    /** Of an entry of which nothing is sent. */
    private void passOver(Step step, Optional<LogEntry> entry, List<Notice> notices) {
        boolean gone = entry.filter(LogEntry::isErased).isPresent();
        if (gone || notices.isEmpty()) {
            Optional<Provision> provision = gone ? Shipping.provisionOfErased(entry.get(), to) : Optional.empty();
            OnTheWay nothing = new OnTheWay(step, "", true, provision);
            nothing.outcome = gone
                    ? new Outcome(Verdict.ERASED, "")
                    : new Outcome(Verdict.REFUSED, "the log entry does not read");
            nothing.sent = mayHaveBeenSent(step);
            onTheWay.add(nothing);
        } else {
            skip(step, notices);
        }
        itinerary.advance(step, true);
        wake();
    }

    /** What goes again was given before, and that is written down. */
    private boolean mayHaveBeenSent(Step step) {
        return !step.again() && settlement.mayHaveBeenSent(step.slot());
    }

    /** Each of its events: any of them may have been sent before. */
    private void skip(Step step, List<Notice> notices) {
        for (int part = step.part(); part < notices.size(); part++) {
            Notice notice = notices.get(part);
            OnTheWay skipped = new OnTheWay(
                    new Step(step.slot(), step.logIndex(), part, step.again()),
                    notice.id(),
                    part == notices.size() - 1,
                    Shipping.provision(notice, to));
            skipped.outcome = new Outcome(Verdict.SKIPPED, "");
            skipped.sent = mayHaveBeenSent(step);
            onTheWay.add(skipped);
        }
    }

    private Parcel parcel(Notice notice, Step step) {
        String district =
                route.district.equals(Destination.ALL) ? notice.event().owner() : route.district;
        return new Parcel(
                notice.id(),
                step.place(),
                district,
                route.alarm,
                step.again(),
                attempt,
                Shipping.body(route.format, notice, district));
    }

    private void hand(Notice notice, OnTheWay item, Parcel parcel, long begun) {
        onTheWay.add(item);
        CompletableFuture<Outcome> sent = sent(parcel);
        var unused = sent.whenComplete((outcome, error) -> {
            item.outcome = error == null ? outcome : Outcome.failed(error);
            wake();
        });
        if (begun != 0) {
            follow(notice, item, sent, begun);
        }
    }

    /** Whatever the sink throws, the event has an outcome: one without would hold up all behind it for ever. */
    private CompletableFuture<Outcome> sent(Parcel parcel) {
        try {
            return route.sink.send(parcel);
        } catch (RuntimeException | Error e) {
            Logger.error(e, "delivery to {} {}", route.district, route.name);
            return CompletableFuture.completedFuture(Outcome.failed(e));
        }
    }

    private void follow(Notice notice, OnTheWay item, CompletableFuture<Outcome> sent, long begun) {
        Trace trace = route.indexer.trace();
        UpMessage message = notice.entry().message();
        Trace.Place to = new Trace.Place(route.district, route.name.split(" ", 2)[0]);
        var unused = sent.whenComplete((outcome, error) -> trace.delivered(
                message, item.place.logIndex(), to, error == null ? outcome.verdict() : Verdict.FAILED, begun));
    }

    private Optional<LogEntry> entry(long logIndex) throws IOException {
        Optional<Logged> hand = hub.entries.atHand(logIndex);
        if (hand.isPresent()) {
            return hand.map(Logged::entry);
        }
        Optional<Stored> stored = hub.log.read(logIndex);
        try {
            return stored.isEmpty()
                    ? Optional.empty()
                    : Optional.of(hub.entries.read(
                            logIndex, stored.get().keyId(), stored.get().payload()));
        } catch (LogEntry.Unreadable e) {
            if (e.isPassing()) {
                throw e;
            }
            Logger.error("log entry {}: {}", logIndex, e.getMessage());
            return Optional.empty();
        }
    }

    /** Compare the account with the index at the next turn. Any thread. */
    void checkSoon() {
        checkDue = true;
        wake();
    }

    /** Gives up so many of the oldest that wait, at the next turn; alarms never. Any thread. */
    void dropOldest(long entries) {
        if (!route.alarm) {
            dropTo = settlement.standing().slot() + entries;
            wake();
        }
    }

    long waiting() {
        return Math.max(0, route.index.size() - settlement.standing().slot());
    }

    /** Log index of the oldest that waits; the greatest number when nothing does. Any thread. */
    long oldestWaiting() throws IOException {
        long slot = settlement.standing().slot();
        return slot < route.index.size() ? route.index.at(slot) : Long.MAX_VALUE;
    }

    CursorStatus status() {
        Standing now = settlement.standing();
        Account account = now.account();
        long waiting = Math.max(0, route.index.size() - now.slot());
        return new CursorStatus(
                route.district,
                route.name,
                route.alarm,
                account.settled() + waiting,
                waiting,
                account.delivered(),
                account.refused(),
                account.dropped(),
                account.skipped(),
                account.erased(),
                settlement.repeated(),
                again(),
                settlement.reconciles(),
                lastDeliveredMs,
                waiting == 0 ? OptionalLong.empty() : oldestWaitingMs,
                lastError,
                waiting == 0 ? Optional.empty() : next);
    }

    private long again() {
        try {
            long all = 0;
            for (Orders.Range each : books.orders.all()) {
                all += route.index.slotAfter(each.through()) - route.index.slotAfter(each.from() - 1);
            }
            return all;
        } catch (IOException e) {
            Logger.warn("{} {}: {}", route.district, route.name, Problems.words(e));
            return 0;
        }
    }

    /** What operators may ask of it. */
    CursorDesk desk() {
        return new CursorDesk(
                route,
                books.deadLetters,
                books.orders,
                this::entry,
                () -> settlement.standing().slot(),
                () -> !settlement.isRebaseDue(),
                this::wake);
    }

    /** Nothing is sent from now on. */
    void stop() {
        closed = true;
    }

    /** After the pool has ended. */
    @Override
    public void close() throws IOException {
        settlement.close();
    }
}
