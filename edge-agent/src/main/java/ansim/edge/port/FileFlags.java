package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** What the kernel says of a file beyond its mode: ioctl_iflags(2). */
public final class FileFlags {
    /** FS_IOC_GETFLAGS, {@code _IOR('f', 1, long)}: the size of a long stands in bits 16 to 29. */
    private static final int GET_FLAGS = 0x8000_6601 | Native.LONG_SIZE << 16;

    /** FS_ENCRYPT_FL: the file, or what is made in the folder, is encrypted by fscrypt. */
    private static final int ENCRYPTED = 0x800;

    private FileFlags() {}

    /** Whether fscrypt encrypts what is made in a folder; false where nobody can tell. */
    public static boolean encrypted(Path folder) {
        try {
            LinuxCalls calls = Native.load("c", LinuxCalls.class);
            int fd = calls.open(folder.toString(), LinuxCalls.O_CLOEXEC);
            try {
                byte[] flags = new byte[Long.BYTES];
                calls.ioctl(fd, GET_FLAGS, flags);
                return (ByteBuffer.wrap(flags).order(ByteOrder.nativeOrder()).getInt() & ENCRYPTED) != 0;
            } finally {
                calls.close(fd);
            }
        } catch (LastErrorException | UnsatisfiedLinkError e) {
            return false;
        }
    }
}
