import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A GPIO chip of the kernel's own making (gpio-sim, Documentation/admin-guide/gpio/gpio-sim.rst): whoever plays the wiring moves a
 * line's pull in sysfs, and reads there what drives an output. One thread.
 */
final class SimChip implements AutoCloseable {
    private static final Path CONFIG = Path.of("/sys/kernel/config/gpio-sim/rig");
    private static final ByteBuffer UP = bytes("pull-up");
    private static final ByteBuffer DOWN = bytes("pull-down");

    private final List<FileChannel> pulls = new ArrayList<>();
    private Path lines = CONFIG;
    private long edges;

    /** Plugs a chip of this label and so many lines in, all low. */
    SimChip(String label, int count) throws IOException {
        Files.createDirectories(CONFIG.resolve("bank0"));
        Files.writeString(CONFIG.resolve("bank0/num_lines"), String.valueOf(count));
        Files.writeString(CONFIG.resolve("bank0/label"), label);
        plug(count);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
    }

    /** The chip comes; its lines are low. */
    void plug(int count) throws IOException {
        Files.writeString(CONFIG.resolve("live"), "1");
        lines = Path.of(
                "/sys/devices/platform",
                Files.readString(CONFIG.resolve("dev_name")).strip(),
                Files.readString(CONFIG.resolve("bank0/chip_name")).strip());
        for (int line = 0; line < count; line++) {
            pulls.add(FileChannel.open(lines.resolve("sim_gpio" + line + "/pull"), StandardOpenOption.WRITE));
        }
    }

    /** The chip goes, whoever has its lines. */
    void unplug() throws IOException {
        for (FileChannel pull : pulls) {
            pull.close();
        }
        pulls.clear();
        Files.writeString(CONFIG.resolve("live"), "0");
    }

    /** Its name below /dev. */
    String name() {
        return lines.getFileName().toString();
    }

    /** Makes an input low or high, at once. */
    void pull(int line, boolean high) throws IOException {
        pulls.get(line).write((high ? UP : DOWN).duplicate(), 0);
        edges++;
    }

    /** Moves so often and ends at the level. */
    void bounce(int line, boolean end, int times) throws IOException {
        for (int i = times - 1; i > 0; i--) {
            pull(line, end == (i % 2 == 0));
        }
        pull(line, end);
    }

    /** What is on the wire. */
    boolean high(int line) throws IOException {
        return Files.readString(lines.resolve("sim_gpio" + line + "/value")).strip().equals("1");
    }

    /** Edges made since this was asked last. */
    long edges() {
        long made = edges;
        edges = 0;
        return made;
    }

    @Override
    public void close() throws IOException {
        unplug();
    }
}
