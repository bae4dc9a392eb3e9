package ansim.journal;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk that forgets: what was not forced may or may not be there after {@link #powerCut}, page by page and torn within a
 * page; it can be cut off, fail, fill up and be read-only. Counts what a real device would have to write.
 */
public final class MemoryFiles implements JournalFiles {
    static final int PAGE = 4096;
    static final int SECTOR = 512;

    /** Thrown where the power goes: not an IOException, so nothing in the journal may catch it. */
    public static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    static final class Node {
        byte[] durable = new byte[0];
        byte[] current = new byte[0];
        final Set<Integer> dirty = new HashSet<>();
    }

    private interface Change {
        void to(Map<Path, Node> names);
    }

    final Map<Path, Node> names = new TreeMap<>();
    private final Map<Path, Node> durableNames = new TreeMap<>();
    private final List<Change> unforcedChanges = new ArrayList<>();
    private final Random random;
    long capacity = Long.MAX_VALUE;
    boolean readOnly;
    boolean failForce;
    boolean failWrite;
    boolean failRead;
    /** Operations that change something until the power goes; negative: never. */
    long operationsLeft = -1;

    long deviceBytes;
    long flushes;
    private final Set<Path> locked = new HashSet<>();

    public MemoryFiles(long seed) {
        this.random = new Random(seed);
    }

    private void operation() throws IOException {
        if (operationsLeft == 0) {
            throw new PowerCut();
        }
        operationsLeft--;
        if (readOnly) {
            throw new IOException("Read-only file system");
        }
    }

    /** Puts a file there behind the journal's back. */
    synchronized void put(Path path, Node node) {
        names.put(path, node);
        durableNames.put(path, node);
    }

    /** The power goes at that operation from now on that changes something; negative: never. */
    public void cutAfter(long operations) {
        operationsLeft = operations;
    }

    /** From now on every write fails, or none does. */
    public void failWrites(boolean fail) {
        failWrite = fail;
    }

    /** Others take what is left of the disk but for so many bytes. */
    public synchronized void leave(long bytes) {
        capacity = used() + bytes;
    }

    /** All files, by name. */
    public synchronized List<Path> paths() {
        return List.copyOf(names.keySet());
    }

    /** What a file holds now. */
    public synchronized byte[] content(Path path) {
        return Objects.requireNonNull(names.get(path), path.toString()).current.clone();
    }

    /** Gives a file other content behind the journal's back, or makes one. */
    public void replace(Path path, byte[] content) {
        Node node = new Node();
        node.current = content.clone();
        node.durable = content.clone();
        put(path, node);
    }

    /** Takes a file away behind the journal's back. */
    public synchronized void lose(Path path) {
        names.remove(path);
        durableNames.remove(path);
    }

    private long used() {
        return names.values().stream().mapToLong(n -> n.current.length).sum();
    }

    private record Handle(MemoryFiles disk, Node node) implements OpenFile {
        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            synchronized (disk) {
                if (disk.failRead && position < PAGE * 2 && position + into.remaining() > PAGE) {
                    throw new IOException("Input/output error");
                }
                if (position >= node.current.length) {
                    return -1;
                }
                int length = (int) Math.min(into.remaining(), node.current.length - position);
                into.put(node.current, (int) position, length);
                return length;
            }
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            synchronized (disk) {
                disk.operation();
                int end = (int) position + from.remaining();
                if (disk.failWrite) {
                    throw new IOException("Input/output error");
                }
                if (end > node.current.length) {
                    if (disk.used() + end - node.current.length > disk.capacity) {
                        throw new IOException("No space left on device");
                    }
                    node.current = Arrays.copyOf(node.current, end);
                }
                for (int page = (int) position / PAGE; page * PAGE < end; page++) {
                    node.dirty.add(page);
                }
                from.get(node.current, (int) position, from.remaining());
            }
        }

        @Override
        public void force(boolean metadata) throws IOException {
            synchronized (disk) {
                disk.operation();
                if (disk.failForce) {
                    // What a kernel may do: the pages are dropped as clean, and the next force would succeed.
                    node.dirty.clear();
                    throw new IOException("Input/output error");
                }
                disk.flushes++;
                disk.deviceBytes += (long) node.dirty.size() * PAGE;
                byte[] kept = Arrays.copyOf(node.durable, node.current.length);
                for (int page : node.dirty) {
                    int from = page * PAGE;
                    int length = Math.min(PAGE, node.current.length - from);
                    System.arraycopy(node.current, from, kept, from, length);
                }
                node.durable = kept;
                node.dirty.clear();
            }
        }

        @Override
        public long size() {
            return node.current.length;
        }

        @Override
        public void close() {}
    }

    @Override
    public void createDirectories(Path directory) {}

    @Override
    public synchronized List<String> list(Path directory) {
        return names.keySet().stream()
                .filter(p -> directory.equals(p.getParent()))
                .map(p -> p.getFileName().toString())
                .toList();
    }

    private void change(Change change) {
        change.to(names);
        unforcedChanges.add(change);
    }

    @Override
    public synchronized OpenFile open(Path file, boolean write) throws IOException {
        if (write && readOnly) {
            throw new IOException("Read-only file system");
        }
        if (!names.containsKey(file)) {
            if (!write) {
                throw new FileNotFoundException(file.toString());
            }
            operation();
            Node fresh = new Node();
            change(map -> map.put(file, fresh));
        }
        return new Handle(this, Objects.requireNonNull(names.get(file)));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        operation();
        if (names.containsKey(to)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        change(map -> {
            Node moved = map.remove(from);
            if (moved != null) {
                map.put(to, moved);
            }
        });
    }

    @Override
    public synchronized void delete(Path file) throws IOException {
        operation();
        change(map -> map.remove(file));
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        operation();
        unforcedChanges.forEach(c -> c.to(durableNames));
        unforcedChanges.clear();
    }

    @Override
    public Closeable lock(Path directory) throws IOException {
        if (!locked.add(directory)) {
            throw new JournalException(JournalException.Reason.LOCKED, directory + " is in use");
        }
        return () -> locked.remove(directory);
    }

    @Override
    public long nowS() {
        return 1_800_000_000L;
    }

    @Override
    public long randomLong() {
        return random.nextLong();
    }

    /** The disk as the next start finds it. Directory changes come in order, pages in none. */
    public synchronized MemoryFiles powerCut() {
        MemoryFiles after = new MemoryFiles(random.nextLong());
        int changes = unforcedChanges.isEmpty() ? 0 : random.nextInt(unforcedChanges.size() + 1);
        unforcedChanges.subList(0, changes).forEach(c -> c.to(durableNames));
        durableNames.forEach((path, node) -> {
            Node survivor = new Node();
            survivor.current = survive(node);
            survivor.durable = survivor.current.clone();
            after.names.put(path, survivor);
            after.durableNames.put(path, survivor);
        });
        return after;
    }

    private byte[] survive(Node node) {
        byte[] kept = Arrays.copyOf(node.durable, Math.max(node.durable.length, node.current.length));
        boolean none = random.nextInt(3) == 0;
        for (int page : node.dirty) {
            int from = page * PAGE;
            int length = Math.min(PAGE, node.current.length - from);
            int survives = none ? 0 : random.nextInt(3) == 0 ? random.nextInt(length / SECTOR + 1) * SECTOR : length;
            System.arraycopy(
                    node.current, from, kept, from, random.nextBoolean() ? length : Math.min(survives, length));
        }
        return kept;
    }

    /** The same disk without a crash, as another process would find it. */
    public synchronized MemoryFiles copy() {
        MemoryFiles copy = new MemoryFiles(random.nextLong());
        names.forEach((path, node) -> {
            Node twin = new Node();
            twin.current = node.current.clone();
            twin.durable = node.current.clone();
            copy.names.put(path, twin);
            copy.durableNames.put(path, twin);
        });
        return copy;
    }
}
