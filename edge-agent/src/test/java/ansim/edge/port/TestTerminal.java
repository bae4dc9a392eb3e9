package ansim.edge.port;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A pseudo-terminal in raw mode: bytes written here arrive at {@link #device} as from a serial line. */
final class TestTerminal implements AutoCloseable {
    private static final int READ_WRITE = 2;
    private static final int NO_CONTROLLING_TERMINAL = 0x100;
    private static final int TERMIOS_BYTES = 256;

    private final int master;
    private final String device;

    interface C extends Library {
        C LIBC = Native.load("c", C.class);

        int posix_openpt(int flags);

        int grantpt(int fd);

        int unlockpt(int fd);

        int ptsname_r(int fd, byte[] name, long length);

        int tcgetattr(int fd, byte[] termios);

        int cfmakeraw(byte[] termios);

        int tcsetattr(int fd, int when, byte[] termios);

        long write(int fd, byte[] bytes, long count);

        int close(int fd);
    }

    TestTerminal() throws IOException {
        master = C.LIBC.posix_openpt(READ_WRITE | NO_CONTROLLING_TERMINAL);
        byte[] name = new byte[64];
        byte[] termios = new byte[TERMIOS_BYTES];
        if (master < 0
                || C.LIBC.grantpt(master) != 0
                || C.LIBC.unlockpt(master) != 0
                || C.LIBC.ptsname_r(master, name, name.length) != 0
                || C.LIBC.tcgetattr(master, termios) != 0) {
            throw new IOException("no pseudo-terminal");
        }
        C.LIBC.cfmakeraw(termios);
        C.LIBC.tcsetattr(master, 0, termios);
        device = new String(name, StandardCharsets.US_ASCII).trim();
    }

    String device() {
        return device;
    }

    void write(byte[] bytes) throws IOException {
        if (C.LIBC.write(master, bytes, bytes.length) != bytes.length) {
            throw new IOException("short write");
        }
    }

    @Override
    public void close() {
        C.LIBC.close(master);
    }
}
