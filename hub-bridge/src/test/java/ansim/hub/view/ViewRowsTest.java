package ansim.hub.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.EntryReader;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.StarterMap;
import ansim.hub.core.UnitRide;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.RideChange;
import ansim.wire.Track;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are written now and then: what a crash leaves of them, and who sees what is not written yet. */
class ViewRowsTest {
    private static final long NOW_MS = 1_795_417_918_882L;
    private static final long SEED = 4;
    private static final long RIDE_KEY = 7;

    /** A slice of the units after every third entry: between any two of these a crash finds them at different places of the log. */
    private static final Unwritten.Pace OFTEN = new Unwritten.Pace(3, Long.MAX_VALUE, 0);

    private static final Unwritten.Pace NEVER = new Unwritten.Pace(Integer.MAX_VALUE, Long.MAX_VALUE, 0);

    private static final List<String> TABLES = List.of(
            "place",
            "slices",
            "districts",
            "units",
            "heard",
            "rides",
            "plates",
            "driven",
            "emergencies",
            "events",
            "commands",
            "counts");

    @TempDir
    Path folder;

    private SampleCity city;

    /** What is sealed under {@link #RIDE_KEY}; only as the views see it: the log of this test is open. */
    private final List<Long> sealed = new ArrayList<>();

    @BeforeEach
    void begin() throws IOException {
        city = new SampleCity(folder.resolve("log"), NOW_MS);
    }

    @AfterEach
    void end() throws IOException {
        city.close();
    }

    private Views open(String name, Unwritten.Pace pace) throws IOException {
        return Views.open(
                Files.createDirectories(folder.resolve(name)).resolve("views.db"),
                city.journal.journalId(),
                city.journal.durableIndex(),
                ZoneOffset.UTC,
                pace);
    }

    private List<Logged> entries(long from, long to) throws IOException {
        List<Logged> entries = new ArrayList<>();
        try (JournalReader reader = city.journal.reader(from)) {
            Optional<Stored> next = reader.next();
            while (next.isPresent() && next.get().index() <= to) {
                long index = next.get().index();
                entries.add(new Logged(
                        index,
                        sealed.contains(index) ? OptionalLong.of(RIDE_KEY) : OptionalLong.empty(),
                        LogEntry.decode(next.get().payload())));
                next = reader.next();
            }
        }
        return entries;
    }

    private void take(Views views, long to) throws IOException {
        views.take(entries(views.next(), to), to);
    }

    private List<String> rows(String name) throws IOException {
        List<String> rows = new ArrayList<>();
        try (Database database = Database.openToRead(folder.resolve(name).resolve("views.db"))) {
            for (String table : TABLES) {
                int columns = (int) database.number("SELECT count(*) FROM pragma_table_info(?)", table);
                rows.addAll(database.list(
                        row -> {
                            StringBuilder text = new StringBuilder(table);
                            for (int column = 1; column <= columns; column++) {
                                byte[] bytes = row.getBytes(column);
                                text.append('|')
                                        .append(bytes == null ? "-" : new String(bytes, StandardCharsets.ISO_8859_1));
                            }
                            return text.toString();
                        },
                        "SELECT * FROM " + table + " ORDER BY 1, 2"));
            }
        }
        return rows;
    }

    private List<Long> places(String name) throws IOException {
        try (Database database = Database.openToRead(folder.resolve(name).resolve("views.db"))) {
            return database.list(row -> row.getLong(1), "SELECT position FROM slices ORDER BY slice");
        }
    }

    /** As the disk is when the process is killed now. */
    private void kill(String running, String left) throws IOException {
        Path to = Files.createDirectories(folder.resolve(left));
        for (String file : List.of("views.db", "views.db-wal")) {
            Path from = folder.resolve(running).resolve(file);
            if (Files.exists(from)) {
                Files.copy(from, to.resolve(file));
            }
        }
    }

    private static Track track(Id8 ride, double lat, double lon) {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            fixes.add(SampleCity.pos(lat + i * 0.0002, lon - i * 0.0008));
        }
        return Track.through(fixes, 1_000, List.of(), Optional.of(ride));
    }

    /** Of everything that changes a row, with late data, tests, corrections, a copied card, another map and an erasure among it. */
    private void aNight() throws IOException {
        List<SampleCity.Unit> taxis = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            taxis.add(city.taxi("서울 31바 123" + i).at(37.5172, 127.0473 - i * 0.01));
        }
        SampleCity.Unit pole = city.pole("CCTV 강남-017", 37.4966, 127.0630);
        for (int round = 0; round < 3; round++) {
            for (SampleCity.Unit taxi : taxis) {
                city.nowMs += 4_000;
                taxi.presence();
                Id8 ride = taxi.board(RideChange.Source.METER_LAMP);
                taxi.drive(37.5172, 127.0480 - round * 0.02);
                taxi.name();
                taxi.say(Lane.TRACK, track(ride, 37.51, 127.05));
                taxi.ageMs = 70_000;
                taxi.say(Lane.TRACK, track(ride, 37.50, 127.04));
                taxi.drive(37.52, 127.03);
                taxi.ageMs = 400;
                taxi.say(Lane.TRACK, track(ride, 37.53, 127.02));
                taxi.health();
            }
            pole.health();
            something(round, taxis, pole);
            for (SampleCity.Unit taxi : taxis) {
                city.nowMs += 3_000;
                taxi.at(37.5663, 126.9019).alight();
                taxi.presence();
            }
        }
    }

    private void something(int round, List<SampleCity.Unit> taxis, SampleCity.Unit pole) throws IOException {
        SampleCity.Unit taxi = taxis.get(round);
        if (round == 0) {
            taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
            taxi.panic(Panic.Origin.RIDER, Phase.CANCELLED);
            String other = new String(StarterMap.map().source(), StandardCharsets.UTF_8).replace("11680", "11681");
            city.importDistricts(other.getBytes(StandardCharsets.UTF_8));
            taxi.drive(37.5172, 127.0473);
        } else if (round == 1) {
            taxi.test = true;
            Id8 ride = taxi.board(RideChange.Source.METER_LAMP);
            taxi.say(Lane.TRACK, track(ride, 37.51, 127.05));
            taxi.test = false;
            taxi.light();
            taxi.test = true;
            taxi.say(Lane.TRACK, track(ride, 37.56, 127.00));
            taxi.test = false;
            taxi.putCardBack(Lane.EVENT);
            taxi.board(RideChange.Source.CARD);
            pole.presence();
        } else {
            taxi.bootWithoutAClock();
            Id8 ride = taxi.board(RideChange.Source.METER_LAMP);
            taxi.drive(37.50, 127.01);
            sealed.add(city.journal.durableIndex());
            taxi.fix();
            erase(taxi, ride);
            taxi.health();
            taxi.board(RideChange.Source.DOOR);
        }
    }

    private void erase(SampleCity.Unit taxi, Id8 ride) throws IOException {
        city.log(new Input.Erasure(
                city.nowMs,
                Input.Erasure.Cause.REQUEST,
                "asked for",
                List.of(new Input.Erasure.Item(RIDE_KEY, Optional.of(new UnitRide(taxi.unit.unit(), ride))))));
    }

    @Test
    void whereverItIsKilledTheRowsEndAsWithoutIt() throws IOException {
        aNight();
        long end = city.journal.durableIndex();
        try (Views views = open("whole", OFTEN)) {
            take(views, end);
        }
        List<String> whole = rows("whole");
        SplittableRandom random = new SplittableRandom(SEED);
        int behind = 0;
        int kills = 0;
        try (Views running = open("running", OFTEN)) {
            while (running.position() < end) {
                take(running, Math.min(end, running.position() + random.nextInt(1, 9)));
                String left = "left-" + kills++;
                kill("running", left);
                try (Views again = open(left, OFTEN)) {
                    assertEquals(running.position(), again.position());
                    behind += again.next() <= again.position() ? 1 : 0;
                    // And once more while what the first has left is made good.
                    List<Long> before = places(left);
                    take(again, Math.min(end, again.next() + random.nextInt(1, 9)));
                    List<Long> after = places(left);
                    for (int slice = 0; slice < Unwritten.SLICES; slice++) {
                        assertTrue(before.get(slice) <= after.get(slice), "what is in the rows is not taken again");
                    }
                    kill(left, left + "-twice");
                }
                try (Views third = open(left + "-twice", OFTEN)) {
                    take(third, Math.max(third.position(), third.next()));
                    take(third, end);
                }
                assertEquals(whole, rows(left + "-twice"), "seed " + SEED + ", killed at " + running.position());
            }
        }
        assertEquals(whole, rows("running"));
        assertTrue(behind > kills / 2, "rows were behind in " + behind + " of " + kills);
    }

    @Test
    void theSameRowsComeOfOneAtATimeAsOfAllAtOnce() throws IOException {
        aNight();
        long end = city.journal.durableIndex();
        try (Views views = open("all", NEVER)) {
            take(views, end);
        }
        try (Views views = open("each", Unwritten.Pace.CITY)) {
            for (long index = 1; index <= end; index++) {
                take(views, index);
            }
        }
        assertEquals(rows("each"), rows("all"));
    }

    @Test
    void aTransactionThatFailsTakesBackWhatWasInMemoryAsWell() throws IOException {
        aNight();
        long end = city.journal.durableIndex();
        try (Views views = open("whole", NEVER)) {
            take(views, end);
        }
        try (Views views = open("failing", OFTEN)) {
            take(views, end / 2);
            long before = views.position();
            List<Logged> twice = new ArrayList<>(entries(views.next(), end));
            twice.addAll(entries(end - 8, end));
            assertThrows(IOException.class, () -> views.take(twice, end));
            assertEquals(before, views.position());
            take(views, end);
        }
        assertEquals(rows("whole"), rows("failing"));
    }

    /** The batch was in memory as if it were taken, and in no row ever. */
    @Test
    void aTransactionThatFailsIsTakenBackLaterWhenThatFailsToo() throws IOException {
        aNight();
        long end = city.journal.durableIndex();
        try (Views views = open("whole", NEVER)) {
            take(views, end);
        }
        try (Views views = open("failing", OFTEN);
                Database other = Database.open(views.file(), Database.Durability.CONSISTENT)) {
            take(views, end / 2);
            long before = views.position();
            List<Logged> rest = entries(views.next(), end);
            other.script("ALTER TABLE slices RENAME TO away");
            assertThrows(IOException.class, () -> views.take(rest, end));
            assertThrows(IOException.class, views::next);
            assertThrows(IOException.class, views::rest);
            assertThrows(IOException.class, () -> views.take(rest, end));
            other.script("ALTER TABLE away RENAME TO slices");
            String why = String.valueOf(
                    assertThrows(IOException.class, () -> views.take(rest, end)).getMessage());
            assertTrue(why.contains("to be read again from entry " + views.next()), why);
            assertTrue(views.next() <= before + 1);
            assertEquals(before, views.position());
            take(views, end);
        }
        assertEquals(rows("whole"), rows("failing"));
    }

    @Test
    void whatIsInNoRowYetIsSeenByThisProcessAllTheSame() throws IOException {
        aNight();
        try (Views views = open("views", NEVER);
                ViewSearch search = views.search()) {
            take(views, city.journal.durableIndex());
            Instant now = Instant.ofEpochMilli(city.nowMs);
            Picture before = views.snapshot(now);
            List<Picture.Unit> units = views.units();
            List<Picture.Ride> found = found(search);
            assertTrue(
                    before.rides().stream().anyMatch(each -> each.districts().size() > 1 && each.lengthM() > 0),
                    "they went somewhere");
            Path file = views.file();
            assertNotEquals(units, Views.unitsIn(file).orElseThrow(), "another process sees rows only");
            views.rest();
            assertEquals(before, views.snapshot(now));
            assertEquals(units, views.units());
            assertEquals(units, Views.unitsIn(file).orElseThrow());
            assertEquals(found, found(search));
            for (Picture.Unit each : units) {
                assertEquals(Optional.of(each), search.unit(each.id()));
            }
        }
    }

    private static List<Picture.Ride> found(ViewSearch search) throws IOException {
        return search.rides(ViewSearch.Rides.ALL, OptionalLong.empty(), 100).found().stream()
                .map(each -> each.row().ride())
                .toList();
    }

    /** While many units speak a ride's way is in no row for half a minute: its centre found no ride of its own for as long. */
    @Test
    void aCentreFindsItsOwnRideAsSoonAsItHasBegun() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234").at(37.5172, 127.0473);
        Id8 id = taxi.board(RideChange.Source.CARD);
        UnitRide ride = new UnitRide(taxi.unit.unit(), id);
        ViewSearch.Rides gangnam = ViewSearch.Rides.ALL.withDistrict("11680");
        ViewSearch.Rides mapo = ViewSearch.Rides.ALL.withDistrict("11440");
        try (Views views = open("views", NEVER);
                ViewSearch search = views.search()) {
            take(views, city.journal.durableIndex());
            assertEquals(
                    1, search.rides(gangnam, OptionalLong.empty(), 10).found().size());
            assertEquals(List.of(), search.rides(mapo, OptionalLong.empty(), 10).found());
            assertTrue(search.ride(ride, gangnam).isPresent());
            assertEquals(Optional.empty(), search.ride(ride, mapo));
            taxi.drive(37.5663, 126.9019);
            take(views, city.journal.durableIndex());
            assertTrue(search.ride(ride, mapo).isPresent(), "where it is now is in memory only");
            taxi.at(37.5663, 126.9019).alight();
            take(views, city.journal.durableIndex());
            assertEquals(1, search.rides(mapo, OptionalLong.empty(), 10).found().size());
            views.rest();
            assertEquals(
                    1, search.rides(gangnam, OptionalLong.empty(), 10).found().size());
            assertEquals(1, search.rides(mapo, OptionalLong.empty(), 10).found().size());
        }
    }

    @Test
    void aUnitThatIsHeardAgainIsOnlineBeforeItsRowSaysSo() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        SampleCity.Unit pole = city.pole("CCTV 강남-017", 37.4966, 127.0630);
        Path file = folder.resolve("registry.db");
        try (Registry registry = Registry.open(file);
                Views views = open("views", NEVER)) {
            registry.add(taxi.unit, NOW_MS);
            registry.add(pole.unit, NOW_MS);
            taxi.presence();
            take(views, city.journal.durableIndex());
            views.rest();
            city.nowMs += UnitSearch.SILENT_MS + 1;
            try (UnitSearch here = UnitSearch.open(file, views);
                    UnitSearch elsewhere = UnitSearch.open(file, views.file())) {
                UnitSearch.States one = new UnitSearch.States(0, 1, 0, 1);
                assertEquals(List.of(one, one), List.of(here.states(city.nowMs), elsewhere.states(city.nowMs)));
                taxi.presence();
                pole.presence();
                take(views, city.journal.durableIndex());
                assertEquals(new UnitSearch.States(2, 0, 0, 0), here.states(city.nowMs));
                assertEquals(one, elsewhere.states(city.nowMs), "by the rows");
                for (UnitSearch.State state : List.of(UnitSearch.State.SILENT, UnitSearch.State.NEVER_SEEN)) {
                    UnitSearch.Wanted wanted = UnitSearch.Wanted.ALL.withState(state);
                    assertEquals(0, here.count(wanted, city.nowMs));
                    assertEquals(1, elsewhere.count(wanted, city.nowMs));
                }
                views.rest();
                assertEquals(here.states(city.nowMs), elsewhere.states(city.nowMs));
            }
        }
    }

    @Test
    void anErasureTakesWhatWasInNoRowYet() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.drive(37.51, 127.05);
        sealed.add(city.journal.durableIndex());
        long before = city.journal.durableIndex();
        erase(taxi, ride);
        try (Views views = open("views", NEVER)) {
            take(views, before);
            assertTrue(views.units().get(0).place().isPresent());
            Views.Taken taken = views.take(entries(views.next(), before + 1), before + 1);
            assertTrue(views.rows(taken).rowsGone());
            assertTrue(views.holdsNothingErasedBefore(before + 1));
            assertEquals(Optional.empty(), views.units().get(0).place());
            assertEquals(
                    List.of(), views.snapshot(Instant.ofEpochMilli(city.nowMs)).rides());
        }
        assertFalse(rows("views").stream().anyMatch(each -> each.startsWith("driven") || each.startsWith("rides")));
    }

    /** By the clock of the entries alone; the entries in between are more than a small city's. */
    @Test
    void aSliceIsWrittenAfterItsTimeAndAllOfThemWhenLittleComes() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        try (Views views = open("views", new Unwritten.Pace(Integer.MAX_VALUE, 1_000, 2))) {
            take(views, city.journal.durableIndex());
            for (int second = 1; second <= Unwritten.SLICES; second++) {
                city.nowMs += 1_000;
                taxi.presence();
                taxi.presence();
                taxi.presence();
                take(views, city.journal.durableIndex());
                assertNotEquals(OptionalLong.empty(), views.units().get(0).seenMs());
            }
            long seenMs =
                    Views.unitsIn(views.file()).orElseThrow().get(0).seenMs().orElseThrow();
            assertTrue(seenMs < city.nowMs || slice(taxi) == Unwritten.SLICES - 1, "not with every batch");
            taxi.presence();
            take(views, city.journal.durableIndex());
            assertEquals(
                    OptionalLong.of(city.nowMs),
                    Views.unitsIn(views.file()).orElseThrow().get(0).seenMs());
        }
    }

    private static int slice(SampleCity.Unit taxi) {
        return (int) (taxi.unit.unit().hi() >>> 59);
    }

    @Test
    void aCrashCostsNoMoreEntriesThanTheLimit() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        Unwritten.Pace pace = new Unwritten.Pace(4, Long.MAX_VALUE, 0);
        try (Views views = open("views", pace)) {
            for (int i = 0; i < 200; i++) {
                taxi.presence();
                take(views, city.journal.durableIndex());
                long again = views.position() - behind(views);
                assertTrue(again <= Unwritten.SLICES * 4L + 1, again + " at " + i);
            }
            assertTrue(views.position() - behind(views) > Unwritten.SLICES * 3L, "the limit is what holds it");
        }
    }

    private static long behind(Views views) throws IOException {
        try (Database database = Database.openToRead(views.file())) {
            return database.number("SELECT min(position) FROM slices");
        }
    }

    /** The rows were committed, and could not be read again for the screens: these went on without them. */
    @Test
    void whatNoScreenWasToldOfMakesThemAskAnew() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        try (Views views = open("views", NEVER)) {
            long end = city.journal.durableIndex();
            Views.Taken first = views.take(entries(views.next(), end), end);
            try (Database other = Database.open(views.file(), Database.Durability.CONSISTENT)) {
                other.script("ALTER TABLE units RENAME TO away");
                assertThrows(IOException.class, () -> views.rows(first));
                other.script("ALTER TABLE away RENAME TO units");
            }
            taxi.presence();
            assertTrue(views.apply(entries(views.next(), end + 1), end + 1).rowsGone());
            taxi.presence();
            assertFalse(views.apply(entries(views.next(), end + 2), end + 2).rowsGone(), "once");
        }
    }

    @Test
    void aScreenThatMissedABatchIsToldToAskAnewAlsoWhenNothingMoreComes() throws Exception {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        List<Boolean> told = new CopyOnWriteArrayList<>();
        AtomicBoolean fails = new AtomicBoolean(true);
        try (Views views = open("views", NEVER);
                ViewTail tail = ViewTail.start(city.journal, EntryReader.UNSEALED, views)) {
            tail.tell(new ViewTail.Screen() {
                @Override
                public boolean looks() {
                    return true;
                }

                @Override
                public void changed(Picture rows) {
                    if (fails.getAndSet(false)) {
                        throw new IllegalStateException("a screen that fails");
                    }
                    told.add(rows.rowsGone());
                }

                @Override
                public void passed(long index) {
                    throw new AssertionError("somebody looks");
                }
            });
            taxi.presence();
            while (told.isEmpty()) {
                Thread.onSpinWait();
            }
            assertEquals(List.of(true), told);
        }
    }

    @Test
    void whenNothingComesEverythingIsWritten() throws Exception {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        for (int i = 0; i < 2 * Unwritten.Pace.CITY.quiet(); i++) {
            taxi.presence();
        }
        try (Views views = open("views", NEVER);
                ViewTail tail = ViewTail.start(city.journal, EntryReader.UNSEALED, views)) {
            while (behind(views) < city.journal.durableIndex()) {
                assertEquals(Optional.empty(), tail.trouble());
                Thread.onSpinWait();
            }
            assertEquals(
                    OptionalLong.of(city.nowMs),
                    Views.unitsIn(views.file()).orElseThrow().get(0).seenMs());
        }
    }
}
