package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A keyboard made by the kernel itself (linux/uinput.h, the interface that every kernel has). Needs /dev/uinput. Also of the GPIO rig. */
final class UinputKeyboard implements AutoCloseable {
    static final Path UINPUT = Path.of("/dev/uinput");

    private static final int O_WRONLY = 1;
    private static final int EV_KEY = 1;
    private static final int KEYS = 100;
    private static final NativeLong UI_SET_EVBIT = new NativeLong(0x40045564L);
    private static final NativeLong UI_SET_KEYBIT = new NativeLong(0x40045565L);
    private static final NativeLong UI_DEV_CREATE = new NativeLong(0x5501L);
    private static final NativeLong UI_DEV_DESTROY = new NativeLong(0x5502L);
    /** {@code struct uinput_user_dev}: name of 80 bytes, four shorts of id, an int, four times 64 ints. */
    private static final int USER_DEV_BYTES = 80 + 8 + 4 + 4 * 64 * 4;

    private static final int BUS_USB = 3;

    /** The calls of the C library. */
    private interface C extends Library {
        int open(String path, int flags) throws LastErrorException;

        int close(int fd) throws LastErrorException;

        NativeLong write(int fd, byte[] bytes, NativeLong length) throws LastErrorException;

        int ioctl(int fd, NativeLong request, NativeLong value) throws LastErrorException;
    }

    private static final C LIBC = Native.load("c", C.class);

    private final int fd = LIBC.open(UINPUT.toString(), O_WRONLY);
    private boolean plugged = true;
    private final String name = "ansim test " + ProcessHandle.current().pid();

    UinputKeyboard() {
        LIBC.ioctl(fd, UI_SET_EVBIT, new NativeLong(EV_KEY));
        for (int key = 1; key < KEYS; key++) {
            LIBC.ioctl(fd, UI_SET_KEYBIT, new NativeLong(key));
        }
        ByteBuffer device = ByteBuffer.allocate(USER_DEV_BYTES).order(ByteOrder.nativeOrder());
        device.put(name.getBytes(StandardCharsets.US_ASCII)).position(80);
        device.putShort((short) BUS_USB).putShort((short) 1).putShort((short) 1).putShort((short) 1);
        write(device.array());
        LIBC.ioctl(fd, UI_DEV_CREATE, new NativeLong(0));
    }

    /** Its name below /dev/input, once the kernel has made it. */
    Optional<Path> device() throws IOException {
        try (DirectoryStream<Path> events = Files.newDirectoryStream(Path.of("/sys/class/input"), "event*")) {
            for (Path event : events) {
                Path device = Path.of("/dev/input").resolve(event.getFileName());
                if (Files.readString(event.resolve("device/name")).strip().equals(name) && Files.exists(device)) {
                    return Optional.of(device);
                }
            }
        }
        return Optional.empty();
    }

    /** Writes records as the kernel would give them; it sets their time. */
    void write(byte[] records) {
        long written = LIBC.write(fd, records, new NativeLong(records.length)).longValue();
        if (written != records.length) {
            throw new IllegalStateException("written: " + written);
        }
    }

    void unplug() {
        if (plugged) {
            plugged = false;
            LIBC.ioctl(fd, UI_DEV_DESTROY, new NativeLong(0));
            LIBC.close(fd);
        }
    }

    @Override
    public void close() {
        unplug();
    }
}
