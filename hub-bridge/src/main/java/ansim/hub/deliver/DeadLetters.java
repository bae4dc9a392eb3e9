package ansim.hub.deliver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * What a sink refused for good: a JSON line each with time, event id, place in the log and the reason. The event itself stays in the
 * log. One thread.
 */
final class DeadLetters implements Closeable {
    private static final JsonFactory JSON = new JsonFactory();

    private final FileChannel file;

    DeadLetters(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
        file.force(false);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
