package ansim.edge;

import ansim.edge.port.FileFlags;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether what lies in a folder is unreadable to who takes the card out: LUKS or another dm-crypt below its file system, in whatever
 * depth of LVM, or fscrypt on the folder itself. Says nothing of how the key is kept.
 */
final class AtRest {
    /** Devices upon devices at most. */
    private static final int DEPTH = 8;

    private static final String CRYPT = "CRYPT-";

    private final Path proc;
    private final Path sys;

    /**
     * For this machine, or a test's folders in place of it.
     *
     * @param proc {@code /proc}
     * @param sys {@code /sys}
     */
    AtRest(Path proc, Path sys) {
        this.proc = proc;
        this.sys = sys;
    }

    static AtRest thisMachine() {
        return new AtRest(Path.of("/proc"), Path.of("/sys"));
    }

    /** How a folder is encrypted; empty if it is not, or nobody can tell. */
    Optional<String> encryption(Path folder) {
        if (FileFlags.encrypted(folder)) {
            return Optional.of("fscrypt");
        }
        try {
            Optional<Path> device = device(folder.toRealPath());
            return device.isPresent() && crypt(device.get(), DEPTH) ? Optional.of("dm-crypt") : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The block device below a folder, as a folder of sysfs. */
    private Optional<Path> device(Path folder) throws IOException {
        Optional<Path> found = Optional.empty();
        int longest = -1;
        for (String line : Files.readAllLines(proc.resolve("self/mountinfo"))) {
            // proc(5): 36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw
            String[] fields = line.split(" ", -1);
            int dash = line.indexOf(" - ");
            if (fields.length < 6 || dash < 0) {
                continue;
            }
            Path mount = Path.of(fields[4].replace("\\040", " "));
            // Of mounts on one another the last is the one that is seen.
            if (folder.startsWith(mount) && mount.getNameCount() >= longest) {
                longest = mount.getNameCount();
                String[] behind = line.substring(dash + 3).split(" ", -1);
                found = sysfs(fields[2], behind.length > 1 ? behind[1] : "");
            }
        }
        return found;
    }

    /** btrfs has a number of its own, which sysfs does not know: then by the name of its device. */
    private Optional<Path> sysfs(String number, String source) throws IOException {
        Path byNumber = sys.resolve("dev/block").resolve(number);
        if (Files.exists(byNumber)) {
            return Optional.of(byNumber);
        }
        if (!source.startsWith("/dev/") || !Files.exists(Path.of(source))) {
            return Optional.empty();
        }
        return Optional.of(
                sys.resolve("class/block").resolve(Path.of(source).toRealPath().getFileName()));
    }

    private static boolean crypt(Path device, int deeper) throws IOException {
        Path uuid = device.resolve("dm/uuid");
        if (Files.exists(uuid) && Files.readString(uuid).startsWith(CRYPT)) {
            return true;
        }
        Path slaves = device.resolve("slaves");
        if (deeper == 0 || !Files.isDirectory(slaves)) {
            return false;
        }
        boolean any = false;
        try (DirectoryStream<Path> below = Files.newDirectoryStream(slaves)) {
            for (Path each : below) {
                any = true;
                if (!crypt(each, deeper - 1)) {
                    return false;
                }
            }
        }
        return any;
    }
}
