package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Values refuse what cannot go on the wire when they are made, not when they are sent. */
class ValuesTest {
    @Test
    void idsAreReadAndWrittenInHex() {
        assertEquals("00000000000000ff", new Id8(255).hex());
        assertEquals(new Id8(255), Id8.parse("00000000000000FF"));
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) 255}, new Id8(255).bytes());
        assertEquals("00112233445566778899aabbccddeeff", Vectors.UNIT.hex());
        assertEquals(Vectors.UNIT, Id16.parse("00112233-4455-6677-8899-AABBCCDDEEFF"));
        assertEquals(Vectors.UNIT, Id16.parse(Vectors.UNIT.hex()));
        assertEquals(Vectors.UNIT, Id16.of(Vectors.UNIT.bytes()));
    }

    @Test
    void whatIsNoIdIsRefused() {
        refuses("16 hexadecimal digits", () -> Id8.parse("ff"));
        refuses("hexadecimal", () -> Id8.parse("zz000000000000ff"));
        refuses("must have 8 bytes", () -> Id8.of(new byte[9]));
        refuses("UUID", () -> Id16.parse("0011-2233445566778899aabbccddeeff"));
        refuses("UUID", () -> Id16.parse("00112233-4455-6677-8899aabbccddeeff"));
        refuses("must have 16 bytes", () -> Id16.of(new byte[15]));
    }

    private static void refuses(String why, Executable made) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, made);
        assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
    }

    @Test
    void rangesAreCheckedAndNamed() {
        refuses("latitude must be in [-900000000, 900000000] (got 912000000)", () -> Pos.of(912_000_000, 0));
        refuses("longitude", () -> Pos.of(0, -1_800_000_001));
        refuses("accuracy", () -> new Pos(0, 0, OptionalInt.of(-1)));
        refuses(
                "fix must be in [0, 5]",
                () -> new Position(
                        Pos.of(0, 0),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.of(6),
                        OptionalInt.empty(),
                        Optional.empty()));
        refuses("dt", () -> new UpRecord(-1, new CommandAck(0, CommandAck.Outcome.DONE)));
        refuses("dt", () -> new UpRecord(UpRecord.MAX_DT_MS + 1, new CommandAck(0, CommandAck.Outcome.DONE)));
        refuses("contact", () -> new Contact("", true, Optional.empty()));
        refuses("contact", () -> new Contact("문".repeat(11), true, Optional.empty()));
        refuses("command", () -> new CommandAck(-1, CommandAck.Outcome.DONE));
        refuses("first", () -> new Gap(Lane.TRACK, new Id8(0), -1, 0, Gap.Reason.EVICTED));
        refuses("monotonic", () -> new Anchor(new Id8(0), -1, 0));
        refuses(
                "generation",
                () -> new Command(
                        "hub",
                        Vectors.UNIT,
                        OptionalLong.empty(),
                        0,
                        1L << 32,
                        0,
                        new OtherVerb(6, Bytes.of(new byte[] {0}))));
        refuses("number of lanes", () -> new Receipt(Map.of()));
        refuses("number of chains", () -> new Receipt(Map.of(Lane.ALARM, List.of())));
        refuses("class of its own", () -> new OtherVerb(8, Bytes.of(new byte[0])));
        refuses("verb", () -> new OtherVerb(11, Bytes.of(new byte[0])));
    }

    @Test
    void aBatchHoldsOneTo256RecordsAndCountsFromOne() {
        Batch good = Vectors.plain(Lane.EVENT, 1, Optional.empty(), new CommandAck(0, CommandAck.Outcome.DONE));
        refuses("number of records", () -> batch(good, 1, List.of()));
        refuses(
                "number of records",
                () -> batch(good, 1, Collections.nCopies(257, good.records().get(0))));
        refuses("n must be", () -> batch(good, 0, good.records()));
    }

    private static Batch batch(Batch from, long n, List<UpRecord> records) {
        return new Batch(
                from.unit(),
                from.boot(),
                from.lane(),
                from.chain(),
                n,
                from.previous(),
                from.quality(),
                from.t0Ms(),
                from.m0Ms(),
                records,
                from.waiting(),
                from.test(),
                from.memoryOnly());
    }

    @Test
    void aTrackGivesBackTheFixesThatItWasMadeOf() {
        List<Pos> fixes = List.of(new Pos(10, -20, OptionalInt.of(5)), Pos.of(13, -25), Pos.of(-900_000_000, 0));
        Track track = Track.through(fixes, 1000, List.of(), Optional.empty());
        assertEquals(List.of(3, -5, -900_000_013, 25), track.deltas());
        assertEquals(fixes, track.fixes());
        refuses("pairs", () -> new Track(Pos.of(0, 0), 1, List.of(1), List.of(), Optional.empty()));
        refuses("latitude", () -> new Track(Pos.of(900_000_000, 0), 1, List.of(1, 0), List.of(), Optional.empty()));
    }

    @Test
    void aPresenceIsRoundedToTheNearestHundredthOfADegree() {
        assertEquals(
                new Presence(375_700_000, 1_269_800_000, true),
                Presence.near(Pos.of(375_665_000, 1_269_789_999), true));
        assertEquals(new Presence(-337_000_000, 0, true), Presence.near(Pos.of(-336_950_001, 49_999), true));
        assertEquals(
                new Presence(900_000_000, -1_800_000_000, true),
                Presence.near(Pos.of(900_000_000, -1_800_000_000), true));
    }

    @Test
    void numbersOfConstantsStandOnTheWireAsInTheContract() {
        assertEquals(
                Optional.of(Tamper.What.NUMBERS),
                Tamper.of(Tamper.What.NUMBERS, Phase.RAISED).named());
        assertEquals(9, Tamper.What.NUMBERS.code());
        assertEquals(Optional.empty(), new Tamper(11, Phase.RAISED, OptionalLong.empty()).named());
        assertEquals(5, Panic.Origin.DURESS_CARD.code());
        assertEquals(4, Panic.Pattern.LATCHED.code());
        assertEquals(3, Phase.CANCELLED.code());
        assertEquals(5, RideChange.Source.INFERRED.code());
        assertEquals(2, CommandAck.Outcome.EXPIRED.code());
        assertEquals(3, Gap.Reason.CHAIN_CLOSED.code());
        assertEquals(3, TimeQuality.HELD_OVER.code());
        assertEquals(Optional.of(Lane.TRACK), Lane.of(3));
        assertEquals(Optional.empty(), Lane.of(0));
        assertEquals(Kind.ANCHOR, Kind.of(11));
        assertEquals(Kind.UNKNOWN, Kind.of(-1));
        assertEquals(Kind.UNKNOWN, Kind.of(64));
    }

    @Test
    void bytesCompareByContentAndCannotBeChanged() {
        byte[] source = {1, 2};
        Bytes bytes = Bytes.of(source);
        source[0] = 9;
        bytes.toByteArray()[0] = 9;
        assertEquals(Bytes.of(new byte[] {1, 2}), bytes);
        assertEquals("0102", bytes.toString());
    }
}
