package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Where indexes lie in the segments that were read last, so that one message is found without reading its segment. Thread-safe: who
 * reads in one segment does not wait for who maps another. Holds at most {@link #MAPS} files open.
 *
 * <p>A segment is mapped, which reads all of it, only when it is read often. The first {@link #GUESSES} messages are found by bisection:
 * frames carry their index, and a scan that begins anywhere finds the next frame. It may begin within a payload that was made to look like
 * frames, for the number of a segment and the id of its journal are no secret. So a message counts only when the frames before it follow
 * on one another for {@link #PROOF} bytes: what looks like frames within a payload ends with the payload, at the latest. Not guaranteed for
 * payloads longer than that: what strangers have a say in must be shorter.
 */
final class SegmentMaps {
    /** 4 GiB of a hub's log with some 4,000 checkpoints each: 4 MB of memory at most. */
    static final int MAPS = 64;

    /** Messages that are found in a segment without a map of it; together they read less than the map of a hub's segment. */
    static final int GUESSES = 32;

    /** Bytes of frames in a row that no payload of a stranger holds: a unit's message has 8 KiB at most. */
    static final int PROOF = 64 * 1024;

    /** A shorter segment is mapped at once. */
    private static final int GUESS_FROM = 1024 * 1024;

    private static final int PROBE = 4 * 1024;
    private static final int SPACING = 16 * 1024;

    /** A checkpoint about every 16 KiB: at {@code offsets[i]} the frame of message {@code indexes[i]} begins. Guarded by itself; closed when it was given up. */
    private static final class SegmentMap {
        private final Segment segment;
        private final OpenFile file;
        private long[] indexes = new long[8];
        private long[] offsets = new long[8];
        private int checkpoints;
        private long mappedTo = SegmentHeader.BYTES;
        private int guesses;
        private boolean closed;

        SegmentMap(Segment segment, OpenFile file) {
            this.segment = segment;
            this.file = file;
        }

        long offset(long index) throws IOException {
            extend();
            return before(index);
        }

        Optional<Stored> read(long index) throws IOException {
            if (mappedTo == SegmentHeader.BYTES && segment.end >= GUESS_FROM && guesses < GUESSES) {
                guesses++;
                Optional<Stored> guessed = guess(index);
                if (guessed.isPresent()) {
                    return guessed;
                }
            }
            extend();
            Scan scan = new Scan(file, segment.header, before(index), SPACING);
            while (scan.next(mappedTo)) {
                if (scan.type == Frame.MESSAGE && scan.index >= index) {
                    return scan.index == index
                            ? Optional.of(new Stored(index, scan.keyId(), scan.payload()))
                            : Optional.empty();
                }
            }
            return Optional.empty();
        }

        /** Empty when it cannot be found so: it is not there, something before it is damaged, or a payload is very long. */
        private Optional<Stored> guess(long index) throws IOException {
            long end = segment.end;
            long low = SegmentHeader.BYTES;
            long high = end;
            while (high - low > SPACING) {
                long middle = (low + high) / 2 & -Frame.ALIGNMENT;
                Scan probe = new Scan(file, segment.header, middle, PROBE);
                if (probe.next(Math.min(high, middle + PROOF)) && probe.index < index) {
                    low = probe.offset;
                } else {
                    high = middle;
                }
            }
            return proved(index, Math.max(SegmentHeader.BYTES, low - 2L * PROOF), Math.min(end, low + 2L * PROOF));
        }

        private Optional<Stored> proved(long index, long from, long end) throws IOException {
            Scan scan = new Scan(file, segment.header, from);
            long rowFrom = from == SegmentHeader.BYTES ? from - PROOF : end;
            while (scan.next(end)) {
                if (scan.damageBefore || rowFrom == end) {
                    rowFrom = scan.offset;
                }
                if (scan.type == Frame.MESSAGE && scan.index >= index) {
                    return scan.index == index && scan.offset - rowFrom >= PROOF
                            ? Optional.of(new Stored(index, scan.keyId(), scan.payload()))
                            : Optional.empty();
                }
            }
            return Optional.empty();
        }

        private void extend() throws IOException {
            long end = segment.end;
            if (mappedTo >= end) {
                return;
            }
            Scan scan = new Scan(file, segment.header, mappedTo);
            while (scan.next(end)) {
                if (scan.type == Frame.MESSAGE
                        && (checkpoints == 0 || scan.offset - offsets[checkpoints - 1] >= SPACING)) {
                    add(scan.index, scan.offset);
                }
            }
            mappedTo = end;
        }

        private void add(long index, long offset) {
            if (checkpoints == indexes.length) {
                indexes = Arrays.copyOf(indexes, 2 * checkpoints);
                offsets = Arrays.copyOf(offsets, 2 * checkpoints);
            }
            indexes[checkpoints] = index;
            offsets[checkpoints++] = offset;
        }

        private long before(long index) {
            int at = Arrays.binarySearch(indexes, 0, checkpoints, index);
            int floor = at >= 0 ? at : -at - 2;
            return floor >= 0 ? offsets[floor] : SegmentHeader.BYTES;
        }

        synchronized void close() throws IOException {
            closed = true;
            file.close();
        }
    }

    private final JournalFiles files;
    /** The eldest access first. Guarded by itself. */
    private final LinkedHashMap<Segment, SegmentMap> maps = new LinkedHashMap<>(16, 0.75f, true);

    SegmentMaps(JournalFiles files) {
        this.files = files;
    }

    /** An offset at or before the message's frame. */
    long offset(Segment segment, long index) throws IOException {
        if (index <= segment.firstIndex()) {
            return SegmentHeader.BYTES;
        }
        while (true) {
            SegmentMap map = map(segment);
            synchronized (map) {
                if (!map.closed) {
                    return map.offset(index);
                }
            }
        }
    }

    Optional<Stored> read(Segment segment, long index) throws IOException {
        while (true) {
            SegmentMap map = map(segment);
            synchronized (map) {
                if (!map.closed) {
                    return map.read(index);
                }
            }
        }
    }

    private SegmentMap map(Segment segment) throws IOException {
        SegmentMap eldest = null;
        SegmentMap map;
        synchronized (maps) {
            map = maps.get(segment);
            if (map == null) {
                map = new SegmentMap(segment, files.open(segment.path, false));
                maps.put(segment, map);
                if (maps.size() > MAPS) {
                    eldest = maps.remove(maps.keySet().iterator().next());
                }
            }
        }
        if (eldest != null) {
            eldest.close();
        }
        return map;
    }

    void forget(Segment segment) throws IOException {
        SegmentMap map;
        synchronized (maps) {
            map = maps.remove(segment);
        }
        if (map != null) {
            map.close();
        }
    }

    void close() throws IOException {
        synchronized (maps) {
            for (SegmentMap map : maps.values()) {
                map.close();
            }
            maps.clear();
        }
    }
}
