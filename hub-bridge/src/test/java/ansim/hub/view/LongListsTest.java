package ansim.hub.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Id16;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists over years of rides: 300,000 of 1,000 taxis, of which number i is in unit i % 1000 and boarded in minute i. A search that looked through all of them for
 * 10 seconds was stopped and its answer was 503, however often it was asked again.
 */
class LongListsTest {
    private static final int RIDES = 300_000;
    private static final int TAXIS = 1_000;
    private static final int UNITS = 10_000;
    private static final int OPEN = 100;
    private static final long MINUTE_MS = 60_000;
    private static final Patience ENDLESS = new Patience(Duration.ofDays(1), () -> 0);

    /** Has waited for long enough at once: one step makes a page. */
    private static final Patience NONE = new Patience(Duration.ofNanos(-1), () -> 0);

    private static final String RIDES_SQL = """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO rides SELECT CAST(printf('%016d', i % ?) AS BLOB), CAST(printf('%08d', i) AS BLOB),
              '서울 31바 ' || (1000 + i % 1000), '운수' || (i % 10), i * 60000, NULL, NULL,
              CASE WHEN i > 299900 THEN NULL ELSE i * 60000 + 1 END, NULL, NULL, NULL, NULL, 'card', i, 0, NULL, NULL, '', '', 0,
              '11680', '' FROM n""";

    private static final String EMERGENCIES_SQL = """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO emergencies SELECT CAST(printf('%016d', i) AS BLOB), CAST(printf('%08d', i) AS BLOB), 'v', 'c', 'taxi',
              i / 700, i / 700, NULL, 1, 'rider', '11680', NULL, NULL, NULL, '', NULL FROM n""";

    @TempDir
    private static Path folder;

    private static Path file;

    private Database database;

    @BeforeAll
    static void fill() throws IOException {
        file = folder.resolve("views.db");
        try (Database writing = Database.open(file, Database.Durability.CONSISTENT)) {
            ViewSchema.create(writing, 1);
            writing.transaction(() -> {
                writing.update(RIDES_SQL, RIDES, TAXIS);
                writing.update(EMERGENCIES_SQL);
                return writing.update(
                        "INSERT INTO plates SELECT DISTINCT replace(vehicle, ' ', ''), unit FROM rides WHERE log_index <= ?",
                        TAXIS);
            });
        }
    }

    @BeforeEach
    void open() throws IOException {
        database = Database.openToRead(file);
    }

    @AfterEach
    void close() throws IOException {
        database.close();
    }

    private ViewSearch search(Patience patience) throws IOException {
        return new ViewSearch(database, new Unwritten(database, Unwritten.Pace.CITY), patience);
    }

    private static ViewSearch.Rides named(String text) {
        return new ViewSearch.Rides(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(text),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                false);
    }

    private static ViewSearch.Rides open(ViewSearch.Rides wanted) {
        return new ViewSearch.Rides(
                wanted.district(),
                wanted.sentTo(),
                wanted.company(),
                wanted.text(),
                Optional.of(true),
                wanted.boardedFromMs(),
                wanted.boardedToMs(),
                wanted.known());
    }

    private static ViewSearch.Rides boarded(long fromMinute, long toMinute) {
        return new ViewSearch.Rides(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.of(fromMinute * MINUTE_MS),
                OptionalLong.of(toMinute * MINUTE_MS),
                false);
    }

    private static String hex(String ascii) {
        return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<Long> places(ViewSearch.Page page) {
        return page.found().stream().map(ViewSearch.Found::place).toList();
    }

    /** Pages up to the end: what they have found, and how many there were. */
    private record All(List<Long> places, int pages) {}

    private static All all(ViewSearch search, ViewSearch.Rides wanted, int most) throws IOException {
        List<Long> places = new ArrayList<>();
        OptionalLong next = OptionalLong.empty();
        int pages = 0;
        do {
            ViewSearch.Page page = search.rides(wanted, next, most);
            places.addAll(places(page));
            assertTrue(
                    page.next().isPresent() || page.lookedToMs().isEmpty(), "the last page has looked at everything");
            next = page.next();
            pages++;
        } while (next.isPresent());
        return new All(places, pages);
    }

    /** No query so far goes through rides, units or emergencies from end to end. */
    private static void assertNothingIsScanned(List<String> plans) {
        assertTrue(plans.stream().anyMatch(each -> each.startsWith("SEARCH ")), plans::toString);
        assertEquals(
                List.of(),
                plans.stream()
                        .filter(each -> each.matches("(?s)SCAN (r|d|u|rides|driven|units|emergencies)\\b.*"))
                        .toList());
    }

    @Test
    void aVehicleNumberFindsItsRidesPageByPageAndReadsNoOthers() throws IOException {
        List<Long> its =
                LongStream.range(0, 300).map(i -> 299_007 - i * TAXIS).boxed().toList();
        for (String text : List.of("1007", "31바1007", "서울 31바 1007", hex("0000000000000007"))) {
            try (ViewSearch search = search(ENDLESS)) {
                All all = all(search, named(text), 100);
                assertEquals(its, all.places, text);
                assertEquals(4, all.pages, "three that are full, and the end");
                assertNothingIsScanned(database.plans());
            }
            open();
        }
    }

    @Test
    void aVehicleNumberThatNobodyHasIsAnsweredWithoutLookingAtAnyRide() throws IOException {
        try (ViewSearch search = search(NONE)) {
            assertEquals(
                    new ViewSearch.Page(List.of(), OptionalLong.empty(), OptionalLong.empty()),
                    search.rides(named("9999"), OptionalLong.empty(), 100));
            List<String> plans = database.plans();
            assertFalse(plans.stream().anyMatch(each -> each.contains("FROM rides")), plans::toString);
        }
    }

    @Test
    void theFirstDigitsOfARidesIdFindIt() throws IOException {
        try (ViewSearch search = search(NONE)) {
            assertEquals(List.of(123_456L), places(search.rides(named(hex("00123456")), OptionalLong.empty(), 100)));
            assertEquals(
                    List.of(123_459L, 123_458L, 123_457L, 123_456L),
                    places(search.rides(named(hex("0012345")), OptionalLong.empty(), 4)));
            assertNothingIsScanned(database.plans());
        }
    }

    @Test
    void aCompanyAndWhatIsOnAndAShortTimeAreReadByAnIndexOfTheirOwn() throws IOException {
        try (ViewSearch search = search(NONE)) {
            assertEquals(
                    List.of(299_994L, 299_984L),
                    places(search.rides(ViewSearch.Rides.ALL.withCompany("운수4"), OptionalLong.empty(), 2)));
            assertEquals(
                    OPEN, all(search, open(ViewSearch.Rides.ALL), 500).places.size());
            assertEquals(List.of(299_994L), places(search.rides(open(named("1994")), OptionalLong.empty(), 10)));
            assertEquals(new All(List.of(1_002L, 1_001L, 1_000L), 1), all(search, boarded(1_000, 1_003), 10));
            assertNothingIsScanned(database.plans());
        }
    }

    @Test
    void aPageThatLooksAtTooMuchSaysHowFarItHasComeAndTheNextOneGoesOnThere() throws IOException {
        ViewSearch.Rides knownOnly = ViewSearch.Rides.ALL.onlyKnown();
        try (ViewSearch search = search(ENDLESS)) {
            ViewSearch.Page first = search.rides(knownOnly, OptionalLong.empty(), 100);
            long place = RIDES - ViewSearch.LOOKED_AT_MOST + 1;
            assertEquals(
                    new ViewSearch.Page(List.of(), OptionalLong.of(place), OptionalLong.of(place * MINUTE_MS + 1)),
                    first);
            assertEquals(new All(List.of(), RIDES / ViewSearch.LOOKED_AT_MOST + 1), all(search, knownOnly, 100));
            assertNothingIsScanned(database.plans());
        }
    }

    @Test
    void aSlowDiskMakesAPageShorterAndNeverARefusal() throws IOException {
        try (ViewSearch search = search(NONE)) {
            ViewSearch.Page page = search.rides(ViewSearch.Rides.ALL.onlyKnown(), OptionalLong.of(10_000), 100);
            assertEquals(OptionalLong.of(10_000 - RideFinder.STEP), page.next());
            List<Long> few = all(search, boarded(0, 3_000), 500).places;
            assertEquals(
                    LongStream.rangeClosed(1, 2_999).map(i -> 3_000 - i).boxed().toList(), few);
        }
    }

    @Test
    void aTextThatManyVehiclesHaveFindsThemAmongAllRides() throws IOException {
        try (ViewSearch search = search(NONE)) {
            assertEquals(List.of(300_000L, 299_999L), places(search.rides(named("31바"), OptionalLong.empty(), 2)));
            assertNothingIsScanned(database.plans());
        }
    }

    @Test
    void emergenciesAreGivenOnceEachHoweverShortThePages() throws IOException {
        try (ViewSearch search = search(NONE)) {
            List<Id16> seen = new ArrayList<>();
            Optional<ViewSearch.Last> next = Optional.empty();
            int pages = 0;
            do {
                ViewSearch.Emergencies page = search.emergencies(Optional.of("11680"), Optional.of(true), next, 1_000);
                page.found().forEach(each -> seen.add(each.unit()));
                next = page.next();
                pages++;
            } while (next.isPresent());
            assertEquals(3, pages);
            assertEquals(1_200, seen.size());
            assertEquals(1_200, seen.stream().distinct().count());
            assertTrue(
                    database.plans().stream().anyMatch(each -> each.startsWith("SEARCH emergencies USING INDEX")),
                    "only its first step begins at an end");
        }
    }

    /** An import gives all of its units the same time. */
    private static Path registry() throws IOException {
        Path file = folder.resolve("registry.db");
        Registry.open(file).close();
        try (Database writing = Database.open(file, Database.Durability.CONSISTENT)) {
            writing.update("""
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT OR IGNORE INTO units SELECT CAST(printf('%016d', i) AS BLOB), '서울 31바 ' || i, 'c', 'taxi', NULL, NULL, '', '',
                      NULL, NULL, NULL, NULL, 7, NULL, NULL, NULL, i FROM n""", UNITS);
        }
        return file;
    }

    @Test
    void unitsAreGivenOnceEachHoweverShortThePagesAndAPageThatEndsEarlySaysSo() throws IOException {
        try (UnitSearch search = UnitSearch.open(registry(), folder.resolve("none.db"))) {
            UnitSearch.Wanted wanted = UnitSearch.Wanted.ALL.withState(UnitSearch.State.NEVER_SEEN);
            List<Id16> seen = new ArrayList<>();
            Optional<Id16> next = Optional.empty();
            int pages = 0;
            do {
                UnitSearch.Page page = search.page(wanted, next, UnitSearch.STEP + 1, 8, NONE);
                page.found().forEach(each -> seen.add(each.unit().unit()));
                assertEquals(page.next().isPresent() ? OptionalLong.of(7) : OptionalLong.empty(), page.lookedToMs());
                next = page.next();
                pages++;
            } while (next.isPresent());
            assertEquals(UNITS, seen.stream().distinct().count());
            assertEquals(UNITS, seen.size());
            assertEquals(UNITS / UnitSearch.STEP + 1, pages);
            List<String> plans = search.plans();
            assertNothingIsScanned(plans);
            assertTrue(
                    plans.stream().anyMatch(each -> each.contains("(added_ms,unit)>(?,?)")),
                    "a step begins where the one before has ended, also among units of one time: " + plans);
        }
    }

    @Test
    void theFirstDigitsOfAUnitsIdFindIt() throws IOException {
        try (UnitSearch search = UnitSearch.open(registry(), folder.resolve("none.db"))) {
            UnitSearch.Wanted wanted = new UnitSearch.Wanted(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(hex("000000000001000")),
                    Optional.empty());
            UnitSearch.Page page = search.page(wanted, Optional.empty(), 100, 8, ENDLESS);
            assertEquals(
                    List.of("서울 31바 10000"),
                    page.found().stream()
                            .map(each -> each.unit().service().vehicle())
                            .toList());
            assertEquals(Optional.empty(), page.next());
        }
    }
}
