package ansim.wire;

import static ansim.wire.GoldenTest.assertReason;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.WireException.Reason;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a thief, a broken radio and a bored student would send. */
class HostileBytesTest {
    private static final Verifier ED25519 = Ed25519Verifier.INSTANCE;

    /** What {@code panic} would look like, were its parts these. */
    private static final String BODY = "05 00 a4 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01";

    private static Set<String> upVectors() throws WireException {
        Set<String> names = new HashSet<>(Vectors.up().keySet());
        names.add("unknown-keys");
        return names;
    }

    private static Set<String> downVectors() {
        return Vectors.down().keySet();
    }

    private static boolean accepted(byte[] bytes) {
        try {
            return UpMessage.parse(bytes).verify(ED25519, Seal.UNIT.verifyKey());
        } catch (WireException refused) {
            return false;
        }
    }

    private static boolean acceptedDown(byte[] bytes) {
        try {
            return DownMessage.parse(bytes).verify(ED25519, Seal.HUB.verifyKey());
        } catch (WireException refused) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("upVectors")
    void everySingleBitFlipOfASignedMessageIsRefused(String name) {
        byte[] message = Vectors.hex(name);
        assertTrue(accepted(message));
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] flipped = message.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(accepted(flipped), "bit " + bit);
        }
    }

    @ParameterizedTest
    @MethodSource("downVectors")
    void everySingleBitFlipOfACommandIsRefused(String name) {
        byte[] message = Vectors.hex(name);
        assertTrue(acceptedDown(message));
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] flipped = message.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(acceptedDown(flipped), "bit " + bit);
        }
    }

    @ParameterizedTest
    @MethodSource("upVectors")
    void aMessageCutAtAnyByteIsRefused(String name) {
        byte[] message = Vectors.hex(name);
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertReason(Reason.ENCODING, () -> UpMessage.parse(cut));
        }
    }

    @ParameterizedTest
    @MethodSource("upVectors")
    void aSignedPayloadCutAtAnyByteIsRefused(String name) throws WireException {
        byte[] payload = CoseSign1.parse(Vectors.hex(name), UpMessage.TYP).payload();
        for (int length = 0; length < payload.length; length++) {
            byte[] message = Seal.up(Arrays.copyOf(payload, length));
            assertReason(Reason.ENCODING, () -> UpMessage.parse(message));
        }
    }

    @ParameterizedTest
    @MethodSource("downVectors")
    void aCommandCutAtAnyByteIsRefused(String name) throws WireException {
        byte[] message = Vectors.hex(name);
        byte[] payload = CoseSign1.parse(message, DownMessage.TYP).payload();
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertReason(Reason.ENCODING, () -> DownMessage.parse(cut));
            byte[] signed = Seal.down(Arrays.copyOf(payload, Math.min(length, payload.length - 1)));
            assertReason(Reason.ENCODING, () -> DownMessage.parse(signed));
        }
    }

    @Test
    void oneByteBehindTheEndIsRefused() throws WireException {
        byte[] message = Vectors.hex("panic");
        assertReason(Reason.ENCODING, () -> UpMessage.parse(Arrays.copyOf(message, message.length + 1)));
        byte[] payload = CoseSign1.parse(message, UpMessage.TYP).payload();
        byte[] longer = Seal.up(Arrays.copyOf(payload, payload.length + 1));
        assertReason(Reason.ENCODING, () -> UpMessage.parse(longer));
    }

    private static byte[] withRecords(String recordsHex) {
        return withTail("0b " + recordsHex);
    }

    private static byte[] withTail(String hex) {
        String head = "ab 01 01 02 50 00112233445566778899aabbccddeeff 03 48 b0b1b2b3b4b5b6b7 04 01"
                + " 05 48 a1a1a1a1a1a1a1a1 06 01 07 f6 08 01 09 00 0a 00 ";
        return Seal.up(HexFormat.of().parseHex((head + hex).replace(" ", "")));
    }

    @Test
    void theHandMadePanicIsRight() throws WireException {
        UpMessage message = UpMessage.parse(withRecords("81 83 " + BODY));
        assertEquals(Kind.PANIC, message.batch().records().get(0).body().kind());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "81 83 1805 00 a0", // kind in two bytes
                "81 83 05 1800 a4 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // dt in two bytes
                "81 83 05 00 a4 14 1801 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // value in two bytes
                "81 83 05 00 a4 1814 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // key in two bytes
                "81 83 05 00 b804 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // map size in two bytes
                "81 9803 05 00 a4 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // array size in two bytes
                "81 83 05 00 a4 14 01 15 01 16 5808 d1d2d3d4d5d6d7d8 17 01", // string size in two bytes
                "9f 83 " + BODY + " ff", // records of indefinite length
                "81 9f " + BODY + " ff", // record of indefinite length
                "81 83 05 00 bf 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01 ff", // body of indefinite length
                "81 83 05 00 a4 14 01 15 01 16 5f 48 d1d2d3d4d5d6d7d8 ff 17 01", // string in chunks
                "81 83 05 00 a5 14 01 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // key 20 twice
                "81 83 05 00 a5 14 01 15 01 15 02 16 48 d1d2d3d4d5d6d7d8 17 01", // key 21 twice, different
                "81 83 05 00 a4 15 01 14 01 16 48 d1d2d3d4d5d6d7d8 17 01", // keys 21 and 20 swapped
                "81 83 05 00 a5 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01 01 8200 00", // position last
                "81 83 05 00 a4 14 c001 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // a tag on a value
                "81 83 05 00 d8 40 a4 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // a tag on the body
                "81 83 05 00 a5 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01 1863 c100", // a tag under an unknown key
                "81 83 05 00 a4 14 f801 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // simple(1) for 1
                "81 83 05 f8ff a4 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // simple(255) for 255
                "81 83 05 00 a5 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01 1863 f8ff", // simple(255) under an unknown key
                "81 83 05 00 a5 14 01 15 01 16 48 d1d2d3d4d5d6d7d8 17 01 1863 61ff", // no UTF-8 under an unknown key
                "81 83 0d 00 a1 00 81 81 81 81 81 80", // nine deep
                "81 83 0d 00 a1 00 9bffffffffffffffff", // an endless array
            })
    void bytesThatBreakTheEncodingAreRefusedThoughSigned(String records) {
        assertReason(Reason.ENCODING, () -> UpMessage.parse(withRecords(records)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "81 83 05 00 a4 14 6131 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // "1" for 1
                "81 83 05 00 a4 14 f5 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // true for 1
                "81 83 05 00 a4 14 f93c00 15 01 16 48 d1d2d3d4d5d6d7d8 17 01", // 1.0 for 1
                "81 83 05 00 a4 15 01 16 48 d1d2d3d4d5d6d7d8 17 01 6132 01", // "2" as a key
                "81 83 05 00 a4 14 01 15 01 16 68 6162636465666768 17 01", // text for bytes
            })
    void aValueOfAnotherTypeIsRefused(String records) {
        assertReason(Reason.CONTENT, () -> UpMessage.parse(withRecords(records)));
    }

    @Test
    void eightDeepIsStillRead() throws WireException {
        // batch, records, record and body are four; four more may stand under an unknown key.
        UpMessage.parse(withRecords("81 83 0d 00 a1 00 81 81 81 80"));
    }

    @Test
    void aMessageOf8KiBIsReadAndOneByteMoreIsNot() throws WireException {
        byte[] most = padded(UpMessage.MAX_BYTES);
        assertEquals(8192, most.length);
        assertTrue(UpMessage.parse(most).verify(ED25519, Seal.UNIT.verifyKey()));
        assertReason(Reason.TOO_LONG, () -> UpMessage.parse(padded(UpMessage.MAX_BYTES + 1)));
        assertReason(Reason.TOO_LONG, () -> UpMessage.parse(padded(9 * 1024)));
        assertReason(Reason.TOO_LONG, () -> DownMessage.parse(new byte[9 * 1024]));
    }

    /** A good message that is exactly so long, through text under an unknown key. */
    private static byte[] padded(int length) {
        int overhead = withTail("0b 81 83 0d 00 a1 00 79 0400 " + "78".repeat(0x400)).length - 0x400;
        int padding = length - overhead;
        return withTail(
                "0b 81 83 0d 00 a1 00 79 " + HexFormat.of().toHexDigits((short) padding) + "78".repeat(padding));
    }

    @Test
    void whatIsTooLongIsNotSigned() {
        List<UpRecord> records = Collections.nCopies(
                Batch.MAX_RECORDS,
                new UpRecord(0, new Contact("x".repeat(Contact.MAX_NAME_BYTES), true, Optional.empty())));
        Batch plain = Vectors.plain(Lane.EVENT, 1, Optional.empty(), new CommandAck(1, CommandAck.Outcome.DONE));
        Batch batch = new Batch(
                plain.unit(),
                plain.boot(),
                plain.lane(),
                plain.chain(),
                plain.n(),
                plain.previous(),
                plain.quality(),
                plain.t0Ms(),
                plain.m0Ms(),
                records,
                plain.waiting(),
                false,
                false);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> UpMessage.sign(batch, Seal.UNIT));
        assertTrue(String.valueOf(e.getMessage()).contains("at most 8192 bytes"), e.getMessage());
    }

    @Test
    void anotherMajorVersionIsToldApartWhateverElseItChanged() {
        assertReason(Reason.VERSION, () -> UpMessage.parse(Seal.up(Diag.encode("{1: 2, 2: \"all new\", -5: 1}"))));
        assertReason(Reason.VERSION, () -> UpMessage.parse(Seal.up(Diag.encode("{1: 0}"))));
    }

    @Test
    void anUnknownNegativeKeyIsToldApart() {
        for (String payload : List.of("-1: 0", "-65537: 0", "-18446744073709551616: 0")) {
            byte[] message = Seal.up(Diag.overlay(
                    "{1: 1, 2: h'00112233445566778899aabbccddeeff', 3: h'b0b1b2b3b4b5b6b7', 4: 1, 5: h'a1a1a1a1a1a1a1a1',"
                            + " 6: 7, 7: null, 8: 1, 9: 0, 10: 0, 11: [[6, 0, {20: 1, 23: 1}]]}",
                    "{" + payload + "}"));
            assertReason(Reason.UNKNOWN_KEY, () -> UpMessage.parse(message));
            assertReason(Reason.UNKNOWN_KEY, () -> UpMessage.parseLeniently(message));
        }
        assertReason(Reason.UNKNOWN_KEY, () -> UpMessage.parseLeniently(withRecords("81 83 0d 00 a1 20 00")));
    }

    /** The text where a number must be would make it a record to keep, with a receipt: the unit would never send it again. */
    @Test
    void whatMustBeUnderstoodIsLookedForBeforeWhatIsWrong() {
        byte[] message = withRecords("81 83 06 00 a2 14 6178 20 01");
        assertReason(Reason.UNKNOWN_KEY, () -> UpMessage.parseLeniently(message));
    }

    @Test
    void aKindForPrivateUseMayBeLargerThan31Bits() throws WireException {
        UpMessage message = UpMessage.parse(withRecords("81 83 1a80000000 00 a0"));
        assertEquals(
                new Unknown(1L << 31, Bytes.of(Diag.encode("{}"))),
                message.batch().records().get(0).body());
        assertTrue(Describe.text(Describe.fields(message)).contains("2147483648"));
    }

    @Test
    void aRecordThatBreaksItsKindIsKeptAsItCameForThoseWhoAskLeniently() throws WireException {
        byte[] message = withRecords("82 83 05 00 a1 14 18c8 83 06 00 a2 14 01 17 01");
        assertReason(Reason.CONTENT, () -> UpMessage.parse(message));
        UpMessage kept = UpMessage.parseLeniently(message);
        assertEquals(
                "record 0, panic key 20 must be in [1, 6] (got 200)",
                kept.flaw().orElseThrow());
        assertEquals(
                new Unknown(5, Bytes.of(Diag.encode("{20: 200}"))),
                kept.batch().records().get(0).body());
        assertEquals(Kind.TAMPER, kept.batch().records().get(1).body().kind());
        assertTrue(kept.verify(ED25519, Seal.UNIT.verifyKey()));
    }

    @Test
    void recordsOfTwoRidesAreKeptForThoseWhoAskLeniently() throws WireException {
        byte[] message =
                withRecords("82 83 04 00 a2 0a 48 0000000000000001 0c 02 83 03 00 a2 0a 48 0000000000000002 0c 02");
        assertReason(Reason.CONTENT, () -> UpMessage.parse(message));
        assertEquals(
                "records of 2 rides in one message",
                UpMessage.parseLeniently(message).flaw().orElseThrow());
    }

    @Test
    void theUnprotectedHeaderHoldsNothing() {
        byte[] header = Diag.encode(Seal.UP_HEADER);
        byte[] payload = Diag.encode("{1: 1}");
        byte[] signature = Seal.sign(header, payload, Seal.UNIT);
        byte[] message = Seal.assemble(18, header, Diag.encode("{4: h'31'}"), payload, signature);
        assertReason(Reason.ENCODING, () -> UpMessage.parse(message));
    }

    @Test
    void aHeaderOfAnotherShapeIsToldApart() {
        byte[] payload = Diag.encode("{1: 1}");
        for (String change :
                List.of("{4: \"kid\"}", "{16: \"ansim.down.v1\"}", "{17: 0}", "{16: undefined}", "{1: \"EdDSA\"}")) {
            byte[] message = Seal.message(Diag.overlay(Seal.UP_HEADER, change), payload, Seal.UNIT);
            assertReason(Reason.HEADER, () -> UpMessage.parse(message));
        }
        for (String change : List.of("{1: -9}", "{16: \"ansim.up.v2\"}")) {
            byte[] message = Seal.message(Diag.overlay(Seal.UP_HEADER, change), payload, Seal.UNIT);
            assertReason(Reason.VERSION, () -> UpMessage.parse(message));
        }
        byte[] critical = Seal.message(Diag.overlay(Seal.UP_HEADER, "{-70001: 0}"), payload, Seal.UNIT);
        assertReason(Reason.UNKNOWN_KEY, () -> UpMessage.parse(critical));
        for (String header : List.of("[]", "1", "\"\"")) {
            byte[] message = Seal.message(Diag.encode(header), payload, Seal.UNIT);
            assertReason(Reason.ENCODING, () -> UpMessage.parse(message));
        }
        assertReason(Reason.ENCODING, () -> UpMessage.parse(Seal.message(new byte[0], payload, Seal.UNIT)));
    }

    /** Garbled messages, from a fixed seed: refused or read, and never anything but a {@link WireException}. */
    @Test
    void garbledMessagesAreRefusedInAnOrderlyWay() throws WireException {
        Random random = new Random(20261123);
        List<byte[]> seeds = Vectors.up().keySet().stream().map(Vectors::hex).toList();
        int parsed = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] message = seeds.get(random.nextInt(seeds.size()));
            byte[] whole = garble(message, random);
            byte[] payload = garble(CoseSign1.parse(message, UpMessage.TYP).payload(), random);
            parsed += accepted(whole) && !Arrays.equals(whole, message) ? 1 : 0;
            parseQuietly(unsigned(payload));
        }
        assertEquals(0, parsed);
    }

    private static byte[] unsigned(byte[] payload) {
        return Seal.assemble(18, Diag.encode(Seal.UP_HEADER), new byte[] {(byte) 0xa0}, payload, new byte[64]);
    }

    private static void parseQuietly(byte[] bytes) {
        try {
            UpMessage message = UpMessage.parseLeniently(bytes);
            assertFalse(Describe.text(Describe.fields(message)).isEmpty());
            assertFalse(Describe.json(Describe.fields(message)).isEmpty());
        } catch (WireException refused) {
            assertFalse(String.valueOf(refused.getMessage()).isEmpty());
        }
    }

    private static byte[] garble(byte[] from, Random random) {
        byte[] bytes = from.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 ->
                    bytes = Diag.join(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length + 1));
                default ->
                    bytes = Diag.join(
                            Arrays.copyOf(bytes, at),
                            new byte[] {(byte) random.nextInt(256)},
                            Arrays.copyOfRange(bytes, at, bytes.length));
            }
        }
        return bytes;
    }
}
