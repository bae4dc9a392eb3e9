import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The machine on which something was measured, in one line. */
final class Machine {
    private Machine() {}

    static String description() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.replaceFirst(".*: ", ""))
                .orElse(System.getProperty("os.arch"));
        String memory = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("[^0-9]", "");
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
        return String.format(
                Locale.ROOT,
                "%d x %s, %d GiB, Linux %s, Java %s, load average %s at the start",
                Runtime.getRuntime().availableProcessors(),
                model,
                Long.parseLong(memory) >> 20,
                System.getProperty("os.version"),
                System.getProperty("java.version"),
                load);
    }
}
