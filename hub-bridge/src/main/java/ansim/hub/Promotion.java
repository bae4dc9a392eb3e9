package ansim.hub;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.UnitRide;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Replay;
import ansim.hub.intake.Snapshots;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerCopy;
import ansim.hub.ledger.LedgerKeys;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalFiles.OpenFile;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Makes a hub's data folder from the mirror of its log, or from a backup, which has the same files.
 *
 * <p>A backup lacks what was receipted since it was made, and nothing here tells whether a mirror was one to the end: the generation is
 * raised, by which the units know that what they still hold and the hub does not name must come again; what is there already costs
 * duplicates. The hash in a backup's manifest must be that of the replayed state.
 *
 * <p>A mirror has the ride keys and those of the ledgers, a backup has none: those in the data folder are carried over, and rides whose keys are nowhere read as erased.
 *
 * <p>Everything is copied into {@value #DRAFT} in the data folder, every entry of the log read on the way; the copy is replayed from the
 * newest snapshot, or from its beginning when none reads or it leads to another state than the backup's manifest names. Then what the data folder holds is moved into
 * {@code before-promote-N} beside it, then the draft takes its place. The mirror is only read, nothing is deleted. Interrupted anywhere
 * it goes on when it is run again; until then the hub does not start.
 */
final class Promotion {
    static final String DRAFT = "promoting";
    private static final String ASIDE = "before-promote-";
    /** The draft when it is empty but for its marks, and about to be deleted. */
    private static final String DONE = "before-promote-done";
    /** In the draft: it is whole. Holds what there is to tell. */
    private static final String FILLED = "filled";
    /** In the draft: what the data folder held is aside, what comes up now is ours. */
    private static final String MOVED_ASIDE = "moved-aside";

    /** From what. */
    enum Source {
        MIRROR("mirror", "promote", "naming the directory that hub.yaml had as log.mirror; is its disk mounted?"),
        BACKUP("backup", "restore", "naming the directory that hub-bridge backup wrote; is its disk mounted?");

        private final String noun;
        private final String command;
        private final String where;

        Source(String noun, String command, String where) {
            this.noun = noun;
            this.command = command;
            this.where = where;
        }

        String command() {
            return command;
        }
    }

    private final Source kind;
    private final Path mirror;
    private final Path data;
    private final boolean replace;
    private final Path draft;
    private final JournalFiles files = JournalFiles.real();

    Promotion(Source kind, Path mirror, Path data, boolean replace) {
        this.kind = kind;
        this.mirror = mirror;
        this.data = data;
        this.replace = replace;
        this.draft = data.resolve(DRAFT);
    }

    /** A hub must not start on a folder that is half the old and half the new. */
    static void refuseUnfinished(Path data) {
        if (Files.exists(data.resolve(DRAFT))) {
            throw new CommandFailure(
                    data.resolve(DRAFT) + ": a promote or a restore was interrupted",
                    "the same command once more, which finishes it");
        }
    }

    /** Does it, and says what the hub has now, a line each. */
    List<String> run() throws IOException {
        List<String> told = new ArrayList<>();
        if (!Files.exists(draft.resolve(FILLED))) {
            checkPlaces();
            fill();
        } else {
            Logger.info("going on with what was interrupted");
        }
        told.addAll(Files.readAllLines(draft.resolve(FILLED)));
        if (!Files.exists(draft.resolve(MOVED_ASIDE))) {
            moveAside().ifPresent(aside -> told.add("what was in " + data + " is now in " + aside));
            for (Path each : in(data)) {
                // Also of a run that was stopped behind its moving.
                if (String.valueOf(each.getFileName()).startsWith(ASIDE)) {
                    deleteSecondKeys(each);
                }
            }
            mark(MOVED_ASIDE, "");
        }
        moveUp();
        return told;
    }

    private void checkPlaces() throws IOException {
        Path own = data.toAbsolutePath().normalize();
        Path other = mirror.toAbsolutePath().normalize();
        if (own.startsWith(other) || other.startsWith(own)) {
            throw new CommandFailure(mirror + " and the data folder " + data + " must be apart", kind.where);
        }
        if (!Files.isDirectory(mirror.resolve(MirrorFolder.LOG))) {
            throw new CommandFailure(
                    "there is no " + kind.noun + " in " + mirror + " (no folder " + MirrorFolder.LOG + ")", kind.where);
        }
    }

    private void fill() throws IOException {
        HubKeys keys = keys();
        try (Journal source = open(mirror.resolve(MirrorFolder.LOG))) {
            if (source.durableIndex() == 0) {
                throw new CommandFailure("the " + kind.noun + " in " + mirror + " holds no entry", kind.where);
            }
            try (Old old = Old.of(data.resolve(MirrorFolder.LOG))) {
                checkOld(source, old.journal);
                if (old.journal != null && old.journal.journalId() == source.journalId()) {
                    source.readLostFrom(old.journal);
                }
                if (Files.exists(draft) && (kind == Source.BACKUP || isFounded(source))) {
                    deleteCopy(draft);
                }
                Files.createDirectories(draft);
                copyLog(source);
            }
        }
        HubKey.keep(draft.resolve(HubFolder.KEY), keys);
        HubAuthority.keep(mirror, draft);
        copyRegistry();
        copyKeys(HubFolder.RIDE_KEYS);
        copyKeys(LedgerKeys.FILE);
        copyKeys(ConsoleReads.KEYS);
        SideFiles.promote(mirror, draft);
        Snapshots.copy(mirror.resolve(MirrorFolder.SNAPSHOTS), draft.resolve(MirrorFolder.SNAPSHOTS));
        MirrorFolder.copyDeliveries(mirror.resolve(MirrorFolder.INDEX), draft.resolve(MirrorFolder.INDEX));
        LedgerCopy.copy(mirror.resolve(HubFolder.LEDGER), draft.resolve(HubFolder.LEDGER));
        List<String> told = replay();
        told.set(
                0,
                told.get(0) + ", hub key "
                        + keys.present(Instant.now()).verifyKey().kid());
        mark(FILLED, String.join("\n", told) + "\n");
    }

    /** Interrupted at the very end, the draft's log ends with a founding that the source does not have. */
    private boolean isFounded(Journal source) throws IOException {
        Path log = draft.resolve(MirrorFolder.LOG);
        if (!Files.isDirectory(log)) {
            return false;
        }
        try (Journal copy = open(log)) {
            return copy.durableIndex() > source.durableIndex();
        }
    }

    private static void deleteCopy(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /** Those of the data folder, if it still has more: units that heard a newer key believe no older one. */
    private HubKeys keys() throws IOException {
        Path kept = mirror.resolve(HubFolder.KEY);
        HubKeys keys = HubKey.keys(kept)
                .orElseThrow(() -> new CommandFailure(
                        "the " + kind.noun + " has no " + kept + ": with another key no unit would believe the hub",
                        "putting the hub's key there (owner only: chmod 600), then again"));
        Optional<HubKeys> own = HubKey.keys(data.resolve(HubFolder.KEY));
        if (own.isPresent() && !own.get().isSameHub(keys) && !replace) {
            throw refused(
                    "the key in " + data + " is not that of the " + kind.noun + ": this is another hub's data folder");
        }
        return own.filter(each -> each.hasAll(keys)).orElse(keys);
    }

    private CommandFailure refused(String why) {
        return new CommandFailure(
                why,
                "starting the hub as it is; or hub-bridge " + kind.command
                        + " --replace, which moves the data folder's files aside");
    }

    private static Journal open(Path directory) throws IOException {
        try {
            return Journal.open(directory, JournalOptions.hub(), JournalFiles.real());
        } catch (JournalException e) {
            if (e.reason() == JournalException.Reason.LOCKED) {
                throw new CommandFailure(String.valueOf(e.getMessage()), "stopping that process first");
            }
            throw e;
        }
    }

    /** What is left of the log in the data folder. */
    private record Old(@Nullable Journal journal) implements AutoCloseable {
        static Old of(Path directory) throws IOException {
            if (!Files.isDirectory(directory)) {
                return new Old(null);
            }
            try {
                return new Old(open(directory));
            } catch (JournalException e) {
                Logger.warn("the log in {} cannot be opened ({}): going on without it", directory, e.getMessage());
                return new Old(null);
            }
        }

        @Override
        public void close() throws IOException {
            if (journal != null) {
                journal.close();
            }
        }
    }

    private void checkOld(Journal source, @Nullable Journal old) throws IOException {
        if (old == null || old.durableIndex() == 0 || replace) {
            return;
        }
        String where = "the log in " + data;
        if (old.journalId() != source.journalId()) {
            throw refused(where + " is of another hub than the " + kind.noun);
        }
        OptionalLong difference = HubLog.difference(source, old);
        if (difference.isPresent()) {
            throw refused(where + " went another way than the " + kind.noun + ": entry " + difference.getAsLong()
                    + " differs");
        }
        if (old.durableIndex() > source.durableIndex()) {
            throw refused(where + " is ahead of the " + kind.noun + ": " + old.durableIndex() + " entries, the "
                    + kind.noun + " has " + source.durableIndex());
        }
    }

    private void copyLog(Journal source) {
        try {
            HubLog.copy(source, draft.resolve(MirrorFolder.LOG), JournalOptions.hub(), files);
        } catch (IOException e) {
            throw new CommandFailure(
                    "the " + kind.noun + " cannot be copied: " + e.getMessage(),
                    "checking both disks, then again; when an entry does not read, hub-bridge restore from a backup");
        }
    }

    private void copyRegistry() throws IOException {
        Path kept = mirror.resolve(HubFolder.REGISTRY);
        if (Files.exists(kept)) {
            Path copy = draft.resolve(HubFolder.REGISTRY);
            Files.copy(kept, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            MirrorFolder.force(copy);
        } else {
            Logger.warn("the {} has no {}: the units are in the log, add them to the registry again", kind.noun, kept);
        }
    }

    /** A backup has none: those that the data folder still holds are carried over. */
    private void copyKeys(String name) throws IOException {
        Path from = kind == Source.BACKUP ? data : mirror;
        for (String suffix : List.of("", "-wal")) {
            Path kept = from.resolve(name + suffix);
            Path copy = draft.resolve(name + suffix);
            Files.deleteIfExists(copy);
            if (Files.exists(kept)) {
                Files.copy(kept, copy, StandardCopyOption.COPY_ATTRIBUTES);
                MirrorFolder.force(copy);
            }
        }
    }

    /** Reads back what was written: a log that cannot be replayed must not take the place of anything. */
    private List<String> replay() throws IOException {
        Replay.Subject subject = new Replay.Subject(
                "the " + kind.noun,
                "hub-bridge restore from an older backup, or the version of hub-bridge that wrote it");
        try (Journal log = open(draft.resolve(MirrorFolder.LOG))) {
            return kind == Source.BACKUP ? replayBackup(log, subject) : replayMirror(log, subject);
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

    private void mark(String name, String text) throws IOException {
        Path half = draft.resolve(name + ".new");
        try (OpenFile open = files.open(half, true)) {
            open.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            open.force(true);
        }
        Files.move(half, draft.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        files.forceDirectory(draft);
        files.forceDirectory(data);
    }

    private static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted().toList();
        }
    }

    private Optional<Path> moveAside() throws IOException {
        List<Path> old = in(data).stream()
                .filter(each -> !each.equals(draft)
                        && !String.valueOf(each.getFileName()).startsWith(ASIDE)
                        && !String.valueOf(each.getFileName()).equals("lost+found"))
                .toList();
        if (old.isEmpty()) {
            return Optional.empty();
        }
        int number = 1;
        while (Files.exists(data.resolve(ASIDE + number))) {
            number++;
        }
        Path aside = Files.createDirectory(data.resolve(ASIDE + number));
        for (Path each : old) {
            Files.move(each, aside.resolve(each.getFileName()));
        }
        files.forceDirectory(aside);
        return Optional.of(aside);
    }

    /** A key that is kept twice cannot be destroyed: those that the draft has, too, are the only thing that is not kept. */
    private void deleteSecondKeys(Path aside) throws IOException {
        for (String name : List.of(LedgerKeys.FILE, ConsoleReads.KEYS)) {
            Path oldLedger = aside.resolve(name);
            if (LedgerKeys.isCopy(draft.resolve(name), oldLedger)) {
                deleteDatabase(oldLedger);
            }
        }
        Path old = aside.resolve(HubFolder.RIDE_KEYS);
        if (!Files.exists(old) || !RideKeys.logOf(old).equals(RideKeys.logOf(draft.resolve(HubFolder.RIDE_KEYS)))) {
            return;
        }
        deleteDatabase(old);
        files.forceDirectory(aside);
    }

    private static void deleteDatabase(Path file) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
        }
    }

    private void moveUp() throws IOException {
        for (Path each : in(draft)) {
            String name = String.valueOf(each.getFileName());
            if (!name.startsWith(FILLED) && !name.startsWith(MOVED_ASIDE)) {
                Files.move(each, data.resolve(name));
            }
        }
        files.forceDirectory(data);
        // Renamed first: a draft without its marks would be filled anew.
        Path done = data.resolve(DONE);
        if (Files.exists(done)) {
            remove(done);
        }
        Files.move(draft, done, StandardCopyOption.ATOMIC_MOVE);
        files.forceDirectory(data);
        remove(done);
    }

    /** Only marks are left in there. */
    private static void remove(Path done) throws IOException {
        for (Path mark : in(done)) {
            Files.delete(mark);
        }
        Files.delete(done);
    }
}
