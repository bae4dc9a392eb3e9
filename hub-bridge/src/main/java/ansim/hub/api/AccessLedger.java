package ansim.hub.api;

import ansim.hub.core.UnitRide;
import ansim.hub.ledger.ChainedFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Who was shown what of which ride by the API, when and why: {@value #FILE} in the data folder, a {@link ChainedFile}.
 *
 * <pre>
 * {"n":1,"at":"2026-11-27T03:04:05.678Z","who":"gangnam","role":"centre","unit":"..","ride":"..","reason":"..","hash":".."}
 * </pre>
 *
 * <p>Opening reads all of it, and fails where a line is not as it was written; a last line that a crash tore is cut off, for nobody was shown
 * anything for it. Any thread; one process.
 */
public final class AccessLedger implements AutoCloseable {
    /** Its name in the data folder. */
    public static final String FILE = "access-ledger.jsonl";

    /** After so many lines the next place is remembered. */
    private static final int STRIDE = 1_024;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Somebody is shown something of a ride.
     *
     * @param who the account's name
     * @param role what it is
     * @param ride of whom
     * @param at when
     * @param reason why
     */
    record Access(String who, String role, UnitRide ride, Instant at, String reason) {
        ObjectNode json() {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("at", at.toString())
                    .put("who", who)
                    .put("role", role)
                    .put("unit", ride.unit().hex())
                    .put("ride", ride.ride().hex())
                    .put("reason", reason);
        }
    }

    /** Where a line begins. */
    private record Place(long n, long at) {}

    private final Path path;
    private final ChainedFile file;
    private final List<Place> places = new ArrayList<>();

    private AccessLedger(Path path, ChainedFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens it, and checks its chain.
     *
     * @throws IOException also when a line is not as it was written
     */
    public static AccessLedger open(Path folder) throws IOException {
        Path path = folder.resolve(FILE);
        AccessLedger ledger = new AccessLedger(path, ChainedFile.open(path, ChainedFile.Head.NONE));
        try {
            ledger.readThrough();
            return ledger;
        } catch (IOException | RuntimeException e) {
            ledger.close();
            throw e;
        }
    }

    private void readThrough() throws IOException {
        long[] next = {1, 0};
        ChainedFile.read(path, ChainedFile.Head.NONE, ChainedFile.End.WHOLE, line -> {
            know(new Place(next[0], next[1]));
            next[0]++;
            next[1] += line.length + 1;
        });
    }

    /**
     * Writes down what is about to be shown, whole, on disk before it returns.
     *
     * @throws IOException when it could not: then nothing may be shown
     */
    synchronized void append(List<Access> accesses) throws IOException {
        if (accesses.isEmpty()) {
            return;
        }
        Place here = new Place(file.head().n() + 1, file.size());
        file.append(accesses.stream().map(Access::json).toList());
        know(here);
    }

    private void know(Place place) {
        if (places.isEmpty() || place.n - places.get(places.size() - 1).n >= STRIDE) {
            places.add(place);
        }
    }

    /**
     * Some of its lines, as they are kept.
     *
     * @param after number of the last line that is known; 0 from the beginning
     * @param most lines at most
     */
    synchronized List<JsonNode> lines(long after, int most) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        if (after >= file.head().n()) {
            return found;
        }
        Place from = places.get(0);
        for (Place each : places) {
            from = each.n <= after + 1 ? each : from;
        }
        try (InputStream in = Files.newInputStream(path)) {
            in.skipNBytes(from.at);
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null && found.size() < most; line = lines.readLine()) {
                JsonNode read = JSON.readTree(line);
                if (read.path("n").asLong() > after) {
                    found.add(read);
                }
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
