package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.OutputOrder;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is logged comes back as it was. */
class LogEntryTest {
    private final TestUnit unit = new TestUnit();
    private final UpMessage message = unit.chain(Lane.EVENT).next(TestUnit.boarded(TestUnit.newId(), TestMap.IN_A));

    private static LogEntry again(LogEntry entry) throws LogEntry.Unreadable {
        return LogEntry.decode(entry.encode());
    }

    @Test
    void theFoundingComesBack() throws Exception {
        LogEntry entry = new LogEntry(new Input.Founding(5, 0xffff_ffffL), Output.plain());
        assertEquals(entry, again(entry));
    }

    @Test
    void anOrderComesBackWithItsNumber() throws Exception {
        Order order = new Order(
                unit.id,
                Order.MAX_NUMBER,
                TestUnit.newId(),
                new OutputOrder("siren", false, OptionalLong.empty()).verb(),
                1_900_000_000L,
                "김 운영");
        LogEntry entry = new LogEntry(new Input.CommandOrdered(7, order), Output.plain());
        assertEquals(entry, again(entry));
    }

    @Test
    void aUnitComesBackWithAndWithoutAPlace() throws Exception {
        for (Optional<Pos> place : List.of(
                Optional.<Pos>empty(),
                Optional.of(TestMap.IN_A),
                Optional.of(new Pos(-900_000_000, -1_800_000_000, OptionalInt.of(3))))) {
            unit.place = place;
            LogEntry entry = new LogEntry(new Input.UnitChange(-1, unit.record()), Output.plain());
            assertEquals(entry, again(entry));
            LogEntry revoked =
                    new LogEntry(new Input.UnitChange(7, unit.record().revoke()), Output.plain());
            assertEquals(revoked, again(revoked));
        }
    }

    @Test
    void aUnitComesBackWithAllItsKeysAndItsPast() throws Exception {
        UnitRecord plain = unit.record();
        UnitRecord full = new UnitRecord(
                plain.unit(),
                List.of(new TestUnit().key.verifyKey(), new TestUnit().key.verifyKey(), plain.key()),
                new UnitRecord.Service("1", "", "cctv-pole", Optional.empty(), "11680", "night"),
                List.of(new UnitRecord.Past(5, "a", "b"), new UnitRecord.Past(9, "c", "")),
                new UnitRecord.Standing(true, java.util.OptionalLong.of(77)));
        for (UnitRecord each : List.of(
                full,
                new UnitRecord(
                        plain.unit(),
                        plain.keys(),
                        plain.service(),
                        List.of(),
                        new UnitRecord.Standing(false, java.util.OptionalLong.of(-5))))) {
            LogEntry entry = new LogEntry(new Input.UnitChange(7, each), Output.plain());
            assertEquals(entry, again(entry));
        }
    }

    @Test
    void aUnitWithASecureElementComesBackWithItsKey() throws Exception {
        VerifyKey key = VerifyKey.fromRaw(HexFormat.of()
                .parseHex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
        UnitRecord record = new UnitRecord(unit.record().unit(), key, "1", "2", "taxi", Optional.empty(), false);
        LogEntry entry = new LogEntry(new Input.UnitChange(7, record), Output.plain());
        assertEquals(entry, again(entry));
    }

    /** Logs from before it was written down who had been told of what is dated: everybody whom the event names was. */
    @Test
    void aCorrectionFromBeforeItSaidToWhomReadsAsForAll() throws Exception {
        Event event = new Event(
                EventType.CORRECTION,
                List.of("11680", "11650"),
                false,
                When.at(3, TimeQuality.NTP, When.Source.UNIT),
                Optional.empty(),
                Event.PlaceSource.NONE,
                "",
                "",
                "taxi",
                Optional.empty(),
                new TreeMap<>(),
                List.of(new Event.Correction("x/y", When.at(3, TimeQuality.NTP, When.Source.UNIT), List.of())));
        Output output = Output.logged(
                Disposition.STORED,
                message,
                EnumSet.noneOf(Flag.class),
                Optional.empty(),
                Links.NONE,
                Optional.of(event));
        String now = HexFormat.of().formatHex(new LogEntry(new Input.Arrival(9, message), output).encode());
        String then = now.replace("8363782f79" + "8403000201" + "80", "8263782f79" + "8403000201");
        assertEquals(now.length() - 2, then.length(), "the entry as it was written then");
        List<Event.Correction> read = LogEntry.decode(HexFormat.of().parseHex(then))
                .output()
                .event()
                .orElseThrow()
                .corrections();
        assertEquals(List.of("11680", "11650"), read.get(0).districts());
    }

    /** Logs from before it was written down when the rider said it: it was said when it came. */
    @Test
    void aDestinationFromBeforeItHadATimeReadsAsSaidWhenItCame() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(3));
        Input.DestinationSaid said = new Input.DestinationSaid(9, ride, Optional.empty(), "11680", "r1", 7);
        LogEntry entry = new LogEntry(said, Output.destined(said, EnumSet.noneOf(Flag.class), Optional.empty()));
        assertEquals(said, again(entry).input());
        String now = HexFormat.of().formatHex(entry.encode());
        String then = now.replace("62723107", "627231").replace("858250", "848250");
        assertEquals(now.length() - 2, then.length(), "the entry as it was written then");
        Input.DestinationSaid read = (Input.DestinationSaid)
                LogEntry.decode(HexFormat.of().parseHex(then)).input();
        assertEquals(9, read.atMs());
    }

    /** Logs from before grounds were written down have twelve things of an event. */
    @Test
    void aGroundComesBackAndAnEventFromBeforeThereWereAnyHasNone() throws Exception {
        Event event = new Event(
                EventType.CONTACT,
                List.of("11680"),
                false,
                When.at(3, TimeQuality.NTP, When.Source.UNIT),
                Optional.empty(),
                Event.PlaceSource.NONE,
                "",
                "",
                "taxi",
                Optional.empty(),
                new TreeMap<>(),
                List.of());
        for (Optional<Basis> each : List.of(
                Basis.CONSENT,
                Optional.of(new Basis(Basis.Why.SETTING, "ordinance 7", Optional.empty())),
                Optional.of(new Basis(Basis.Why.NONE, "", Optional.of(new Id8(5)))))) {
            assertEquals(each, read(event.on(each)).basis());
        }
        assertEquals(Optional.empty(), read(event).basis());
    }

    private Event read(Event event) throws Exception {
        Output output = Output.logged(
                Disposition.STORED,
                message,
                EnumSet.noneOf(Flag.class),
                Optional.empty(),
                Links.NONE,
                Optional.of(event));
        return again(new LogEntry(new Input.Arrival(9, message), output))
                .output()
                .event()
                .orElseThrow();
    }

    @Test
    void aMapComesBackAsTheBytesThatWereImported() throws Exception {
        LogEntry entry = new LogEntry(new Input.DistrictsChange(5, TestMap.QUARTERS), Output.plain());
        Input.DistrictsChange read = (Input.DistrictsChange) again(entry).input();
        assertArrayEquals(TestMap.QUARTERS.source(), read.map().source());
        LogEntry starter = new LogEntry(new Input.DistrictsChange(5, StarterMap.map()), Output.plain());
        assertEquals(
                true, ((Input.DistrictsChange) again(starter).input()).map().approximate());
    }

    @Test
    void aMessageComesBackAsTheBytesThatWereSignedAndWithEverythingThatWasDecided() throws Exception {
        Event event = new Event(
                EventType.CORRECTION,
                List.of("11680", "11650", Event.OUTSIDE),
                true,
                new When(-5, Long.MAX_VALUE / 4, TimeQuality.UNKNOWN, When.Source.NEIGHBOURS),
                Optional.of(new Pos(1, -2, OptionalInt.of(0))),
                Event.PlaceSource.REGISTERED,
                "서울 33 바 1234",
                "",
                "taxi",
                Optional.of(new Id8(-1)),
                new TreeMap<>(Map.of("a", "", "ㄱ", "ㄴ")),
                List.of(new Event.Correction("x/y", When.at(3, TimeQuality.NTP, When.Source.UNIT), List.of("11680"))));
        Output output = Output.logged(
                Disposition.FORK,
                message,
                EnumSet.allOf(Flag.class),
                Optional.of("because"),
                new Links(1, 2, 3, 4, 5, 6, Long.MAX_VALUE),
                Optional.of(event));
        LogEntry read = again(new LogEntry(new Input.Arrival(9, message), output));
        assertEquals(output, read.output());
        Output told = output.with(Optional.of(event));
        assertEquals(
                told, again(new LogEntry(new Input.Arrival(9, message), told)).output());
        assertEquals(9, read.arrivedMs());
        assertArrayEquals(message.bytes(), read.message().bytes());
    }

    @Test
    void theLeastThatCanBeSaidOfAMessageComesBack() throws Exception {
        Output output = Output.logged(
                Disposition.QUARANTINED,
                message,
                EnumSet.noneOf(Flag.class),
                Optional.empty(),
                Links.NONE,
                Optional.empty());
        assertEquals(
                output,
                again(new LogEntry(new Input.Arrival(9, message), output)).output());
    }

    @Test
    void whatIsOnlyAnsweredCannotBeLogged() {
        Output duplicate = Output.answer(Disposition.DUPLICATE, "x", "y", Optional.empty());
        LogEntry entry = new LogEntry(new Input.Arrival(9, message), duplicate);
        assertThrows(IllegalArgumentException.class, entry::encode);
    }

    @Test
    void anEntryCutAnywhereIsUnreadableAndNothingElse() {
        byte[] bytes = new LogEntry(
                        new Input.Arrival(9, message),
                        Output.logged(
                                Disposition.STORED,
                                message,
                                EnumSet.of(Flag.LATE),
                                Optional.empty(),
                                Links.NONE,
                                Optional.empty()))
                .encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(LogEntry.Unreadable.class, () -> LogEntry.decode(cut), "cut at " + length);
        }
        assertThrows(LogEntry.Unreadable.class, () -> LogEntry.decode(Arrays.copyOf(bytes, bytes.length + 1)));
    }

    @Test
    void rubbishIsUnreadableAndNothingElse() {
        Random random = new Random(1);
        byte[] bytes = new LogEntry(new Input.UnitChange(7, unit.record()), Output.plain()).encode();
        for (int i = 0; i < 20_000; i++) {
            byte[] rubbish = bytes.clone();
            for (int k = random.nextInt(4); k >= 0; k--) {
                rubbish[random.nextInt(rubbish.length)] = (byte) random.nextInt();
            }
            try {
                LogEntry.decode(rubbish);
            } catch (LogEntry.Unreadable expected) {
                assertEquals(true, expected.getMessage() != null);
            }
        }
    }

    @Test
    void anEntryOfANewerVersionSaysSo() {
        byte[] bytes = new LogEntry(new Input.Founding(5, 6), Output.plain()).encode();
        bytes[1] = 2;
        LogEntry.Unreadable thrown = assertThrows(LogEntry.Unreadable.class, () -> LogEntry.decode(bytes));
        assertEquals("a log entry cannot be read: version 2 of the log, this program reads 1", thrown.getMessage());
    }

    @Test
    void entriesAreAppliedInTheirOrderOnly() {
        HubState state = new HubState(TestMap.QUARTERS);
        LogEntry entry = new LogEntry(new Input.Founding(5, 6), Output.plain());
        assertThrows(IllegalArgumentException.class, () -> state.apply(2, entry));
        state.apply(1, entry);
        assertEquals(6, state.generation());
        assertEquals(1, state.applied());
    }
}
