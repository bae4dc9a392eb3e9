package ansim.rig;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One journal's files as bytes, and the rig's own idea of which records in them are undamaged. Reads frames by the table in the
 * journal's Javadoc and not with the journal's code, from files that nothing has touched yet.
 */
public final class StoreFiles {
    private static final int HEADER = 128;
    private static final int MESSAGE = 1;
    private static final int STATE = 2;

    /** A record as it lay before the damage; {@code end} without the padding. {@code write} counts what shared one fsync. */
    public record Frame(
            int offset, int end, int type, long index, int before, int following, int write, byte[] payload) {
        public boolean isMessage() {
            return type == MESSAGE;
        }

        public boolean isState() {
            return type == STATE;
        }

        boolean sameGroup(Frame other) {
            return write == other.write;
        }
    }

    /** A segment before the damage. */
    public record Segment(String name, long number, long firstIndex, byte[] bytes, List<Frame> frames) {}

    /**
     * What must be read back after the damage.
     *
     * @param whole the undamaged messages by index: each must be there, byte for byte
     * @param torn undamaged, but in a last write that is torn: whole or not at all, so not asked for
     * @param damaged messages whose bytes are changed or gone
     * @param knownThrough the highest index that an undamaged record or header still proves
     * @param frames all undamaged records that count, messages or not
     */
    public record Undamaged(
            Map<Long, byte[]> whole, int torn, int damaged, long knownThrough, List<Frame> frames) {}

    private StoreFiles() {}

    /** Every regular file under a folder, by relative path. */
    public static Map<String, byte[]> read(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(each).toString(), Files.readAllBytes(each));
            }
        }
        return files;
    }

    public static void write(Path folder, Map<String, byte[]> files) throws IOException {
        for (Map.Entry<String, byte[]> each : files.entrySet()) {
            Path file = folder.resolve(each.getKey());
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Files.write(file, each.getValue());
        }
    }

    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    /** The segments in a journal's folder, oldest first; only for files that nothing has damaged. */
    public static List<Segment> segments(Map<String, byte[]> files, String folder) {
        List<Segment> found = new ArrayList<>();
        files.forEach((name, bytes) -> {
            if (name.startsWith(folder) && name.endsWith(".seg") && !name.contains("aside")) {
                ByteBuffer in = ByteBuffer.wrap(bytes);
                found.add(new Segment(name, in.getLong(24), in.getLong(32), bytes, frames(in)));
            }
        });
        return found;
    }

    private static List<Frame> frames(ByteBuffer in) {
        List<Frame> frames = new ArrayList<>();
        int at = HEADER;
        int write = 0;
        while (at + 20 <= in.limit() - HEADER && in.getShort(at) == (short) 0xa57e) {
            int flags = in.get(at + 2);
            int length = in.getInt(at + 8);
            int start = at + 20 + ((flags & 0x10) != 0 ? 8 : 0) + ((flags & 0x20) != 0 ? 8 : 0);
            write += (flags & 0x40) != 0 ? 1 : 0;
            byte[] payload = Arrays.copyOfRange(in.array(), start, start + length);
            int place = in.get(at + 3) & 0xff;
            frames.add(new Frame(
                    at, start + length, flags & 0x0f, in.getLong(at + 12), place >> 4, place & 15, write, payload));
            at = start + length + 7 & -8;
        }
        return frames;
    }

    /** Where the records end that follow each other from the start; behind it an intact segment is written on. */
    public static int recordsEnd(byte[] segment) {
        if (segment.length < 2 * HEADER) {
            return segment.length;
        }
        int at = HEADER;
        while (at + 20 <= segment.length && ByteBuffer.wrap(segment).getShort(at) == (short) 0xa57e) {
            int size = frameBytes(ByteBuffer.wrap(segment), at);
            if (size < 20 || at + size > segment.length) {
                break;
            }
            at += size + 7 & -8;
        }
        return Math.min(at, segment.length);
    }

    private static int frameBytes(ByteBuffer in, int at) {
        int flags = in.get(at + 2);
        return 20 + ((flags & 0x10) != 0 ? 8 : 0) + ((flags & 0x20) != 0 ? 8 : 0) + in.getInt(at + 8);
    }

    /** A journal's own segments are known by being the most: whether those of another are as many as they are. */
    private static boolean outvoted(List<Segment> before, Map<String, byte[]> now, String folder) {
        int own = 0;
        int foreign = 0;
        for (Map.Entry<String, byte[]> each : now.entrySet()) {
            byte[] file = each.getValue();
            if (each.getKey().startsWith(folder) && each.getKey().endsWith(".seg")) {
                int at = headerAt(file, before.isEmpty() ? file.length : before.get(0).bytes.length);
                // Version 1: what another version wrote is moved aside and has no say.
                if (at >= 0 && ByteBuffer.wrap(file).getShort(at + 8) == 1) {
                    boolean mine = !before.isEmpty() && same(before.get(0).bytes, 16, file, at + 16, 8);
                    own += mine ? 1 : 0;
                    foreign += mine ? 0 : 1;
                }
            }
        }
        return foreign > 0 && foreign >= own;
    }

    /** Whether a file still is that segment: by its header, else, when both copies are gone, by its name. */
    public static boolean is(Segment segment, String name, byte[] now) {
        int at = headerAt(now, segment.bytes.length);
        int own = at == 0 ? 0 : segment.bytes.length - HEADER;
        return at < 0 ? name.equals(segment.name) : same(segment.bytes, own, now, at, HEADER);
    }

    /** Where a header reads: at the start, else at the end, else where the end was before something was appended; else -1. */
    private static int headerAt(byte[] now, int segmentBytes) {
        for (int at : new int[] {0, now.length - HEADER, segmentBytes - HEADER}) {
            if (at == 0 || (at > 0 && now.length >= 2 * HEADER)) {
                if (isHeader(now, at)) {
                    return at;
                }
            }
        }
        return -1;
    }

    private static boolean isHeader(byte[] bytes, int at) {
        return bytes.length >= at + HEADER && crc(bytes, at) == ByteBuffer.wrap(bytes).getInt(at + 124)
                && ByteBuffer.wrap(bytes).getLong(at) == 0x416e73696d4a6e6cL;
    }

    /** CRC32C of a header's first 124 bytes. */
    static int crc(byte[] bytes, int at) {
        var crc = new java.util.zip.CRC32C();
        crc.update(bytes, at, 124);
        return (int) crc.getValue();
    }

    private static boolean same(byte[] a, int aFrom, byte[] b, int bFrom, int length) {
        return b.length >= bFrom + length
                && Arrays.equals(a, aFrom, aFrom + length, b, bFrom, bFrom + length);
    }

    /** The file that counts as the segment: the one under its own name, else the one with the lowest name. */
    private static Optional<byte[]> holder(Segment segment, Map<String, byte[]> now, String folder) {
        Optional<byte[]> found = Optional.empty();
        for (Map.Entry<String, byte[]> each : now.entrySet()) {
            boolean mine = each.getKey().startsWith(folder)
                    && each.getKey().endsWith(".seg")
                    && !each.getKey().contains("aside")
                    && is(segment, each.getKey(), each.getValue());
            if (mine && (found.isEmpty() || each.getKey().equals(segment.name))) {
                found = Optional.of(each.getValue());
            }
        }
        return found;
    }

    /** Compares the files before with the files after the damage. {@code cut}: the hub's rule for a torn last write. */
    public static Undamaged undamaged(List<Segment> before, Map<String, byte[]> now, String folder, boolean cut) {
        Map<Long, byte[]> whole = new TreeMap<>();
        int torn = 0;
        int damaged = 0;
        long known = 0;
        List<Frame> frames = new ArrayList<>();
        if (outvoted(before, now, folder)) {
            return new Undamaged(whole, torn, damaged, known, frames);
        }
        boolean newest = true;
        for (int i = before.size() - 1; i >= 0; i--) {
            Segment segment = before.get(i);
            Optional<byte[]> file = holder(segment, now, folder);
            List<Frame> good = new ArrayList<>();
            for (Frame frame : segment.frames) {
                if (file.isPresent() && same(segment.bytes, frame.offset, file.get(), frame.offset, frame.end - frame.offset)) {
                    good.add(frame);
                } else {
                    damaged += frame.isMessage() ? 1 : 0;
                }
            }
            if (file.isEmpty()) {
                continue;
            }
            List<Frame> counted = newest ? untorn(segment.frames, good, cut) : good;
            torn += (int) (good.stream().filter(Frame::isMessage).count() - counted.stream().filter(Frame::isMessage).count());
            newest = false;
            if (isHeader(file.get(), 0)) {
                known = Math.max(known, segment.firstIndex - 1);
            }
            frames.addAll(counted);
            for (Frame frame : counted) {
                known = Math.max(known, frame.index);
                if (frame.isMessage()) {
                    whole.put(frame.index, frame.payload);
                }
            }
        }
        return new Undamaged(whole, torn, damaged, known, frames);
    }

    /** Without the torn groups of the last write: the last one of which the first record is undamaged. */
    private static List<Frame> untorn(List<Frame> all, List<Frame> good, boolean cut) {
        int last = 0;
        for (int i = 0; i < all.size(); i++) {
            boolean first = i == 0 || !all.get(i).sameGroup(all.get(i - 1));
            if (first && good.contains(all.get(i)) && all.get(i).write > 0) {
                last = all.get(i).write;
            }
        }
        List<Frame> counted = new ArrayList<>();
        boolean damageSeen = false;
        for (int i = 0; i < all.size(); i++) {
            Frame frame = all.get(i);
            boolean inLast = frame.write >= last;
            boolean fine = good.contains(frame);
            damageSeen |= inLast && !fine;
            if (fine && (!inLast || (groupIsWhole(all, i, good) && !(cut && damageSeen)))) {
                counted.add(frame);
            }
        }
        return counted;
    }

    private static boolean groupIsWhole(List<Frame> all, int i, List<Frame> good) {
        int from = i - all.get(i).before;
        int to = i + all.get(i).following;
        return from >= 0 && to < all.size() && good.containsAll(all.subList(from, to + 1));
    }
}
