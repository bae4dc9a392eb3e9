import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a program keeps its events, and what it wrote there. For root an ext4 of its own on a loop device, which counts every byte and flush
 * that the file system hands to it, the file system's own journal included; its power can be cut. For others a folder, and the bytes that
 * the kernel charges to the process ({@code write_bytes} of /proc/PID/io), without the file system's journal.
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
                : "write_bytes of /proc/PID/io: without the file system's journal (as root: at a loop device)";
    }

    Path place() {
        return loop.map(each -> each.mount).orElse(folder);
    }

    /** What was written up to now. */
    record Written(long bytes, OptionalLong flushes) {}

    Written written(Program by) throws IOException, InterruptedException {
        if (loop.isPresent()) {
            // The flush that counts comes first: that of the counting itself is not the program's.
            long flushes = loop.get().flushes();
            loop.get().commit();
            return new Written(loop.get().bytesWritten(), OptionalLong.of(flushes));
        }
        for (String line : Files.readAllLines(Path.of("/proc/" + by.pid() + "/io"))) {
            if (line.startsWith("write_bytes: ")) {
                return new Written(Long.parseLong(line.substring(line.indexOf(' ') + 1)), OptionalLong.empty());
            }
        }
        throw new IOException("/proc/PID/io says nothing of write_bytes");
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
