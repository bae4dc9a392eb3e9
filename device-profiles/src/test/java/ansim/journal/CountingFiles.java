package ansim.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Counts what a device would see: distinct pages written between two forces of a file, a page for each forced directory, flushes. */
final class CountingFiles implements JournalFiles {
    static final int PAGE = 4096;

    private final JournalFiles disk;
    long pages;
    long flushes;
    long bytesRead;

    CountingFiles(JournalFiles disk) {
        this.disk = disk;
    }

    long bytesWritten() {
        return pages * PAGE;
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        disk.createDirectories(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        return new Counted(disk.open(file, write));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        pages++;
        disk.forceDirectory(directory);
    }

    @Override
    public Closeable lock(Path directory) throws IOException {
        return disk.lock(directory);
    }

    @Override
    public long nowS() {
        return disk.nowS();
    }

    @Override
    public long randomLong() {
        return disk.randomLong();
    }

    private final class Counted implements OpenFile {
        private final OpenFile file;
        private final Set<Long> dirty = new HashSet<>();

        Counted(OpenFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            int read = file.read(into, position);
            bytesRead += Math.max(0, read);
            return read;
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            for (long page = position / PAGE; page * PAGE < position + from.remaining(); page++) {
                dirty.add(page);
            }
            file.write(from, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            pages += dirty.size();
            dirty.clear();
            flushes++;
            file.force(metadata);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
