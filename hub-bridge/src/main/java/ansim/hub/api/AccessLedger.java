package ansim.hub.api;

import ansim.hub.core.UnitRide;
import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.LedgerKeys;
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
 * {"n":1,"at":"2026-11-27T03:04:05.678Z","who":"gangnam","role":"centre","reason":"..","key":3,"sealed":"..","hash":".."}
 * </pre>
 *
 * <p>Unit and ride are sealed under the ride's key in {@link LedgerKeys}: when it is erased on request its lines stay, of nobody.
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
        ObjectNode sealed(LedgerKeys keys) throws IOException {
            ObjectNode line = JsonNodeFactory.instance
                    .objectNode()
                    .put("at", at.toString())
                    .put("who", who)
                    .put("role", role)
                    .put("reason", reason);
            String unit = ride.unit().hex();
            ObjectNode personal = JsonNodeFactory.instance
                    .objectNode()
                    .put("unit", unit)
                    .put("ride", ride.ride().hex());
            keys.seal(line, unit, ride.ride().hex(), personal, at);
            return line;
        }
    }

    /** Where a line begins. */
    private record Place(long n, long at) {}

    private final Path path;
    private final ChainedFile file;
    private final LedgerKeys keys;
    private final List<Place> places = new ArrayList<>();

    private AccessLedger(Path path, ChainedFile file, LedgerKeys keys) {
        this.keys = keys;
        this.path = path;
        this.file = file;
    }

    /**
     * Opens it, and checks its chain.
     *
     * @param keys stay open when this is closed
     * @throws IOException also when a line is not as it was written
     */
    public static AccessLedger open(Path folder, LedgerKeys keys) throws IOException {
        Path path = folder.resolve(FILE);
        AccessLedger ledger = new AccessLedger(path, ChainedFile.open(path, ChainedFile.Head.NONE), keys);
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
        List<ObjectNode> lines = new ArrayList<>(accesses.size());
        for (Access each : accesses) {
            lines.add(each.sealed(keys));
        }
        keys.commit();
        file.append(lines);
        know(here);
    }

    private void know(Place place) {
        if (places.isEmpty() || place.n - places.get(places.size() - 1).n >= STRIDE) {
            places.add(place);
        }
    }

    /**
     * Some of its lines, each with whose it is, as far as that is not erased.
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
                    found.add(keys.open(read));
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
