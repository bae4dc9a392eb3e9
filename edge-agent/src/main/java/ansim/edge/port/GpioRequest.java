package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lines that the kernel has given us, until {@link #close}, or until this process ends in whatever way. An IOException means that
 * the chip is gone. One thread at a time.
 */
final class GpioRequest implements AutoCloseable {
    /** Edges taken by one read. */
    private static final int READ_EDGES = 64;

    private final LinuxCalls calls;
    private final String name;
    private final int fd;
    private final List<Integer> offsets;
    private final byte[] events = new byte[READ_EDGES * GpioUapi.EVENT_BYTES];
    private boolean open = true;

    GpioRequest(LinuxCalls calls, String name, int fd, List<Integer> offsets) {
        this.calls = calls;
        this.name = name;
        this.fd = fd;
        this.offsets = offsets;
    }

    /** To be called before the first {@link #read}. */
    void neverWait() {
        try {
            calls.fcntl(fd, LinuxCalls.F_SETFL, LinuxCalls.O_NONBLOCK);
        } catch (LastErrorException e) {
            close();
            throw e;
        }
    }

    /** Which of the requested lines this offset is. */
    int index(int offset) {
        return offsets.indexOf(offset);
    }

    /** Takes the edges that the kernel holds, at most as many as it can hold; never waits. */
    void read(Consumer<GpioUapi.Edge> to) throws IOException {
        for (int taken = 0; taken < GpioUapi.EVENT_BUFFER; ) {
            int length = calls.read(fd, events, events.length);
            if (length < 0 && Native.getLastError() != LinuxCalls.EAGAIN) {
                throw new IOException(name + " is gone (errno " + Native.getLastError() + ")");
            }
            int edges = Math.max(0, length) / GpioUapi.EVENT_BYTES;
            for (int i = 0; i < edges; i++) {
                to.accept(GpioUapi.edge(events, i));
            }
            if (edges < READ_EDGES) {
                return;
            }
            taken += edges;
        }
    }

    /** The levels as they are now; bit 0 is the first line. */
    long levels() throws IOException {
        return ioctl(GpioUapi.GET_VALUES, 0);
    }

    /** Sets the levels; bit 0 is the first line. */
    void set(long levels) throws IOException {
        ioctl(GpioUapi.SET_VALUES, levels);
    }

    private long ioctl(int request, long bits) throws IOException {
        byte[] values = GpioUapi.values(offsets.size(), bits);
        try {
            calls.ioctl(fd, request, values);
        } catch (LastErrorException e) {
            throw new IOException(name + " is gone: " + e.getMessage(), e);
        }
        return GpioUapi.bits(values);
    }

    /** The chip and the lines. */
    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            calls.close(fd);
        }
    }
}
