package ansim.edge;

import ansim.journal.JournalFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A disk that can be told to fail; reads go on. */
class FailingFiles implements JournalFiles {
    private final JournalFiles real = JournalFiles.real();
    boolean failing;

    private void check() throws IOException {
        if (failing) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        real.createDirectories(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return real.list(directory);
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        if (write) {
            check();
        }
        OpenFile open = real.open(file, write);
        return new OpenFile() {
            @Override
            public int read(ByteBuffer into, long position) throws IOException {
                return open.read(into, position);
            }

            @Override
            public void write(ByteBuffer from, long position) throws IOException {
                check();
                open.write(from, position);
            }

            @Override
            public void force(boolean metadata) throws IOException {
                check();
                open.force(metadata);
            }

            @Override
            public long size() throws IOException {
                return open.size();
            }

            @Override
            public void close() throws IOException {
                open.close();
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        check();
        real.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        check();
        real.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        check();
        real.forceDirectory(directory);
    }

    @Override
    public Closeable lock(Path directory) throws IOException {
        return real.lock(directory);
    }

    @Override
    public long randomLong() {
        return real.randomLong();
    }

    @Override
    public long nowS() {
        return real.nowS();
    }
}
