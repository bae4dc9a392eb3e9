package ansim.edge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The serial ports of a machine under their stable names: of USB adapters by their serial number, else by their place; UARTs of
 * the board as the kernel calls them. Not among them: a port on which the kernel has its console, and those of a PC that are not
 * there (/sys/class/tty/NAME/type is 0).
 */
final class ProbePorts {
    private static final List<String> USB_AND_BOARDS =
            List.of("ttyUSB*", "ttyACM*", "ttyAMA*", "ttySC*", "ttymxc*", "ttySTM*", "ttyTHS*");
    private static final String PC = "ttyS[0-9]*";
    private static final String NO_UART = "0";

    private final Path dev;
    private final Path sys;

    /**
     * Looks there.
     *
     * @param dev mostly /dev
     * @param sys mostly /sys/class/tty
     */
    ProbePorts(Path dev, Path sys) {
        this.dev = dev;
        this.sys = sys;
    }

    /** Each port once. */
    List<Path> all() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : USB_AND_BOARDS) {
            found.addAll(list(dev, pattern));
        }
        for (Path port : list(dev, PC)) {
            if (!firstLine(sys.resolve(String.valueOf(port.getFileName())).resolve("type"))
                    .orElse(NO_UART)
                    .equals(NO_UART)) {
                found.add(port);
            }
        }
        for (Path link : list(dev.resolve("serial").resolve("by-id"), "*")) {
            found.add(link);
        }
        List<String> consoles = List.of(
                firstLine(sys.resolve("console").resolve("active")).orElse("").split(" ", -1));
        Set<Path> ports = new TreeSet<>();
        for (Path port : found) {
            if (!consoles.contains(String.valueOf(ProbeHolders.real(port).getFileName()))) {
                ports.add(stable(port));
            }
        }
        return List.copyOf(ports);
    }

    /** The name to write down: that which stays when another device is plugged in. */
    Path stable(Path port) throws IOException {
        for (String kind : List.of("by-id", "by-path")) {
            for (Path link : list(dev.resolve("serial").resolve(kind), "*")) {
                if (ProbeHolders.real(link).equals(ProbeHolders.real(port))) {
                    return link;
                }
            }
        }
        return port.toAbsolutePath();
    }

    private static Optional<String> firstLine(Path file) throws IOException {
        return Files.isReadable(file)
                ? Files.readAllLines(file, StandardCharsets.UTF_8).stream().findFirst()
                : Optional.empty();
    }

    private static List<Path> list(Path folder, String pattern) throws IOException {
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, pattern)) {
                all.forEach(paths::add);
            }
        }
        paths.sort(Comparator.comparing((Path path) -> path.toString().length()).thenComparing(Path::toString));
        return paths;
    }
}
