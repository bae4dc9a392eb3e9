package ansim.hub;

import ansim.hub.intake.Snapshots;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerCopy;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.Registry;
import ansim.journal.JournalFiles;
import ansim.journal.JournalFiles.OpenFile;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.tinylog.Logger;

/**
 * What a promoted hub needs besides the log, in the mirror's directory under the names that it has in the data folder: the signing
 * key, the ride keys, those of the ledgers, the registry, how far each delivery has got with what was refused, the {@link SideFiles} and the snapshots, without which it would read the whole log.
 *
 * <p>Guarantees that the mirror's registry is never older than the mirror's log: {@link #keepRegistry} returns before a change goes
 * into the log. Cursors and new snapshots are copied every {@link #EVERY} on a thread named {@code mirror-files}: older ones repeat some deliveries, under
 * the same ids. A failure there is told and tried again; it does not stop the hub, whose promise is the log's.
 */
final class MirrorFolder implements AutoCloseable {
    static final String LOG = "log";
    static final String INDEX = "index";
    static final String SNAPSHOTS = "snapshots";
    /** Folders in {@link #INDEX} that cannot be made again from the log. */
    private static final List<String> KEPT = List.of("cursors", "dead-letters");

    private static final Duration EVERY = Duration.ofSeconds(3);
    /** Files that seldom change, and that may be a while old, are copied every so many rounds. */
    private static final int SELDOM = 20;

    private static final int CLOSE_MS = 5_000;
    private static final String DRAFT = ".new";

    private final Path data;
    private final Path mirror;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "mirror-files");
    private boolean told;
    private int rounds;

    MirrorFolder(Path data, Path mirror) {
        this.data = data;
        this.mirror = mirror;
        thread.setDaemon(true);
    }

    Path folder() {
        return mirror;
    }

    Path log() {
        return mirror.resolve(LOG);
    }

    /** Before the hub makes or opens its key: with another key than the mirror's no unit would believe it. */
    void checkKey() throws IOException {
        Path own = data.resolve(HubFolder.KEY);
        Path kept = mirror.resolve(HubFolder.KEY);
        Optional<HubKeys> ours = HubKey.keys(own);
        Optional<HubKeys> theirs = HubKey.keys(kept);
        if (theirs.isPresent() && ours.isEmpty()) {
            throw new CommandFailure(
                    "the hub's key " + own + " is gone, the mirror has it: " + kept,
                    "cp -p " + kept + " " + own + ", then start again; if the whole disk is gone: hub-bridge promote "
                            + mirror);
        }
        if (theirs.isPresent() && !ours.get().hasAll(theirs.get())) {
            String which = ours.get().isSameHub(theirs.get())
                    ? own + " is older than " + kept + ": it lacks a key"
                    : own + " and " + kept + " are different keys: one of them is another hub's";
            throw new CommandFailure(
                    which,
                    "putting the hub's own key back (the units know it by its kid: hub-bridge key show), or give"
                            + " log.mirror an empty directory");
        }
    }

    /** Before the hub makes or opens its authority: with another one no unit would believe it. */
    void checkAuthority() throws IOException {
        Path own = data.resolve(HubAuthority.KEY);
        Path kept = mirror.resolve(HubAuthority.KEY);
        if (Files.exists(kept) && !Files.exists(own)) {
            throw new CommandFailure(
                    "the hub's authority " + own + " is gone, the mirror has it: " + kept,
                    "cp -p " + kept + " " + mirror.resolve(HubAuthority.CERTIFICATE) + " " + data
                            + "/, then start again; if the whole disk is gone: hub-bridge promote " + mirror);
        }
    }

    /** Warns when the mirror protects less than it should. */
    void checkDisk() throws IOException {
        Files.createDirectories(mirror);
        if (sameDisk(data, mirror)) {
            Logger.warn(
                    "log.mirror {} is on the same disk as the data folder {}: it does not protect from the loss of"
                            + " that disk (is the second disk mounted?)",
                    mirror,
                    data);
        }
    }

    static boolean sameDisk(Path one, Path other) throws IOException {
        if (one.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Files.getAttribute(one, "unix:dev").equals(Files.getAttribute(other, "unix:dev"));
        }
        return Files.getFileStore(one).equals(Files.getFileStore(other));
    }

    /** Copies the keys that are not there, and what else there is, then goes on copying. */
    void start(HubKeys keys) throws IOException {
        keepKeys(keys);
        HubAuthority.keep(data, mirror);
        copyDeliveries(data.resolve(INDEX), mirror.resolve(INDEX));
        copyLedger();
        thread.start();
    }

    /** The keys of its lines first: a command that was given the data folder alone knows of no mirror. */
    private void copyLedger() throws IOException {
        LedgerKeys.level(data.resolve(ConsoleReads.KEYS), mirror.resolve(ConsoleReads.KEYS));
        LedgerCopy.copy(data.resolve(HubFolder.LEDGER), mirror.resolve(HubFolder.LEDGER));
    }

    /** Returns when the mirror has the hub's keys: before any unit is told of a new one. */
    void keepKeys(HubKeys keys) throws IOException {
        HubKey.keep(mirror.resolve(HubFolder.KEY), keys);
    }

    /** Returns when the mirror has the registry as it is now, or newer. */
    void keepRegistry(Registry registry) throws IOException {
        Path kept = mirror.resolve(HubFolder.REGISTRY);
        Path draft = mirror.resolve(HubFolder.REGISTRY + DRAFT);
        Files.deleteIfExists(draft);
        registry.copyTo(draft);
        force(draft);
        Files.move(draft, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        JournalFiles.real().forceDirectory(mirror);
    }

    static void force(Path file) throws IOException {
        try (OpenFile open = JournalFiles.real().open(file, true)) {
            open.force(true);
        }
    }

    private void run() {
        try {
            while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                copyOrTell();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void copyOrTell() {
        try {
            copyDeliveries(data.resolve(INDEX), mirror.resolve(INDEX));
            copyLedger();
            copySnapshots();
            if (rounds++ % SELDOM == 0 || closing.getCount() == 0) {
                SideFiles.copy(data, mirror);
            }
            told = false;
        } catch (IOException e) {
            if (!told) {
                Logger.error(
                        "the cursors, ledger or snapshots cannot be copied to the mirror, trying again: {}",
                        e.toString());
            }
            told = true;
        }
    }

    /** When this returns the mirror has the snapshots of the data folder and no others. */
    synchronized void copySnapshots() throws IOException {
        Snapshots.copy(data.resolve(SNAPSHOTS), mirror.resolve(SNAPSHOTS));
    }

    /** The ride keys on the mirror's disk; the hub keeps both files level. */
    Path rideKeys() {
        return mirror.resolve(HubFolder.RIDE_KEYS);
    }

    /** Copies cursors and refused deliveries that differ. Each file is replaced whole; a copy that is torn or old is an older cursor. */
    static void copyDeliveries(Path from, Path to) throws IOException {
        for (String folder : KEPT) {
            for (Path file : files(from.resolve(folder))) {
                Path kept = Files.createDirectories(to.resolve(folder)).resolve(file.getFileName());
                byte[] now = Files.readAllBytes(file);
                if (!Files.exists(kept) || !Arrays.equals(now, Files.readAllBytes(kept))) {
                    replace(kept, now);
                }
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> list = Files.list(folder)) {
            list.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(DRAFT))
                    .forEach(found::add);
        }
        return found;
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + DRAFT);
        Files.deleteIfExists(draft);
        try (OpenFile open = JournalFiles.real().open(draft, true)) {
            open.write(ByteBuffer.wrap(content), 0);
            open.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Copies a last time. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        copyOrTell();
    }
}
