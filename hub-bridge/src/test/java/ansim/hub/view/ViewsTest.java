package ansim.hub.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewsTest {
    private static final long NOW_MS = 1_795_417_918_882L;

    @TempDir
    Path folder;

    private SampleCity city;

    @BeforeEach
    void begin() throws IOException {
        city = new SampleCity(folder.resolve("log"), NOW_MS);
    }

    @AfterEach
    void end() throws IOException {
        city.close();
    }

    private Views open() throws IOException {
        return open(city.journal.journalId());
    }

    private Views open(long log) throws IOException {
        return Views.open(folder.resolve("views.db"), log, city.journal.durableIndex(), ZoneOffset.UTC);
    }

    private Picture catchUp(Views views) throws IOException {
        List<Logged> entries = new ArrayList<>();
        try (JournalReader reader = city.journal.reader(views.position() + 1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                entries.add(new Logged(
                        next.get().index(),
                        next.get().keyId(),
                        LogEntry.decode(next.get().payload())));
            }
        }
        return views.apply(entries, city.journal.durableIndex());
    }

    private Picture snapshot(Views views) throws IOException {
        return views.snapshot(Instant.ofEpochMilli(city.nowMs));
    }

    private void aDay() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234").at(37.5172, 127.0473);
        SampleCity.Unit pole = city.pole("CCTV 강남-017", 37.4966, 127.0630);
        taxi.presence();
        city.nowMs += 60_000;
        taxi.board(RideChange.Source.METER_LAMP);
        city.nowMs += 60_000;
        taxi.name();
        taxi.drive(37.5172, 127.0480);
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        taxi.panic(Panic.Origin.RIDER, Phase.REPEATED);
        city.nowMs += 60_000;
        taxi.at(37.5663, 126.9019).alight();
        taxi.health();
        pole.health();
    }

    @Test
    void aRideIsBoardedNamedAndAlighted() throws IOException {
        aDay();
        try (Views views = open()) {
            catchUp(views);
            Picture.Ride ride = snapshot(views).rides().get(0);
            assertEquals(OptionalLong.of(NOW_MS + 60_000 - 400), ride.boardedMs());
            assertEquals(OptionalLong.of(NOW_MS + 120_000 - 400), ride.namedMs());
            assertEquals(OptionalLong.of(NOW_MS + 180_000 - 400), ride.alightedMs());
            assertEquals(List.of("11680", "11440"), ride.districts());
            assertEquals("meter-lamp", ride.source());
            assertEquals("서울 31바 1234", ride.vehicle());
        }
    }

    /** A taxi that says nothing for ten minutes is lost; that the hub says so is no word of the taxi. */
    @Test
    void aRideWasHeardOfWhenItsTaxiSpokeAndNotWhenTheHubDeclaredItLost() throws IOException {
        city.openEveryRide();
        SampleCity.Unit taxi = city.taxi("서울 31바 1234").at(37.5172, 127.0473);
        taxi.board(RideChange.Source.CARD);
        city.nowMs += 3_600_000;
        city.tick();
        try (Views views = open()) {
            catchUp(views);
            assertEquals(List.of("lost"), ride(views).attention());
            RideRow.Query all = new RideRow.Query(true, true, Optional.empty(), Optional.empty(), Optional.empty(), 10);
            assertEquals(
                    NOW_MS,
                    Views.ridesIn(views.file(), all).orElseThrow().get(0).seenMs());
        }
    }

    private Picture.Ride ride(Views views) throws IOException {
        return snapshot(views).rides().get(0);
    }

    /** The lamp came on in a garage without a fix and its message was under way for an hour; the card had the time. */
    @Test
    void aRideThatBeganWithoutAClockBeganNoLaterThanItsCardAndAtTheCorrectedTimeOnceThereIsAFix() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.bootWithoutAClock();
        taxi.ageMs = 3_600_000;
        taxi.board(RideChange.Source.METER_LAMP);
        long boardedMs = city.nowMs - 3_600_000;
        taxi.ageMs = 3_590_000;
        taxi.name();
        try (Views views = open()) {
            catchUp(views);
            assertEquals(OptionalLong.of(city.nowMs), ride(views).boardedMs(), "by its arrival, better is not known");
            taxi.ageMs = 3_580_000;
            taxi.fix();
            Picture.Ride changed = catchUp(views).rides().get(0);
            assertEquals(OptionalLong.of(boardedMs), changed.boardedMs());
            assertEquals(OptionalLong.of(boardedMs + 10_000), changed.namedMs());
            assertEquals(changed, ride(views));
        }
    }

    @Test
    void whenTheCardComesBeforeTheLampTheRideBeganWithTheLamp() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.ageMs = 10_000;
        taxi.board(RideChange.Source.CARD);
        taxi.ageMs = 60_000;
        taxi.light();
        try (Views views = open()) {
            catchUp(views);
            assertEquals(OptionalLong.of(NOW_MS - 60_000), ride(views).boardedMs());
            assertEquals(OptionalLong.of(NOW_MS - 10_000), ride(views).namedMs(), "a lamp names nobody");
        }
    }

    @Test
    void anEmergencyCountsItsPressesAndClosesWhenItIsCancelled() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.panic(Panic.Origin.DRIVER, Phase.RAISED);
        taxi.panic(Panic.Origin.DRIVER, Phase.REPEATED);
        try (Views views = open()) {
            catchUp(views);
            Picture.Emergency open = snapshot(views).emergencies().get(0);
            assertEquals(2, open.presses());
            assertTrue(open.silent() && open.cancelledMs().isEmpty());
            taxi.panic(Panic.Origin.DRIVER, Phase.CANCELLED);
            Picture.Emergency closed = catchUp(views).emergencies().get(0);
            assertTrue(closed.cancelledMs().isPresent());
            assertEquals(2, closed.presses());
        }
    }

    @Test
    void whatTheHubItselfHasToSayOfAUnitsNumbersIsListedAsAnAlarm() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.board(RideChange.Source.CARD);
        taxi.putCardBack(Lane.EVENT);
        taxi.board(RideChange.Source.CARD);
        taxi.presence();
        taxi.putCardBack(Lane.STATUS);
        city.nowMs += 1_000;
        taxi.presence();
        try (Views views = open()) {
            List<Picture.Happening> changed = catchUp(views).events();
            List<Picture.Happening> shown = snapshot(views).events();
            assertEquals(List.of("ansim.ride.boarded", "ansim.tamper", "ansim.tamper"), types(shown));
            assertEquals(types(shown), types(changed));
            assertTrue(shown.get(1).alarm());
            assertTrue(shown.get(1).detailsJson().contains("\"by\":\"hub\""));
            assertEquals(2, snapshot(views).rides().size(), "the copy's ride is followed all the same");
        }
    }

    @Test
    void whatAFitterTriesIsShownAsATestAndCountedNowhere() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.test = true;
        taxi.board(RideChange.Source.METER_LAMP);
        taxi.name();
        taxi.drive(37.51, 127.05);
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        taxi.alight();
        try (Views views = open()) {
            catchUp(views);
            Picture shown = snapshot(views);
            assertTrue(shown.rides().get(0).test());
            assertTrue(shown.emergencies().get(0).flags().contains("test"));
            assertTrue(shown.events().stream().allMatch(each -> each.flags().contains("test")));
            assertEquals(List.of(), shown.counts());
        }
    }

    @Test
    void aTestChangesNoRealRideAndHidesNoRealCallOfTheSameId() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.board(RideChange.Source.METER_LAMP);
        taxi.panic(Panic.Origin.DRIVER, Phase.RAISED);
        try (Views views = open()) {
            catchUp(views);
            Picture before = snapshot(views);
            taxi.test = true;
            taxi.name();
            taxi.alight();
            taxi.panic(Panic.Origin.DRIVER, Phase.REPEATED);
            taxi.panic(Panic.Origin.DRIVER, Phase.CANCELLED);
            catchUp(views);
            Picture after = snapshot(views);
            assertEquals(before.rides(), after.rides());
            assertEquals(before.emergencies(), after.emergencies());
            assertEquals(before.counts(), after.counts());
        }
    }

    @Test
    void whatIsRealTakesThePlaceOfATestOfTheSameIdAndCounts() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.test = true;
        taxi.board(RideChange.Source.METER_LAMP);
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        taxi.test = false;
        taxi.name();
        taxi.panic(Panic.Origin.RIDER, Phase.REPEATED);
        try (Views views = open()) {
            catchUp(views);
            Picture shown = snapshot(views);
            assertFalse(ride(views).test());
            Picture.Emergency call = shown.emergencies().get(0);
            assertFalse(call.flags().contains("test"));
            assertEquals(1, call.presses(), "the test is no press of it");
            Picture.Count count = shown.counts().get(0);
            assertEquals(List.of(1, 1), List.of(count.boarded(), count.emergencies()));
        }
    }

    @Test
    void thatATestsNumberShowsACloneIsNoTest() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.board(RideChange.Source.CARD);
        taxi.putCardBack(Lane.EVENT);
        taxi.test = true;
        taxi.board(RideChange.Source.CARD);
        try (Views views = open()) {
            catchUp(views);
            Picture.Happening tamper = snapshot(views).events().get(1);
            assertEquals("ansim.tamper", tamper.type());
            assertFalse(tamper.flags().contains("test"));
        }
    }

    private static List<String> types(List<Picture.Happening> events) {
        return events.stream().map(Picture.Happening::type).toList();
    }

    @Test
    void whatAUnitSaysOfItselfIsKeptWithItsAge() throws IOException {
        aDay();
        try (Views views = open()) {
            catchUp(views);
            Picture.Unit taxi = views.units().stream()
                    .filter(each -> each.kind().equals("taxi"))
                    .findFirst()
                    .orElseThrow();
            assertEquals(OptionalLong.of(NOW_MS + 180_000), taxi.seenMs());
            assertEquals(Picture.PlaceKind.PRECISE, taxi.place().orElseThrow().kind());
            assertEquals(NOW_MS + 180_000 - 400, taxi.health().orElseThrow().atMs());
            assertTrue(taxi.health().orElseThrow().json().contains("\"ports\":{\"gnss\":1,\"reader\":2}"));
        }
    }

    @Test
    void theNewestPositionIsTheOneThatWasCapturedLastNotTheOneThatCameLast() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234").at(37.5172, 127.0473);
        taxi.board(RideChange.Source.CARD);
        taxi.drive(37.51, 127.05);
        taxi.ageMs = 30_000;
        taxi.drive(37.50, 127.04);
        try (Views views = open()) {
            catchUp(views);
            Picture.Place place = views.units().get(0).place().orElseThrow();
            assertEquals(SampleCity.pos(37.51, 127.05).latE7(), place.pos().latE7());
            assertEquals(NOW_MS - 400, place.atMs());
        }
    }

    @Test
    void aPoleStandsWhereTheRegistrySaysWhateverItsReceiverThinks() throws IOException {
        SampleCity.Unit pole = city.pole("CCTV 강남-017", 37.4966, 127.0630);
        city.nowMs += 10_000;
        pole.at(37.51, 127.05).presence();
        pole.drive(37.52, 127.06);
        try (Views views = open()) {
            catchUp(views);
            Picture.Place place = views.units().get(0).place().orElseThrow();
            assertEquals(Picture.PlaceKind.REGISTERED, place.kind());
            assertEquals(SampleCity.pos(37.4966, 0).latE7(), place.pos().latE7());
        }
    }

    @Test
    void aClockThatRunsAheadDoesNotKeepLaterPositionsAway() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        taxi.board(RideChange.Source.CARD);
        taxi.ageMs = -86_400_000L * 365;
        taxi.drive(37.40, 127.00);
        taxi.ageMs = 0;
        city.nowMs += 10_000;
        taxi.drive(37.51, 127.05);
        try (Views views = open()) {
            catchUp(views);
            assertEquals(
                    SampleCity.pos(37.51, 127.05).latE7(),
                    views.units().get(0).place().orElseThrow().pos().latE7());
        }
    }

    @Test
    void theSameEntriesInAnyBatchesAndAfterAnyCrashGiveTheSame() throws IOException {
        aDay();
        Picture whole;
        try (Views views = open()) {
            catchUp(views);
            whole = snapshot(views);
        }
        Files.delete(folder.resolve("views.db"));
        Files.deleteIfExists(folder.resolve("views.db-wal"));
        for (long index = 1; index <= city.journal.durableIndex(); index++) {
            // Opened anew for every entry, as after a crash.
            try (Views views = open()) {
                assertEquals(index - 1, views.position());
                LogEntry entry =
                        LogEntry.decode(city.journal.read(index).orElseThrow().payload());
                views.apply(List.of(new Logged(index, OptionalLong.empty(), entry)), index);
            }
        }
        try (Views views = open()) {
            assertEquals(whole, snapshot(views));
        }
    }

    @Test
    void aTransactionThatFailsLeavesNothingBehind() throws IOException {
        aDay();
        try (Views views = open()) {
            List<Logged> entries = new ArrayList<>();
            for (long index = 1; index <= city.journal.durableIndex(); index++) {
                entries.add(new Logged(
                        index,
                        OptionalLong.empty(),
                        LogEntry.decode(city.journal.read(index).orElseThrow().payload())));
            }
            // The same event twice breaks the table's key.
            entries.add(entries.get(entries.size() - 3));
            org.junit.jupiter.api.Assertions.assertThrows(
                    IOException.class, () -> views.apply(entries, entries.size()));
            assertEquals(0, views.position());
            assertEquals(List.of(), views.units());
            catchUp(views);
            assertEquals(
                    1,
                    snapshot(views).counts().stream()
                            .filter(each -> each.boarded() > 0)
                            .count());
        }
    }

    @Test
    void viewsOfAnotherLogOrAheadOfTheLogAreBegunAnew() throws IOException {
        aDay();
        try (Views views = open()) {
            catchUp(views);
        }
        try (Views views = open(city.journal.journalId() + 1)) {
            assertEquals(0, views.position());
        }
        try (Views views = open()) {
            catchUp(views);
        }
        try (Views ahead = Views.open(folder.resolve("views.db"), city.journal.journalId(), 3, ZoneOffset.UTC)) {
            assertEquals(0, ahead.position());
        }
    }

    @Test
    void aDamagedFileIsMadeAgain() throws IOException {
        aDay();
        Files.writeString(folder.resolve("views.db"), "not a database, and long enough to be looked at".repeat(50));
        try (Views views = open()) {
            catchUp(views);
            assertEquals(1, snapshot(views).rides().size());
        }
    }

    @Test
    void oldEventsAreForgottenAndTheNewestStay() throws IOException {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        for (int i = 0; i < Views.EVENTS_KEPT / 2 + 10; i++) {
            taxi.board(RideChange.Source.CARD);
            taxi.alight();
        }
        try (Views views = open()) {
            catchUp(views);
            Picture picture = snapshot(views);
            assertEquals(ViewReader.EVENTS_SHOWN, picture.events().size());
            assertEquals(
                    city.journal.durableIndex(),
                    picture.events().get(picture.events().size() - 1).index());
        }
        try (Database database = Database.openToRead(folder.resolve("views.db"))) {
            assertEquals(Views.EVENTS_KEPT, database.number("SELECT count(*) FROM events"));
        }
    }
}
