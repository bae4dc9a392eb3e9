import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A disk whose power can be cut: an ext4 file system (default mount options) in a file, through a loop device.
 *
 * <p>{@link #cut} keeps exactly what the file system had handed to its device at that moment: the file behind the device is copied
 * while mounted and without a sync, so what the kernel still held in the mounted file system's cache is not in the copy, and what was
 * fsynced is. The device's own counter of writes proves that none was under way during the copy; otherwise it is copied again.
 * One thread.
 */
final class LoopDisk {
    private static final int SIZE_MIB = 64;
    private static final int ATTEMPTS = 200;
    private static final int PAUSE_MS = 5;
    /** _IOR('X', 125, __u32), linux/fs/ext4/ext4.h; 2: nothing that is still in memory is written. */
    private static final long EXT4_IOC_SHUTDOWN = 0x8004587dL;

    private static final int NO_FLUSH = 2;
    private static final NativeLibrary C = NativeLibrary.getInstance("c");
    private static final Set<Path> MOUNTED = ConcurrentHashMap.newKeySet();

    private static boolean ending;

    private final Path folder;
    final Path mount;
    private Path image;
    private int life;
    /** Copies that were thrown away because the device was written to meanwhile. */
    int copiedAgain;

    LoopDisk(Path folder) throws IOException, InterruptedException {
        this(folder, SIZE_MIB);
    }

    LoopDisk(Path folder, int sizeMib) throws IOException, InterruptedException {
        this.folder = folder;
        this.mount = folder.resolve("disk");
        Files.createDirectories(mount);
        image = folder.resolve("disk-0.img");
        Tool.run("truncate", "-s", sizeMib + "M", image.toString());
        Tool.run("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", image.toString());
        mountIt();
    }

    private void mountIt() throws IOException, InterruptedException {
        synchronized (MOUNTED) {
            if (ending) {
                throw new IOException("the rig is ending: nothing is mounted any more");
            }
            Tool.run("mount", "-t", "ext4", "-o", "loop", image.toString(), mount.toString());
            MOUNTED.add(mount);
        }
    }

    /** Copies the device as it is now; whoever writes to the disk has been stopped. The mounted one goes on. */
    Path copy() throws IOException, InterruptedException {
        Path copy = folder.resolve("disk-" + ++life + ".img");
        Path stat = stat();
        for (int i = 0; i < ATTEMPTS; i++) {
            String before = writes(stat);
            if (before.endsWith(" 0")) {
                Tool.run("cp", "--sparse=always", image.toString(), copy.toString());
                if (before.equals(writes(stat))) {
                    return copy;
                }
                copiedAgain++;
            }
            Thread.sleep(PAUSE_MS);
        }
        throw new IOException(mount + " was never quiet for the time of a copy");
    }

    private Path stat() throws IOException, InterruptedException {
        Path device = Path.of(Tool.run("findmnt", "-n", "-o", "SOURCE", "--mountpoint", mount.toString()).strip());
        return Path.of("/sys/block/" + device.getFileName() + "/stat");
    }

    /** The file system's own commit and whatever else waits in its cache, at once. */
    void commit() throws IOException, InterruptedException {
        Tool.run("sync", "-f", mount.toString());
    }

    /** Only the file system's commit of what it knows of its files: times of change above all. One file's is everybody's. */
    void commitTimes() throws IOException {
        Path mark = mount.resolve("mark");
        try (FileChannel channel = FileChannel.open(mark, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Files.setLastModifiedTime(mark, FileTime.from(Instant.now()));
            channel.force(true);
        }
    }

    /** Bytes that the device was given so far, the file system's journal included (Documentation/block/stat: field 7, sectors of 512). */
    long bytesWritten() throws IOException, InterruptedException {
        return Long.parseLong(Files.readString(stat()).strip().split("\\s+")[6]) * 512;
    }

    /** Flushes that the device was asked for so far (field 16). */
    long flushes() throws IOException, InterruptedException {
        return Long.parseLong(Files.readString(stat()).strip().split("\\s+")[15]);
    }

    /** Writes and flushes done, and requests in flight (Documentation/block/stat: fields 5, 16 and 9). */
    private static String writes(Path stat) throws IOException {
        String[] fields = Files.readString(stat).strip().split("\\s+");
        return fields[4] + " " + (fields.length > 15 ? fields[15] : "-") + " " + fields[8];
    }

    /** From now on the disk is that copy. Nobody may have a file open. */
    void become(Path copy) throws IOException, InterruptedException {
        remove();
        image = copy;
        mountIt();
    }

    /** Unmounts and deletes the image. */
    void remove() throws IOException, InterruptedException {
        synchronized (MOUNTED) {
            if (!ending) {
                Tool.run("umount", mount.toString());
                MOUNTED.remove(mount);
            }
        }
        Files.delete(image);
    }

    /** From now on every read and write of it fails, also of files that are open; whoever has some goes on with errors. */
    void die() throws IOException {
        int directory = C.getFunction("open").invokeInt(new Object[] {mount.toString(), 0});
        int failed = C.getFunction("ioctl")
                .invokeInt(new Object[] {directory, new NativeLong(EXT4_IOC_SHUTDOWN), new IntByReference(NO_FLUSH)});
        C.getFunction("close").invokeInt(new Object[] {directory});
        if (directory < 0 || failed != 0) {
            throw new IOException("the file system in " + mount + " could not be shut down");
        }
    }

    /** A dead disk goes with everything on it; another may take its place. */
    void forget() throws IOException, InterruptedException {
        synchronized (MOUNTED) {
            Tool.run("umount", "-l", mount.toString());
            MOUNTED.remove(mount);
        }
        Files.delete(image);
    }

    /** What is still mounted goes, whatever happened before. */
    static void removeAll() {
        synchronized (MOUNTED) {
            ending = true;
            for (Path each : MOUNTED) {
                try {
                    Tool.run("umount", "-l", each.toString());
                } catch (IOException e) {
                    System.err.println("Error: " + e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** The claim of this class, tried: a file that was fsynced survives a cut, one that was only written does not. */
    static void prove(Path folder) throws IOException, InterruptedException {
        LoopDisk disk = new LoopDisk(Files.createDirectories(folder));
        Path forced = disk.mount.resolve("forced");
        Path written = disk.mount.resolve("written");
        Files.write(forced, new byte[4096], StandardOpenOption.CREATE_NEW, StandardOpenOption.DSYNC);
        try (var channel = FileChannel.open(forced, StandardOpenOption.WRITE);
                var directory = FileChannel.open(disk.mount)) {
            channel.force(true);
            directory.force(true);
        }
        Files.write(written, new byte[4096]);
        disk.become(disk.copy());
        long kept = Files.exists(forced) ? Files.size(forced) : -1;
        long lost = Files.exists(written) ? Files.size(written) : 0;
        disk.remove();
        if (kept != 4096 || lost != 0) {
            throw new IOException("a cut of this machine's loop disk proves nothing: of 4096 bytes fsynced " + kept
                    + " are there, of 4096 only written " + lost);
        }
    }
}
