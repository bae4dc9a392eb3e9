package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where indexes lie in the segments that were read last. Thread-safe; holds at most {@link #OPEN_SEGMENTS} files open. */
final class SegmentMaps {
    static final int OPEN_SEGMENTS = 8;
    private static final int SPACING = 16 * 1024;

    /** A checkpoint about every 16 KiB: at {@code offsets[i]} the frame of message {@code indexes[i]} begins. */
    private static final class SegmentMap {
        final OpenFile file;
        final Scan scan;
        long[] indexes = new long[8];
        long[] offsets = new long[8];
        int checkpoints;
        long mappedTo = SegmentHeader.BYTES;

        SegmentMap(OpenFile file, Segment segment) {
            this.file = file;
            this.scan = new Scan(file, segment.header, SegmentHeader.BYTES);
        }

        void extend(long end) throws IOException {
            if (mappedTo >= end) {
                return;
            }
            scan.seek(mappedTo);
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

        long before(long index) {
            int at = Arrays.binarySearch(indexes, 0, checkpoints, index);
            int floor = at >= 0 ? at : -at - 2;
            return floor >= 0 ? offsets[floor] : SegmentHeader.BYTES;
        }
    }

    private final JournalFiles files;
    private final LinkedHashMap<Segment, SegmentMap> maps = new LinkedHashMap<>(16, 0.75f, true);

    SegmentMaps(JournalFiles files) {
        this.files = files;
    }

    /** An offset at or before the message's frame. */
    synchronized long offset(Segment segment, long index) throws IOException {
        if (index <= segment.firstIndex()) {
            return SegmentHeader.BYTES;
        }
        SegmentMap map = map(segment);
        map.extend(segment.end);
        return map.before(index);
    }

    synchronized Optional<Stored> read(Segment segment, long index) throws IOException {
        SegmentMap map = map(segment);
        long end = segment.end;
        map.extend(end);
        map.scan.seek(map.before(index));
        while (map.scan.next(end)) {
            if (map.scan.type == Frame.MESSAGE && map.scan.index >= index) {
                return map.scan.index == index
                        ? Optional.of(new Stored(index, map.scan.keyId(), map.scan.payload()))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    synchronized void forget(Segment segment) throws IOException {
        SegmentMap map = maps.remove(segment);
        if (map != null) {
            map.file.close();
        }
    }

    synchronized void close() throws IOException {
        for (SegmentMap map : maps.values()) {
            map.file.close();
        }
        maps.clear();
    }

    private SegmentMap map(Segment segment) throws IOException {
        SegmentMap known = maps.get(segment);
        if (known != null) {
            return known;
        }
        SegmentMap fresh = new SegmentMap(files.open(segment.path, false), segment);
        maps.put(segment, fresh);
        if (maps.size() > OPEN_SEGMENTS) {
            Map.Entry<Segment, SegmentMap> eldest = maps.entrySet().iterator().next();
            forget(eldest.getKey());
        }
        return fresh;
    }
}
