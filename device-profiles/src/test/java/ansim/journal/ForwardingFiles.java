package ansim.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Passes everything on to another file layer: a test overrides what it wants to count, hold or fail. */
public class ForwardingFiles implements JournalFiles {
    private final JournalFiles disk;

    protected ForwardingFiles(JournalFiles disk) {
        this.disk = disk;
    }

    /** Passes everything on to another open file. */
    public static class File implements OpenFile {
        private final OpenFile file;

        protected File(OpenFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return file.read(into, position);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            file.write(from, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
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
        return disk.open(file, write);
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
}
