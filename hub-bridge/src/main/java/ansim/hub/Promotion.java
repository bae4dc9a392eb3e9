package ansim.hub;

import ansim.hub.intake.HubLog;
import ansim.hub.intake.Snapshots;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerCopy;
import ansim.hub.ledger.LedgerKeys;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
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

        String noun() {
            return noun;
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
        FolderSwap swap = new FolderSwap(data, draft, files);
        if (swap.isFilled()) {
            Logger.info("going on with what was interrupted");
        } else {
            checkPlaces();
            swap.filled(fill());
        }
        List<String> told = new ArrayList<>(swap.told());
        swap.moveAside().ifPresent(aside -> told.add("what was in " + data + " is now in " + aside));
        swap.moveUp();
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

    /** Makes the draft, and says what there is to tell. */
    private List<String> fill() throws IOException {
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
        List<String> told = new PromotionReplay(kind, mirror, draft, files).run();
        told.set(
                0,
                told.get(0) + ", hub key "
                        + keys.present(Instant.now()).verifyKey().kid());
        return told;
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

    static Journal open(Path directory) throws IOException {
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
}
