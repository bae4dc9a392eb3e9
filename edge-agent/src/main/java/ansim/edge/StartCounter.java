package ansim.edge;

import ansim.journal.JournalFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.tinylog.Logger;

/**
 * How often the agent has started: lane 4's chain. A small text file, forced and then renamed over the one before. The folder is
 * forced too, so that the counter is durable before the first message under it: a rename that only the file system's cache knows is
 * gone after a power cut, and the next start would count the same again. Not guaranteed: a counter of its own for a start on a disk
 * that cannot be written.
 */
final class StartCounter {
    private final Path file;
    private final JournalFiles files;

    StartCounter(Path file, JournalFiles files) {
        this.file = file;
        this.files = files;
    }

    /** Counts this start. On a disk that cannot be written the next start will count the same: the hub tells us then. */
    long next() {
        return store(read() + 1);
    }

    /** Goes on with at least this counter. */
    long store(long counter) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Path folder = file.toAbsolutePath().resolveSibling("");
        try {
            Files.createDirectories(folder);
            try (FileOutputStream out = new FileOutputStream(fresh.toFile())) {
                out.write(Long.toUnsignedString(counter).getBytes(StandardCharsets.US_ASCII));
                out.getFD().sync();
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            files.forceDirectory(folder);
        } catch (IOException e) {
            Logger.error("the start counter cannot be stored: {}", e.getMessage());
        }
        return counter;
    }

    private long read() {
        try {
            return Files.exists(file)
                    ? Long.parseUnsignedLong(Files.readString(file).strip())
                    : 0;
        } catch (IOException | NumberFormatException e) {
            Logger.error("the start counter cannot be read: {}", e.getMessage());
            return 0;
        }
    }
}
