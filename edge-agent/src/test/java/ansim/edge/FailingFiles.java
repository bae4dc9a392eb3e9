package ansim.edge;

import ansim.journal.ForwardingFiles;
import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A disk that can be told to fail; reads go on. What it takes is with the kernel and not on the device: nobody cuts the power of these
 * tests, and an end of the process loses nothing of it. That it is on the device when it should be is tested with the journal.
 */
class FailingFiles extends ForwardingFiles {
    boolean failing;
    /** Only what has this in its path fails. */
    String only = "";

    FailingFiles() {
        super(JournalFiles.real());
    }

    private void check(Path path) throws IOException {
        if (failing && path.toString().contains(only)) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        if (write) {
            check(file);
        }
        return new File(super.open(file, write)) {
            @Override
            public void write(ByteBuffer from, long position) throws IOException {
                check(file);
                super.write(from, position);
            }

            @Override
            public void force(boolean metadata) throws IOException {
                check(file);
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        check(to);
        super.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        check(file);
        super.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        check(directory);
    }
}
