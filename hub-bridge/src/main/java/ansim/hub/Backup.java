package ansim.hub;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.intake.Replay;
import ansim.hub.intake.Snapshots;
import ansim.hub.ledger.LedgerCopy;
import ansim.hub.view.Registry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.tinylog.Logger;

/**
 * Copies what a hub needs, while it runs or not: log, registry, keys, authority, cursors, refused deliveries, the provision ledger, the API's accounts and ledger, and how far
 * guardians were told ({@link SideFiles}). Then replays what is new of the copy; whatever
 * is copied is read back. Not copied: the ride keys and those of the ledgers, and so the copy is replayed without them and its snapshots know of no ride. What is erased
 * in the hub later is noise in every backup, and a backup alone restores no ride.
 *
 * <p>Guarantees that what {@link Manifest} names stays whole when this is interrupted: new files get their names only when they are whole
 * and durable, the manifest last. The copy of a running log is like the disk after a crash: it ends with a whole entry. The cursors are
 * taken before the log and the registry after it, so that no cursor passes over what the log lacks and no change of the registry is
 * undone by an older one.
 *
 * <p>Segments that the last backup knows as complete are not copied again. Reads the hub's folder only.
 */
final class Backup {
    private static final String PART = ".part";
    private static final String SEGMENT = ".seg";
    private static final Replay.Subject COPY =
            new Replay.Subject("the copy", "checking both disks: hub-bridge run says whether the hub's own log reads");
    private static final int HEADER = 128;
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Path data;
    private final Path backup;
    private final JournalFiles files = JournalFiles.real();
    private long toldNanos = System.nanoTime();

    Backup(Path data, Path backup) {
        this.data = data;
        this.backup = backup;
    }

    /** Makes the backup, or brings it up to date. */
    Manifest run() throws IOException {
        checkPlaces();
        Optional<Manifest> before = Manifest.find(backup);
        Path log = backup.resolve(MirrorFolder.LOG);
        Files.createDirectories(log);
        MirrorFolder.copyDeliveries(data.resolve(MirrorFolder.INDEX), backup.resolve(MirrorFolder.INDEX));
        LedgerCopy.copy(data.resolve(HubFolder.LEDGER), backup.resolve(HubFolder.LEDGER));
        SideFiles.copy(data, backup);
        List<Path> fresh = copySegments(log, before.map(Manifest::sealedThrough).orElse(0L));
        copyRegistry();
        copyKey();
        for (Path part : fresh) {
            Files.move(part, whole(part), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        files.forceDirectory(log);
        files.forceDirectory(backup);
        Manifest manifest = verify(log, before);
        manifest.write(backup);
        return manifest;
    }

    private void checkPlaces() {
        Path own = data.toAbsolutePath().normalize();
        Path other = backup.toAbsolutePath().normalize();
        if (own.startsWith(other) || other.startsWith(own)) {
            throw new CommandFailure(
                    backup + " and the data folder " + data + " must be apart", "a directory on another disk");
        }
        if (!Files.isDirectory(data.resolve(MirrorFolder.LOG))) {
            throw new CommandFailure(
                    "there is no hub's log in " + data, "naming the hub with --config FILE or --data DIR");
        }
    }

    private static List<Path> segments(Path log) throws IOException {
        try (Stream<Path> list = Files.list(log)) {
            return list.filter(each -> each.toString().endsWith(SEGMENT))
                    .sorted()
                    .toList();
        }
    }

    private static long number(Path segment) {
        String name = String.valueOf(segment.getFileName());
        return Long.parseLong(name.substring(0, name.length() - SEGMENT.length()));
    }

    private static Path whole(Path part) {
        String name = String.valueOf(part.getFileName());
        return part.resolveSibling(name.substring(0, name.length() - PART.length()));
    }

    /** Oldest first; returns the new files, durable under their names with {@link #PART}. */
    private List<Path> copySegments(Path log, long sealedThrough) throws IOException {
        List<Path> from = segments(data.resolve(MirrorFolder.LOG));
        for (Path kept : segments(log)) {
            Path same = data.resolve(MirrorFolder.LOG).resolve(kept.getFileName());
            if (!Files.exists(same) || (number(kept) <= sealedThrough && !sameHead(kept, same))) {
                throw new CommandFailure(
                        backup + " is a backup of another log, or of this one before it was restored (" + kept + ")",
                        "a new directory for this backup; keep that one as long as it may be needed");
            }
        }
        List<Path> fresh = new ArrayList<>();
        for (Path segment : from) {
            Path kept = log.resolve(segment.getFileName());
            if (number(segment) > sealedThrough || !Files.exists(kept)) {
                Path part = log.resolve(segment.getFileName() + PART);
                Files.copy(segment, part, StandardCopyOption.REPLACE_EXISTING);
                MirrorFolder.force(part);
                fresh.add(part);
            }
            tell("copying the log: file {} of {}", from.indexOf(segment) + 1, from.size());
        }
        return fresh;
    }

    private void tell(String what, long done, long of) {
        if (System.nanoTime() - toldNanos > TELL_EVERY_NANOS) {
            toldNanos = System.nanoTime();
            Logger.info(what, done, of);
        }
    }

    private static boolean sameHead(Path one, Path other) throws IOException {
        try (InputStream first = Files.newInputStream(one);
                InputStream second = Files.newInputStream(other)) {
            return Arrays.equals(first.readNBytes(HEADER), second.readNBytes(HEADER));
        }
    }

    private void copyRegistry() throws IOException {
        Path part = backup.resolve(HubFolder.REGISTRY + PART);
        Files.deleteIfExists(part);
        try (Registry registry = Registry.open(data.resolve(HubFolder.REGISTRY))) {
            registry.copyTo(part);
        }
        MirrorFolder.force(part);
        Files.move(
                part,
                backup.resolve(HubFolder.REGISTRY),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void copyKey() throws IOException {
        Optional<HubKeys> keys = HubKey.keys(data.resolve(HubFolder.KEY));
        if (keys.isPresent()) {
            HubKey.keep(backup.resolve(HubFolder.KEY), keys.get());
        }
        HubAuthority.keep(data, backup);
    }

    /** A backup that was never read is a hope. */
    private Manifest verify(Path log, Optional<Manifest> before) throws IOException {
        long newest = segments(log).stream().mapToLong(Backup::number).max().orElse(0);
        try (Journal copy = Journal.open(log, JournalOptions.hub(), files)) {
            if (copy.durableIndex() == 0) {
                throw new CommandFailure("the copy holds no entry", COPY.tryThis());
            }
            Snapshots snapshots = new Snapshots(backup.resolve(MirrorFolder.SNAPSHOTS), files, copy.journalId());
            HubState state = before.isPresent()
                    ? before.get().replay(copy, snapshots, COPY).orElseThrow(() -> otherState(before.get()))
                    : Replay.through(copy, EntryReader.OUTLINES, snapshots, copy.durableIndex(), COPY);
            Replay.goOn(state, copy, EntryReader.OUTLINES, copy.durableIndex(), COPY);
            snapshots.write(state);
            return new Manifest(
                    state.applied(),
                    state.generation(),
                    HexFormat.of().formatHex(state.hash()),
                    HexFormat.of().toHexDigits(copy.journalId()),
                    newest - 1,
                    Instant.now(),
                    HubBridge.version());
        }
    }

    private static CommandFailure otherState(Manifest before) {
        return new CommandFailure(
                "the state after entry " + before.entries() + " is not the one of the backup before",
                "a new directory for this backup; the one before may be damaged");
    }
}
