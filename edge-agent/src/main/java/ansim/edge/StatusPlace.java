package ansim.edge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.tinylog.Logger;

/**
 * Where the status is written: in memory, so that an SD card does not take a new file every two seconds for years. The data folder has
 * a link to it, which is written once. Without a file system in memory it is written into the data folder.
 *
 * <p>The folder in memory is the owner's only, and has a random name: others cannot put anything in its place.
 */
final class StatusPlace {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "ansim-";
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private StatusPlace() {}

    /** The file to write for {@code link}, which readers open; the same as long as the link stands and the machine runs. */
    static Path behind(Path link) {
        if (!Files.isDirectory(MEMORY)) {
            return link;
        }
        try {
            if (Files.isSymbolicLink(link)) {
                Path known = Files.readSymbolicLink(link);
                if (isOurs(known, link)) {
                    return known;
                }
            }
            Path file = Files.createTempDirectory(MEMORY, PREFIX, OWNER_ONLY).resolve(link.getFileName());
            Files.deleteIfExists(link);
            return Files.createSymbolicLink(link, file).equals(link) ? file : link;
        } catch (IOException e) {
            Logger.warn("the status goes to the disk: {}", e.toString());
            return link;
        }
    }

    /** After a restart of the machine it is not there and is made again under the name that the link has. */
    private static boolean isOurs(Path known, Path link) throws IOException {
        Path folder = known.getParent();
        if (folder == null
                || !MEMORY.equals(folder.getParent())
                || !folder.getFileName().toString().startsWith(PREFIX)) {
            return false;
        }
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(folder, OWNER_ONLY);
        }
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(folder).equals(Files.getOwner(link, LinkOption.NOFOLLOW_LINKS));
    }

    /** The agent stops: nothing is left in memory. */
    static void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
        Path folder = file.getParent();
        if (folder != null && MEMORY.equals(folder.getParent())) {
            Files.deleteIfExists(folder);
        }
    }
}
