package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The segment files of one journal, oldest first, and one spare. The list may be read by any thread; everything else belongs
 * to the writer.
 *
 * <p>A spare is written with real zeros and forced before it is needed, so that an append changes no file length and a full
 * disk still leaves room for the record that explains it. Its name carries the number that it will get: a spare with no
 * segment before it shows that the newest segment is missing.
 */
final class Segments {
    static final String SEGMENT_SUFFIX = ".seg";
    static final String SPARE_SUFFIX = ".spare";
    /** From this size on a spare is made by a thread of its own: zeroing 64 MiB takes a good part of a second. */
    private static final int BACKGROUND_BYTES = 8 * 1024 * 1024;

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(64 * 1024).asReadOnlyBuffer();

    final JournalFiles files;
    final long journalId;
    final long journalCreatedS;
    private final Path directory;
    private final int segmentBytes;
    private volatile List<Segment> list;
    private long nextNumber;
    private @Nullable Thread sparing;
    private volatile @Nullable Spare spare;

    /**
     * A file that is ready to become a segment.
     *
     * @param zeros it was never a segment before
     */
    record Spare(Path path, boolean zeros) {}

    Segments(Opening opened, JournalFiles files) {
        this.files = files;
        this.directory = opened.directory();
        this.segmentBytes = opened.segmentBytes();
        this.journalId = opened.journalId();
        this.journalCreatedS = opened.journalCreatedS();
        this.list = List.copyOf(opened.segments());
        this.nextNumber = opened.nextNumber();
        this.spare = opened.spare().map(path -> new Spare(path, false)).orElse(null);
    }

    static String name(long number, String suffix) {
        return String.format("%012d%s", number, suffix);
    }

    /** The number in a file's name, if it is one of ours. */
    static OptionalLong number(String name, String suffix) {
        String digits = name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : "";
        return digits.matches("[0-9]{12,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    List<Segment> list() {
        return list;
    }

    /** The segment that would hold an index; the newest of several that begin with it. */
    Optional<Segment> holding(long index) {
        List<Segment> now = list;
        int low = 0;
        int high = now.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (now.get(middle).firstIndex() <= index) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? Optional.empty() : Optional.of(now.get(low - 1));
    }

    /** The segment behind this one, if there is one: this one's own messages end before its first index. */
    Optional<Segment> after(Segment segment) {
        List<Segment> now = list;
        int at = position(now, segment);
        return at >= 0 && at + 1 < now.size() ? Optional.of(now.get(at + 1)) : Optional.empty();
    }

    /** False once it was dropped. */
    boolean contains(Segment segment) {
        return position(list, segment) >= 0;
    }

    private static int position(List<Segment> in, Segment segment) {
        return Collections.binarySearch(in, segment, Comparator.comparingLong(s -> s.header.number()));
    }

    /** Makes a new, empty, durable segment of a spare and puts it at the end of the list. */
    Segment create(Spare ready, long firstIndex, long removedThrough, boolean startsWithState) throws IOException {
        SegmentHeader header = new SegmentHeader(
                journalId,
                nextNumber,
                firstIndex,
                removedThrough,
                journalCreatedS,
                files.nowS(),
                segmentBytes,
                startsWithState);
        try (OpenFile file = files.open(ready.path(), true)) {
            file.write(header.encode(), 0);
            file.write(ByteBuffer.allocate(Writer.TERMINATOR), SegmentHeader.BYTES);
            file.write(header.encode(), segmentBytes - SegmentHeader.BYTES);
            file.force(false);
        }
        Path path = directory.resolve(name(nextNumber, SEGMENT_SUFFIX));
        nextNumber++;
        files.rename(ready.path(), path);
        files.forceDirectory(directory);
        Segment segment = new Segment(header, path, segmentBytes - SegmentHeader.BYTES, true, ready.zeros());
        segment.end = SegmentHeader.BYTES;
        List<Segment> longer = new ArrayList<>(list);
        longer.add(segment);
        list = List.copyOf(longer);
        return segment;
    }

    /** A file that is ready to become a segment; made now if there is none. */
    Spare takeSpare() throws IOException {
        awaitSpare();
        Spare ready = spare;
        spare = null;
        return ready != null ? ready : makeSpare();
    }

    /** Makes the spare if there is none. That it cannot be made now is no failure: the next roll tries again, and says so. */
    void prepareSpare() {
        if (spare != null || (sparing != null && sparing.isAlive())) {
            return;
        }
        if (segmentBytes < BACKGROUND_BYTES) {
            trySpare();
            return;
        }
        Thread thread = new Thread(this::trySpare, "journal-spare");
        thread.setDaemon(true);
        thread.start();
        sparing = thread;
    }

    private void trySpare() {
        try {
            spare = makeSpare();
        } catch (IOException unavailable) {
            spare = null;
        }
    }

    private Spare makeSpare() throws IOException {
        Path path = directory.resolve(name(nextNumber, SPARE_SUFFIX));
        try (OpenFile file = files.open(path, true)) {
            for (long at = 0; at < segmentBytes; at += ZEROS.capacity()) {
                file.write(ZEROS.duplicate().limit((int) Math.min(ZEROS.capacity(), segmentBytes - at)), at);
            }
            file.force(true);
        } catch (IOException e) {
            deleteQuietly(path, e);
            throw e;
        }
        files.forceDirectory(directory);
        return new Spare(path, true);
    }

    private void deleteQuietly(Path path, IOException first) {
        try {
            files.delete(path);
        } catch (IOException alsoFailed) {
            first.addSuppressed(alsoFailed);
        }
    }

    /** Waits for a spare in the making. */
    void awaitSpare() {
        Thread thread = sparing;
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        sparing = null;
    }

    /** Takes the oldest segment out of the list and its file away, or keeps the file as the spare. */
    void dropOldest() throws IOException {
        Segment oldest = list.get(0);
        list = List.copyOf(list.subList(1, list.size()));
        awaitSpare();
        if (spare == null && oldest.sound && oldest.header.fileBytes() == segmentBytes) {
            Path path = directory.resolve(name(nextNumber, SPARE_SUFFIX));
            files.rename(oldest.path, path);
            spare = new Spare(path, false);
        } else {
            files.delete(oldest.path);
        }
    }

    long bytes() {
        long sum = spare == null ? 0 : segmentBytes;
        for (Segment segment : list) {
            sum += segment.limit + SegmentHeader.BYTES;
        }
        return sum;
    }
}
