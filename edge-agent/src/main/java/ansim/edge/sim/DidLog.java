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
import java.time.Instant;

/**
 * What the simulated people did, one JSON line each, flushed at once: the record that a checker compares with what the centres
 * received. Begins anew with each run. One thread.
 */
final class DidLog implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();

    private final BufferedWriter out;

    DidLog(Path file) throws IOException {
        out = Files.newBufferedWriter(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /**
     * Something done.
     *
     * @param did boarded, named, alighted, panic, panic-again or contact
     * @param at when, at the first try
     * @param lat degrees
     * @param lon degrees
     * @param ride its number in this run, 0 for none
     * @param tries how often it was done until *stored* was seen
     * @param stored whether it was seen
     */
    record Deed(String did, Instant at, double lat, double lon, int ride, int tries, boolean stored) {}

    void write(Deed deed) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("did", deed.did());
            json.writeStringField("at", deed.at().toString());
            json.writeNumberField("lat", degrees(deed.lat()));
            json.writeNumberField("lon", degrees(deed.lon()));
            json.writeNumberField("ride", deed.ride());
            json.writeNumberField("tries", deed.tries());
            json.writeBooleanField("stored", deed.stored());
            json.writeEndObject();
        }
        out.write(line + "\n");
        out.flush();
    }

    private static BigDecimal degrees(double value) {
        return BigDecimal.valueOf(value).setScale(7, RoundingMode.HALF_UP);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
