package ansim.hub;

import ansim.hub.core.Input;
import ansim.hub.core.Keep;
import ansim.hub.intake.Intake;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.tinylog.Logger;

/**
 * Erases what operators wished to be erased, within a second, and what has been kept for as long as its class is, every
 * {@link #RETENTION_EVERY}; on a thread named {@code erasures}.
 *
 * <p>In this order: the keys are destroyed, on both disks; the log says so; the snapshots are made anew and the older ones let go, here and in the
 * mirror's folder; of what was asked for the ledgers' keys are destroyed; the views, and the followers that it was given, have let go of the
 * rows and emptied their files. In a running hub these are the guardians' files; {@code rides erase} without one has no followers: there what is
 * remembered for guardians, and the vault's letters, are let go of when the hub follows its log at its next start. What a crash interrupts is
 * gone on with at the next start, from whichever step it was.
 *
 * <p>Not guaranteed: anything of what left the hub before: centres, their files, brokers; copies of the key file that somebody made.
 */
final class Erasures implements AutoCloseable {
    static final Duration RETENTION_EVERY = Duration.ofHours(1);
    private static final Duration EVERY = Duration.ofMillis(500);
    /** A committer that has failed answers no more. */
    private static final int COMMIT_S = 60;

    private static final int CLOSE_MS = 10_000;

    /** What is to be done about the mirror's copies once the snapshots are other ones. */
    interface Copies {
        void replace() throws IOException;
    }

    /** Somebody who follows the log and may have written down what is erased now. */
    interface Follower {
        /** Whether everything up to an entry was followed, and what an erasure took is in none of its files any more. */
        boolean holdsNothingErasedBefore(long index);
    }

    /** What it works on; {@code followers} beside the views. */
    record Parts(
            Journal log,
            RideKeys keys,
            List<LedgerKeys> ledgerKeys,
            Intake intake,
            Views views,
            List<Follower> followers,
            Copies copies) {}

    private final Parts parts;
    private final Map<Keep, Duration> kept;
    private final Clock clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "erasures");
    private final AtomicLong requested = new AtomicLong();
    private final AtomicLong expired = new AtomicLong();
    private long seenVersion = -1;
    private long nextRetentionMs = Long.MIN_VALUE;
    /** The log index that the views must have reached; 0 while the snapshots are still to be made anew. */
    private long replacedAt;

    private String told = "";

    /** @param kept how long each class is kept */
    Erasures(Parts parts, Map<Keep, Duration> kept, Clock clock) {
        this.parts = parts;
        this.kept = kept;
        this.clock = clock;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            work();
            told = "";
        } catch (IOException | RuntimeException e) {
            if (!told.equals(String.valueOf(e.getMessage()))) {
                Logger.error(e, "what is to be erased is not erased yet, trying again");
            }
            told = String.valueOf(e.getMessage());
        }
    }

    /** All that is due now. True when nothing is left of it. */
    boolean work() throws IOException, InterruptedException {
        long version = parts.keys.dataVersion();
        boolean first = seenVersion < 0;
        if (first) {
            erase(List.of(), Input.Erasure.Cause.REQUEST, "");
        }
        long nowMs = clock.millis();
        boolean hourly = nowMs >= nextRetentionMs;
        if (version != seenVersion || hourly) {
            eraseWished();
        }
        if (hourly) {
            eraseExpired(nowMs);
            nextRetentionMs = nowMs + RETENTION_EVERY.toMillis();
        }
        seenVersion = version;
        return cleaned();
    }

    private void eraseWished() throws IOException, InterruptedException {
        Optional<RideKeys.Wished> wished = parts.keys.wished(Input.Erasure.MAX_ITEMS);
        while (wished.isPresent()) {
            requested.addAndGet(erase(
                    wished.get().keys(),
                    Input.Erasure.Cause.REQUEST,
                    wished.get().reason()));
            wished = parts.keys.wished(Input.Erasure.MAX_ITEMS);
        }
    }

    private void eraseExpired(long nowMs) throws IOException, InterruptedException {
        for (Map.Entry<Keep, Duration> each : kept.entrySet()) {
            long beforeMs = nowMs - each.getValue().toMillis();
            List<RideKeys.Due> due = parts.keys.older(each.getKey(), beforeMs, Input.Erasure.MAX_ITEMS);
            while (!due.isEmpty() && closing.getCount() > 0) {
                String reason = each.getKey().word() + " are kept for "
                        + each.getValue().toDays() + " days";
                expired.addAndGet(erase(due, Input.Erasure.Cause.RETENTION, reason));
                due = parts.keys.older(each.getKey(), beforeMs, Input.Erasure.MAX_ITEMS);
            }
        }
    }

    /** And what a crash left unrecorded before it. */
    private int erase(List<RideKeys.Due> due, Input.Erasure.Cause cause, String reason)
            throws IOException, InterruptedException {
        int recorded = 0;
        List<RideKeys.Due> left = due;
        for (Optional<Input.Erasure> done = logged(left, cause, reason);
                done.isPresent();
                done = logged(left, cause, reason)) {
            parts.keys.recorded(done.get());
            replacedAt = 0;
            recorded += done.get().items().size();
            left = List.of();
        }
        return recorded;
    }

    private Optional<Input.Erasure> logged(List<RideKeys.Due> due, Input.Erasure.Cause cause, String reason)
            throws IOException, InterruptedException {
        try {
            return parts.intake.erase(due, cause, reason).get(COMMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("an erasure was not committed", e);
        }
    }

    /** Whether no file holds anything of what was erased any more. */
    private boolean cleaned() throws IOException, InterruptedException {
        if (!parts.keys.isAnyUnclean()) {
            return true;
        }
        if (replacedAt == 0) {
            long index = parts.log.durableIndex();
            if (!parts.intake.replaceSnapshots()) {
                return false;
            }
            parts.copies.replace();
            for (LedgerKeys each : parts.ledgerKeys) {
                each.forget(parts.keys.requested(), clock.instant());
            }
            replacedAt = index;
        }
        boolean held = parts.followers.stream().anyMatch(each -> !each.holdsNothingErasedBefore(replacedAt));
        if (held || !parts.views.holdsNothingErasedBefore(replacedAt)) {
            return false;
        }
        parts.keys.cleaned();
        return true;
    }

    /** By name, for people; nothing that is zero. */
    void addTo(Map<String, Long> counts) {
        if (requested.get() > 0) {
            counts.put("erased-on-request", requested.get());
        }
        if (expired.get() > 0) {
            counts.put("erased-by-retention", expired.get());
        }
    }

    /** Lets the batch at hand end. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
