package ansim.hub.view;

import ansim.wire.Id16;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What every message changes, kept in memory and written now and then: when a unit was last heard of and where it is ({@link Heard}), how far
 * a ride has come ({@link Driven}). A row is written once for all its messages since the last time: at all of Seoul a message cost 12 KB of
 * SQLite's log and two thirds of the views' time before.
 *
 * <p>The units are in {@value #SLICES} slices by the first bits of their ids, so that a slice is one stretch of the table. One slice after the
 * other is written, whole, together with the index of the log that its rows are then the state after. So the rows of a slice and its index
 * belong together at any moment, whatever a crash takes back, and what is in no row yet is read from the log again: at most
 * {@value #SLICES} * {@value Pace#CITY_ENTRIES} entries and a batch. Ids are random; ids that begin alike fill one slice, which is then written all
 * at once.
 *
 * <p>The thread of the views writes. Any thread reads rows and memory together, which is of one moment only while it holds this object's
 * monitor: a commit and what it takes out of memory are one step under it.
 */
final class Unwritten implements Since {
    static final int SLICES = 32;

    /**
     * When to write.
     *
     * @param entries of the log after which the next slice is due
     * @param ms by the hub's clock, as the entries have it, after which it is due
     * @param quiet entries at once, up to which everything is written with them: a small city's rows are never behind
     */
    record Pace(int entries, long ms, int quiet) {
        static final int CITY_ENTRIES = 5_000;

        static final Pace CITY = new Pace(CITY_ENTRIES, 1_000, 50);
    }

    /** Units of a stretch of ids. */
    private static final class Slice {
        final Map<Id16, HeardSince> heard = new ConcurrentHashMap<>();
        /** Written and not committed: no other connection sees it in the tables yet. */
        final Map<Id16, Heard> heardWritten = new ConcurrentHashMap<>();
        /** Rides that were heard of since the last turn or the one before; of these the rows need not be read. */
        final Map<Touched.Part, DrivenSince> driven = new ConcurrentHashMap<>();

        /** What the rows are the state after. */
        long through;

        long throughWritten;

        void clear() {
            heard.clear();
            heardWritten.clear();
            driven.clear();
        }
    }

    private record Position(int slice, long through) {}

    private static final Comparator<Id16> AS_IN_THE_TABLE = (a, b) -> {
        int byFirst = Long.compareUnsigned(a.hi(), b.hi());
        return byFirst != 0 ? byFirst : Long.compareUnsigned(a.lo(), b.lo());
    };

    private static final Comparator<Touched.Part> RIDES_AS_IN_THE_TABLE = Comparator.comparing(
                    Touched.Part::unit, AS_IN_THE_TABLE)
            .thenComparing((a, b) -> Arrays.compareUnsigned(a.id().bytes(), b.id().bytes()));

    private final Database database;
    private final Pace pace;
    private final Slice[] slices = new Slice[SLICES];
    private int next;
    private long entries;
    private long writtenMs;
    /** What is in memory of rides and in rows alike may be in no row any more. */
    private boolean forgetting;

    /** Of the tables as they stand. */
    Unwritten(Database database, Pace pace) throws IOException {
        this.database = database;
        this.pace = pace;
        Arrays.setAll(slices, each -> new Slice());
        reset();
    }

    /** Everything is as in the tables: what a transaction that failed has left is gone, and to be read from the log again. */
    synchronized void reset() throws IOException {
        List<Position> stored =
                database.list(row -> new Position(row.getInt(1), row.getLong(2)), "SELECT slice, position FROM slices");
        for (Position each : stored) {
            Slice slice = slices[each.slice];
            slice.clear();
            slice.through = each.through;
            slice.throughWritten = each.through;
        }
        entries = 0;
        forgetting = false;
    }

    /** Where to read the log from: everything up to here is in the rows of every slice. */
    long through() {
        return Arrays.stream(slices).mapToLong(each -> each.through).min().orElseThrow();
    }

    private static int number(Id16 unit) {
        return (int) (unit.hi() >>> (Long.SIZE - Integer.numberOfTrailingZeros(SLICES)));
    }

    private Slice slice(Id16 unit) {
        return slices[number(unit)];
    }

    /** Whether what an entry does to a unit and its rides is in the rows already. */
    boolean isWritten(Id16 unit, long index) {
        return slice(unit).throughWritten >= index;
    }

    /** For the thread of the views, as the next: what a unit has said since its row was written. */
    Heard since(Id16 unit) {
        HeardSince since = slice(unit).heard.get(unit);
        return since == null ? Heard.NOTHING : since.heard();
    }

    void put(Id16 unit, Heard since) {
        Map<Id16, HeardSince> heard = slice(unit).heard;
        HeardSince known = heard.get(unit);
        if (known == null) {
            known = new HeardSince();
            heard.put(unit, known);
        }
        known.set(since);
    }

    /** How a ride stands; empty before its first message. */
    Optional<Driven> ride(Touched.Part ride) throws IOException {
        DrivenSince known = slice(ride.unit()).driven.get(ride);
        return known != null && !(forgetting && known.isWritten())
                ? Optional.of(known.driven())
                : database.first(
                        row -> Driven.read(row, 1),
                        "SELECT " + Driven.COLUMNS + " FROM driven AS d WHERE d.unit = ? AND d.ride = ?",
                        ride.unit().bytes(),
                        ride.id().bytes());
    }

    void put(Touched.Part ride, Driven since) {
        Map<Touched.Part, DrivenSince> driven = slice(ride.unit()).driven;
        DrivenSince known = driven.get(ride);
        if (known == null) {
            driven.put(ride, new DrivenSince(since));
        } else {
            known.set(since);
        }
    }

    /**
     * Writes what is due, in the transaction that takes entries over.
     *
     * @param taken how many these are
     * @param nowMs when the last of them came
     * @param through the index after which this is the state
     */
    void writeDue(int taken, long nowMs, long through) throws IOException {
        if (taken <= pace.quiet) {
            writeAll(through);
            writtenMs = nowMs;
            return;
        }
        entries += taken;
        long due = Math.max(entries / pace.entries, (nowMs - writtenMs) / pace.ms);
        if (due <= 0) {
            // Also a clock that was put back.
            writtenMs = Math.min(writtenMs, nowMs);
            return;
        }
        for (int left = (int) Math.min(due, SLICES); left > 0; left--) {
            // After a crash some slices are further than what is taken once more.
            if (slices[next].throughWritten < through) {
                write(slices[next], through);
                database.update("UPDATE slices SET position = ? WHERE slice = ?", through, next);
            }
            next = (next + 1) % SLICES;
        }
        entries = 0;
        writtenMs = nowMs;
    }

    /** Writes everything, for what is to find the rows as they are after an entry of the log. */
    void writeAll(long through) throws IOException {
        for (Slice slice : slices) {
            if (slice.throughWritten < through) {
                write(slice, through);
            }
        }
        database.update("UPDATE slices SET position = ? WHERE position < ?", through, through);
        entries = 0;
    }

    private void write(Slice slice, long through) throws IOException {
        List<Map.Entry<Id16, HeardSince>> units = slice.heard.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty())
                .sorted(Map.Entry.comparingByKey(AS_IN_THE_TABLE))
                .toList();
        for (Map.Entry<Id16, HeardSince> unit : units) {
            Heard since = unit.getValue().heard();
            byte[] key = unit.getKey().bytes();
            Heard whole = database.first(
                            row -> Heard.read(row, 1),
                            "SELECT " + Heard.COLUMNS + " FROM heard AS h WHERE h.unit = ?",
                            key)
                    .map(before -> before.then(since))
                    .orElse(since);
            database.update(
                    "INSERT OR REPLACE INTO heard VALUES (?" + ", ?".repeat(Heard.WIDTH) + ")", whole.values(key));
        }
        // Those of which nothing came since they were written are over, or will be read again.
        slice.driven.values().removeIf(DrivenSince::isWritten);
        List<Map.Entry<Touched.Part, DrivenSince>> rides = slice.driven.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(RIDES_AS_IN_THE_TABLE))
                .toList();
        for (Map.Entry<Touched.Part, DrivenSince> ride : rides) {
            database.update(
                    "INSERT OR REPLACE INTO driven VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    ride.getValue().driven().values(ride.getKey()));
            ride.getValue().written();
        }
        synchronized (this) {
            units.forEach(unit -> {
                slice.heardWritten.merge(unit.getKey(), unit.getValue().heard(), Heard::then);
                unit.getValue().clear();
            });
            slice.throughWritten = through;
        }
    }

    /** Rows of rides are gone from the tables, after {@link #writeAll} in this transaction: others see them until it is committed. */
    void forgetRides() {
        forgetting = true;
    }

    /** The transaction stands; in one step with its commit. */
    synchronized void committed() {
        for (Slice slice : slices) {
            slice.through = slice.throughWritten;
            // An empty map is cleared bucket by bucket all the same, and most are.
            if (!slice.heardWritten.isEmpty()) {
                slice.heardWritten.clear();
            }
            if (forgetting) {
                slice.driven.values().removeIf(DrivenSince::isWritten);
            }
        }
        forgetting = false;
    }

    @Override
    public Heard heard(Id16 unit) {
        Slice slice = slice(unit);
        Heard written = slice.heardWritten.get(unit);
        Heard since = since(unit);
        return written == null ? since : written.then(since);
    }

    @Override
    public @Nullable Driven driven(Touched.Part ride) {
        DrivenSince since = slice(ride.unit()).driven.get(ride);
        return since == null ? null : since.driven();
    }

    @Override
    public Map<Id16, Heard> units() {
        Map<Id16, Heard> all = new HashMap<>();
        for (Slice slice : slices) {
            all.putAll(slice.heardWritten);
            slice.heard.forEach((unit, since) -> {
                if (!since.isEmpty()) {
                    all.merge(unit, since.heard(), Heard::then);
                }
            });
        }
        return all;
    }

    /** As of now, for who holds the monitor. */
    Since copy() {
        Map<Id16, Heard> heard = units();
        Map<Touched.Part, Driven> driven = new HashMap<>();
        for (Slice slice : slices) {
            slice.driven.forEach((ride, since) -> driven.put(ride, since.driven()));
        }
        return new Since() {
            @Override
            public Heard heard(Id16 unit) {
                return heard.getOrDefault(unit, Heard.NOTHING);
            }

            @Override
            public @Nullable Driven driven(Touched.Part ride) {
                return driven.get(ride);
            }

            @Override
            public Map<Id16, Heard> units() {
                return heard;
            }
        };
    }
}
