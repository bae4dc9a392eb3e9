package ansim.hub.deliver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * What a sink will not get: a JSON line each with time, event id, place in the log and the reason, refused for good or skipped; a line with
 * the first and last place and their count for what was dropped at the limit. The events themselves stay in the log, and can be delivered
 * again. A last line that a crash or a full disk tore is cut off. One thread writes.
 */
final class DeadLetters implements Closeable {
    private static final JsonFactory JSON = new JsonFactory();

    private final Path path;
    private final FileChannel file;
    /** A write has failed: its end is not known. */
    private boolean torn;

    DeadLetters(Path path) throws IOException {
        this.path = path;
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        cut();
    }

    /** What follows must not stand behind half a line. */
    private void cut() throws IOException {
        long end = file.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (end > 0 && file.read(one.clear(), end - 1) == 1 && one.get(0) != '\n') {
            end--;
        }
        file.truncate(end);
        file.position(end);
        torn = false;
    }

    /** Durable before the cursor passes it. */
    void add(long atMs, String id, long logIndex, String why) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("at", Instant.ofEpochMilli(atMs).toString());
            json.writeStringField("id", id);
            json.writeNumberField("log", logIndex);
            json.writeStringField("why", why);
            json.writeEndObject();
        }
        write(line);
    }

    /** A range of entries, counted; durable before the cursor passes it. */
    void addRange(long atMs, long from, long through, long count, String why) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("at", Instant.ofEpochMilli(atMs).toString());
            json.writeNumberField("from", from);
            json.writeNumberField("through", through);
            json.writeNumberField("count", count);
            json.writeStringField("why", why);
            json.writeEndObject();
        }
        write(line);
    }

    /** Where in the log the event of that id is, when it is one of these. Any thread. */
    OptionalLong find(String id) throws IOException {
        String named = "\"id\":\"" + id + "\",\"log\":";
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int at = line.indexOf(named);
                if (at >= 0) {
                    int from = at + named.length();
                    return OptionalLong.of(Long.parseLong(line.substring(from, line.indexOf(',', from))));
                }
            }
        }
        return OptionalLong.empty();
    }

    private void write(StringWriter line) throws IOException {
        if (torn) {
            cut();
        }
        torn = true;
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
        file.force(false);
        torn = false;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
