package ansim.hub.api;

import ansim.hub.ledger.Book;
import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.LedgerKeys;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * Who was shown what of whom by the API, when and why: the class {@value #CLASS} of the ledger's folder, a {@link Book}.
 *
 * <pre>
 * {"n":1,"at":"2026-11-27T03:04:05.678Z","who":"gangnam","role":"centre","reason":"..","key":3,"sealed":"..","hash":".."}
 * </pre>
 *
 * <p>Unit and ride are sealed under the ride's key in {@link LedgerKeys}: when it is erased on request its lines stay, of nobody. What is of no ride says
 * {@code "unit"}, and {@code "alarm"} for an emergency, in the clear.
 *
 * <p>Guarantee: whoever was shown something has a line on disk before it is shown, at most {@link #REPEATS} old. What the same account reads of
 * the same ride for the same reason within that time is counted in the next line, {@code "repeats"}; after a crash that count, and no read, may be
 * missing. At most {@value #WATCHED} such counts are in memory.
 *
 * <p>Kept for as long as it is set, then deleted file by file, each deletion on record. A last line that a crash tore is cut off, for nobody was shown anything
 * for it. The end is checked before the first line is written, the whole by {@code ledger verify}. Any thread; one process.
 */
public final class AccessLedger implements AutoCloseable {
    /** The class of the ledger's lines. */
    public static final String CLASS = "access";

    /** What it was in the data folder before it had a class; taken over. */
    public static final String FILE = "access-ledger.jsonl";

    /** The folder in the data folder that it shares with the provisions. */
    static final String FOLDER = "ledger";

    /** A line speaks for so long. */
    static final Duration REPEATS = Duration.ofMinutes(5);

    /** Reads whose repeats are counted at once. */
    static final int WATCHED = 100_000;

    static final Duration RETENTION_EVERY = Duration.ofHours(1);

    /** Files deleted at once; whoever reads waits for them. The next line goes on. */
    private static final int FILES_DROPPED = 8;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Of whom something is shown.
     *
     * @param ride empty where it is of none
     * @param alarm of an emergency without a ride
     */
    record Subject(Id16 unit, Optional<Id8> ride, Optional<Id8> alarm) {}

    /**
     * Somebody is shown something.
     *
     * @param who the account's name
     * @param role what it is
     * @param of of whom
     * @param at when
     * @param reason why
     */
    record Access(String who, String role, Subject of, Instant at, String reason) {
        private Read read() {
            return new Read(who, role, of, reason);
        }
    }

    /** What is one line within its time. */
    private record Read(String who, String role, Subject of, String reason) {
        ObjectNode line(Instant at, long repeats, LedgerKeys keys) throws IOException {
            ObjectNode line = JsonNodeFactory.instance
                    .objectNode()
                    .put("at", at.toString())
                    .put("who", who)
                    .put("role", role)
                    .put("reason", reason);
            if (repeats > 0) {
                line.put("repeats", repeats);
            }
            String unit = of.unit.hex();
            if (of.ride.isEmpty()) {
                line.put("unit", unit);
                of.alarm.ifPresent(alarm -> line.put("alarm", alarm.hex()));
                return line;
            }
            String ride = of.ride.get().hex();
            ObjectNode personal =
                    JsonNodeFactory.instance.objectNode().put("unit", unit).put("ride", ride);
            keys.seal(line, unit, ride, personal, at);
            return line;
        }
    }

    /** Since a line was written. */
    private record Repeats(Instant since, Instant last, long count) {}

    private final Path folder;
    private final Book book;
    private final LedgerKeys keys;
    private final Duration kept;
    /** The oldest line first. */
    private final Map<Read, Repeats> lately = new LinkedHashMap<>();

    private Instant nextRetention = Instant.MIN;

    private AccessLedger(Path folder, Book book, LedgerKeys keys, Duration kept) {
        this.folder = folder;
        this.book = book;
        this.keys = keys;
        this.kept = kept;
    }

    /**
     * Opens or begins it, and takes over what an earlier version has written.
     *
     * @param data the data folder
     * @param keys stay open when this is closed
     * @param kept how long a line is kept
     */
    public static AccessLedger open(Path data, LedgerKeys keys, Duration kept) throws IOException {
        Path folder = data.resolve(FOLDER);
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path whole = data.resolve(FILE);
        if (Files.exists(whole) && !Book.adopt(whole, folder, CLASS)) {
            Logger.warn("{} is from before {}/{}-*.jsonl and stays as it is", whole, FOLDER, CLASS);
        }
        return new AccessLedger(folder, new Book(folder, CLASS), keys, kept);
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
        Instant now = accesses.get(0).at();
        Map<Read, Repeats> begun = new LinkedHashMap<>();
        Map<Read, Repeats> repeated = new LinkedHashMap<>();
        List<ChainedFile.Line> lines = new ArrayList<>();
        for (Access each : accesses) {
            Repeats known = lately.get(each.read());
            boolean speaks = known != null
                    && each.at().isBefore(known.since.plus(REPEATS))
                    && !each.at().isBefore(known.since);
            if (known != null && speaks) {
                repeated.put(each.read(), new Repeats(known.since, each.at(), known.count + 1));
            } else if (begun.put(each.read(), new Repeats(each.at(), each.at(), 0)) == null) {
                lines.add(ChainedFile.line(each.read().line(each.at(), known == null ? 0 : known.count, keys)));
            }
        }
        write(lines, now);
        lately.putAll(repeated);
        begun.forEach((read, since) -> {
            lately.remove(read);
            lately.put(read, since);
        });
        end(now);
        retain(now);
    }

    private void write(List<ChainedFile.Line> lines, Instant now) throws IOException {
        if (!lines.isEmpty()) {
            keys.commit();
            book.append(lines, now);
        }
    }

    /** Of what nobody has read again since its time was over the count is written; so is that of the oldest, where there are too many. */
    private void end(Instant now) throws IOException {
        List<Read> over = new ArrayList<>();
        for (Map.Entry<Read, Repeats> each : lately.entrySet()) {
            if (each.getValue().since.plus(REPEATS).isAfter(now) && lately.size() - over.size() <= WATCHED) {
                break;
            }
            over.add(each.getKey());
        }
        end(over, now);
    }

    private void end(List<Read> over, Instant now) throws IOException {
        List<ChainedFile.Line> lines = new ArrayList<>();
        for (Read each : over) {
            Repeats repeats = lately.get(each);
            if (repeats != null && repeats.count > 0) {
                lines.add(ChainedFile.line(each.line(repeats.last, repeats.count, keys)));
            }
        }
        write(lines, now);
        over.forEach(lately::remove);
    }

    private void retain(Instant now) {
        if (now.isBefore(nextRetention)) {
            return;
        }
        nextRetention = now.plus(RETENTION_EVERY);
        try {
            for (int i = 0; i < FILES_DROPPED; i++) {
                if (book.drop(now.minus(kept), now, "kept for " + kept.toDays() + " days") == 0) {
                    return;
                }
            }
            nextRetention = now;
        } catch (IOException e) {
            Logger.error("the retention of the ledger of accesses: {}", e.getMessage());
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
        for (String line : Book.lines(folder, CLASS, after, most)) {
            found.add(keys.open(JSON.readTree(line)));
        }
        return found;
    }

    @Override
    public synchronized void close() throws IOException {
        try (book) {
            if (!lately.isEmpty()) {
                Instant newest = lately.values().stream()
                        .map(each -> each.last)
                        .max(Instant::compareTo)
                        .orElseThrow();
                end(List.copyOf(lately.keySet()), newest);
            }
        }
    }
}
