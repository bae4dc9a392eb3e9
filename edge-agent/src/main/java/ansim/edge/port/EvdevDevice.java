package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A Linux input device (linux/input.h), read without waiting. It is grabbed: what a card reader types reaches no console and no
 * other program, and a device that somebody else has grabbed is not read. Its records carry CLOCK_MONOTONIC where the kernel can,
 * so that a clock that is set does not tear a number apart.
 *
 * <p>A FIFO stands in for a device on machines without one: there is nothing to grab, and it is there as long as somebody has it
 * open for writing. Linux only.
 */
final class EvdevDevice implements Device {
    /** The kernel keeps 64 records for a keyboard, which a fast reader fills in about 20 ms: it is polled more often than others. */
    private static final long POLL_MS = 5;
    /** At most so much is taken per poll: 64 records of 24 bytes. */
    private static final int POLL_BYTES = 64 * 24;

    private static final int O_RDONLY_NONBLOCK_CLOEXEC = 0x80800;
    private static final NativeLong EVIOCGRAB = new NativeLong(0x40044590L);
    private static final NativeLong EVIOCSCLOCKID = new NativeLong(0x400445A0L);
    private static final NativeLong GRAB = new NativeLong(1);
    private static final int CLOCK_MONOTONIC = 1;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int ENODEV = 19;
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;

    /** The calls of the C library; {@link NativeLong} is the size of its long and of its size_t. */
    private interface C extends Library {
        int open(String path, int flags);

        int close(int fd);

        NativeLong read(int fd, byte[] bytes, NativeLong length);

        int ioctl(int fd, NativeLong request, NativeLong value);

        int ioctl(int fd, NativeLong request, int[] value);
    }

    private static final C LIBC = Native.load("c", C.class);

    private final String device;
    private final int fd;
    private final byte[] bytes = new byte[POLL_BYTES];
    private boolean open = true;

    EvdevDevice(String device) throws IOException {
        this.device = device;
        Path path = Path.of(device);
        if (!Files.exists(path)) {
            throw new IOException("no such device: " + device);
        }
        boolean fifo = ((Integer) Files.getAttribute(path, "unix:mode") & S_IFMT) == S_IFIFO;
        fd = LIBC.open(device, O_RDONLY_NONBLOCK_CLOEXEC);
        if (fd < 0) {
            throw new IOException(device + " cannot be opened (" + reason(Native.getLastError()) + ")");
        }
        if (!fifo && LIBC.ioctl(fd, EVIOCGRAB, GRAB) != 0) {
            String reason = reason(Native.getLastError());
            close();
            throw new IOException(device + " cannot be grabbed (" + reason + ")");
        }
        if (!fifo) {
            // Kernels before 3.4 refuse; the profile then lives with the clock that is set.
            LIBC.ioctl(fd, EVIOCSCLOCKID, new int[] {CLOCK_MONOTONIC});
        }
    }

    @Override
    public void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException {
        int length = LIBC.read(fd, bytes, new NativeLong(bytes.length)).intValue();
        if (length > 0) {
            reader.accept(bytes, 0, length, monoMs, sink);
            // It may have been a card's number.
            Arrays.fill(bytes, 0, length, (byte) 0);
        } else if (length == 0) {
            throw new IOException(device + " has no writer");
        } else {
            int error = Native.getLastError();
            if (error != EAGAIN && error != EINTR) {
                throw new IOException(device + " is gone (" + reason(error) + ")");
            }
        }
    }

    @Override
    public long pollMs() {
        return POLL_MS;
    }

    @Override
    public void send(byte[] request) {
        throw new IllegalStateException("an input device is told nothing");
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            LIBC.close(fd);
        }
    }

    private static String reason(int error) {
        return switch (error) {
            case EACCES -> "permission denied: the user must be in the group input";
            case EBUSY -> "another program has grabbed it";
            case ENODEV -> "unplugged";
            default -> "is it an input device? errno " + error;
        };
    }
}
