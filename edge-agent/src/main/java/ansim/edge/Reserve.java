package ansim.edge;

import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.tinylog.Logger;

/**
 * Room on the disk that is held back for lane 1: the file {@value #NAME} beside the lanes' folders, full of written zeros. A full disk
 * gives nothing up before the record that explains it is written, and where lane 1's segment is full, too, that record takes this room.
 *
 * <p>Size: {@value #SEGMENTS} segments (one for the record, one for the position of the lane that gives up its oldest), and at least
 * {@value #LEAST_BYTES} bytes. It does not count for the quota.
 *
 * <p>Guarantee: the file has its whole length only when it is on the device; a stop while it is made, or after it was given up, is made up
 * for at the next start, as for a store that never had one. That it cannot be made or given up fails nothing: it is logged, and what
 * needed the room fails as it would without. Once it is used up, messages go into memory as on any disk that fails, until there is room.
 *
 * <p>Not guaranteed: that another program does not take the room first, nor any room on a file system that compresses zeros, or that needs room to
 * delete. Guarded by {@link Lanes}.
 */
final class Reserve {
    static final String NAME = "reserve";
    static final int SEGMENTS = 2;
    static final int LEAST_BYTES = 256 * 1024;
    /** While there is none, it is tried so often: an attempt on a disk that is nearly full writes. */
    static final long RETRY_MS = 60_000;

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(64 * 1024).asReadOnlyBuffer();

    private final Path folder;
    private final Path file;
    private final JournalFiles files;
    private final long bytes;
    private boolean held;
    /** Given up by this run and not made again. */
    private boolean inUse;

    private boolean isTold;

    Reserve(Path folder, int segmentBytes, JournalFiles files) {
        this.folder = folder;
        this.file = folder.resolve(NAME);
        this.files = files;
        this.bytes = Math.max(LEAST_BYTES, (long) SEGMENTS * segmentBytes);
    }

    boolean isHeld() {
        return held;
    }

    boolean isInUse() {
        return inUse;
    }

    /** Why there is a reserve or none. */
    enum Made {
        HELD,
        NO_SPACE,
        /** The disk does not take it for another reason: it is read-only, or fails. */
        FAILED
    }

    /** Holds the room from now on, if there is so much. */
    Made make() {
        if (held) {
            return Made.HELD;
        }
        try {
            if (!isThere()) {
                write();
            }
        } catch (IOException e) {
            JournalException known = JournalException.of("the reserve of " + bytes + " bytes cannot be made", e);
            if (!isTold) {
                Logger.warn(known.getMessage());
            }
            isTold = true;
            return known.reason() == JournalException.Reason.NO_SPACE ? Made.NO_SPACE : Made.FAILED;
        }
        if (inUse || isTold) {
            Logger.info("the reserve of {} bytes is held again", bytes);
        }
        held = true;
        inUse = false;
        isTold = false;
        return Made.HELD;
    }

    private boolean isThere() throws IOException {
        if (!files.list(folder).contains(NAME)) {
            return false;
        }
        try (JournalFiles.OpenFile there = files.open(file, false)) {
            return there.size() >= bytes;
        }
    }

    /** Under another name until it is whole; one that does not fit leaves nothing behind. */
    private void write() throws IOException {
        Path part = folder.resolve(NAME + ".part");
        try {
            fill(part);
            files.delete(file);
            files.rename(part, file);
            files.forceDirectory(folder);
        } catch (IOException e) {
            try {
                files.delete(part);
            } catch (IOException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    private void fill(Path part) throws IOException {
        try (JournalFiles.OpenFile out = files.open(part, true)) {
            for (long at = 0; at < bytes; at += ZEROS.capacity()) {
                out.write(ZEROS.duplicate().limit((int) Math.min(ZEROS.capacity(), bytes - at)), at);
            }
            out.force(true);
        }
    }

    /**
     * Lets the room go, for what is written next.
     *
     * @return false when there is none to give
     */
    boolean giveUp() {
        if (!held) {
            return false;
        }
        try {
            files.delete(file);
            held = false;
            inUse = true;
            files.forceDirectory(folder);
        } catch (IOException e) {
            Logger.warn("the reserve cannot be given up: {}", e.getMessage());
            return !held;
        }
        Logger.warn("the disk is full: the reserve of {} bytes is in use", bytes);
        return true;
    }
}
