package ansim.hub.deliver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tinylog.Logger;

/**
 * What a centre has received: a file of JSON lines that is also its memory of ids. A line is on disk before {@link #add} returns; a
 * last line that a crash tore is cut off at the next start. Without a file the memory ends with the process.
 *
 * <p>Not for a busy centre's year: every id stays in memory, some 150 bytes each. Not thread-safe.
 */
public final class EventBook implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> ids = new HashSet<>();
    private final Optional<FileChannel> file;

    private EventBook(Optional<FileChannel> file) {
        this.file = file;
    }

    public static EventBook inMemory() {
        return new EventBook(Optional.empty());
    }

    public static EventBook open(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        EventBook book = new EventBook(Optional.of(file));
        long whole = book.readLines(file);
        file.truncate(whole);
        file.position(whole);
        return book;
    }

    /** Returns where the last whole line ends. By bytes: a crash may tear a character, too. */
    private long readLines(FileChannel file) throws IOException {
        InputStream bytes = new BufferedInputStream(Channels.newInputStream(file));
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long at = 0;
        long end = 0;
        for (int next = bytes.read(); next >= 0; next = bytes.read()) {
            at++;
            if (next == '\n') {
                remember(line.toString(StandardCharsets.UTF_8));
                line.reset();
                end = at;
            } else {
                line.write(next);
            }
        }
        return end;
    }

    private void remember(String line) {
        try {
            ids.add(JSON.readTree(line).path("id").asText());
        } catch (JsonProcessingException e) {
            Logger.warn("a line of the event file is not JSON: passed over");
        }
    }

    boolean knows(String id) {
        return ids.contains(id);
    }

    /** @param lines by the ids that are known from then on; all on disk with one fsync when this returns */
    void add(Map<String, String> lines) throws IOException {
        if (file.isPresent() && !lines.isEmpty()) {
            append(file.get(), StandardCharsets.UTF_8.encode(String.join("\n", lines.values()) + "\n"));
        }
        ids.addAll(lines.keySet());
    }

    private static void append(FileChannel file, ByteBuffer bytes) throws IOException {
        long before = file.position();
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(false);
        } catch (IOException e) {
            // What comes next must not stand behind half a line.
            file.truncate(before);
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
