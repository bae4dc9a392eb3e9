package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A GPIO input for machines without GPIO: a text file whose first character is the level, {@code 0} or {@code 1}. Whoever plays
 * the hardware writes it in place or by rename. The level is read at once after opening and polled from then on, so a level
 * that was set while nobody read is seen. An empty file, as between truncating and writing, leaves the level as it was.
 */
final class SimulatedLine implements Device {
    private final Path file;

    SimulatedLine(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("no such line: " + file);
        }
        this.file = file;
    }

    @Override
    public void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException {
        int level;
        try (InputStream in = Files.newInputStream(file)) {
            level = in.read();
        } catch (NoSuchFileException e) {
            throw new IOException("no such line: " + file, e);
        }
        if (level == '0' || level == '1') {
            reader.level(0, level == '1', monoMs, sink);
        } else if (level >= 0) {
            throw new IOException(file + " must begin with 0 or 1");
        }
    }

    @Override
    public void close() {
        // nothing is held open between two polls
    }
}
