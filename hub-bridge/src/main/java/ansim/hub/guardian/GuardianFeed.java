package ansim.hub.guardian;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.EntryReader;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.vault.GuardianPost;
import ansim.hub.vault.RideNotice;
import ansim.journal.Journal;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Lane;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.tinylog.Logger;

/**
 * Follows the log and hands what guardians may be told to the vault, on a thread named {@code guardian-feed}.
 *
 * <p>Guarantee: its cursor moves in one transaction with what it remembers, and only after the vault has the notices on disk; a notice that is
 * handed in again changes nothing there. A vault that does not answer is asked again for ever: what was not handed in waits in the log. An entry at
 * which this program itself fails is tried {@value #TRIES} times alone, then passed over, counted, and told in the log by its index. What
 * is erased meanwhile is told to nobody, and {@link #holdsNothingErasedBefore} says when no file here holds it any more. On a log that it does not know, of a new or a restored hub, it begins at the end.
 *
 * <p>Of tracks and positions of other rides than those whose riders are known, or may yet be, no more is read than the outline.
 */
public final class GuardianFeed implements AutoCloseable {
    /** Entries in one transaction at most. */
    static final int BATCH = 500;

    /** The least time from one transaction to the next: one flush for all that came meanwhile. */
    static final long PACE_MS = 50;

    /** So often an entry is tried at which this program fails. */
    static final int TRIES = 5;

    /** As it is counted when an entry was passed over. */
    static final String FAILED = "failed";

    private static final Duration WAIT = Duration.ofMillis(500);
    private static final long FIRST_RETRY_MS = 500;
    private static final long LAST_RETRY_MS = 30_000;
    private static final int SAVE_ENTRIES = 20_000;
    /** Longer than a vault in another process may take for an answer. */
    private static final int CLOSE_MS = 12_000;

    /**
     * What is told, and of what.
     *
     * @param late what happened longer ago when it reached the hub is not told
     * @param centre whether a district has a centre that is given its events
     * @param districts the map in force
     */
    public record Rules(Duration late, Predicate<String> centre, Supplier<DistrictMap> districts) {}

    private final Journal log;
    private final EntryReader reader;
    private final GuardianPost post;
    private final FeedStore store;
    private final Rules rules;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "guardian-feed");
    private volatile Map<String, Long> counts = Map.of();
    private long saved;
    /** Everything up to here was looked at, and what was to be remembered of it is. */
    private volatile long followed;
    /** Something was erased, maybe before the last stop, and the file's own log may hold older content still. */
    private volatile boolean unemptied = true;
    /** Up to here each entry is taken alone: one of them made the program fail. */
    private long aloneThrough;

    private int tries;
    /** The entry at which it failed last. */
    private long failingAt;

    private GuardianFeed(Journal log, EntryReader reader, GuardianPost post, FeedStore store, Rules rules) {
        this.log = log;
        this.reader = reader;
        this.post = post;
        this.store = store;
        this.rules = rules;
        thread.setDaemon(true);
    }

    /** Begins where it stopped. Does not close what it is given. */
    public static GuardianFeed start(Journal log, EntryReader reader, GuardianPost post, Path file, Rules rules)
            throws IOException {
        GuardianFeed feed = new GuardianFeed(log, reader, post, FeedStore.open(file), rules);
        try {
            feed.begin();
        } catch (IOException | RuntimeException e) {
            feed.store.close();
            throw e;
        }
        feed.thread.start();
        return feed;
    }

    /** Writes how far a log was followed, and what was counted, into a new file; nothing of any ride. */
    public static void copy(Path file, Path to) throws IOException {
        try (FeedStore from = FeedStore.open(file);
                FeedStore copy = FeedStore.open(to)) {
            from.copyPlaceTo(copy);
        }
    }

    private void begin() throws IOException {
        Optional<Long> through = store.through(log.journalId());
        saved = through.filter(at -> at <= log.durableIndex()).orElseGet(log::durableIndex);
        if (through.isEmpty() || through.get() != saved) {
            Logger.info("guardians are told of what comes after log entry {}", saved);
            store.moveTo(log.journalId(), saved);
        }
        counts = store.counts();
        followed = saved;
    }

    /** Whether everything up to an entry was looked at, and what an erasure took is in no file of guardians any more. Any thread. */
    public boolean holdsNothingErasedBefore(long index) {
        return followed >= index && !unemptied;
    }

    /** What nobody was told of, by reason: late, test. Any thread. */
    public Map<String, Long> quiet() {
        return counts;
    }

    private void run() {
        long retryMs = FIRST_RETRY_MS;
        try {
            while (!closed(0)) {
                try (JournalReader entries = log.reader(saved + 1)) {
                    while (!closed(0)) {
                        follow(entries);
                        retryMs = FIRST_RETRY_MS;
                    }
                } catch (IOException e) {
                    if (retryMs == FIRST_RETRY_MS) {
                        Logger.warn("guardians wait: {}", String.valueOf(e.getMessage()));
                    }
                    closed(retryMs);
                    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
                } catch (Defect e) {
                    if (isWorthATry(e)) {
                        closed(retryMs);
                        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
                    }
                }
            }
        } catch (InterruptedException e) {
            Logger.debug("guardian-feed: stopped");
        }
    }

    /** Some entries made this program fail: not the disk, nor the vault, whose failures are IOExceptions. */
    private static final class Defect extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final long first;
        private final long last;
        /** What is to be forgotten is never passed over. */
        private final boolean isErasure;

        Defect(long first, long last, boolean isErasure, RuntimeException cause) {
            super(cause);
            this.first = first;
            this.last = last;
            this.isErasure = isErasure;
        }
    }

    /** False when the entry was passed over, or is only to be found among others. */
    private boolean isWorthATry(Defect defect) throws InterruptedException {
        if (defect.first < defect.last) {
            aloneThrough = Math.max(aloneThrough, defect.last);
            return false;
        }
        if (defect.last != failingAt) {
            failingAt = defect.last;
            tries = 0;
        }
        tries++;
        if (tries < TRIES || defect.isErasure) {
            return true;
        }
        try {
            store.transaction(() -> {
                store.count(FAILED);
                store.moveTo(log.journalId(), defect.last);
                return defect.last;
            });
            Logger.error(
                    defect.getCause(),
                    "guardians are told nothing of entry {} of the log: it failed {} times and is passed over",
                    defect.last,
                    tries);
            saved = defect.last;
            followed = Math.max(followed, defect.last);
            counts = store.counts();
            return false;
        } catch (IOException e) {
            Logger.warn("guardians wait: {}", String.valueOf(e.getMessage()));
            return true;
        }
    }

    private void follow(JournalReader entries) throws IOException, InterruptedException {
        if (unemptied && store.emptyLog()) {
            unemptied = false;
        }
        if (!log.awaitDurable(entries.nextIndex(), WAIT)) {
            return;
        }
        long first = entries.nextIndex();
        int most = first <= aloneThrough ? 1 : BATCH;
        List<Stored> batch = new ArrayList<>();
        while (batch.size() < most) {
            Optional<Stored> next = entries.next();
            if (next.isEmpty()) {
                break;
            }
            batch.add(next.get());
        }
        long through = entries.nextIndex() - 1;
        try {
            take(batch, through);
        } catch (RuntimeException e) {
            throw new Defect(first, through, batch.stream().anyMatch(this::isErasure), e);
        }
        followed = through;
        if (batch.size() < most) {
            closed(PACE_MS);
        }
    }

    private void take(List<Stored> batch, long through) throws IOException {
        List<Noted> told = new ArrayList<>();
        Set<Long> begun = new HashSet<>();
        for (Stored each : batch) {
            Optional<LogEntry> entry = entry(each, begun);
            if (entry.isPresent()) {
                told.add(new Noted(each.index(), each.keyId(), entry.get()));
                if (each.keyId().isPresent() && Occasions.isBoardingWithCards(entry.get())) {
                    begun.add(each.keyId().getAsLong());
                }
            }
        }
        if (!told.isEmpty() || through - saved >= SAVE_ENTRIES) {
            note(told, through);
        }
    }

    private boolean isErasure(Stored stored) {
        try {
            return EntryReader.OUTLINES
                            .read(stored.index(), stored.keyId(), stored.payload())
                            .input()
                    instanceof Input.Erasure;
        } catch (LogEntry.Unreadable e) {
            return false;
        }
    }

    private record Noted(long index, OptionalLong keyId, LogEntry entry) {}

    private void note(List<Noted> told, long through) throws IOException {
        store.transaction(() -> {
            Occasions occasions = new Occasions(store, rules, this::read);
            for (Noted each : told) {
                occasions.take(each.index(), each.keyId(), each.entry());
            }
            List<RideNotice> notices = new ArrayList<>(occasions.notices());
            notices.sort(Comparator.comparing(each -> !each.kind().alarm()));
            if (!notices.isEmpty()) {
                post.hand(notices);
            }
            if (!occasions.forgotten().isEmpty()) {
                post.forget(occasions.forgotten());
            }
            store.moveTo(log.journalId(), through);
            if (occasions.hasErased()) {
                unemptied = true;
            }
            return through;
        });
        saved = through;
        counts = store.counts();
    }

    /**
     * Empty for what cannot concern a guardian or a rider.
     *
     * @param begun keys of rides that began in the same batch
     */
    private Optional<LogEntry> entry(Stored stored, Set<Long> begun) throws IOException {
        try {
            if (stored.keyId().isPresent()
                    && !begun.contains(stored.keyId().getAsLong())
                    && !store.isOfRide(stored.keyId().getAsLong())
                    && EntryReader.OUTLINES
                                    .read(stored.index(), stored.keyId(), stored.payload())
                                    .input()
                            instanceof Input.Erased outline
                    && (outline.outline().lane() == Lane.TRACK
                            || outline.outline().lane() == Lane.STATUS)) {
                return Optional.empty();
            }
            return Optional.of(reader.read(stored.index(), stored.keyId(), stored.payload()));
        } catch (LogEntry.Unreadable e) {
            if (e.isPassing()) {
                throw e;
            }
            Logger.error("guardians: entry {} of the log is passed over: {}", stored.index(), e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<LogEntry> read(long index) throws IOException {
        Optional<Stored> stored = log.read(index);
        return stored.isPresent() ? entry(stored.get(), Set.of()) : Optional.empty();
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
        store.close();
    }
}
