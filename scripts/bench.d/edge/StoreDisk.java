import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a program keeps its events. For root an ext4 of its own on a loop device, which counts every byte and flush that the file system
 * hands to it, the file system's own journal included, and whose power can be cut. For others a folder of which nothing is counted: the
 * kernel's {@code write_bytes} of a process counts a whole large folio, up to 2 MiB, where the device gets a page of it.
 */
final class StoreDisk {
    private static final int SIZE_MIB = 96;

    private final Path folder;
    private final Optional<LoopDisk> loop;

    StoreDisk(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        loop = root() ? Optional.of(new LoopDisk(folder, SIZE_MIB)) : Optional.empty();
    }

    static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    static String counter() {
        return root()
                ? "bytes and flushes at an ext4 on a loop device, the file system's journal included"
                : "not counted, which takes root and a loop device";
    }

    Path place() {
        return loop.map(each -> each.mount).orElse(folder);
    }

    /** What was written up to now. */
    record Written(long bytes, long flushes) {}

    /** Empty where nothing is counted. */
    Optional<Written> written() throws IOException, InterruptedException {
        if (loop.isEmpty()) {
            return Optional.empty();
        }
        // The flushes come first: the one of the counting itself is not the program's.
        long flushes = loop.get().flushes();
        loop.get().commit();
        return Optional.of(new Written(loop.get().bytesWritten(), flushes));
    }

    boolean canCut() {
        return loop.isPresent();
    }

    /** Cuts the power: the program is gone, and of its files what the device had. */
    void cut(Program program) throws IOException, InterruptedException {
        LoopDisk disk = loop.orElseThrow();
        program.signal("STOP");
        Path copy = disk.copy();
        program.kill();
        disk.become(copy);
    }

    void remove() throws IOException, InterruptedException {
        if (loop.isPresent()) {
            loop.get().remove();
        }
    }
}
