package ansim.edge.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the folder of keys asks of the disk, so that a test can stop the process, or the power, between any two of them. {@link #real}
 * is the machine's own.
 */
public interface TrustFiles {
    /** The names of what lies in a folder; empty if there is no folder. */
    List<String> list(Path folder) throws IOException;

    /** A file's content; empty if there is none. */
    Optional<byte[]> read(Path file) throws IOException;

    /** Who may do what with a file or folder. */
    Set<PosixFilePermission> permissions(Path file) throws IOException;

    /** Makes a folder that only its owner may enter, and its parents. */
    void createFolder(Path folder) throws IOException;

    /** Writes a file that only its owner may read, over one of that name, and returns when its content is on the device. */
    void write(Path file, byte[] content) throws IOException;

    /** Renames over what has that name, at once or not at all. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file if it is there. */
    void delete(Path file) throws IOException;

    /** Makes what was renamed and deleted in a folder durable. */
    void forceFolder(Path folder) throws IOException;

    /** The machine's own disk. */
    static TrustFiles real() {
        return new RealTrustFiles();
    }

    /** The machine's own file system. */
    final class RealTrustFiles implements TrustFiles {
        private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
        private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

        private RealTrustFiles() {}

        @Override
        public List<String> list(Path folder) throws IOException {
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (Stream<Path> files = Files.list(folder)) {
                return files.map(file -> file.getFileName().toString()).toList();
            }
        }

        @Override
        public Optional<byte[]> read(Path file) throws IOException {
            try {
                return Optional.of(Files.readAllBytes(file));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        @Override
        public Set<PosixFilePermission> permissions(Path file) throws IOException {
            return Files.getPosixFilePermissions(file);
        }

        @Override
        public void createFolder(Path folder) throws IOException {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
            }
        }

        @Override
        public void write(Path file, byte[] content) throws IOException {
            // A file of that name may be readable by others, or lead elsewhere: never written into.
            Files.deleteIfExists(file);
            try (FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(OWNER_FILE))) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void delete(Path file) throws IOException {
            Files.deleteIfExists(file);
        }

        @Override
        public void forceFolder(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
