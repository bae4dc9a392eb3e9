package ansim.edge.port;

import com.sun.jna.Native;
import java.nio.file.Path;

/** What another program does with lines, as gpioset and gpioinfo would. */
public final class OtherProgram implements AutoCloseable {
    private static final LinuxCalls C = Native.load("c", LinuxCalls.class);
    private static final String CONSUMER = "rig-other";

    private final int fd;

    /** Takes a line as an output that is low. */
    public OtherProgram(String chip, int line) {
        byte[] request = GpioUapi.output(line, false, CONSUMER);
        call(chip, GpioUapi.GET_LINE, request);
        fd = GpioUapi.fd(request);
    }

    /** Who has the line; empty when nobody. */
    public static String user(String chip, int line) {
        byte[] info = GpioUapi.lineInfo(line);
        call(chip, GpioUapi.GET_LINE_INFO, info);
        return GpioUapi.secondName(info);
    }

    private static void call(String chip, int request, byte[] argument) {
        int device = C.open(Path.of("/dev", chip).toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
        try {
            C.ioctl(device, request, argument);
        } finally {
            C.close(device);
        }
    }

    @Override
    public void close() {
        C.close(fd);
    }
}
