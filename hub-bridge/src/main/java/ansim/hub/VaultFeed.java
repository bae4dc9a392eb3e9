package ansim.hub;

import ansim.hub.core.Disposition;
import ansim.hub.core.EntryReader;
import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.RideCards;
import ansim.hub.intake.Intake;
import ansim.hub.vault.Began;
import ansim.hub.vault.Rider;
import ansim.hub.vault.RiderVault;
import ansim.journal.Journal;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Asks the rider vault about every committed boarding with a sealed card, and brings its answers into the log, on a thread named
 * {@code vault}. It follows the log, so that nothing waits in memory: a vault that is slow or gone costs names, not messages. A log or keys that do not
 * read just now are read again, for ever; an entry at which this program itself fails is tried {@value #TRIES} times and then passed over.
 *
 * <p>Guarantee: what was not answered when the hub stopped is asked again at the next start, as far as the state remembers it
 * ({@link Intake#unasked}). What is erased is not asked about, and an answer about a ride that was erased meanwhile is dropped and counted. At most {@value #UNCOMMITTED} answers wait for the log at once. Not guaranteed: that a card is opened only once;
 * after a crash an answer that was not on disk is asked for again, and the vault's ledger has both. A unit that has more riders named than a taxi
 * carries ({@link NamingLimit}) has its further cards not asked about for an hour; they are counted.
 */
final class VaultFeed implements AutoCloseable {
    static final int UNCOMMITTED = 64;
    private static final Duration WAIT = Duration.ofMillis(500);
    private static final long FIRST_RETRY_MS = 100;
    private static final long LAST_RETRY_MS = 30_000;
    /** Longer than a vault in another process may take for an answer. */
    private static final int CLOSE_MS = 12_000;

    /** So often an entry is tried at which this program itself fails. */
    static final int TRIES = 5;

    private static final String WHY = "boarded";

    /** On its way into the log. */
    private record Answer(long index, boolean named, CompletableFuture<Void> done) {}

    private final @Nullable RiderVault vault;
    private final Journal log;
    private final Intake intake;
    private final EntryReader reader;
    private final Deque<Answer> uncommitted = new ArrayDeque<>();
    /** Entries behind the place in the log that are to be asked about, oldest first. */
    private final Deque<Long> again = new ArrayDeque<>();
    /** The place in the log. */
    private long next;
    /** What is at hand, and how often the program has failed at it. */
    private long failingAt;

    private int tries;
    private volatile String trouble = "";
    private final NamingLimit limit = new NamingLimit();
    private final AtomicLong tooMany = new AtomicLong();
    private final AtomicLong erased = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "vault");

    private VaultFeed(@Nullable RiderVault vault, Journal log, EntryReader reader, Intake intake) {
        this.vault = vault;
        this.log = log;
        this.reader = reader;
        this.intake = intake;
        thread.setDaemon(true);
    }

    /** Begins with what an earlier run left; without a vault it does nothing. Closes the vault when it is closed. */
    static VaultFeed start(Optional<RiderVault> vault, Journal log, Intake intake) {
        return start(vault, log, intake.reader(), intake);
    }

    /** The same with another reader of the log's entries. */
    static VaultFeed start(Optional<RiderVault> vault, Journal log, EntryReader reader, Intake intake) {
        VaultFeed feed = new VaultFeed(vault.orElse(null), log, reader, intake);
        if (vault.isPresent()) {
            feed.thread.start();
        }
        return feed;
    }

    /** Boardings that the vault was asked about since the start. */
    long asked() {
        return asked.get();
    }

    /** What was not named, by reason; nothing that is zero. Any thread. */
    void addTo(Map<String, Long> counts) {
        if (tooMany.get() > 0) {
            counts.put("riders not named: too many of one unit", tooMany.get());
        }
        if (erased.get() > 0) {
            counts.put("riders not named: the ride was erased", erased.get());
        }
    }

    /** What keeps rides from being named; empty when nothing does. Any thread. */
    Optional<String> trouble() {
        return trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
    }

    /** A disk that fails is waited for, as a vault is. */
    private void run() {
        RiderVault open = vault;
        if (open == null) {
            return;
        }
        try {
            Intake.Unasked left = intake.unasked();
            again.addAll(left.indexes());
            next = left.through() + 1;
            long retryMs = FIRST_RETRY_MS;
            while (!closed(0)) {
                long before = failingAt;
                boolean waits = true;
                try {
                    follow(open);
                } catch (IOException e) {
                    stumbled("the log does not read: " + e.getMessage());
                } catch (RuntimeException e) {
                    waits = isWorthATry(e);
                }
                if (waits) {
                    retryMs = before == failingAt ? Math.min(2 * retryMs, LAST_RETRY_MS) : FIRST_RETRY_MS;
                    closed(retryMs);
                }
            }
        } catch (InterruptedException e) {
            Logger.debug("vault: stopped");
        } catch (ExecutionException e) {
            Logger.debug("vault: the committer has ended ({})", e.getMessage());
        }
    }

    private void stumbled(String why) {
        if (trouble.isEmpty()) {
            Logger.warn("rides wait for their names: {}", why);
        }
        trouble = why;
    }

    /** An entry at which this program fails holds up no other for ever. */
    private boolean isWorthATry(RuntimeException why) {
        tries++;
        stumbled("entry " + failingAt + " of the log: " + why);
        if (tries < TRIES) {
            return true;
        }
        Logger.error(
                why, "the rider vault is not asked about entry {} of the log: it failed {} times", failingAt, tries);
        done(failingAt);
        return false;
    }

    private void follow(RiderVault open) throws IOException, InterruptedException, ExecutionException {
        while (!again.isEmpty()) {
            long index = again.element();
            begin(index);
            Optional<Stored> stored = log.read(index);
            if (stored.isPresent()) {
                ask(open, stored.get());
            }
            done(index);
        }
        begin(next);
        try (JournalReader reader = log.reader(next)) {
            while (!closed(0) && again.isEmpty()) {
                begin(reader.nextIndex());
                Optional<Stored> stored = reader.next();
                if (stored.isPresent()) {
                    ask(open, stored.get());
                    done(stored.get().index());
                } else {
                    trouble = "";
                    next = reader.nextIndex();
                    // Quiet: the answers on their way are few, and a failure of the committer shows here.
                    settle(0);
                    var unused = log.awaitDurable(reader.nextIndex(), WAIT);
                }
            }
        }
    }

    private void begin(long index) {
        if (index != failingAt) {
            failingAt = index;
            tries = 0;
        }
    }

    /** The vault was asked about it, or need not be. */
    private void done(long index) {
        trouble = "";
        if (!again.isEmpty() && again.element() == index) {
            again.remove();
        } else {
            next = Math.max(next, index + 1);
        }
    }

    private void ask(RiderVault open, Stored stored) throws IOException, InterruptedException, ExecutionException {
        long retryMs = FIRST_RETRY_MS;
        // Read anew each time: its ride may be erased while the vault does not answer.
        for (Optional<LogEntry> boarding = boarding(stored); boarding.isPresent(); boarding = boarding(stored)) {
            Optional<RideCards> cards = RideCards.of(boarding.get().message());
            if (cards.isEmpty() || answered(open, stored.index(), boarding.get(), cards.get())) {
                return;
            }
            if (closed(retryMs)) {
                throw new InterruptedException("closed");
            }
            retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
        }
    }

    /** Empty for what is no message, and for one that is erased. */
    private Optional<LogEntry> boarding(Stored stored) throws LogEntry.Unreadable {
        try {
            LogEntry entry = reader.read(stored.index(), stored.keyId(), stored.payload());
            // What broke a rule is no ride, whatever card is in it.
            return entry.input() instanceof Input.Arrival && entry.output().disposition() != Disposition.QUARANTINED
                    ? Optional.of(entry)
                    : Optional.empty();
        } catch (LogEntry.Unreadable e) {
            if (e.isPassing()) {
                throw e;
            }
            Logger.error("vault: entry {} of the log is passed over: {}", stored.index(), e.getMessage());
            return Optional.empty();
        }
    }

    /** A vault that does not answer is asked again, with pauses of up to {@value #LAST_RETRY_MS} ms: the log does not go away. */
    private boolean answered(RiderVault open, long index, LogEntry boarding, RideCards cards)
            throws InterruptedException, ExecutionException {
        List<NamedRider> riders;
        try {
            riders = open(open, boarding, cards);
        } catch (IOException e) {
            stumbled("the rider vault does not answer: " + e.getMessage());
            return false;
        }
        asked.incrementAndGet();
        settle(UNCOMMITTED - 1);
        uncommitted.add(new Answer(
                index,
                !riders.isEmpty(),
                intake.change(new Input.VaultAnswer(System.currentTimeMillis(), index, boarding.message(), riders))));
        return true;
    }

    private List<NamedRider> open(RiderVault open, LogEntry boarding, RideCards cards) throws IOException {
        Id16 unit = boarding.unit();
        boolean late = boarding.output().has(Flag.LATE);
        List<NamedRider> riders = new ArrayList<>(1);
        for (Bytes sealed : cards.sealed()) {
            long nowMs = System.currentTimeMillis();
            if (limit.isReached(unit, late, nowMs)) {
                if (tooMany.getAndIncrement() == 0) {
                    Logger.warn("unit {} has had so many riders named that no more are, for an hour", unit);
                }
                continue;
            }
            Optional<Rider> rider = open.open(sealed, unit, cards.ride(), began(boarding), WHY);
            if (rider.isPresent()) {
                riders.add(new NamedRider(rider.get().handle(), rider.get().home()));
                limit.named(unit, late, rider.get().handle(), nowMs);
            }
        }
        return riders;
    }

    private static Began began(LogEntry boarding) {
        return boarding.output()
                .event()
                .map(Event::when)
                .map(when -> new Began(when.fromMs(), when.toMs()))
                .orElseGet(() -> Began.at(boarding.arrivedMs()));
    }

    private void settle(int most) throws InterruptedException, ExecutionException {
        while (uncommitted.size() > most) {
            Answer oldest = uncommitted.remove();
            try {
                oldest.done.get();
                if (oldest.named && isErased(oldest.index)) {
                    erased.incrementAndGet();
                }
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof LogEntry.Unreadable passing && passing.isPassing())) {
                    throw e;
                }
                again.add(oldest.index);
            }
        }
    }

    /** Then the log did not take the name. One whose ride was erased in the moment since it did is counted, too. */
    private boolean isErased(long index) {
        try {
            Optional<Stored> stored = log.read(index);
            return stored.isPresent()
                    && reader.read(index, stored.get().keyId(), stored.get().payload())
                            .isErased();
        } catch (IOException e) {
            // Only a count: what waits for its own answer tells of a log that does not read.
            Logger.debug("entry {} does not read: {}", index, e.getMessage());
            return false;
        }
    }

    private boolean closed(long waitMs) throws InterruptedException {
        return closing.await(waitMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        // Not interrupted: that would close the file of the log that it happens to read.
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        RiderVault open = vault;
        if (open != null) {
            open.close();
        }
    }
}
