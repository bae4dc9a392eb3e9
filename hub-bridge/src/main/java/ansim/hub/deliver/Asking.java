package ansim.hub.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** How a command asks the hub that runs on a data folder about its deliveries. */
public final class Asking {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LOOK = Duration.ofMillis(50);

    private Asking() {}

    /**
     * Puts a question and waits for the answer.
     *
     * @param directory the folder of the indexes
     * @param question {@code do} is status, replay (from), redeliver (id) or skip (id, emergency); for all {@code district, sink, lane}
     * @return empty when no hub answered within that time; then nothing is asked any more
     */
    public static Optional<JsonNode> ask(Path directory, ObjectNode question, Duration patience)
            throws IOException, InterruptedException {
        Path folder = directory.resolve(Desk.FOLDER);
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        String name = UUID.randomUUID().toString();
        Path asked = folder.resolve(name + Desk.QUESTION);
        Path answer = folder.resolve(name + Desk.ANSWER);
        Path draft = folder.resolve(name + ".new");
        Files.write(draft, JSON.writeValueAsBytes(question));
        Files.move(draft, asked, StandardCopyOption.ATOMIC_MOVE);
        long deadline = System.nanoTime() + patience.toNanos();
        while (!Files.exists(answer)) {
            if (System.nanoTime() > deadline) {
                Files.deleteIfExists(asked);
                return Optional.empty();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
        }
        JsonNode said = JSON.readTree(Files.readAllBytes(answer));
        Files.deleteIfExists(answer);
        return Optional.of(said);
    }
}
