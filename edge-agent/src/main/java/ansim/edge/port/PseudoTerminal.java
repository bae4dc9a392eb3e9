package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The far end of a serial line that needs no hardware: a pseudo-terminal whose near end is opened like any serial device, under
 * a link of a chosen name. Closing it is what unplugging a device is: the reader gets EIO.
 *
 * <p>It behaves as a line and not as a pipe: writing never waits, and what nobody has read when the next bytes come is gone, as
 * from a UART that nobody reads. Thread-safe. Linux only (posix_openpt(3), ptsname_r(3), tty_ioctl(4)).
 */
public final class PseudoTerminal implements AutoCloseable {
    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_NONBLOCK = 0x800;
    private static final long FIONREAD = 0x541B;
    private static final long TIOCNXCL = 0x540D;
    private static final int TCSANOW = 0;
    private static final int TCIFLUSH = 0;
    private static final int TCOFLUSH = 1;
    /** Of {@code struct pollfd}: int fd, short events, short revents. */
    private static final int POLLFD_BYTES = 8;

    private static final short POLLIN = 1;
    /** Larger than {@code struct termios} of any Linux. */
    private static final int TERMIOS_BYTES = 256;
    /** Two sentences may wait for a reader that polls; more means that nobody reads. */
    private static final int UNREAD_BYTES = 512;

    private static final int READ_BYTES = 1_024;

    /** The calls of the C library. */
    private interface C extends Library {
        int posix_openpt(int flags) throws LastErrorException;

        int grantpt(int fd) throws LastErrorException;

        int unlockpt(int fd) throws LastErrorException;

        int ptsname_r(int fd, byte[] name, long length) throws LastErrorException;

        int open(String path, int flags) throws LastErrorException;

        int close(int fd) throws LastErrorException;

        long read(int fd, byte[] bytes, long length) throws LastErrorException;

        long write(int fd, byte[] bytes, long length) throws LastErrorException;

        int ioctl(int fd, long request, int[] value) throws LastErrorException;

        int tcgetattr(int fd, byte[] termios) throws LastErrorException;

        int tcsetattr(int fd, int when, byte[] termios) throws LastErrorException;

        void cfmakeraw(byte[] termios);

        int tcflush(int fd, int queue) throws LastErrorException;

        int poll(byte[] fds, long count, int timeoutMs) throws LastErrorException;
    }

    private static final C LIBC = Native.load("c", C.class);

    private final Path link;
    private final int far;
    private final int near;
    private boolean open = true;
    /** Sent since the line was last seen empty. */
    private int behind;

    /**
     * Makes the line.
     *
     * @param link the name under which the near end is opened; an older link of this name is replaced
     */
    public PseudoTerminal(Path link) throws IOException {
        this.link = link;
        try {
            far = LIBC.posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
            LIBC.grantpt(far);
            LIBC.unlockpt(far);
            byte[] name = new byte[128];
            LIBC.ptsname_r(far, name, name.length);
            String device = Native.toString(name, StandardCharsets.US_ASCII);
            // Held open, so that settings and queue survive a reader that comes and goes.
            near = LIBC.open(device, O_RDWR | O_NOCTTY);
            byte[] termios = new byte[TERMIOS_BYTES];
            LIBC.tcgetattr(near, termios);
            LIBC.cfmakeraw(termios);
            LIBC.tcsetattr(near, TCSANOW, termios);
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of(device));
        } catch (LastErrorException e) {
            throw new IOException("cannot make a pseudo-terminal for " + link + ": " + e.getMessage(), e);
        }
    }

    /** The name under which the near end is opened. */
    public Path link() {
        return link;
    }

    /** Sends bytes down the line; those that do not fit are lost. */
    public synchronized void write(byte[] bytes) throws IOException {
        if (!open) {
            throw new IOException(link + " is unplugged");
        }
        try {
            // A reader that was killed leaves its claim on the line behind.
            LIBC.ioctl(near, TIOCNXCL, new int[1]);
            if (unread() == 0) {
                behind = 0;
            } else if (behind > UNREAD_BYTES) {
                // Both what the near end could read and what the kernel has not handed over yet.
                LIBC.tcflush(far, TCOFLUSH);
                LIBC.tcflush(near, TCIFLUSH);
                behind = 0;
            }
        } catch (LastErrorException e) {
            throw new IOException(link + ": " + e.getMessage(), e);
        }
        behind += bytes.length;
        byte[] rest = bytes;
        while (rest.length > 0) {
            try {
                int written = (int) LIBC.write(far, rest, rest.length);
                rest = Arrays.copyOfRange(rest, written, rest.length);
            } catch (LastErrorException full) {
                return;
            }
        }
    }

    /** What the near end has written since the last call, at most {@value #READ_BYTES} bytes; empty when it has not. */
    public synchronized byte[] read() throws IOException {
        if (!open) {
            throw new IOException(link + " is unplugged");
        }
        byte[] bytes = new byte[READ_BYTES];
        try {
            return Arrays.copyOf(bytes, (int) LIBC.read(far, bytes, bytes.length));
        } catch (LastErrorException nothing) {
            return new byte[0];
        }
    }

    /** Whether somebody has taken all that was sent. */
    public synchronized boolean drained() throws IOException {
        try {
            return unread() == 0;
        } catch (LastErrorException e) {
            throw new IOException(link + ": " + e.getMessage(), e);
        }
    }

    /**
     * Bytes that the near end can read. The kernel hands them over by a worker of its own, which lags on a busy machine; polling
     * an empty end waits for it, so 0 means that nothing is on the way either.
     */
    private int unread() {
        ByteBuffer pollfd = ByteBuffer.allocate(POLLFD_BYTES).order(ByteOrder.nativeOrder());
        pollfd.putInt(near).putShort(POLLIN);
        LIBC.poll(pollfd.array(), 1, 0);
        int[] unread = new int[1];
        LIBC.ioctl(near, FIONREAD, unread);
        return unread[0];
    }

    /** Unplugs the device. */
    @Override
    public synchronized void close() throws IOException {
        if (open) {
            open = false;
            Files.deleteIfExists(link);
            LIBC.close(far);
            LIBC.close(near);
        }
    }
}
