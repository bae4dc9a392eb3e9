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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;

/** Brings the state back from the log; a new log is founded first. */
final class Replay {
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Journal log;
    private final HubState state = new HubState();
    private final KeyRing ring;

    private Replay(Journal log, KeyRing ring) {
        this.log = log;
        this.ring = ring;
    }

    /**
     * Applies the whole log.
     *
     * @param ring is given the units' keys
     * @param nowMs the founding of a new log
     * @throws CommandFailure when an entry of the log is missing or does not read: nothing could be answered truthfully
     */
    static HubState run(Journal log, KeyRing ring, long nowMs) throws IOException {
        if (log.durableIndex() == 0) {
            Input founding = new Input.Founding(nowMs, nowMs / 1000);
            LogEntry first = new LogEntry(founding, Step.decide(new HubState(), founding));
            log.append(Entry.message(first.encode()));
        }
        Replay replay = new Replay(log, ring);
        replay.all();
        return replay.state;
    }

    private void all() throws IOException {
        long last = log.durableIndex();
        long toldNanos = System.nanoTime();
        try (JournalReader reader = log.reader(1)) {
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
            entry = LogEntry.decode(stored.payload());
        } catch (LogEntry.Unreadable e) {
            throw broken(stored.index(), "does not read (" + e.getMessage() + ")");
        }
        state.apply(stored.index(), entry);
        if (entry.input() instanceof Input.UnitChange change) {
            ring.put(change.unit());
        }
    }

    private CommandFailure broken(long index, String how) {
        return new CommandFailure(
                "entry " + index + " of " + log.durableIndex() + " of the hub's log " + how,
                "put the log back from a backup; what the units still hold they send again");
    }
}
