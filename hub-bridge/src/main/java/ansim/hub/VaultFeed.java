package ansim.hub;

import ansim.hub.core.Disposition;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.RideCards;
import ansim.hub.intake.Intake;
import ansim.hub.vault.Rider;
import ansim.hub.vault.RiderVault;
import ansim.journal.Journal;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Bytes;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
 * {@code vault}. It follows the log, so that nothing waits in memory: a vault that is slow or gone costs names, not messages.
 *
 * <p>Guarantee: what was not answered when the hub stopped is asked again at the next start, as far as the state remembers it
 * ({@link Intake#unasked}). What is erased is not asked about, and an answer about a ride that was erased meanwhile is dropped. At most {@value #UNCOMMITTED} answers wait for the log at once. Not guaranteed: that a card is opened only once;
 * after a crash an answer that was not on disk is asked for again, and the vault's ledger has both.
 */
final class VaultFeed implements AutoCloseable {
    static final int UNCOMMITTED = 64;
    private static final Duration WAIT = Duration.ofMillis(500);
    private static final long FIRST_RETRY_MS = 500;
    private static final long LAST_RETRY_MS = 30_000;
    /** Longer than a vault in another process may take for an answer. */
    private static final int CLOSE_MS = 12_000;

    private static final String WHY = "boarded";

    private final @Nullable RiderVault vault;
    private final Journal log;
    private final Intake intake;
    private final Deque<CompletableFuture<Void>> uncommitted = new ArrayDeque<>();
    private final AtomicLong asked = new AtomicLong();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "vault");

    private VaultFeed(@Nullable RiderVault vault, Journal log, Intake intake) {
        this.vault = vault;
        this.log = log;
        this.intake = intake;
        thread.setDaemon(true);
    }

    /** Begins with what an earlier run left; without a vault it does nothing. Closes the vault when it is closed. */
    static VaultFeed start(Optional<RiderVault> vault, Journal log, Intake intake) {
        VaultFeed feed = new VaultFeed(vault.orElse(null), log, intake);
        if (vault.isPresent()) {
            feed.thread.start();
        }
        return feed;
    }

    /** Boardings that the vault was asked about since the start. */
    long asked() {
        return asked.get();
    }

    private void run() {
        RiderVault open = vault;
        if (open == null) {
            return;
        }
        try {
            Intake.Unasked left = intake.unasked();
            for (long index : left.indexes()) {
                Optional<Stored> stored = log.read(index);
                if (stored.isPresent()) {
                    ask(open, stored.get());
                }
            }
            follow(open, left.through() + 1);
        } catch (InterruptedException e) {
            Logger.debug("vault: stopped");
        } catch (ExecutionException e) {
            Logger.debug("vault: the committer has ended ({})", e.getMessage());
        } catch (IOException | RuntimeException e) {
            Logger.error(e, "the rider vault is asked no more until the next start");
        }
    }

    private void follow(RiderVault open, long from) throws IOException, InterruptedException, ExecutionException {
        try (JournalReader reader = log.reader(from)) {
            while (!closed(0)) {
                Optional<Stored> next = reader.next();
                if (next.isPresent()) {
                    ask(open, next.get());
                } else {
                    // Quiet: the answers on their way are few, and a failure of the committer shows here.
                    settle(0);
                    var unused = log.awaitDurable(reader.nextIndex(), WAIT);
                }
            }
        }
    }

    private void ask(RiderVault open, Stored stored) throws InterruptedException, ExecutionException {
        long retryMs = FIRST_RETRY_MS;
        // Read anew each time: its ride may be erased while the vault does not answer.
        for (Optional<UpMessage> boarding = boarding(stored); boarding.isPresent(); boarding = boarding(stored)) {
            Optional<RideCards> cards = RideCards.of(boarding.get());
            if (cards.isEmpty() || answered(open, stored.index(), boarding.get(), cards.get(), retryMs)) {
                return;
            }
            if (closed(retryMs)) {
                throw new InterruptedException("closed");
            }
            retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
        }
    }

    /** Empty for what is no message, and for one that is erased. */
    private Optional<UpMessage> boarding(Stored stored) {
        try {
            LogEntry entry = intake.reader().read(stored.index(), stored.keyId(), stored.payload());
            // What broke a rule is no ride, whatever card is in it.
            return entry.input() instanceof Input.Arrival arrival
                            && entry.output().disposition() != Disposition.QUARANTINED
                    ? Optional.of(arrival.message())
                    : Optional.empty();
        } catch (LogEntry.Unreadable e) {
            Logger.error("vault: entry {} of the log is passed over: {}", stored.index(), e.getMessage());
            return Optional.empty();
        }
    }

    /** A vault that does not answer is asked again, with pauses of up to {@value #LAST_RETRY_MS} ms: the log does not go away. */
    private boolean answered(RiderVault open, long index, UpMessage boarding, RideCards cards, long retryMs)
            throws InterruptedException, ExecutionException {
        List<NamedRider> riders;
        try {
            riders = open(open, boarding, cards);
        } catch (IOException e) {
            if (retryMs == FIRST_RETRY_MS) {
                Logger.warn("the rider vault does not answer, rides wait for their names: {}", e.getMessage());
            }
            return false;
        }
        asked.incrementAndGet();
        settle(UNCOMMITTED - 1);
        uncommitted.add(intake.change(new Input.VaultAnswer(System.currentTimeMillis(), index, boarding, riders)));
        return true;
    }

    private static List<NamedRider> open(RiderVault open, UpMessage message, RideCards cards) throws IOException {
        List<NamedRider> riders = new ArrayList<>(1);
        for (Bytes sealed : cards.sealed()) {
            Optional<Rider> rider = open.open(sealed, message.batch().unit(), cards.ride(), WHY);
            rider.map(each -> new NamedRider(each.handle(), each.home())).ifPresent(riders::add);
        }
        return riders;
    }

    private void settle(int most) throws InterruptedException, ExecutionException {
        while (uncommitted.size() > most) {
            uncommitted.remove().get();
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
