package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * GPIO inputs for machines without GPIO: each a text file whose first character is the level, {@code 0} or {@code 1}. Whoever
 * plays the hardware writes it in place or by rename. The level is read at once after opening and polled from then on, so a level
 * that was set while nobody read is seen. An empty file, as between truncating and writing, leaves the level as it was.
 */
final class SimulatedLines implements Device {
    private final List<Path> files;

    private SimulatedLines(List<Path> files) {
        this.files = files;
    }

    static SimulatedLines open(List<LineName> lines) throws IOException {
        List<Path> files = lines.stream().map(line -> line.file().orElseThrow()).toList();
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new IOException("no such line: " + file);
            }
        }
        return new SimulatedLines(files);
    }

    @Override
    public void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException {
        for (int line = 0; line < files.size(); line++) {
            int level = level(files.get(line));
            if (level >= 0) {
                reader.level(line, level == '1', monoMs, sink);
            }
        }
    }

    private static int level(Path file) throws IOException {
        int level;
        try (InputStream in = Files.newInputStream(file)) {
            level = in.read();
        } catch (NoSuchFileException e) {
            throw new IOException("no such line: " + file, e);
        }
        if (level >= 0 && level != '0' && level != '1') {
            throw new IOException(file + " must begin with 0 or 1");
        }
        return level;
    }

    @Override
    public void send(byte[] request) {
        throw new IllegalStateException("a GPIO profile has nothing to send");
    }

    @Override
    public void close() {
        // nothing is held open between two polls
    }
}
