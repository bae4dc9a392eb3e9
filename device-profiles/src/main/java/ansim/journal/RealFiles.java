package ansim.journal;

import ansim.journal.JournalException.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Files as the operating system gives them. */
class RealFiles implements JournalFiles {
    private static final String LOCK = "lock";

    /** What a thread does to a file while it is not interrupted. */
    private interface Operation {
        int run() throws IOException;
    }

    /**
     * A channel closes itself under a thread whose interrupt flag is up, and a file that closes costs a segment: the flag is put aside
     * meanwhile.
     */
    private static int uninterrupted(Operation operation) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            return operation.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private record Channel(FileChannel channel) implements OpenFile {
        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return uninterrupted(() -> channel.read(into, position));
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            long start = position - from.position();
            while (from.hasRemaining()) {
                var unused = uninterrupted(() -> channel.write(from, start + from.position()));
            }
        }

        @Override
        public void force(boolean metadata) throws IOException {
            var unused = uninterrupted(() -> {
                channel.force(metadata);
                return 0;
            });
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        List<Path> changed = new ArrayList<>();
        Path each = directory.toAbsolutePath();
        for (Path parent = each.getParent(); parent != null && Files.notExists(each); parent = each.getParent()) {
            changed.add(parent);
            each = parent;
        }
        Files.createDirectories(directory);
        for (Path parent : changed) {
            forceDirectory(parent);
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(directory, Files::isRegularFile)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        }
        return names;
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        return new Channel(
                write
                        ? FileChannel.open(
                                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)
                        : FileChannel.open(file, StandardOpenOption.READ));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        if (Files.exists(to)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        Files.move(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            var unused = uninterrupted(() -> {
                channel.force(true);
                return 0;
            });
        }
    }

    @Override
    public long nowS() {
        return System.currentTimeMillis() / 1000;
    }

    @Override
    public long randomLong() {
        return new SecureRandom().nextLong();
    }

    /** Closing any channel of a file gives up all of the process's locks on it, so the second open must not come that far. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private record Lock(Path directory, FileChannel channel) implements Closeable {
        @Override
        public void close() throws IOException {
            channel.close();
            HELD.remove(directory);
        }
    }

    @Override
    public Closeable lock(Path directory) throws IOException {
        Path known = directory.toRealPath();
        if (!HELD.add(known)) {
            throw locked(directory, Long.toString(ProcessHandle.current().pid()));
        }
        try {
            return new Lock(known, lockedChannel(directory));
        } catch (IOException e) {
            HELD.remove(known);
            throw e;
        }
    }

    private static FileChannel lockedChannel(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            // Behind the text, so that reading who holds it meets no mandatory lock.
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
                throw locked(directory, holder(channel));
            }
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        writePid(channel);
        return channel;
    }

    /** Best effort: on a full disk the lock holds all the same, only without a name. */
    private static void writePid(FileChannel channel) {
        byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
        } catch (IOException unnamed) {
            // Nothing to do: who meets this lock reads "unknown".
            return;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(32);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
        return pid.matches("[0-9]+") ? pid : "unknown";
    }

    private static JournalException locked(Path directory, String pid) {
        return new JournalException(Reason.LOCKED, directory + " is in use by the process " + pid);
    }
}
