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

/**
 * The GPIO chips of this machine: gives lines, alone or several at once, by the kernel's character device.
 *
 * <p>A bare number means a line of the board's header: of the chip whose label begins with {@code pinctrl-} (a Raspberry Pi's is
 * {@code pinctrl-bcm2711} or {@code pinctrl-rp1}, under a number that has changed between kernels), else of the only chip.
 *
 * <p>Nothing waits; a line that there is not, or that somebody else has, is an IOException that says so. Stateless but for the
 * descriptors that it gives. Any thread.
 */
final class GpioChips {
    /** Who we are to {@code gpioinfo}. */
    static final String CONSUMER = "ansim-edge-agent";

    private static final String HEADER = "pinctrl-";
    private static final Path DEV = Path.of("/dev");

    private final LinuxCalls calls;
    private final Path dev;

    GpioChips(LinuxCalls calls, Path dev) {
        this.calls = calls;
        this.dev = dev;
    }

    /** Loaded with the first line that is not simulated. */
    private static final class Real {
        static final GpioChips CHIPS = new GpioChips(Native.load("c", LinuxCalls.class), DEV);
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
        Path chip = line.chip().isPresent() ? dev.resolve(line.chip().get()) : header();
        String name = chip.getFileName() + "/" + offsets;
        int fd = open(chip);
        try {
            GpioRequest request = new GpioRequest(calls, name, lines(fd, attempts), offsets);
            request.neverWait();
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

    private Path header() throws IOException {
        List<Path> chips = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(dev, "gpiochip*")) {
            found.forEach(chips::add);
        }
        chips.sort(Comparator.comparing((Path chip) -> chip.toString().length()).thenComparing(Path::toString));
        List<String> labels = new ArrayList<>();
        for (Path chip : chips) {
            String label = label(chip);
            if (label.startsWith(HEADER)) {
                return chip;
            }
            labels.add(chip.getFileName() + " (" + label + ")");
        }
        if (chips.size() == 1) {
            return chips.get(0);
        }
        throw new IOException(
                chips.isEmpty()
                        ? "there is no " + dev.resolve("gpiochip0") + ": this machine has no GPIO"
                        : "none of " + String.join(", ", labels) + " is the board's header: write gpiochipN/LINE");
    }

    private String label(Path chip) throws IOException {
        int fd = open(chip);
        try {
            byte[] info = new byte[GpioUapi.CHIP_INFO_BYTES];
            calls.ioctl(fd, GpioUapi.GET_CHIP_INFO, info);
            return GpioUapi.secondName(info);
        } catch (LastErrorException e) {
            throw new IOException(chip + ": " + e.getMessage(), e);
        } finally {
            calls.close(fd);
        }
    }
}
