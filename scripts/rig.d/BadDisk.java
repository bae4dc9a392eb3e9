import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An ext4 of its own that fails on demand under one program: really full, or read-only, failing its flushes or slow by a small library
 * that the program is started with (baddisk.c), because a file system with files open for writing cannot be mounted read-only. One
 * thread.
 */
final class BadDisk {
    /** What is wrong with it. */
    enum Fault {
        FULL,
        READONLY,
        FSYNC,
        SLOW;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int CHUNK = 64 * 1024;

    final Fault fault;
    private final LoopDisk disk;
    private final Path control;
    private final Path failed;
    private final Path library;

    BadDisk(Path folder, Path library, Fault fault, int sizeMib) throws IOException, InterruptedException {
        this.fault = fault;
        this.library = library;
        this.disk = new LoopDisk(Files.createDirectories(folder), sizeMib);
        this.control = folder.resolve("control");
        this.failed = folder.resolve("failed-flushes");
        Files.writeString(control, "ok\n");
    }

    /** Where the program keeps its data. */
    Path data() {
        return disk.mount.resolve("data");
    }

    /** What the program is started with. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "BAD_DISK_DIR",
                disk.mount + "/",
                "BAD_DISK_CONTROL",
                control.toString(),
                "BAD_DISK_LOG",
                failed.toString());
    }

    /** From now on it fails. */
    void fail() throws IOException, InterruptedException {
        if (fault == Fault.FULL) {
            fill(0);
        } else {
            Files.writeString(control, fault.word() + "\n");
        }
    }

    /** Takes all the room but so many MiB. */
    void fill(int butMib) throws IOException, InterruptedException {
        Path filler = Files.createTempFile(disk.mount, "filler", "");
        long bytes = Files.getFileStore(disk.mount).getUnallocatedSpace() - butMib * 1024L * 1024;
        try (var out = Files.newOutputStream(filler)) {
            for (long at = 0; butMib == 0 || at < bytes; at += CHUNK) {
                out.write(new byte[CHUNK]);
            }
        } catch (IOException full) {
            if (butMib > 0) {
                throw full;
            }
        }
        disk.commit();
    }

    /** It works again. */
    void mend() throws IOException {
        Files.writeString(control, "ok\n");
        try (var files = Files.newDirectoryStream(disk.mount, "filler*")) {
            for (Path each : files) {
                Files.delete(each);
            }
        }
    }

    /** Flushes of segments that failed, and how many of them came again on the same segment: those must be none. */
    List<Long> failedFlushes() throws IOException {
        List<String> segments = Files.exists(failed)
                ? Files.readAllLines(failed).stream().filter(line -> line.endsWith(".seg")).toList()
                : List.of();
        return List.of((long) segments.size(), segments.size() - segments.stream().distinct().count());
    }

    /** Compiles the library. */
    static void compile(Path source, Path library) throws IOException, InterruptedException {
        Tool.run("gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", library.toString(), source.toString(), "-ldl");
    }
}
