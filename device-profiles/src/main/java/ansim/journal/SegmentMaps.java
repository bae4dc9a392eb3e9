package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Where indexes lie in the segments that were read last, so that one message is found without reading its segment. Thread-safe: who
 * reads in one segment does not wait for who maps another. Holds at most {@link #MAPS} files open.
 */
final class SegmentMaps {
    /** 4 GiB of a hub's log with some 4,000 checkpoints each: 4 MB of memory at most. */
    static final int MAPS = 64;

    private static final int SPACING = 16 * 1024;

    /** A checkpoint about every 16 KiB: at {@code offsets[i]} the frame of message {@code indexes[i]} begins. Guarded by itself; closed when it was given up. */
    private static final class SegmentMap {
        private final Segment segment;
        private final OpenFile file;
        private long[] indexes = new long[8];
        private long[] offsets = new long[8];
        private int checkpoints;
        private long mappedTo = SegmentHeader.BYTES;
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
