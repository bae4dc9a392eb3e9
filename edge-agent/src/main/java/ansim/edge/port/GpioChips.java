package ansim.edge.port;

import ansim.profile.GpioLine;
import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.tinylog.Logger;

/**
 * The GPIO chips of this machine: gives lines, alone or several at once, by the kernel's character device.
 *
 * <p>A bare number means a line of the board's header: of the chip whose label begins with {@code pinctrl-} (a Raspberry Pi's is
 * {@code pinctrl-bcm2711} or {@code pinctrl-rp1}, under a number that has changed between kernels), else of the only chip. A label
 * means the one chip that bears it, under whatever number.
 *
 * <p>A number is what a chip loses when it is unplugged: kernels before 6.6 never free that of a chip whose lines were in use
 * ({@code gpiod_free} in drivers/gpio/gpiolib.c), later ones only once all lines are given back, and it then comes back under another.
 * So a chip that was named by its number, and was ours before, is found again where it was plugged in. Not guaranteed: that it is
 * found so after a restart of this process, or in another socket, or that its number has not gone to another chip meanwhile.
 *
 * <p>Nothing waits; a line that there is not, or that somebody else has, is an IOException that says so. Remembers one seat for each
 * number that the configuration names. Any thread.
 */
final class GpioChips {
    /** Who we are to {@code gpioinfo}. */
    static final String CONSUMER = "ansim-edge-agent";

    private static final String HEADER = "pinctrl-";
    private static final Path DEV = Path.of("/dev");
    /** A link for each chip, to where in the tree of devices it is. */
    private static final Path PLACES = Path.of("/sys/bus/gpio/devices");

    private final LinuxCalls calls;
    private final Path dev;
    private final Path places;
    private final Map<String, Seat> seats = new ConcurrentHashMap<>();
    private final Set<String> toldMoved = ConcurrentHashMap.newKeySet();

    /** What of a chip stays when it is replugged: the device that has it, and which of that device's chips it is. */
    private record Seat(Path device, String label) {}

    GpioChips(LinuxCalls calls, Path dev, Path places) {
        this.calls = calls;
        this.dev = dev;
        this.places = places;
    }

    /** Loaded with the first line that is not simulated. */
    private static final class Real {
        static final GpioChips CHIPS = new GpioChips(Native.load("c", LinuxCalls.class), DEV, PLACES);
    }

    /** Those of this machine. */
    static GpioChips real() {
        return Real.CHIPS;
    }

    /**
     * Asks for inputs of one chip, all in one request: their edges then come in one order. Lines without an interrupt, as behind
     * some expanders, are given without edges where levels will do.
     */
    GpioRequest inputs(List<LineName> lines, GpioLine.Pull pull, GpioLine.Edges edges) throws IOException {
        List<Integer> offsets = lines.stream().map(LineName::offset).toList();
        List<byte[]> attempts = new ArrayList<>();
        attempts.add(GpioUapi.inputs(offsets, pull, edges, CONSUMER));
        if (edges == GpioLine.Edges.BOTH) {
            attempts.add(GpioUapi.levels(offsets, pull, CONSUMER));
        }
        return request(lines.get(0), offsets, attempts);
    }

    /** Asks for an output, at this level from the first moment. */
    GpioRequest output(LineName line, boolean high) throws IOException {
        return request(line, List.of(line.offset()), List.of(GpioUapi.output(line.offset(), high, CONSUMER)));
    }

    private GpioRequest request(LineName line, List<Integer> offsets, List<byte[]> attempts) throws IOException {
        Path chip = chip(line);
        String name = chip.getFileName() + "/" + offsets;
        int fd = open(chip);
        try {
            String label = label(fd);
            GpioRequest request = new GpioRequest(calls, name, lines(fd, attempts), offsets);
            request.neverWait();
            line.number().ifPresent(number -> remember(number, chip, label));
            return request;
        } catch (LastErrorException e) {
            throw new IOException(name + ": " + why(fd, offsets, e), e);
        } finally {
            calls.close(fd);
        }
    }

    private int lines(int fd, List<byte[]> attempts) {
        for (int i = 0; i < attempts.size() - 1; i++) {
            try {
                calls.ioctl(fd, GpioUapi.GET_LINE, attempts.get(i));
                return GpioUapi.fd(attempts.get(i));
            } catch (LastErrorException e) {
                if (e.getErrorCode() != LinuxCalls.ENODEV && e.getErrorCode() != LinuxCalls.ENXIO) {
                    throw e;
                }
            }
        }
        byte[] last = attempts.get(attempts.size() - 1);
        calls.ioctl(fd, GpioUapi.GET_LINE, last);
        return GpioUapi.fd(last);
    }

    private String why(int fd, List<Integer> offsets, LastErrorException e) {
        if (e.getErrorCode() == LinuxCalls.EBUSY) {
            List<String> users = new ArrayList<>();
            for (int offset : offsets) {
                byte[] info = GpioUapi.lineInfo(offset);
                calls.ioctl(fd, GpioUapi.GET_LINE_INFO, info);
                users.add(offset + " by '" + GpioUapi.secondName(info) + "'");
            }
            return "in use (" + String.join(", ", users) + ")";
        } else if (e.getErrorCode() == LinuxCalls.EINVAL) {
            return "the chip has no such line, cannot tell edges of it, or the kernel is older than 5.10";
        }
        return String.valueOf(e.getMessage());
    }

    private int open(Path chip) throws IOException {
        try {
            return calls.open(chip.toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
        } catch (LastErrorException e) {
            String why = switch (e.getErrorCode()) {
                case LinuxCalls.ENOENT -> "there is no " + chip;
                case LinuxCalls.EACCES ->
                    "this user may not open " + chip + "; GPIO needs the group gpio: usermod -aG gpio USER";
                default -> chip + ": " + e.getMessage();
            };
            throw new IOException(why, e);
        }
    }

    // ---- which chip is meant

    private Path chip(LineName line) throws IOException {
        if (line.number().isPresent()) {
            return numbered(line.number().get());
        }
        return line.label().isPresent() ? labelled(line.label().get()) : header();
    }

    private Path numbered(String number) throws IOException {
        Path chip = dev.resolve(number);
        Optional<Seat> seat = Optional.ofNullable(seats.get(number));
        if (seat.isPresent() && !Files.exists(chip)) {
            for (Path other : chips()) {
                if (device(other).equals(Optional.of(seat.get().device()))
                        && label(other).equals(seat.get().label())) {
                    return other;
                }
            }
        }
        return chip;
    }

    private void remember(String number, Path chip, String label) {
        device(chip).ifPresent(device -> seats.put(number, new Seat(device, label)));
        if (!chip.endsWith(number) && toldMoved.add(number)) {
            Logger.warn(
                    "{} has come back as {}; its number is not to be trusted after a restart: write {}/LINE",
                    number,
                    chip.getFileName(),
                    label);
        }
    }

    /** The device that has a chip; empty where the kernel does not tell. */
    private Optional<Path> device(Path chip) {
        Path link = places.resolve(chip.getFileName());
        try {
            return Optional.ofNullable(link.resolveSibling(Files.readSymbolicLink(link))
                    .normalize()
                    .getParent());
        } catch (IOException noSysfsOrGone) {
            return Optional.empty();
        }
    }

    private Path labelled(String label) throws IOException {
        List<Path> all = chips();
        List<Path> found = new ArrayList<>();
        for (Path chip : all) {
            if (label(chip).equals(label)) {
                found.add(chip);
            }
        }
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new IOException(
                found.isEmpty()
                        ? "no chip is labelled " + label + (all.isEmpty() ? "" : ": there is " + listed(all))
                        : listed(found) + " have one label: write gpiochipN/LINE");
    }

    private Path header() throws IOException {
        List<Path> chips = chips();
        for (Path chip : chips) {
            if (label(chip).startsWith(HEADER)) {
                return chip;
            }
        }
        if (chips.size() == 1) {
            return chips.get(0);
        }
        throw new IOException(
                chips.isEmpty()
                        ? "there is no " + dev.resolve("gpiochip0") + ": this machine has no GPIO"
                        : "none of " + listed(chips) + " is the board's header: write LABEL/LINE or gpiochipN/LINE");
    }

    /** All chips, by their numbers. */
    private List<Path> chips() throws IOException {
        List<Path> chips = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(dev, "gpiochip*")) {
            found.forEach(chips::add);
        }
        chips.sort(Comparator.comparing((Path chip) -> chip.toString().length()).thenComparing(Path::toString));
        return chips;
    }

    private String listed(List<Path> chips) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path chip : chips) {
            names.add(chip.getFileName() + " (" + label(chip) + ")");
        }
        return String.join(", ", names);
    }

    private String label(Path chip) throws IOException {
        int fd = open(chip);
        try {
            return label(fd);
        } catch (LastErrorException e) {
            throw new IOException(chip + ": " + e.getMessage(), e);
        } finally {
            calls.close(fd);
        }
    }

    private String label(int fd) {
        byte[] info = new byte[GpioUapi.CHIP_INFO_BYTES];
        calls.ioctl(fd, GpioUapi.GET_CHIP_INFO, info);
        return GpioUapi.secondName(info);
    }
}
