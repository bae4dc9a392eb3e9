package ansim.edge;

import ansim.journal.ForwardingFiles;
import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A disk that can be told to fail; reads go on. */
class FailingFiles extends ForwardingFiles {
    boolean failing;

    FailingFiles() {
        super(JournalFiles.real());
    }

    private void check() throws IOException {
        if (failing) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        if (write) {
            check();
        }
        return new File(super.open(file, write)) {
            @Override
            public void write(ByteBuffer from, long position) throws IOException {
                check();
                super.write(from, position);
            }

            @Override
            public void force(boolean metadata) throws IOException {
                check();
                super.force(metadata);
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        check();
        super.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        check();
        super.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        check();
        super.forceDirectory(directory);
    }
}
