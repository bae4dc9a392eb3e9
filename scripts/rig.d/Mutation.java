package ansim.rig;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The ways in which a store's files are damaged. */
public enum Mutation {
    TRUNCATE("cut at a byte"),
    FLIP("bits flipped"),
    ZERO("a page or range zeroed"),
    DUPLICATE("copied under another number"),
    COPY_OVER("copied over another"),
    DROP("a segment gone"),
    SWAP("two segments swapped"),
    STALE_FILE("one file from an older copy"),
    STALE_FOLDER("the folder from an older copy"),
    VERSION("a segment of another version"),
    APPEND("garbage appended"),
    FOREIGN("a segment of another journal"),
    SMALL_FILE("spare, lock or counter damaged");

    /** For people. */
    public final String words;

    Mutation(String words) {
        this.words = words;
    }

    /** An older copy puts back what is whole in itself: where it ends is not to be seen in it. */
    public boolean stale() {
        return this == STALE_FILE || this == STALE_FOLDER;
    }

    /**
     * Damages the files of one journal.
     *
     * @param files the whole store by path, changed
     * @param folder the journal's, with a slash at its end
     * @param older the whole store as it was some time before
     * @param foreign segments of another journal
     * @return whether anything was changed
     */
    public boolean apply(
            Map<String, byte[]> files,
            String folder,
            Map<String, byte[]> older,
            List<byte[]> foreign,
            SplittableRandom random) {
        List<String> segments = files.keySet().stream()
                .filter(name -> name.startsWith(folder) && name.endsWith(".seg"))
                .toList();
        if (segments.isEmpty() && this != STALE_FOLDER) {
            return false;
        }
        return switch (this) {
            case TRUNCATE, FLIP, ZERO, VERSION, APPEND -> within(files, pick(segments, random), random);
            case DUPLICATE -> put(files, free(segments, folder, random), files.get(pick(segments, random)));
            case COPY_OVER -> put(files, pick(segments, random), files.get(pick(segments, random)));
            case DROP -> files.remove(pick(segments, random)) != null;
            case SWAP -> swap(files, pick(segments, random), pick(segments, random));
            case STALE_FILE -> staleFile(files, folder, older, random);
            case STALE_FOLDER -> {
                files.keySet().removeIf(name -> name.startsWith(folder));
                older.forEach((name, bytes) -> {
                    if (name.startsWith(folder)) {
                        files.put(name, bytes);
                    }
                });
                yield true;
            }
            case FOREIGN -> {
                String name = random.nextBoolean() ? free(segments, folder, random) : pick(segments, random);
                yield !foreign.isEmpty() && put(files, name, foreign.get(random.nextInt(foreign.size())));
            }
            case SMALL_FILE -> smallFile(files, random);
        };
    }

    private static String pick(List<String> from, SplittableRandom random) {
        return from.get(random.nextInt(from.size()));
    }

    /** A number behind, between or before the others. */
    private static String free(List<String> segments, String folder, SplittableRandom random) {
        String last = segments.get(segments.size() - 1);
        long newest = Long.parseLong(last.substring(folder.length(), folder.length() + 12));
        String name = String.format("%s%012d.seg", folder, random.nextBoolean() ? newest + 1 : 1 + random.nextLong(newest + 9));
        return segments.contains(name) ? String.format("%s%012d.seg", folder, newest + 1) : name;
    }

    private static boolean put(Map<String, byte[]> files, String name, byte[] bytes) {
        byte[] before = files.put(name, bytes.clone());
        return !Arrays.equals(before, bytes);
    }

    private static boolean swap(Map<String, byte[]> files, String a, String b) {
        byte[] first = files.get(a);
        files.put(a, files.get(b));
        files.put(b, first);
        return !a.equals(b);
    }

    private static boolean staleFile(
            Map<String, byte[]> files, String folder, Map<String, byte[]> older, SplittableRandom random) {
        List<String> names = older.keySet().stream()
                .filter(name -> name.startsWith(folder) && name.endsWith(".seg"))
                .filter(name -> !Arrays.equals(older.get(name), files.get(name)))
                .toList();
        if (names.isEmpty()) {
            return false;
        }
        String name = pick(names, random);
        return put(files, name, older.get(name));
    }

    private static boolean smallFile(Map<String, byte[]> files, SplittableRandom random) {
        List<String> names = new ArrayList<>(
                files.keySet().stream().filter(name -> !name.endsWith(".seg")).toList());
        if (names.isEmpty()) {
            return false;
        }
        String name = pick(names, random);
        byte[] noise = new byte[random.nextInt(64)];
        random.nextBytes(noise);
        files.put(name, noise);
        return true;
    }

    private boolean within(Map<String, byte[]> files, String name, SplittableRandom random) {
        byte[] before = files.get(name);
        byte[] now = before.clone();
        switch (this) {
            case TRUNCATE -> now = Arrays.copyOf(now, random.nextInt(now.length));
            case FLIP -> flip(now, random);
            case ZERO -> zero(now, random);
            case VERSION -> version(now);
            default -> {
                byte[] noise = new byte[1 + random.nextInt(5000)];
                random.nextBytes(noise);
                now = Arrays.copyOf(now, before.length + noise.length);
                System.arraycopy(noise, 0, now, before.length, noise.length);
            }
        }
        files.put(name, now);
        return !Arrays.equals(before, now);
    }

    private static void flip(byte[] now, SplittableRandom random) {
        for (int bits = 1 + random.nextInt(8); bits > 0 && now.length > 0; bits--) {
            now[random.nextInt(now.length)] ^= (byte) (1 << random.nextInt(8));
        }
    }

    private static void zero(byte[] now, SplittableRandom random) {
        if (now.length == 0) {
            return;
        }
        boolean page = random.nextBoolean();
        int from = page ? random.nextInt(1 + now.length / 4096) * 4096 : random.nextInt(now.length);
        int to = Math.min(now.length, page ? from + 4096 : from + 1 + random.nextInt(now.length));
        if (from < to) {
            Arrays.fill(now, from, to, (byte) 0);
        }
    }

    private static void version(byte[] now) {
        for (int at : new int[] {0, now.length - 128}) {
            if (at >= 0 && at + 128 <= now.length) {
                ByteBuffer.wrap(now).putShort(at + 8, (short) 2);
                ByteBuffer.wrap(now).putInt(at + 124, StoreFiles.crc(now, at));
            }
        }
    }
}
