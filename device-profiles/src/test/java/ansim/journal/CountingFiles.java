package ansim.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Counts what a device would see: distinct pages written between two forces of a file, a page for each forced directory, flushes. */
final class CountingFiles extends ForwardingFiles {
    static final int PAGE = 4096;

    long pages;
    long flushes;
    long bytesRead;

    CountingFiles(JournalFiles disk) {
        super(disk);
    }

    long bytesWritten() {
        return pages * PAGE;
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        return new Counted(super.open(file, write));
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        pages++;
        super.forceDirectory(directory);
    }

    private final class Counted extends File {
        private final Set<Long> dirty = new HashSet<>();

        Counted(OpenFile file) {
            super(file);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            int read = super.read(into, position);
            bytesRead += Math.max(0, read);
            return read;
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            for (long page = position / PAGE; page * PAGE < position + from.remaining(); page++) {
                dirty.add(page);
            }
            super.write(from, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            pages += dirty.size();
            dirty.clear();
            flushes++;
            super.force(metadata);
        }
    }
}
