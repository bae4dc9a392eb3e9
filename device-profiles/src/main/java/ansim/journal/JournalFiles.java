package ansim.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The few things that a journal asks of the machine, so that a test can stand in for a disk that tears, fails or fills
 * up. {@link #real} is the machine's own.
 */
public interface JournalFiles {

    /** An open file. Positional, so that readers and the writer never meet at a file pointer. */
    interface OpenFile extends Closeable {
        /**
         * Reads up to {@code into.remaining()} bytes at the position; -1 at the end.
         *
         * @throws IOException where the device cannot read: damage like any other
         * @throws NotNowException where that is not known yet
         */
        int read(ByteBuffer into, long position) throws IOException;

        /** Writes all of {@code from} at the position. */
        void write(ByteBuffer from, long position) throws IOException;

        /** Returns when everything written is on the device; with {@code metadata} also the file's length. */
        void force(boolean metadata) throws IOException;

        long size() throws IOException;
    }

    /** Creates the directory and its parents where they are missing; their names are durable on return. */
    void createDirectories(Path directory) throws IOException;

    /** Names of the regular files in a directory, in no order. */
    List<String> list(Path directory) throws IOException;

    /** Opens a file for reading and, if asked, writing; creates it when it is missing and {@code write} is set. */
    OpenFile open(Path file, boolean write) throws IOException;

    /** Renames, replacing nothing. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path file) throws IOException;

    /** Makes creations, renames and deletions in a directory durable. */
    void forceDirectory(Path directory) throws IOException;

    /** Takes the directory for this process until closed; the error names the process that has it. */
    Closeable lock(Path directory) throws IOException;

    /** The wall clock, s since 1970: only written into headers, nothing depends on it. */
    long nowS();

    /** Unpredictable: names a new journal and seeds its checksums. */
    long randomLong();

    /**
     * The machine's file system for a journal that another process may be writing: takes no lock, changes nothing, refuses an append. What is
     * seen is what a crash at the moment of opening would leave, of which the last group may not be forced yet.
     */
    static JournalFiles reading() {
        return new ReadingFiles();
    }

    /**
     * The same files for a journal of which nothing may be called damaged that is only out of reach: a read that fails is not believed
     * before it has failed for minutes.
     *
     * @param monoMs CLOCK_MONOTONIC ms
     */
    static JournalFiles patient(JournalFiles files, LongSupplier monoMs) {
        return new PatientFiles(files, monoMs);
    }

    /** The machine's own file system. */
    static JournalFiles real() {
        return new RealFiles();
    }
}
