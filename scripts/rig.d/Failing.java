import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One unit through its disk's failure: what the rig did to it, what it said of itself, and what its people saw meanwhile. */
final class Failing {
    private static final String FAILED = "the store has failed";
    private static final String WORKS = "the store works again";
    /** In which the people's things are stored, but for presses. */
    private static final String EVENTS = "lane 2: " + FAILED;

    final City.SimUnit unit;
    /** CLOCK_MONOTONIC ms: certainly failing from then, certainly failing until then. */
    long failedMonoMs;

    long mendedMonoMs;
    boolean alive;
    boolean felt;
    boolean recovered;
    boolean drained;

    Failing(City.SimUnit unit) {
        this.unit = unit;
    }

    private static long monoMs() {
        return System.nanoTime() / 1_000_000;
    }

    void failed() {
        failedMonoMs = monoMs();
    }

    void mended() {
        mendedMonoMs = monoMs();
    }

    /** Waits until what people do goes into memory. */
    boolean awaitFelt(Duration patience) throws InterruptedException {
        return unit.agent().says(EVENTS, patience);
    }

    /** Waits until the agent's last word about its store is that it works. */
    boolean awaitStoreWorks(Duration patience) throws InterruptedException {
        return unit.agent().waitFor(
                () -> {
                    try {
                        List<String> words = words();
                        return words.isEmpty() || words.get(words.size() - 1).contains(WORKS);
                    } catch (IOException notYet) {
                        return false;
                    }
                },
                patience);
    }

    private List<String> words() throws IOException {
        return Files.readString(unit.agent().log())
                .lines()
                .filter(line -> line.contains(FAILED) || line.contains(WORKS))
                .toList();
    }

    /**
     * Things done and answered by *stored* while nothing could be stored. A full disk fails a lane when its last segment is full: what
     * counts there is the time between the agent's own words, and lane 2, of which they are.
     */
    long signalsWhileFailed(BadDisk.Fault fault) throws IOException {
        List<JsonNode> deeds = Account.lines(unit.did());
        if (fault != BadDisk.Fault.FULL) {
            return deeds.stream()
                    .filter(deed -> deed.path("stored").asBoolean()
                            && deed.path("monoMs").asLong() >= failedMonoMs
                            && deed.path("storedMonoMs").asLong() <= mendedMonoMs)
                    .count();
        }
        long signals = 0;
        Optional<Instant> since = Optional.empty();
        for (String word : words()) {
            Instant at = Instant.parse(word.substring(0, word.indexOf(' ')));
            if (word.contains(EVENTS) && since.isEmpty()) {
                since = Optional.of(at);
            } else if (word.contains(WORKS) && since.isPresent()) {
                Instant from = since.get();
                signals += deeds.stream()
                        .filter(deed -> deed.path("stored").asBoolean()
                                && !deed.path("did").asText().equals("press")
                                && !Instant.parse(deed.path("at").asText()).isBefore(from)
                                && Instant.parse(deed.path("storedAt").asText()).isBefore(at))
                        .count();
                since = Optional.empty();
            }
        }
        return signals;
    }
}
