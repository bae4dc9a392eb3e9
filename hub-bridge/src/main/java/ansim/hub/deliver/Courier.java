package ansim.hub.deliver;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.deliver.CursorFile.Account;
import ansim.hub.deliver.OnTheWay.Step;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.tinylog.Logger;

/**
 * Brings one destination's alarms, or its other events, to one sink: in order, from disk, without end.
 *
 * <p>When one delivery fails, everything behind it is sent again after it: a centre may see an event twice, never a later one
 * instead of an earlier one. The cursor moves when the sink has taken an event and the provision is written down, so a crash repeats at
 * most what was on its way or not yet written down. Memory holds at most {@link Sink#window} events, and what is to be written down of
 * {@value #BOOKING}, however many wait.
 *
 * <p>What somebody wants delivered again goes only when nothing new waits: a replay of a month holds up no alarm.
 *
 * <p>Turns run one at a time on the pool, whoever wakes it; it has no thread of its own.
 */
final class Courier implements AutoCloseable {
    static final long FIRST_RETRY_MS = 250;
    static final long LAST_RETRY_ALARM_MS = 5_000;
    static final long LAST_RETRY_NORMAL_MS = 15_000;
    /** Events that are taken and not written down yet. */
    static final int BOOKING = 256;

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

    /** Up to where all is settled, and what became of it. */
    private record Standing(long slot, Account account) {}

    private final Hub hub;
    private final Route route;
    private final CursorFile cursor;
    private final DeadLetters deadLetters;
    private final Orders orders;
    private final AtomicInteger wakeups = new AtomicInteger();
    private final ArrayDeque<OnTheWay> onTheWay = new ArrayDeque<>();
    /** Settled, and not all written down. */
    private final ArrayDeque<OnTheWay> booking = new ArrayDeque<>();

    private long nextSlot;
    /** Of the entry at {@link #nextSlot}: how many of its events were sent. */
    private int nextPart;
    /** The same of what goes again; no range is under way while the slot is negative. */
    private long againSlot = -1;

    private int againPart;
    /** Before this slot something may have been sent, in this run or the one before. */
    private long perhapsBefore;
    /** Of the entry that is being settled: whether one of its events was taken, and one refused. */
    private boolean oneTaken;

    private boolean oneRefused;
    private boolean rebase;

    private int failures;
    /** How often it has gone back. */
    private long attempt;

    private boolean pausing;
    private volatile boolean pauseOver;
    private volatile boolean closed;
    private volatile boolean checkDue;
    private volatile long dropTo;

    private volatile Standing standing;
    private final AtomicLong repeated = new AtomicLong();
    private volatile boolean reconciles = true;
    private volatile OptionalLong lastDeliveredMs = OptionalLong.empty();
    private volatile OptionalLong oldestWaitingMs = OptionalLong.empty();
    private volatile Optional<String> lastError = Optional.empty();
    private volatile Optional<String> next = Optional.empty();

    Courier(Hub hub, Route route, Books books) throws IOException {
        this.hub = hub;
        this.route = route;
        this.cursor = books.cursor;
        this.deadLetters = books.deadLetters;
        this.orders = books.orders;
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
            rebase = true;
        }
        rebase |= cursor.account().epoch() != route.indexer.epoch() || cursor.position() > route.indexer.savedThrough();
        this.nextSlot = route.index.slotAfter(cursor.position());
        this.perhapsBefore = nextSlot + route.sink.window() + BOOKING;
        this.standing = new Standing(nextSlot, cursor.account());
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
        boolean well = settle();
        if (checkDue) {
            checkDue = false;
            check();
        }
        if (dropTo > standing.slot) {
            drop();
        }
        if (!well || pausing) {
            return;
        }
        passOverDelivered();
        boolean more = true;
        while (more && onTheWay.size() < route.sink.window() && booking.size() < BOOKING) {
            more = sendNext() && !newestFailed();
        }
    }

    /** What comes after it must not arrive before it. */
    private boolean newestFailed() {
        OnTheWay newest = onTheWay.peekLast();
        Outcome outcome = newest == null ? null : newest.outcome;
        return outcome != null && outcome.verdict() == Verdict.FAILED;
    }

    /** What is new before what goes again. */
    private boolean sendNext() throws IOException {
        if (nextSlot < route.index.size()) {
            send(new Step(nextSlot, route.index.at(nextSlot), nextPart, false));
            return true;
        }
        Optional<Orders.Range> range = rebase ? Optional.empty() : orders.next();
        if (range.isEmpty()) {
            return false;
        }
        if (againSlot < 0) {
            againSlot = route.index.slotAfter(range.get().from() - 1);
            againPart = 0;
        }
        boolean inRange = againSlot < route.index.size()
                && route.index.at(againSlot) <= range.get().through();
        if (inRange) {
            send(new Step(againSlot, route.index.at(againSlot), againPart, true));
            return true;
        }
        boolean allSettled = onTheWay.stream().noneMatch(each -> each.again)
                && booking.stream().noneMatch(each -> each.again);
        if (allSettled) {
            orders.doneThrough(range.get().through());
            againSlot = -1;
        }
        return allSettled;
    }

    /** The index may be made anew behind a cursor that was kept, after a promote or a restore. */
    private void passOverDelivered() throws IOException {
        if (onTheWay.isEmpty()
                && booking.isEmpty()
                && nextSlot < route.index.size()
                && route.index.at(nextSlot) <= cursor.position()) {
            nextSlot = route.index.slotAfter(cursor.position());
            nextPart = 0;
            standing = new Standing(nextSlot, cursor.account());
        }
    }

    /** Takes account of what has arrived, in order. False when something has failed. */
    private boolean settle() throws IOException {
        OnTheWay first = onTheWay.peek();
        while (first != null && booking.size() < BOOKING) {
            Outcome outcome = first.outcome;
            if (outcome == null || outcome.verdict() == Verdict.FAILED) {
                break;
            }
            note(first, outcome);
            booking.add(onTheWay.remove());
            first = onTheWay.peek();
        }
        moveOverBooked();
        Outcome failed = first == null ? null : first.outcome;
        if (failed == null || failed.verdict() != Verdict.FAILED) {
            return true;
        }
        if (onTheWay.stream().allMatch(each -> each.outcome != null)) {
            pause(failed.why());
        }
        return false;
    }

    /** Has it written down where that is due. */
    private void note(OnTheWay item, Outcome outcome) throws IOException {
        long nowMs = hub.nowMs.getAsLong();
        switch (outcome.verdict()) {
            case REFUSED -> {
                deadLetters.add(nowMs, item.id, item.place.logIndex(), outcome.why());
                Logger.error(
                        "{} {} refused log entry {} for good: {}",
                        route.district,
                        route.name,
                        item.place.logIndex(),
                        outcome.why());
            }
            case SKIPPED -> deadLetters.add(nowMs, item.id, item.place.logIndex(), "skipped by an operator");
            case TAKEN -> {
                lastDeliveredMs = OptionalLong.of(nowMs);
                failures = 0;
                lastError = Optional.empty();
            }
            default -> {
                // Erased: the log says so.
            }
        }
        Provisions.Outcome certainty = switch (outcome.verdict()) {
            case TAKEN -> Provisions.Outcome.GIVEN;
            case REFUSED -> Provisions.Outcome.REFUSED;
            default -> Provisions.Outcome.PERHAPS;
        };
        boolean due = item.sent || (certainty == Provisions.Outcome.PERHAPS && item.slot < perhapsBefore);
        if (due && item.provision.isPresent()) {
            item.booked = book(item.provision.get(), certainty, nowMs);
        }
    }

    private CompletableFuture<Void> book(Provision what, Provisions.Outcome certainty, long nowMs) {
        CompletableFuture<Void> booked = hub.provisions.add(new Provision(
                nowMs,
                what.to(),
                certainty,
                what.keep(),
                what.reason(),
                what.unit(),
                what.ride(),
                what.event(),
                what.type()));
        if (!booked.isDone()) {
            var unused = booked.whenComplete((done, failed) -> wake());
        }
        return booked;
    }

    private void moveOverBooked() throws IOException {
        Optional<OnTheWay> through = Optional.empty();
        Account account = standing.account;
        boolean unrecorded = false;
        while (!booking.isEmpty() && booking.element().booked.isDone()) {
            OnTheWay item = booking.element();
            if (item.booked.isCompletedExceptionally()) {
                // Nothing goes on unrecorded: all that is not written down is sent again.
                booking.clear();
                unrecorded = true;
                break;
            }
            booking.remove();
            if (item.again) {
                repeated.incrementAndGet();
                if (item.last) {
                    orders.doneThrough(item.place.logIndex());
                    againSlot = orders.next().isEmpty() ? -1 : againSlot;
                }
                continue;
            }
            account = count(account, item);
            through = item.last ? Optional.of(item) : through;
        }
        if (through.isPresent()) {
            long logIndex = through.get().place.logIndex();
            cursor.moveTo(logIndex, account);
            orders.passed(logIndex);
            standing = new Standing(through.get().slot + 1, account);
            if (standing.slot == route.index.size()) {
                oldestWaitingMs = OptionalLong.empty();
                next = Optional.empty();
            }
        }
        if (unrecorded) {
            pause("who was given what could not be written down");
        }
    }

    private Account count(Account before, OnTheWay item) {
        Outcome outcome = item.outcome;
        Verdict verdict = outcome == null ? Verdict.FAILED : outcome.verdict();
        oneTaken |= verdict == Verdict.TAKEN;
        oneRefused |= verdict == Verdict.REFUSED;
        if (!item.last) {
            return before;
        }
        Account account = before;
        if (rebase) {
            account = before.in(route.indexer.epoch(), item.slot + 1 - item.entries);
            rebase = false;
        }
        if (item.isDropped()) {
            account = account.plus(0, 0, item.entries, 0, 0);
        } else if (oneRefused) {
            account = account.plus(0, 1, 0, 0, 0);
        } else if (oneTaken) {
            account = account.plus(1, 0, 0, 0, 0);
        } else {
            boolean skipped = verdict == Verdict.SKIPPED;
            account = account.plus(0, 0, 0, skipped ? 1 : 0, skipped ? 0 : 1);
        }
        oneTaken = false;
        oneRefused = false;
        return account;
    }

    /** The index follows from the log alone, the account from what happened: they must agree. */
    private void check() throws IOException {
        if (rebase) {
            return;
        }
        Account account = cursor.account();
        long routed = route.index.slotAfter(cursor.position()) + account.base();
        boolean agrees = routed == account.settled();
        if (!agrees && reconciles) {
            Logger.error(
                    "ALARM: {} {} {}: {} entries lie before the cursor but {} are accounted for",
                    route.district,
                    route.name,
                    route.alarm ? "alarm" : "normal",
                    routed,
                    account.settled());
        }
        reconciles = agrees;
    }

    /** Gives up the oldest of what waits, as one counted range. */
    private void drop() throws IOException {
        if (route.alarm || !booking.isEmpty()) {
            return;
        }
        long from = standing.slot;
        long to = Math.min(dropTo, route.index.size());
        dropTo = 0;
        if (to <= from) {
            return;
        }
        long nowMs = hub.nowMs.getAsLong();
        onTheWay.clear();
        long last = route.index.at(to - 1);
        OnTheWay range = OnTheWay.dropped(to - 1, last, to - from);
        deadLetters.addRange(nowMs, route.index.at(from), last, to - from, "dropped at the limit of what may wait");
        Logger.error("{} {}: {} waiting entries were dropped at the limit", route.district, route.name, to - from);
        CompletableFuture<Void> perhaps = OnTheWay.BOOKED;
        for (long slot = from; slot < Math.min(to, perhapsBefore); slot++) {
            for (Provision each : provisions(slot)) {
                perhaps = CompletableFuture.allOf(perhaps, book(each, Provisions.Outcome.PERHAPS, nowMs));
            }
        }
        range.booked = perhaps;
        booking.add(range);
        nextSlot = to;
        nextPart = 0;
        againSlot = -1;
        wake();
    }

    private List<Provision> provisions(long slot) throws IOException {
        long logIndex = route.index.at(slot);
        Optional<LogEntry> entry = entry(logIndex);
        if (entry.filter(LogEntry::isErased).isPresent()) {
            return Shipping.provisionOfErased(entry.get(), to()).stream().toList();
        }
        return notices(entry).stream()
                .flatMap(notice -> Shipping.provision(notice, to()).stream())
                .toList();
    }

    private List<Notice> notices(Optional<LogEntry> entry) throws IOException {
        return entry.isPresent() ? Shipping.notices(entry.get(), this::entry, route.district, route.alarm) : List.of();
    }

    private String to() {
        return route.district + " " + route.name;
    }

    /** Goes back to what is not settled and tries again a while later. */
    private void pause(String why) {
        if (lastError.isEmpty()) {
            Logger.warn("delivery to {} {} fails: {}", route.district, route.name, why);
        }
        lastError = Optional.of(why);
        onTheWay.clear();
        nextSlot = standing.slot;
        nextPart = 0;
        againSlot = -1;
        for (OnTheWay each : booking) {
            if (each.again) {
                againSlot = each.last ? each.slot + 1 : each.slot;
                againPart = each.last ? 0 : each.place.part() + 1;
            } else {
                nextSlot = each.last ? each.slot + 1 : each.slot;
                nextPart = each.last ? 0 : each.place.part() + 1;
            }
        }
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
        if (onTheWay.isEmpty() && booking.isEmpty() && entry.isPresent() && !step.again()) {
            oldestWaitingMs = OptionalLong.of(entry.get().arrivedMs());
        }
        if (entry.isEmpty() || notices.isEmpty() || (!step.again() && orders.skips(step.logIndex()))) {
            passOver(step, entry, notices);
            return;
        }
        boolean last = step.part() == notices.size() - 1;
        Notice notice = notices.get(step.part());
        advance(step, last);
        OnTheWay item = new OnTheWay(step, notice.id(), last, Shipping.provision(notice, to()));
        if (onTheWay.isEmpty()) {
            next = Optional.of(notice.id());
        }
        item.sent = true;
        perhapsBefore = step.again() ? perhapsBefore : Math.max(perhapsBefore, step.slot() + 1);
        hand(notice, item);
    }

    private void advance(Step step, boolean last) {
        if (step.again()) {
            againSlot += last ? 1 : 0;
            againPart = last ? 0 : step.part() + 1;
        } else {
            nextSlot += last ? 1 : 0;
            nextPart = last ? 0 : step.part() + 1;
        }
    }

    /** Of an entry of which nothing is sent. */
    private void passOver(Step step, Optional<LogEntry> entry, List<Notice> notices) {
        boolean gone = entry.filter(LogEntry::isErased).isPresent();
        boolean skipped = !gone && !notices.isEmpty();
        Optional<Provision> provision = gone
                ? Shipping.provisionOfErased(entry.get(), to())
                : skipped ? Shipping.provision(notices.get(0), to()) : Optional.empty();
        OnTheWay nothing = new OnTheWay(step, skipped ? notices.get(0).id() : "", true, provision);
        nothing.outcome = gone
                ? new Outcome(Verdict.ERASED, "")
                : skipped
                        ? new Outcome(Verdict.SKIPPED, "")
                        : new Outcome(Verdict.REFUSED, "the log entry does not read");
        onTheWay.add(nothing);
        advance(step, true);
        wake();
    }

    private void hand(Notice notice, OnTheWay item) {
        String district =
                route.district.equals(Destination.ALL) ? notice.event().owner() : route.district;
        onTheWay.add(item);
        Parcel parcel = new Parcel(
                notice.id(),
                item.place,
                district,
                route.alarm,
                item.again,
                attempt,
                Shipping.body(route.format, notice, district));
        LogEntry entry = notice.entry();
        long begun = entry.hasMessage() ? route.indexer.trace().begin(entry.message()) : 0;
        CompletableFuture<Outcome> sent = route.sink.send(parcel);
        if (begun != 0) {
            follow(notice, item, sent, begun);
        }
        var unused = sent.whenComplete((outcome, error) -> {
            item.outcome = error == null ? outcome : Outcome.failed(error);
            wake();
        });
    }

    private void follow(Notice notice, OnTheWay item, CompletableFuture<Outcome> sent, long begun) {
        Trace trace = route.indexer.trace();
        UpMessage message = notice.entry().message();
        Trace.Place to = new Trace.Place(route.district, route.name.split(" ", 2)[0]);
        var unused = sent.whenComplete((outcome, error) -> trace.delivered(
                message, item.place.logIndex(), to, error == null ? outcome.verdict() : Verdict.FAILED, begun));
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

    /** Compare the account with the index at the next turn. Any thread. */
    void checkSoon() {
        checkDue = true;
        wake();
    }

    /** Gives up so many of the oldest that wait, at the next turn; alarms never. Any thread. */
    void dropOldest(long entries) {
        if (!route.alarm) {
            dropTo = standing.slot + entries;
            wake();
        }
    }

    long waiting() {
        return Math.max(0, route.index.size() - standing.slot);
    }

    /** Log index of the oldest that waits; the greatest number when nothing does. Any thread. */
    long oldestWaiting() throws IOException {
        long slot = standing.slot;
        return slot < route.index.size() ? route.index.at(slot) : Long.MAX_VALUE;
    }

    CursorStatus status() {
        Standing now = standing;
        Account account = now.account;
        long waiting = Math.max(0, route.index.size() - now.slot);
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
                repeated.get(),
                again(),
                reconciles,
                lastDeliveredMs,
                waiting == 0 ? OptionalLong.empty() : oldestWaitingMs,
                lastError,
                waiting == 0 ? Optional.empty() : next);
    }

    private long again() {
        try {
            long all = 0;
            for (Orders.Range each : orders.all()) {
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
        return new CursorDesk(route, deadLetters, orders, this::entry, () -> standing.slot, this::wake);
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
