package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is attached to this machine besides serial ports: GPIO chips with their lines, input devices that type, card readers. Looks
 * only: no line is requested, no input device is opened, no card is touched. Stateless. Any thread.
 *
 * <p>Sources: linux/gpio.h (second version), /sys/class/input/eventN/device (name, capabilities/key), pcsclite.h.
 */
public final class Attached {
    /** At most so many lines of a chip are looked at; the largest expanders have 64, chips of servers some hundred. */
    private static final int MOST_LINES = 1_024;

    private static final int LINES_AT = 64;
    private static final int FLAGS_AT = 72;
    private static final int NAME_BYTES = 32;
    private static final long FLAG_USED = 1;
    private static final long FLAG_OUTPUT = 1 << 3;

    /** linux/input-event-codes.h: 1 to 9 and 0, and the ENTER that ends a card's number. */
    private static final int KEY_1 = 2;

    private static final int KEY_0 = 11;
    private static final int KEY_ENTER = 28;

    private Attached() {}

    /**
     * A GPIO chip.
     *
     * @param name of the device below /dev
     * @param label what the kernel's driver calls it
     * @param error why its lines are not known
     */
    public record Chip(String name, String label, List<Line> lines, Optional<String> error) {}

    /**
     * A GPIO line.
     *
     * @param name the board's name of it, mostly empty or {@code GPIO17}
     * @param used by the kernel or a program
     * @param consumer who uses it, as far as that was told
     */
    public record Line(int offset, String name, boolean used, String consumer, boolean output) {}

    /**
     * A device that types digits and ENTER: a keyboard, or a card reader that plays one.
     *
     * @param path by its stable name if it has one
     * @param name what the device calls itself
     */
    public record Keyboard(Path path, String name) {}

    /** All GPIO chips. */
    public static List<Chip> chips() throws IOException {
        Path dev = Path.of("/dev");
        return list(dev, "gpiochip*").isEmpty() ? List.of() : chips(Native.load("c", LinuxCalls.class), dev);
    }

    static List<Chip> chips(LinuxCalls calls, Path dev) throws IOException {
        List<Chip> chips = new ArrayList<>();
        for (Path path : list(dev, "gpiochip*")) {
            String name = String.valueOf(path.getFileName());
            try {
                chips.add(chip(calls, name, calls.open(path.toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC)));
            } catch (LastErrorException e) {
                String why = e.getErrorCode() == LinuxCalls.EACCES
                        ? "this user may not open it; GPIO needs the group gpio"
                        : String.valueOf(e.getMessage());
                chips.add(new Chip(name, "", List.of(), Optional.of(why)));
            }
        }
        return chips;
    }

    private static Chip chip(LinuxCalls calls, String name, int fd) {
        try {
            byte[] info = new byte[GpioUapi.CHIP_INFO_BYTES];
            calls.ioctl(fd, GpioUapi.GET_CHIP_INFO, info);
            int count = Math.min(of(info).getInt(LINES_AT), MOST_LINES);
            List<Line> lines = new ArrayList<>();
            for (int offset = 0; offset < count; offset++) {
                byte[] line = GpioUapi.lineInfo(offset);
                calls.ioctl(fd, GpioUapi.GET_LINE_INFO, line);
                long flags = of(line).getLong(FLAGS_AT);
                lines.add(new Line(
                        offset,
                        firstName(line),
                        (flags & FLAG_USED) != 0,
                        GpioUapi.secondName(line),
                        (flags & FLAG_OUTPUT) != 0));
            }
            return new Chip(name, GpioUapi.secondName(info), lines, Optional.empty());
        } finally {
            calls.close(fd);
        }
    }

    private static ByteBuffer of(byte[] structure) {
        return ByteBuffer.wrap(structure).order(ByteOrder.nativeOrder());
    }

    private static String firstName(byte[] info) {
        int end = 0;
        while (end < NAME_BYTES && info[end] != 0) {
            end++;
        }
        return new String(info, 0, end, StandardCharsets.UTF_8);
    }

    /** All input devices that type digits and ENTER. */
    public static List<Keyboard> keyboards() throws IOException {
        return keyboards(Path.of("/dev/input"), Path.of("/sys/class/input"));
    }

    static List<Keyboard> keyboards(Path dev, Path sys) throws IOException {
        List<Keyboard> keyboards = new ArrayList<>();
        for (Path event : list(sys, "event*")) {
            Path device = event.resolve("device");
            if (types(device.resolve("capabilities").resolve("key"))) {
                Path node = dev.resolve(String.valueOf(event.getFileName()));
                keyboards.add(new Keyboard(stable(dev, node), firstLine(device.resolve("name"))));
            }
        }
        return keyboards;
    }

    /** By its serial number, else by its place, else as the kernel numbers it. */
    private static Path stable(Path dev, Path node) throws IOException {
        for (String kind : List.of("by-id", "by-path")) {
            for (Path link : list(dev.resolve(kind), "*")) {
                if (Files.exists(link) && Files.exists(node) && Files.isSameFile(link, node)) {
                    return link;
                }
            }
        }
        return node;
    }

    /** Words of a native long in hex, the highest first, without leading zeros; all that is asked for is in the lowest. */
    private static boolean types(Path keys) throws IOException {
        String[] words = firstLine(keys).trim().split("\\s+", -1);
        if (!words[words.length - 1].matches("[0-9a-fA-F]{1,16}")) {
            return false;
        }
        BigInteger lowest = new BigInteger(words[words.length - 1], 16);
        boolean all = lowest.testBit(KEY_ENTER);
        for (int key = KEY_1; key <= KEY_0; key++) {
            all &= lowest.testBit(key);
        }
        return all;
    }

    private static String firstLine(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return "";
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        return lines.isEmpty() ? "" : lines.get(0).strip();
    }

    /**
     * The readers that the PC/SC service knows.
     *
     * @throws IOException when it is not installed or does not run, saying so
     */
    public static List<String> cardReaders() throws IOException {
        return PcscDevice.readers(PcscLibrary.load());
    }

    private static List<Path> list(Path folder, String pattern) throws IOException {
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, pattern)) {
                all.forEach(paths::add);
            }
        }
        // gpiochip2 before gpiochip10.
        paths.sort(Comparator.comparing((Path path) -> path.toString().length()).thenComparing(Path::toString));
        return paths;
    }
}
