package ansim.hub;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.UnitRide;
import ansim.hub.intake.Replay;
import ansim.hub.intake.Snapshots;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.LedgerKeys;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * Reads back what a {@link Promotion} has copied into its draft, raises the generation there and leaves a snapshot: a log that cannot be replayed
 * must not take the place of anything. Of a backup the state must be the one that its manifest names.
 */
final class PromotionReplay {
    private final Promotion.Source kind;
    private final Path mirror;
    private final Path draft;
    private final JournalFiles files;

    PromotionReplay(Promotion.Source kind, Path mirror, Path draft, JournalFiles files) {
        this.kind = kind;
        this.mirror = mirror;
        this.draft = draft;
        this.files = files;
    }

    /** Does it, and says what the hub will have, a line each. */
    List<String> run() throws IOException {
        Replay.Subject subject = new Replay.Subject(
                "the " + kind.noun(),
                "hub-bridge restore from an older backup, or the version of hub-bridge that wrote it");
        try (Journal log = Promotion.open(draft.resolve(MirrorFolder.LOG))) {
            return kind == Promotion.Source.BACKUP ? replayBackup(log, subject) : replayMirror(log, subject);
        }
    }

    private RideKeys keys(Journal log) throws IOException {
        return RideKeys.open(draft.resolve(HubFolder.RIDE_KEYS), log.journalId(), new SecureRandom());
    }

    private List<String> replayMirror(Journal log, Replay.Subject subject) throws IOException {
        Snapshots snapshots = new Snapshots(draft.resolve(MirrorFolder.SNAPSHOTS), files, log.journalId());
        try (RideKeys keys = keys(log)) {
            LogSeal seal = new LogSeal(keys, log.journalId(), new SecureRandom());
            HubState state = Replay.through(log, seal, snapshots, log.durableIndex(), subject);
            if (keys.last() < state.newestKey()) {
                throw new CommandFailure(
                        "the ride keys in " + mirror + " end at " + keys.last()
                                + ", the mirror's log is sealed under keys up to " + state.newestKey(),
                        "putting the newest ridekeys.db into " + mirror
                                + "; if it is lost: hub-bridge rides give-up --data " + mirror);
            }
            List<String> told = new ArrayList<>(List.of(told(state), newest(log)));
            told.add(raise(log, state));
            snapshots.write(state);
            return told;
        }
    }

    /** First as the manifest vouches for it, without any ride key; then as far as the keys go. */
    private List<String> replayBackup(Journal log, Replay.Subject subject) throws IOException {
        Path folder = draft.resolve(MirrorFolder.SNAPSHOTS);
        Snapshots snapshots = new Snapshots(folder, files, log.journalId());
        HubState outlines = asPromised(Manifest.read(mirror), log, snapshots, subject);
        Replay.goOn(outlines, log, EntryReader.OUTLINES, log.durableIndex(), subject);
        List<String> told = new ArrayList<>(List.of(told(outlines), newest(log)));
        HubState state = outlines;
        if (!haveKeys(log, outlines)) {
            RideKeys.giveUp(draft.resolve(HubFolder.RIDE_KEYS), log.journalId(), outlines.newestKey());
            told.add(
                    "the ride keys are gone or older than the backup: rides that were sealed under those that are missing"
                            + " read as erased from now on");
        }
        try (RideKeys keys = keys(log)) {
            destroyAgain(log, keys);
            if (keys.any()) {
                state = new HubState();
                LogSeal seal = new LogSeal(keys, log.journalId(), new SecureRandom());
                Replay.goOn(state, log, seal, log.durableIndex(), subject);
            }
        }
        told.add(raise(log, state));
        snapshots.write(state);
        snapshots.keepNewest();
        return told;
    }

    /** The keys may be older than what was erased. */
    private void destroyAgain(Journal log, RideKeys keys) throws IOException {
        try (LedgerKeys ledgerKeys = HubFolder.ledgerKeys(draft, Optional.empty());
                JournalReader reader = log.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                Stored stored = next.get();
                LogEntry entry = EntryReader.OUTLINES.read(stored.index(), stored.keyId(), stored.payload());
                if (entry.input() instanceof Input.Erasure erasure) {
                    keys.destroyAgain(erasure);
                    if (erasure.cause() == Input.Erasure.Cause.REQUEST) {
                        ledgerKeys.forget(rides(erasure), Instant.now());
                    }
                }
            }
        }
    }

    private static List<UnitRide> rides(Input.Erasure erasure) {
        return erasure.items().stream().flatMap(each -> each.ride().stream()).toList();
    }

    private boolean haveKeys(Journal log, HubState outlines) throws IOException {
        try (RideKeys keys = keys(log)) {
            return keys.last() >= outlines.newestKey();
        } catch (CommandFailure e) {
            Logger.warn("{}", e.error());
            return false;
        }
    }

    private static String told(HubState state) {
        return state.applied() + " log entries, generation " + state.generation() + ", state "
                + HexFormat.of().formatHex(state.hash());
    }

    /** By this the operator sees an old mirror or backup before the units are told to go by it. */
    private static String newest(Journal log) throws IOException {
        Stored last = log.read(log.durableIndex()).orElseThrow(() -> new IOException("the last entry does not read"));
        LogEntry entry = EntryReader.OUTLINES.read(last.index(), last.keyId(), last.payload());
        return "its newest entry is of " + Instant.ofEpochMilli(entry.arrivedMs());
    }

    private HubState asPromised(Manifest manifest, Journal log, Snapshots snapshots, Replay.Subject subject)
            throws IOException {
        if (log.durableIndex() < manifest.entries()) {
            throw new CommandFailure(
                    "the copy in " + draft + " ends at entry " + log.durableIndex() + " of " + manifest.entries(),
                    "checking both disks, or an older backup");
        }
        return manifest.replay(log, snapshots, subject)
                .orElseThrow(() -> new CommandFailure(
                        "the state after entry " + manifest.entries() + " is not the one that "
                                + mirror.resolve(Manifest.FILE)
                                + " names: the backup is damaged or was made by another version",
                        "an older backup, or the version " + manifest.program() + " of hub-bridge"));
    }

    private static String raise(Journal log, HubState state) throws IOException {
        long index = Replay.raise(log, state, System.currentTimeMillis(), 0);
        return "the generation is raised to " + state.generation() + " by entry " + index
                + ": what the units still hold comes again";
    }
}
