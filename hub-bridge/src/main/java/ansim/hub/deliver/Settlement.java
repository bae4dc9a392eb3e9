package ansim.hub.deliver;

import ansim.hub.deliver.Courier.Books;
import ansim.hub.deliver.Courier.Hub;
import ansim.hub.deliver.Courier.Route;
import ansim.hub.deliver.CursorFile.Account;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Verdict;
import ansim.hub.ledger.Provisions;
import ansim.hub.ledger.Provisions.Provision;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.tinylog.Logger;

/**
 * What became of what one courier sent: its dead letters, what is written down of who was given what, its account, its cursor.
 *
 * <p>Guarantee: an entry is behind the cursor only when all of it is settled and what is to be written down of that is on disk; and every entry
 * behind the cursor is in the account once. Holds at most {@value #BOOKING} events that are settled and not written down.
 *
 * <p>The courier's turns use it; {@link #standing}, {@link #isRebaseDue}, {@link #repeated} and {@link #reconciles} any
 * thread.
 */
final class Settlement implements AutoCloseable {
    /** Events that are taken and not written down yet: at 5,000 a second the record's fsync, every 50 ms or so, must hold nobody up. */
    static final int BOOKING = 1024;

    /** Up to where all is settled, and what became of it. */
    record Standing(long slot, Account account) {}

    private final Hub hub;
    private final Route route;
    private final CursorFile cursor;
    private final DeadLetters deadLetters;
    private final Orders orders;
    private final Runnable wake;
    /** Settled, and not all written down. */
    private final ArrayDeque<OnTheWay> booking = new ArrayDeque<>();
    /** Before this slot something may have been sent, in this run or the one before. */
    private long perhapsBefore;
    /** Of the entry that is being counted: whether one of its events was taken, and one refused. */
    private boolean oneTaken;

    private boolean oneRefused;
    /** Whether the account was counted against another making of the index, or against one that is not noted again up to the cursor. */
    private volatile boolean rebaseDue;

    private volatile Standing standing;
    private final AtomicLong repeated = new AtomicLong();
    private volatile boolean reconciles = true;

    /** @param wake called when something was written down */
    Settlement(Hub hub, Route route, Books books, Runnable wake) throws IOException {
        this.hub = hub;
        this.route = route;
        this.cursor = books.cursor();
        this.deadLetters = books.deadLetters();
        this.orders = books.orders();
        this.wake = wake;
        long end = hub.log().durableIndex();
        if (cursor.position() > end) {
            // A log that was put back from an older copy: its next entries take these numbers and must not be passed
            // over.
            Logger.warn(
                    "the log ends at {} but {} {} had {}: going on from the end",
                    end,
                    route.district(),
                    route.name(),
                    cursor.position());
            cursor.moveTo(end);
            rebaseDue = true;
        }
        rebaseDue |= cursor.account().epoch() != route.indexer().epoch()
                || cursor.position() > route.indexer().savedThrough();
        this.standing = new Standing(0, cursor.account());
        stand(cursor.account());
    }

    private void stand(Account account) throws IOException {
        long slot = route.index().slotAfter(cursor.position());
        standing = new Standing(slot, account);
        // By a cursor that was begun in this run nothing was sent before.
        perhapsBefore = slot + (cursor.isNew() ? 0 : route.sink().window() + BOOKING);
    }

    boolean isRebaseDue() {
        return rebaseDue;
    }

    /**
     * Counts from here on against the index as it is now, which may be made anew behind a cursor that was kept, after a promote or a restore. False
     * as long as it does not reach to the cursor: all that it shows until then was delivered.
     */
    boolean rebase() throws IOException {
        boolean reached = route.indexer().shownThrough() >= cursor.position();
        Account account = cursor.account();
        if (reached) {
            account = account.in(route.indexer().epoch(), route.index().slotAfter(cursor.position()));
            cursor.moveTo(cursor.position(), account);
            rebaseDue = false;
        }
        stand(account);
        return reached;
    }

    Standing standing() {
        return standing;
    }

    long repeated() {
        return repeated.get();
    }

    boolean reconciles() {
        return reconciles;
    }

    boolean hasRoom() {
        return booking.size() < BOOKING;
    }

    /** What is settled and not behind the cursor, in order. */
    Collection<OnTheWay> booking() {
        return Collections.unmodifiableCollection(booking);
    }

    /** Whether it was sent, or may have been, in this run or the one before. */
    boolean mayHaveBeenSent(long slot) {
        return slot < perhapsBefore;
    }

    /** This slot is sent now. */
    void sent(long slot) {
        perhapsBefore = Math.max(perhapsBefore, slot + 1);
    }

    /** The next one is settled. Has it written down where that is due. */
    void add(OnTheWay item, Outcome outcome) throws IOException {
        long nowMs = hub.nowMs().getAsLong();
        if (outcome.verdict() == Verdict.REFUSED) {
            deadLetters.add(nowMs, item.id, item.place.logIndex(), outcome.why());
            Logger.error(
                    "{} {} refused log entry {} for good: {}",
                    route.district(),
                    route.name(),
                    item.place.logIndex(),
                    outcome.why());
        } else if (outcome.verdict() == Verdict.SKIPPED) {
            deadLetters.add(nowMs, item.id, item.place.logIndex(), "skipped by an operator");
        }
        Provisions.Outcome certainty = switch (outcome.verdict()) {
            case TAKEN -> Provisions.Outcome.GIVEN;
            case REFUSED -> Provisions.Outcome.REFUSED;
            default -> Provisions.Outcome.PERHAPS;
        };
        if (item.sent && item.provision.isPresent()) {
            item.booked = book(item.provision.get(), certainty, nowMs);
        }
        booking.add(item);
    }

    private CompletableFuture<Void> book(Provision what, Provisions.Outcome certainty, long nowMs) {
        CompletableFuture<Void> booked = hub.provisions().add(what.as(certainty, nowMs));
        if (!booked.isDone()) {
            var unused = booked.whenComplete((done, failed) -> wake.run());
        }
        return booked;
    }

    /**
     * Moves the cursor over what is written down.
     *
     * @param itinerary told of what went again
     * @return false when something could not be written down: nothing goes on unrecorded, all of it is to be sent again
     */
    boolean moveOverBooked(Itinerary itinerary) throws IOException {
        Optional<OnTheWay> through = Optional.empty();
        OptionalLong againThrough = OptionalLong.empty();
        Account account = standing.account;
        boolean recorded = true;
        while (recorded && !booking.isEmpty() && booking.element().booked.isDone()) {
            OnTheWay item = booking.remove();
            if (item.booked.isCompletedExceptionally()) {
                booking.clear();
                recorded = false;
            } else if (item.again) {
                repeated.incrementAndGet();
                againThrough = item.last ? OptionalLong.of(item.place.logIndex()) : againThrough;
            } else {
                account = count(account, item);
                through = item.last ? Optional.of(item) : through;
            }
        }
        try {
            if (through.isPresent()) {
                long logIndex = through.get().place.logIndex();
                cursor.moveTo(logIndex, account);
                standing = new Standing(through.get().slot + 1, account);
                orders.passed(logIndex);
            }
            if (againThrough.isPresent()) {
                itinerary.delivered(againThrough.getAsLong());
            }
        } catch (IOException e) {
            // What was taken from it is not on disk: all behind the cursor is sent again, and counted then.
            booking.clear();
            throw e;
        }
        return recorded;
    }

    private Account count(Account before, OnTheWay item) {
        Outcome outcome = item.outcome;
        Verdict verdict = outcome == null ? Verdict.FAILED : outcome.verdict();
        oneTaken |= verdict == Verdict.TAKEN;
        oneRefused |= verdict == Verdict.REFUSED;
        if (!item.last) {
            return before;
        }
        boolean skipped = verdict == Verdict.SKIPPED;
        Account account = item.isDropped()
                ? before.plus(0, 0, item.entries, 0, 0)
                : oneRefused
                        ? before.plus(0, 1, 0, 0, 0)
                        : oneTaken
                                ? before.plus(1, 0, 0, 0, 0)
                                : before.plus(0, 0, 0, skipped ? 1 : 0, skipped ? 0 : 1);
        oneTaken = false;
        oneRefused = false;
        return account;
    }

    /** The index follows from the log alone, the account from what happened: they must agree. */
    void check() throws IOException {
        if (rebaseDue) {
            return;
        }
        Account account = cursor.account();
        long routed = route.index().slotAfter(cursor.position()) + account.base();
        boolean agrees = routed == account.settled();
        if (!agrees && reconciles) {
            Logger.error(
                    "ALARM: {} {} {}: {} entries lie before the cursor but {} are accounted for",
                    route.district(),
                    route.name(),
                    route.alarm() ? "alarm" : "normal",
                    routed,
                    account.settled());
        }
        reconciles = agrees;
    }

    /** Of some provisions of an entry. */
    interface ProvisionsOf {
        Iterable<Provision> slot(long slot) throws IOException;
    }

    /**
     * Gives up the oldest of what waits, as one counted range. Only when nothing is settled and not written down.
     *
     * @param to the slot before which it is given up
     * @param provisions what is to be written down of those that may have been sent
     */
    void drop(long to, ProvisionsOf provisions) throws IOException {
        long from = standing.slot;
        long nowMs = hub.nowMs().getAsLong();
        long last = route.index().at(to - 1);
        OnTheWay range = OnTheWay.dropped(to - 1, last, to - from);
        deadLetters.addRange(nowMs, route.index().at(from), last, to - from, "dropped at the limit of what may wait");
        Logger.error("{} {}: {} waiting entries were dropped at the limit", route.district(), route.name(), to - from);
        CompletableFuture<Void> perhaps = OnTheWay.BOOKED;
        for (long slot = from; slot < Math.min(to, perhapsBefore); slot++) {
            for (Provision each : provisions.slot(slot)) {
                perhaps = CompletableFuture.allOf(perhaps, book(each, Provisions.Outcome.PERHAPS, nowMs));
            }
        }
        range.booked = perhaps;
        booking.add(range);
    }

    /** After the courier's last turn. */
    @Override
    public void close() throws IOException {
        try (cursor) {
            deadLetters.close();
        }
    }
}
