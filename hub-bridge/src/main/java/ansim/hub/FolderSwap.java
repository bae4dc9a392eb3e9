package ansim.hub;

import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.journal.JournalFiles;
import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts a draft that is whole in the place of what its data folder holds, in steps that are marked in the draft: interrupted anywhere it goes on where
 * it was. What was there is moved into {@code before-promote-N} beside it; nothing is deleted but keys that the draft has, too.
 */
final class FolderSwap {
    private static final String ASIDE = "before-promote-";
    /** The draft when it is empty but for its marks, and about to be deleted. */
    private static final String DONE = "before-promote-done";
    /** In the draft: it is whole. Holds what there is to tell. */
    private static final String FILLED = "filled";
    /** In the draft: what the data folder held is aside, what comes up now is ours. */
    private static final String MOVED_ASIDE = "moved-aside";

    private final Path data;
    private final Path draft;
    private final JournalFiles files;

    FolderSwap(Path data, Path draft, JournalFiles files) {
        this.data = data;
        this.draft = draft;
        this.files = files;
    }

    boolean isFilled() {
        return Files.exists(draft.resolve(FILLED));
    }

    /** The draft is whole. */
    void filled(List<String> told) throws IOException {
        mark(FILLED, String.join("\n", told) + "\n");
    }

    /** What was said when it was whole. */
    List<String> told() throws IOException {
        return Files.readAllLines(draft.resolve(FILLED));
    }

    /**
     * Moves what the data folder holds aside, unless that was done.
     *
     * @return where it is now, if this call has moved something
     */
    Optional<Path> moveAside() throws IOException {
        if (Files.exists(draft.resolve(MOVED_ASIDE))) {
            return Optional.empty();
        }
        Optional<Path> aside = moveAll();
        for (Path each : in(data)) {
            // Also of a run that was stopped behind its moving.
            if (String.valueOf(each.getFileName()).startsWith(ASIDE)) {
                deleteSecondKeys(each);
            }
        }
        mark(MOVED_ASIDE, "");
        return aside;
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

    private Optional<Path> moveAll() throws IOException {
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

    /** Moves what the draft holds into its place, and lets the draft go. */
    void moveUp() throws IOException {
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
