package ansim.edge;

import ansim.journal.ForwardingFiles;
import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A disk that can be told to fail; reads go on unless they are told to fail, too. What it takes is with the kernel and not on the device: nobody cuts the power of these
 * tests, and an end of the process loses nothing of it. That it is on the device when it should be is tested with the journal.
 */
class FailingFiles extends ForwardingFiles {
    boolean failing;
    /** Only what has this in its path fails. */
    String only = "";
    /** So many operations that change what has {@link #only} in its path fail, and then none does. */
    int passing;

    /** As a disk that went away and comes back. */
    boolean failingReads;
    /** Of what fails, reads that touch these bytes only. */
    long failingFrom;

    long failingTo = Long.MAX_VALUE;
    /** As a process that has no descriptor left. */
    boolean failingOpens;
    /** So many files open for reading, then one does not; negative: all do. */
    int goodOpens = -1;

    long bytesRead;

    FailingFiles() {
        super(JournalFiles.real());
    }

    /** What has this in its path fails from now on. */
    void fail(String inPath) {
        only = inPath;
        failing = true;
    }

    private void check(Path path) throws IOException {
        if (failing && path.toString().contains(only)) {
            throw new IOException("No space left on device");
        }
        if (passing > 0 && path.toString().contains(only)) {
            passing--;
            throw new IOException("Input/output error");
        }
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        if (write) {
            check(file);
        } else {
            checkOpen(file);
        }
        return new File(super.open(file, write)) {
            @Override
            public int read(ByteBuffer into, long position) throws IOException {
                boolean touched = position < failingTo && position + into.remaining() > failingFrom;
                if (failingReads && touched && file.toString().contains(only)) {
                    throw new IOException("Input/output error");
                }
                int read = super.read(into, position);
                bytesRead += Math.max(0, read);
                return read;
            }

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

    private void checkOpen(Path file) throws IOException {
        boolean fails = failingOpens && file.toString().contains(only);
        if (fails || goodOpens == 0) {
            goodOpens = -1;
            throw new IOException("Too many open files");
        }
        goodOpens = goodOpens > 0 ? goodOpens - 1 : -1;
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
