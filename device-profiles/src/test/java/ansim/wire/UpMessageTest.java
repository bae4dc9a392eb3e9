package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UpMessageTest {
    @Test
    void randomBatchesComeBackEqualVerifyAndMatchTheCddl() throws WireException {
        Cddl cddl = Cddl.parse(ContractTest.read("wire.cddl"));
        RandomBatches batches = new RandomBatches(20261123);
        Set<Kind> seen = EnumSet.noneOf(Kind.class);
        for (int i = 0; i < 3000; i++) {
            Batch batch = batches.batch();
            byte[] bytes = UpMessage.sign(batch, Seal.UNIT).bytes();
            UpMessage message = UpMessage.parse(bytes);
            assertEquals(batch, message.batch());
            assertTrue(message.verify(Ed25519Verifier.INSTANCE, Seal.UNIT.verifyKey()));
            assertTrue(cddl.matches("up-message", bytes), () -> Describe.json(Describe.fields(message)));
            assertArrayEquals(bytes, UpMessage.sign(message.batch(), Seal.UNIT).bytes());
            batch.records().forEach(each -> seen.add(each.body().kind()));
        }
        assertEquals(EnumSet.allOf(Kind.class), seen);
    }

    @Test
    void aPanicFitsInto256Bytes() {
        Panic everything = new Panic(
                Optional.of(new Pos(-375_665_000, -1_269_780_000, OptionalInt.of(250))),
                Optional.of(Vectors.RIDE),
                Panic.Origin.RIDER,
                Panic.Pattern.LATCHED,
                Vectors.ALARM,
                Phase.REPEATED,
                OptionalLong.of(100_000));
        Batch plain = Vectors.plain(Lane.ALARM, 1L << 40, Optional.of(new Id16(1, 2)), everything);
        assertAtMost(256, sign(aged(plain)));
    }

    @Test
    void aTrackOf30FixesTakesAtMost16BytesAFix() {
        assertAtMost(30 * 16, sign(aged(drive(30))));
    }

    @Test
    void aTrackOf60FixesTakesAtMost12BytesAFix() {
        assertAtMost(60 * 12, sign(aged(drive(60))));
    }

    /** A second's step at about 80 km/h, in which both differences need three bytes; the speeds stand in the differences. */
    private static Batch drive(int count) {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fixes.add(new Pos(375_665_000 + 1_500 * i, 1_269_780_000 - 1_700 * i, OptionalInt.of(25)));
        }
        Track track = Track.through(fixes, 1000, List.of(), Optional.of(Vectors.RIDE));
        return Vectors.plain(Lane.TRACK, 1_000_000, Optional.of(new Id16(1, 2)), track);
    }

    /** The same after a month of uptime and with a backlog. */
    private static Batch aged(Batch from) {
        return new Batch(
                from.unit(),
                from.boot(),
                from.lane(),
                from.chain(),
                from.n(),
                from.previous(),
                from.quality(),
                from.t0Ms(),
                30L * 24 * 3600 * 1000,
                from.records(),
                OptionalLong.of(70_000),
                true,
                true);
    }

    private static byte[] sign(Batch batch) {
        return UpMessage.sign(batch, Seal.UNIT).bytes();
    }

    private static void assertAtMost(int limit, byte[] message) {
        assertTrue(message.length <= limit, message.length + " bytes");
    }

    @Test
    void aMessageCannotBeChangedThroughItsBytes() throws WireException {
        byte[] given = Vectors.hex("panic");
        UpMessage message = UpMessage.parse(given);
        given[100] ^= 1;
        message.bytes()[100] ^= 1;
        assertNotSame(message.bytes(), message.bytes());
        assertArrayEquals(Vectors.hex("panic"), message.bytes());
        assertTrue(message.verify(Ed25519Verifier.INSTANCE, Seal.UNIT.verifyKey()));
    }

    @Test
    void whatMayStandInALogSaysOnlyWhichMessageItIs() throws WireException {
        assertEquals(
                "00112233445566778899aabbccddeeff/a2a2a2a2a2a2a2a2/2/2",
                UpMessage.parse(Vectors.hex("boarded-second")).toString());
        assertEquals(
                "verb 1 to 00112233445566778899aabbccddeeff",
                DownMessage.parse(Vectors.hex("receipt")).toString());
    }

    @Test
    void aWallTimeThatNobodyKnowsIsNotSigned() {
        Batch known = Vectors.plain(Lane.EVENT, 1, Optional.empty(), new CommandAck(1, CommandAck.Outcome.DONE));
        Batch pretended = new Batch(
                known.unit(),
                known.boot(),
                known.lane(),
                known.chain(),
                known.n(),
                known.previous(),
                TimeQuality.UNKNOWN,
                known.t0Ms(),
                known.m0Ms(),
                known.records(),
                known.waiting(),
                false,
                false);
        assertThrows(IllegalArgumentException.class, () -> UpMessage.sign(pretended, Seal.UNIT));
    }

    @Test
    void theRideOfABatchIsTheOneThatItsRecordsName() throws WireException {
        assertEquals(
                Optional.of(Vectors.RIDE),
                UpMessage.parse(Vectors.hex("track")).batch().ride());
        assertEquals(
                Optional.of(Vectors.RIDE),
                UpMessage.parse(Vectors.hex("panic")).batch().ride());
        assertEquals(
                Optional.empty(), UpMessage.parse(Vectors.hex("gap")).batch().ride());
    }

    @Test
    void floatsOfAnUnknownRecordAreReadButNotWrittenAgain() {
        Unknown unknown = new Unknown(20, Bytes.of(Diag.encode("{1: half(3c00)}")));
        Batch batch = Vectors.plain(Lane.EVENT, 1, Optional.empty(), unknown);
        assertThrows(IllegalArgumentException.class, () -> UpMessage.sign(batch, Seal.UNIT));
    }
}
