package ansim.edge.sim;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the simulated people did, one JSON line each, flushed at once: the record that a checker compares with what the centres
 * received. Begins anew with each run. Thread-safe.
 */
final class DidLog implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();

    private final BufferedWriter out;
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private int unseen;

    DidLog(Path file) throws IOException {
        out = Files.newBufferedWriter(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /**
     * Something done.
     *
     * @param did boarded, named, alighted, panic, panic-again, press or contact
     * @param at when, at the last try: the one that was stored
     * @param place where
     * @param ride its number in this run, 0 for none
     * @param tries how often it was done until *stored* was seen
     * @param storedAt when it was seen; empty if it never was
     */
    record Deed(String did, Moment at, Drive.Place place, int ride, int tries, Optional<Moment> storedAt) {}

    synchronized void write(Deed deed) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("did", deed.did());
            json.writeStringField("at", deed.at().at().toString());
            json.writeNumberField("monoMs", deed.at().monoMs());
            json.writeNumberField("lat", degrees(deed.place().lat()));
            json.writeNumberField("lon", degrees(deed.place().lon()));
            json.writeNumberField("ride", deed.ride());
            json.writeNumberField("tries", deed.tries());
            json.writeBooleanField("stored", deed.storedAt().isPresent());
            if (deed.storedAt().isPresent()) {
                json.writeStringField("storedAt", deed.storedAt().get().at().toString());
                json.writeNumberField("storedMonoMs", deed.storedAt().get().monoMs());
            }
            json.writeEndObject();
        }
        out.write(line + "\n");
        out.flush();
        counts.merge(deed.did(), 1, Integer::sum);
        unseen += deed.storedAt().isPresent() ? 0 : 1;
    }

    /** What was done in this run: {@code boarded 2, panic 1, alighted 2; each was seen stored}. */
    synchronized String summary() {
        String did = counts.entrySet().stream()
                .map(count -> count.getKey() + " " + count.getValue())
                .collect(Collectors.joining(", "));
        return counts.isEmpty()
                ? "nothing was done"
                : did + (unseen == 0 ? "; each was seen stored" : "; " + unseen + " of them never seen stored");
    }

    private static BigDecimal degrees(double value) {
        return BigDecimal.valueOf(value).setScale(7, RoundingMode.HALF_UP);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
