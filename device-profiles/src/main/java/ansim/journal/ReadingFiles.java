package ansim.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/** The machine's files, without a lock and without a change to anything: see {@link JournalFiles#reading}. */
final class ReadingFiles implements JournalFiles {
    private final JournalFiles files = new RealFiles();

    @Override
    public void createDirectories(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        if (write) {
            throw onlyRead(file);
        }
        return files.open(file, false);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        throw onlyRead(from);
    }

    /** A half-made file that stands in nobody's way here is the writer's to clear up. */
    @Override
    public void delete(Path file) {}

    @Override
    public void forceDirectory(Path directory) throws IOException {
        throw onlyRead(directory);
    }

    @Override
    public Closeable lock(Path directory) {
        return () -> {};
    }

    @Override
    public long nowS() {
        return files.nowS();
    }

    @Override
    public long randomLong() {
        return files.randomLong();
    }

    private static AccessDeniedException onlyRead(Path file) {
        return new AccessDeniedException(file.toString(), null, "this journal was opened for reading only");
    }
}
