package ansim.hub.view;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.Logged;
import ansim.hub.core.Order;
import ansim.hub.core.StarterMap;
import ansim.wire.CommandAck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * The read models, made from the log and from nothing else: units and how they are, rides, emergencies, recent events, counts per
 * district. {@code views.db}.
 *
 * <p>Guarantees that each entry is taken exactly once: the place in the log is stored in the transaction that stores what the entries
 * did. A crash or a power cut takes back whole transactions (WAL with synchronous=NORMAL) and the log gives them again. Where a unit is and how
 * far a ride has come is in rows only now and then, and has places of its own ({@link Unwritten}): whatever a crash takes, the rows end as without
 * it. A file that is missing, damaged, of another log, of another version, or ahead of the log is begun anew from entry 1.
 *
 * <p>This process sees rows and memory as one. Another process sees the rows: up to half a minute old in these columns while many units speak.
 *
 * <p>Not guaranteed: that it is up to date; {@link #position} says how far it is.
 *
 * <p>One thread applies; any thread asks.
 */
public final class Views implements AutoCloseable {
    /** Commands kept; older ones are in the log. */
    static final int COMMANDS_KEPT = 200_000;

    /** Events kept; older ones are in the log and at the centres. */
    static final int EVENTS_KEPT = 2_000;

    /** Pages in memory for writing, KiB: a slice of all of Seoul and the newest of the rest. */
    private static final int CACHE_KIB = 16 * 1024;

    /** Pages in SQLite's log before they go into the file: 16 MB. */
    private static final int LOG_PAGES = 4_000;

    private final Path file;
    private final Database writing;
    private final Database reading;
    private final long log;
    private final Unwritten unwritten;
    private final ViewWriter writer;
    private final ViewReader afterWriting;
    private final ZoneId zone;
    private volatile long position;
    /** The position in the tables: ahead of {@link #position} only when the file's log could not be emptied after a commit. */
    private long committed;
    /** What rows and memory together are the state after: behind {@link #position} only while a crash is made good. */
    private long taken;
    /** A transaction has failed, and what it has left in memory is not taken back yet. */
    private boolean resetDue;
    /** Something was erased and the file's log, in which it may still be, could not be emptied. */
    private volatile boolean unemptied;

    /** Nobody was told yet of what was taken last, for something failed in between: whoever looks is to ask for everything. */
    private boolean untold;

    private boolean mapUntold;

    private volatile DistrictMap districts;

    private Views(Path file, Database writing, long log, ZoneId zone, Unwritten.Pace pace) throws IOException {
        this.file = file;
        this.writing = writing;
        this.reading = Database.openToRead(file);
        this.log = log;
        this.zone = zone;
        this.unwritten = new Unwritten(writing, pace);
        this.writer = new ViewWriter(writing, zone, unwritten);
        this.afterWriting = new ViewReader(writing, unwritten);
        this.position = writing.number("SELECT position FROM place");
        this.committed = position;
        this.taken = unwritten.through();
        this.districts = storedDistricts();
    }

    /**
     * Opens the file, or begins it anew.
     *
     * @param file {@code views.db}
     * @param log the log's id: another log's views are of no use
     * @param durable the log's newest durable index: views ahead of it have seen what is gone
     * @param zone where a day begins and ends
     */
    public static Views open(Path file, long log, long durable, ZoneId zone) throws IOException {
        return open(file, log, durable, zone, Unwritten.Pace.CITY);
    }

    static Views open(Path file, long log, long durable, ZoneId zone, Unwritten.Pace pace) throws IOException {
        Optional<Database> usable = usable(file, log, durable);
        return new Views(file, usable.isPresent() ? usable.get() : begun(file, log), log, zone, pace);
    }

    private static Optional<Database> usable(Path file, long log, long durable) {
        try {
            Database database = opened(file);
            if (database.number("PRAGMA user_version") == ViewSchema.VERSION
                    && database.number("SELECT log FROM place") == log
                    && database.number("SELECT position FROM place") <= durable) {
                return Optional.of(database);
            }
            database.close();
        } catch (IOException e) {
            Logger.warn("views are made again from the log: {}", e.getMessage());
        }
        return Optional.empty();
    }

    private static Database opened(Path file) throws IOException {
        Database database = Database.open(file, Database.Durability.CONSISTENT);
        database.overwriteDeleted();
        database.room(CACHE_KIB, LOG_PAGES);
        return database;
    }

    private static Database begun(Path file, long log) throws IOException {
        remove(file);
        Database database = opened(file);
        ViewSchema.create(database, log);
        return database;
    }

    private static void remove(Path file) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
        }
    }

    /** The log index of the last entry that is in what is asked here. */
    public long position() {
        return position;
    }

    /**
     * Where the log is to be read from: the entry behind {@link #position}, or an earlier one after a crash or a failure. By the thread that applies,
     * and after each failure, before it takes more.
     */
    public long next() throws IOException {
        if (resetDue) {
            reset();
        }
        return taken + 1;
    }

    /** The id of the log that these views are of. */
    public long log() {
        return log;
    }

    /** The map in force at {@link #position}. */
    public DistrictMap districts() {
        return districts;
    }

    /**
     * Takes entries over, whole or not at all.
     *
     * @param entries in the order of the log, from {@link #next} on
     * @param through the position afterwards: at least the last entry's index, higher where what follows cannot be read
     * @return the rows that have changed
     */
    public Picture apply(List<Logged> entries, long through) throws IOException {
        Picture rows = rows(take(entries, through));
        told();
        return rows;
    }

    /** What {@link #take} has changed. */
    record Taken(long through, Touched touched, boolean mapChanged) {}

    /** The rows that have changed, by the thread that applies and before it takes more. */
    Picture rows(Taken taken) throws IOException {
        return writing.snapshot(() -> afterWriting.rows(taken.through, taken.touched, taken.mapChanged));
    }

    /** Whoever looks knows what was taken last. By the thread that applies, after {@link #take} and what it does with it. */
    void told() {
        untold = false;
        mapUntold = false;
    }

    /** Whether {@link #told} is due for something that was taken before. */
    boolean owes() {
        return untold;
    }

    /** As {@link #apply}, without reading the rows again: nobody may be there to look at them. */
    Taken take(List<Logged> entries, long through) throws IOException {
        if (resetDue) {
            reset();
            throw new IOException(file + ": to be read again from entry " + next() + " of the log, after a failure");
        }
        Touched touched = new Touched();
        DistrictMap before = districts;
        long known = committed;
        long after = Math.max(known, through);
        boolean mapChanged = written(() -> {
            DistrictMap map = before;
            for (Logged logged : entries) {
                if (logged.index() <= known) {
                    writer.again(logged, map, touched);
                } else {
                    map = writer.apply(logged, map, touched);
                }
            }
            writer.forget(EVENTS_KEPT, COMMANDS_KEPT, touched);
            writing.update("UPDATE place SET position = ?", after);
            if (!entries.isEmpty()) {
                Logged last = entries.get(entries.size() - 1);
                unwritten.writeDue(entries.size(), last.entry().arrivedMs(), through);
            }
            touched.map(map);
            return map != before;
        });
        touched.onScreen |= untold;
        untold = true;
        mapUntold |= mapChanged;
        committed = after;
        taken = through;
        districts = touched.map().orElse(before);
        unemptied |= touched.erased;
        // Before the position is shown: whoever waits for an erasure waits for this.
        unemptied = unemptied && !writing.emptyLog();
        position = after;
        return new Taken(after, touched, mapUntold);
    }

    private <T> T written(Database.Work<T> work) throws IOException {
        resetDue = true;
        try {
            T result = writing.transaction(work, unwritten, unwritten::committed);
            resetDue = false;
            return result;
        } finally {
            if (resetDue) {
                try {
                    reset();
                } catch (IOException e) {
                    // It stays due, and what led here is the failure to tell.
                    Logger.debug("{}", e.getMessage());
                }
            }
        }
    }

    /** The rows are as before: so must be what is to come into them, and the log gives it again. */
    private void reset() throws IOException {
        unwritten.reset();
        taken = unwritten.through();
        resetDue = false;
    }

    /** Brings everything that was taken into the rows, for nothing comes just now. By the thread that applies. */
    void rest() throws IOException {
        if (resetDue) {
            reset();
        }
        if (unwritten.through() < taken) {
            written(() -> {
                unwritten.writeAll(taken);
                return taken;
            });
        }
    }

    /** Whether everything up to an entry is in the tables, and what an erasure took from them is in no file any more. */
    public boolean holdsNothingErasedBefore(long index) {
        return position >= index && !unemptied;
    }

    /** Everything that a screen shows, as of one moment. */
    public Picture snapshot(Instant now) throws IOException {
        return asOfNow(reader -> reader.snapshot(now.toEpochMilli(), day(now)));
    }

    private interface Question<T> {
        T ask(ViewReader reader) throws IOException;
    }

    private <T> T asOfNow(Question<T> question) throws IOException {
        synchronized (reading) {
            return reading.snapshot(() -> {
                Since since;
                synchronized (unwritten) {
                    // The first query is what fixes the moment of all that follow.
                    reading.number("SELECT position FROM place");
                    since = unwritten.copy();
                }
                return question.ask(new ViewReader(reading, since));
            });
        }
    }

    /** For the API; to be closed by who asked for it. */
    public ViewSearch search() throws IOException {
        return search(Patience.USUAL);
    }

    ViewSearch search(Patience patience) throws IOException {
        return new ViewSearch(Database.openToRead(file), unwritten, patience);
    }

    /** What has come since the rows were written, as of now; rows that are read after it may have it already. */
    Since since() {
        synchronized (unwritten) {
            return unwritten.copy();
        }
    }

    /** {@code views.db}. */
    public Path file() {
        return file;
    }

    /** The day of a moment in the hub's zone, as in {@link Picture.Count}. */
    public String day(Instant at) {
        return at.atZone(zone).toLocalDate().toString();
    }

    /** Every unit with what is known of it, in the order of their ids. */
    public List<Picture.Unit> units() throws IOException {
        return asOfNow(ViewReader::units);
    }

    /**
     * Reads the units of a file that a hub may have open, without a log; empty when the file is missing or of another version. What a hub at all of
     * Seoul has heard of them in the last half minute may not be in the file yet.
     */
    public static Optional<List<Picture.Unit>> unitsIn(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Database database = Database.openToRead(file)) {
            return database.number("PRAGMA user_version") == ViewSchema.VERSION
                    ? Optional.of(new ViewReader(database, Since.NOTHING).units())
                    : Optional.empty();
        }
    }

    /** Reads what units were ordered, as {@link #unitsIn} does. */
    public static List<Ordered> orderedIn(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Database database = Database.openToRead(file)) {
            return database.number("PRAGMA user_version") == ViewSchema.VERSION
                    ? new ViewReader(database, Since.NOTHING).ordered()
                    : List.of();
        }
    }

    /**
     * A command that is in the log.
     *
     * @param order what was ordered
     * @param orderedMs when it was logged, ms since 1970 UTC
     * @param answer what the unit said; empty while it has said nothing
     */
    public record Ordered(Order order, long orderedMs, Optional<Answer> answer) {}

    /**
     * What a unit said of a command.
     *
     * @param outcome what became of it
     * @param atMs when it came, ms since 1970 UTC
     */
    public record Answer(CommandAck.Outcome outcome, long atMs) {}

    /**
     * Rides of a file that a hub may have open, without a log, the newest first; empty when the file is missing or of another version. Where they are
     * and how far they have come may be half a minute old, as of {@link #unitsIn}; what was said of them is not.
     */
    public static Optional<List<RideRow>> ridesIn(Path file, RideRow.Query query) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Database database = Database.openToRead(file)) {
            return database.number("PRAGMA user_version") == ViewSchema.VERSION
                    ? Optional.of(query.rows(database))
                    : Optional.empty();
        }
    }

    private DistrictMap storedDistricts() throws IOException {
        Optional<byte[]> stored = writing.first(row -> row.getBytes(1), "SELECT geojson FROM districts");
        return stored.flatMap(geojson -> DistrictMap.parse(geojson).map()).orElseGet(StarterMap::map);
    }

    /** Writes what is in memory only; what cannot be written is read from the log again. */
    @Override
    public void close() throws IOException {
        try (writing) {
            try {
                rest();
            } catch (IOException e) {
                Logger.warn("views: the last rows are not written: {}", e.getMessage());
            }
            synchronized (reading) {
                reading.close();
            }
        }
    }
}
