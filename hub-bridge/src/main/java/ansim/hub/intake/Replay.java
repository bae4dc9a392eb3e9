package ansim.hub.intake;

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
import java.util.function.BooleanSupplier;
import org.tinylog.Logger;

/** Brings the state back from the newest snapshot and the log behind it; a new log is founded first. */
final class Replay {
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final String RESTORE =
            "hub-bridge restore DIR with the newest backup; what the units still hold comes again";

    private final Journal log;
    private final HubState state;
    private final long last;
    private final BooleanSupplier enough;

    private Replay(Journal log, HubState state, long last, BooleanSupplier enough) {
        this.log = log;
        this.state = state;
        this.last = last;
        this.enough = enough;
    }

    /**
     * What the log has come to.
     *
     * @param ring is given the units' keys
     * @param nowMs the founding of a new log
     * @throws CommandFailure when an entry that is needed is missing or does not read: nothing could be answered truthfully
     */
    static HubState run(Journal log, Snapshots snapshots, KeyRing ring, long nowMs) throws IOException {
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
        HubState state = through(log, snapshots, log.durableIndex(), () -> false);
        state.forEachUnit(ring::put);
        return state;
    }

    /** The state after an entry, or after an earlier one when that is enough. */
    static HubState through(Journal log, Snapshots snapshots, long last, BooleanSupplier enough) throws IOException {
        HubState state = snapshots.newest(last).orElseGet(HubState::new);
        if (state.applied() == 0 && log.firstIndex() > 1) {
            throw new CommandFailure(
                    "no snapshot reads and the hub's log begins at entry " + log.firstIndex() + " of "
                            + log.durableIndex() + ": entry 1 is missing",
                    RESTORE);
        }
        new Replay(log, state, last, enough).all();
        return state;
    }

    private void all() throws IOException {
        long toldNanos = System.nanoTime();
        try (JournalReader reader = log.reader(state.applied() + 1)) {
            while (state.applied() < last && !enough.getAsBoolean()) {
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
            entry = LogEntry.decode(stored.payload());
        } catch (LogEntry.Unreadable e) {
            throw broken(stored.index(), "does not read (" + e.getMessage() + ")");
        }
        state.apply(stored.index(), entry);
    }

    private CommandFailure broken(long index, String how) {
        return new CommandFailure("entry " + index + " of " + log.durableIndex() + " of the hub's log " + how, RESTORE);
    }
}
