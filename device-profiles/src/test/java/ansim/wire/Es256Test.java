package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A unit with a secure element signs by ES256. The vectors were made by another program, with the key of RFC 6979 section A.2.5. */
class Es256Test {
    private static final String PEM = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7
            Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==
            -----END PUBLIC KEY-----
            """;

    private static final VerifyKey KEY = VerifyKey.fromPem(PEM);
    private static final BigInteger ORDER =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final int SIGNATURE = 64;
    private static final int HALF = 32;

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    @Test
    void aMessageOfASecureElementVerifiesUnderItsKeyAndUnderNoOther() throws WireException {
        UpMessage message = UpMessage.parse(Vectors.hex("panic-es256"));
        assertEquals(UpMessage.parse(Vectors.hex("panic")).batch(), message.batch());
        assertEquals(KEY.kid(), message.kid());
        assertTrue(message.verify(UnitKeyVerifier.INSTANCE, KEY));
        assertFalse(message.hasHighS());
        assertFalse(message.verify(UnitKeyVerifier.INSTANCE, Seal.UNIT.verifyKey()));
        assertTrue(Cddl.parse(ContractTest.read("wire.cddl")).matches("up-message", message.bytes()));
    }

    @Test
    void everySingleBitFlipIsRefused() {
        byte[] message = Vectors.hex("panic-es256");
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] flipped = message.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(accepted(flipped), "bit " + bit);
        }
    }

    private static boolean accepted(byte[] message) {
        try {
            return UpMessage.parseLeniently(message).verify(UnitKeyVerifier.INSTANCE, KEY);
        } catch (WireException refused) {
            return false;
        }
    }

    /** Anybody can make the second form of a signature; were it taken, one message would have two hashes. */
    @Test
    void aHighSIsRefusedThoughItsSignatureIsRight() throws WireException {
        UpMessage message = UpMessage.parse(Vectors.hex("panic-es256-high-s"));
        byte[] low = tail(Vectors.hex("panic-es256"));
        byte[] high = tail(message.bytes());
        assertArrayEquals(Arrays.copyOf(low, HALF), Arrays.copyOf(high, HALF));
        assertEquals(ORDER, half(low).add(half(high)));
        assertTrue(Es256Verifier.INSTANCE.verify(KEY, toBeSigned(message.bytes()), high));
        assertTrue(message.hasHighS());
        assertFalse(message.verify(UnitKeyVerifier.INSTANCE, KEY));
    }

    @Test
    void theBorderOfALowSIsHalfTheOrder() {
        BigInteger most = ORDER.shiftRight(1);
        assertFalse(Es256Verifier.isHighS(signature(BigInteger.ONE, most)));
        assertTrue(Es256Verifier.isHighS(signature(BigInteger.ONE, most.add(BigInteger.ONE))));
    }

    private static byte[] tail(byte[] message) {
        return Arrays.copyOfRange(message, message.length - SIGNATURE, message.length);
    }

    private static BigInteger half(byte[] signature) {
        return new BigInteger(1, Arrays.copyOfRange(signature, HALF, SIGNATURE));
    }

    private static byte[] toBeSigned(byte[] message) throws WireException {
        byte[] header = Diag.encode("{1: -7, 4: h'" + KEY.kid().hex() + "', 16: \"ansim.up.v1\"}");
        return CoseSign1.toBeSigned(
                header, new byte[0], CoseSign1.parse(message, UpMessage.TYP).payload());
    }

    private static byte[] signature(BigInteger r, BigInteger s) {
        byte[] bytes = new byte[SIGNATURE];
        put(bytes, 0, r);
        put(bytes, HALF, s);
        return bytes;
    }

    private static void put(byte[] into, int at, BigInteger number) {
        byte[] digits = number.toByteArray();
        int length = Math.min(HALF, digits.length);
        System.arraycopy(digits, digits.length - length, into, at + HALF - length, length);
    }

    @Test
    void numbersOutsideTheOrderAreNoSignature() throws WireException {
        byte[] toBeSigned = toBeSigned(Vectors.hex("panic-es256"));
        BigInteger r = new BigInteger(1, Arrays.copyOf(tail(Vectors.hex("panic-es256")), HALF));
        BigInteger s = half(tail(Vectors.hex("panic-es256")));
        assertTrue(Es256Verifier.INSTANCE.verify(KEY, toBeSigned, signature(r, s)));
        for (BigInteger wrong : List.of(BigInteger.ZERO, ORDER, ORDER.add(BigInteger.ONE))) {
            assertFalse(Es256Verifier.INSTANCE.verify(KEY, toBeSigned, signature(wrong, s)));
            assertFalse(Es256Verifier.INSTANCE.verify(KEY, toBeSigned, signature(r, wrong)));
        }
        for (int length : new int[] {0, 32, 63, 65, 72}) {
            assertFalse(Es256Verifier.INSTANCE.verify(KEY, toBeSigned, new byte[length]));
        }
    }

    /** The key decides the algorithm, not the message: neither kind can be passed off as the other. */
    @Test
    void aMessageThatNamesTheOtherAlgorithmIsRefused() throws WireException {
        byte[] payload = CoseSign1.parse(Vectors.hex("panic"), UpMessage.TYP).payload();
        byte[] header = Diag.overlay(Seal.UP_HEADER, "{1: -7}");
        UpMessage message = UpMessage.parse(Seal.message(header, payload, Seal.UNIT));
        assertFalse(message.verify(UnitKeyVerifier.INSTANCE, Seal.UNIT.verifyKey()));
        assertFalse(Es256Verifier.INSTANCE.verify(Seal.UNIT.verifyKey(), payload, new byte[SIGNATURE]));
        assertFalse(Ed25519Verifier.INSTANCE.verify(KEY, payload, new byte[SIGNATURE]));
    }

    @Test
    void theHubItselfNeverSpeaksEs256() throws WireException {
        byte[] payload =
                CoseSign1.parse(Vectors.hex("receipt"), DownMessage.TYP).payload();
        byte[] message = Seal.message(Diag.overlay(Seal.DOWN_HEADER, "{1: -7}"), payload, Seal.HUB);
        GoldenTest.assertReason(WireException.Reason.VERSION, () -> DownMessage.parse(message));
    }

    @Test
    void aKeyIsTheSameFromPemFromDerAndFromItsPoint() throws Exception {
        assertEquals(VerifyKey.Kind.P256, KEY.kind());
        assertEquals(PEM, KEY.toPem());
        assertEquals(KEY, VerifyKey.fromSpki(KEY.spki()));
        assertEquals(KEY, VerifyKey.fromRaw(KEY.raw()));
        assertNotEquals(KEY, Seal.UNIT.verifyKey());
        byte[] spki = Diag.join(hex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), KEY.raw());
        assertArrayEquals(
                Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(spki), 8),
                KEY.kid().bytes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // not on the curve; beyond the prime; compressed and hybrid forms in 65 bytes
                "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d446229a",
                "04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
                        + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
                "0260fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        + "0000000000000000000000000000000000000000000000000000000000000000",
                "0760fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
                "00000000000000000000000000000000000000000000000000000000000000000"
                        + "00000000000000000000000000000000000000000000000000000000000000000"
            })
    void whatIsNoPointInItsOneFormIsRefused(String raw) {
        assertThrows(IllegalArgumentException.class, () -> VerifyKey.fromRaw(hex(raw)));
    }
}
