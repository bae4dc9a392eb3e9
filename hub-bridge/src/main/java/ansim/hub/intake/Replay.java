package ansim.hub.intake;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;

/**
 * Brings the state back from the newest snapshot and the log behind it, or from the whole log when no snapshot reads.
 *
 * <p>Guarantees that every entry behind the snapshot was there and was applied; of those before it nothing is read. A log of which it is
 * proved that it once went further goes on under a raised generation: what it lost was receipted, and only by that do the units know
 * that it must come again. Not guaranteed: that such a loss is noticed when nothing proves it; {@link #lostEnd} says what does.
 */
public final class Replay {
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final Subject HUBS_LOG = new Subject(
            "the hub's log", "hub-bridge restore DIR with the newest backup; what the units still hold comes again");

    /**
     * Whose log it is, for errors.
     *
     * @param log what to call it
     * @param tryThis what to do when an entry of it does not read
     */
    public record Subject(String log, String tryThis) {}

    private final Journal log;
    private final EntryReader entries;
    private final HubState state;
    private final long last;
    private final Subject subject;

    private Replay(Journal log, EntryReader entries, HubState state, long last, Subject subject) {
        this.log = log;
        this.entries = entries;
        this.state = state;
        this.last = last;
        this.subject = subject;
    }

    /**
     * What the log has come to.
     *
     * @param entries reads it
     * @param ring is given the units' keys
     * @param nowMs the founding of a new log, or of a raised generation
     * @param seenThrough an entry that was durable once, 0 for none: whoever saw it wrote so down elsewhere
     * @throws CommandFailure when an entry that is needed is missing or does not read: nothing could be answered truthfully
     */
    static HubState run(
            Journal log, EntryReader entries, Snapshots snapshots, KeyRing ring, long nowMs, long seenThrough)
            throws IOException {
        if (log.durableIndex() == 0) {
            List<String> aside = log.recovery().movedAside();
            if (!aside.isEmpty()) {
                // Founding another log beside it would forget the registry and every ride, without a word.
                throw new CommandFailure(
                        "nothing of the hub's log reads, " + String.join(", ", aside) + " moved aside",
                        "put the log back from a backup; what the units still hold they send again");
            }
            Input founding = new Input.Founding(nowMs, nowMs / 1000);
            LogEntry first = new LogEntry(founding, Step.decide(new HubState(), founding));
            log.append(Entry.message(first.encode()));
        }
        HubState state = through(log, entries, snapshots, log.durableIndex(), HUBS_LOG);
        Optional<Snapshots.Ahead> ahead = snapshots.ahead(log.durableIndex());
        Optional<String> proof = lostEnd(log, state, ahead, seenThrough);
        if (proof.isPresent()) {
            long before = log.durableIndex();
            raise(log, state, nowMs, ahead.map(Snapshots.Ahead::generation).orElse(0L));
            Logger.warn(
                    "the hub's log has lost its end, it ends at entry {} ({}): the generation is raised to {}, by which"
                            + " the units send again what they still hold",
                    before,
                    proof.get(),
                    state.generation());
        }
        state.forEachUnit(ring::put);
        return state;
    }

    /**
     * What proves that the log once went further, if anything does: a snapshot, the notes of whoever read it, or a file behind all others
     * that does not read. Stands until the generation is raised, so that a stop in between leaves it to do.
     */
    private static Optional<String> lostEnd(
            Journal log, HubState state, Optional<Snapshots.Ahead> ahead, long seenThrough) {
        if (ahead.isPresent() && ahead.get().generation() >= state.generation()) {
            return Optional.of("there is a snapshot of entry " + ahead.get().index());
        }
        if (seenThrough > log.durableIndex()) {
            return Optional.of("it was indexed up to entry " + seenThrough);
        }
        List<String> aside = log.recovery().movedAside();
        return aside.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", aside) + " moved aside");
    }

    /**
     * Raises the generation in a log whose state this is: the units send again what they hold, and a receipt of before counts no more.
     *
     * @param above another generation that units may have heard of
     * @return the index of the founding, which is durable
     */
    public static long raise(Journal log, HubState state, long nowMs, long above) throws IOException {
        long next = Math.max(state.generation(), above) + 1;
        Input founding = new Input.Founding(nowMs, Math.max(nowMs / 1000, next));
        LogEntry entry = new LogEntry(founding, Step.decide(state, founding));
        long index = log.append(Entry.message(entry.encode()));
        state.apply(index, entry);
        return index;
    }

    /** The state after an entry of a log. */
    public static HubState through(Journal log, EntryReader entries, Snapshots snapshots, long last, Subject subject)
            throws IOException {
        HubState state = snapshots.newest(last, log.durableIndex()).orElseGet(HubState::new);
        if (state.applied() == 0 && log.firstIndex() > 1) {
            throw new CommandFailure(
                    "no snapshot reads and " + subject.log + " begins at entry " + log.firstIndex() + " of "
                            + log.durableIndex() + ": entry 1 is missing",
                    subject.tryThis);
        }
        new Replay(log, entries, state, last, subject).all();
        return state;
    }

    /** Applies the entries that a state lacks up to one of them. */
    public static void goOn(HubState state, Journal log, EntryReader entries, long last, Subject subject)
            throws IOException {
        new Replay(log, entries, state, last, subject).all();
    }

    private void all() throws IOException {
        long toldNanos = System.nanoTime();
        try (JournalReader reader = log.reader(state.applied() + 1)) {
            while (state.applied() < last) {
                Optional<Stored> stored = reader.next();
                long expected = state.applied() + 1;
                if (stored.isEmpty() || stored.get().index() != expected) {
                    throw broken(expected, "is missing");
                }
                apply(stored.get());
                if (System.nanoTime() - toldNanos > TELL_EVERY_NANOS) {
                    toldNanos = System.nanoTime();
                    Logger.info("reading the log: {} of {} entries, {} %", expected, last, 100 * expected / last);
                }
            }
        }
    }

    private void apply(Stored stored) {
        LogEntry entry;
        try {
            entry = entries.read(stored.index(), stored.keyId(), stored.payload());
        } catch (LogEntry.Unreadable e) {
            if (!e.tryThis().isEmpty()) {
                throw new CommandFailure(
                        "entry " + stored.index() + " of " + subject.log + ": " + e.getMessage(), e.tryThis());
            }
            throw broken(stored.index(), "does not read (" + e.getMessage() + ")");
        }
        try {
            state.apply(stored.index(), entry);
            stored.keyId().ifPresent(state::sealedUnder);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw broken(stored.index(), "cannot be applied (" + e.getMessage() + ")");
        }
    }

    private CommandFailure broken(long index, String how) {
        return new CommandFailure(
                "entry " + index + " of " + log.durableIndex() + " of " + subject.log + " " + how, subject.tryThis);
    }
}
